// A client that sends exactly the bytes it is given, since the defects to be tested hide behind a
// well-behaved library.
#pragma once

#include "tests/time_scale.hpp"

#include <arpa/inet.h>
#include <chrono>
#include <cstdint>
#include <map>
#include <poll.h>
#include <string>
#include <sys/socket.h>
#include <unistd.h>

namespace gantry::test {

/// An answer, as far as it was read.
struct raw_answer {
  int status = 0; ///< 0 = the connection ended without one.
  std::string head;
  std::string body;
  bool has(const std::string& text) const { return body.find(text) != std::string::npos; }
  /// Value of a header as it was written.
  std::string header(const std::string& name) const {
    const auto at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos)
      return {};
    const auto begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }
};

/// One TCP connection to this machine.
class raw_client {
public:
  explicit raw_client(uint16_t port) : socket_{::socket(AF_INET, SOCK_STREAM, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    connected_ = ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
  }
  ~raw_client() { ::close(socket_); }
  raw_client(const raw_client&) = delete;
  raw_client& operator=(const raw_client&) = delete;

  bool connected() const { return connected_; }

  bool send(const std::string& bytes) {
    size_t at = 0;
    while (at < bytes.size()) {
      const auto count = ::send(socket_, bytes.data() + at, bytes.size() - at, MSG_NOSIGNAL);
      if (count <= 0)
        return false;
      at += static_cast<size_t>(count);
    }
    return true;
  }

  /// Reads until `text` arrived; false if it did not within `patience_ms`.
  bool read_until(const std::string& text, int patience_ms = 5'000) {
    const auto due =
        std::chrono::steady_clock::now() + std::chrono::milliseconds{patience_ms} * time_scale;
    while (input.find(text) == std::string::npos) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(
          due - std::chrono::steady_clock::now());
      if (left.count() <= 0 || !read_some(static_cast<int>(left.count())))
        return input.find(text) != std::string::npos;
    }
    return true;
  }

  /// True if the other side closes within `patience_ms`.
  bool closes(int patience_ms = 3'000) {
    while (read_some(patience_ms * time_scale))
      ;
    return ended_;
  }

  /// Reads one answer with a Content-Length.
  raw_answer answer() {
    raw_answer got;
    if (!read_until("\r\n\r\n"))
      return got;
    const auto end = input.find("\r\n\r\n") + 4;
    got.head = input.substr(0, end);
    got.status = std::stoi(got.head.substr(9, 3));
    input.erase(0, end);
    const auto length = got.header("Content-Length");
    const size_t size = length.empty() ? 0 : std::stoul(length);
    while (input.size() < size && read_some(5'000 * time_scale))
      ;
    got.body = input.substr(0, size);
    input.erase(0, size);
    return got;
  }

  std::string input; ///< Read, and not yet taken.

private:
  bool read_some(int patience_ms) {
    pollfd watched{socket_, POLLIN, 0};
    if (::poll(&watched, 1, patience_ms) <= 0)
      return false;
    char bytes[16'384];
    const auto count = ::recv(socket_, bytes, sizeof bytes, 0);
    ended_ = count <= 0;
    if (count > 0)
      input.append(bytes, static_cast<size_t>(count));
    return count > 0;
  }

  int socket_;
  bool connected_ = false;
  bool ended_ = false;
};

} // namespace gantry::test
