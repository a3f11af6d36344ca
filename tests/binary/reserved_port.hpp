// A port that stays free for a program which is started again and again.
#pragma once

#include <cstdint>
#include <netinet/in.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace gantry::test {

/// A port of the loopback address that nobody else is given while this lives. A program that sets
/// SO_REUSEADDR may listen at it, since the socket that holds it does not listen.
class reserved_port {
public:
  /// @throws std::runtime_error if no port is free.
  reserved_port() {
    const int yes = 1;
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* plain = reinterpret_cast<sockaddr*>(&address);
    if (::setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes) != 0
        || ::bind(socket_, plain, size) != 0 || ::getsockname(socket_, plain, &size) != 0) {
      ::close(socket_);
      throw std::runtime_error{"no port is free"};
    }
    number_ = ntohs(address.sin_port);
  }

  ~reserved_port() { ::close(socket_); }

  reserved_port(const reserved_port&) = delete;
  reserved_port& operator=(const reserved_port&) = delete;

  [[nodiscard]] uint16_t number() const { return number_; }

private:
  int socket_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  uint16_t number_ = 0;
};

} // namespace gantry::test
