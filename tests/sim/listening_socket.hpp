// The machine's end of a connection, in the hands of a test.
#pragma once

#include <arpa/inet.h>
#include <boost/test/unit_test.hpp>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace gantry::tests {

/// An accepted connection.
class accepted_socket {
public:
  explicit accepted_socket(int number) : number_{number} {}
  accepted_socket(accepted_socket&& other) noexcept : number_{std::exchange(other.number_, -1)} {}
  accepted_socket& operator=(accepted_socket&&) = delete;
  ~accepted_socket() { close(); }

  void write(const std::string& bytes) {
    BOOST_REQUIRE(::send(number_, bytes.data(), bytes.size(), MSG_NOSIGNAL)
                  == static_cast<ssize_t>(bytes.size()));
  }
  /// Reads until `size` bytes are there; shorter if the peer closes or nothing comes for 5 s.
  std::string read(std::size_t size) {
    std::string all;
    while (all.size() < size) {
      pollfd wait{number_, POLLIN, 0};
      char piece[4096];
      if (::poll(&wait, 1, 5'000) <= 0)
        break;
      const auto got = ::recv(number_, piece, std::min(sizeof piece, size - all.size()), 0);
      if (got <= 0)
        break;
      all.append(piece, static_cast<std::size_t>(got));
    }
    return all;
  }
  void close() {
    if (number_ >= 0)
      ::close(std::exchange(number_, -1));
  }
  /// Breaks the connection so that the peer sees a reset.
  void reset() {
    const linger at_once{1, 0};
    ::setsockopt(number_, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close();
  }

private:
  int number_;
};

/// A port of the loopback on which the test accepts.
class listening_socket {
public:
  listening_socket() : number_{::socket(AF_INET, SOCK_STREAM, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    BOOST_REQUIRE(::bind(number_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    BOOST_REQUIRE(::listen(number_, 16) == 0);
    ::getsockname(number_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~listening_socket() { ::close(number_); }
  listening_socket(const listening_socket&) = delete;
  listening_socket& operator=(const listening_socket&) = delete;

  uint16_t port() const { return port_; }
  accepted_socket accept() const {
    pollfd wait{number_, POLLIN, 0};
    BOOST_REQUIRE(::poll(&wait, 1, 10'000) == 1);
    return accepted_socket{::accept(number_, nullptr, nullptr)};
  }

private:
  int number_;
  uint16_t port_ = 0;
};

} // namespace gantry::tests
