#include "bench/event_client.hpp"

#include <stdexcept>

namespace gantry::bench {

event_client::event_client(uint16_t port, const std::string& token, bool compressed,
                           std::function<void(std::string_view)> hear)
    : connection_{port}, hear_{std::move(hear)} {
  const auto request = "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                       + token + "\r\nAccept: text/event-stream\r\n"
                       + (compressed ? "Accept-Encoding: gzip\r\n" : "") + "\r\n";
  if (!connection_.send(request))
    throw std::runtime_error{"the event stream cannot be asked for"};
  size_t end = 0;
  while ((end = input_.find("\r\n\r\n")) == std::string::npos)
    if (!connection_.receive_into(input_))
      throw std::runtime_error{"the event stream is not answered"};
  if (input_.find(" 200 ") > end)
    throw std::runtime_error{"the event stream is refused"};
  bytes_ = input_.size();
  input_.erase(0, end + 4);
  thread_ = std::thread{[this] { read(); }};
}

event_client::~event_client() {
  connection_.shut_down();
  thread_.join();
}

void event_client::read() {
  do {
    take_chunks();
    const auto before = input_.size();
    if (!connection_.receive_into(input_))
      break;
    bytes_ += input_.size() - before;
  } while (open_);
  open_ = false;
}

void event_client::take_chunks() {
  size_t at = 0;
  for (auto end = input_.find("\r\n"); end != std::string::npos; end = input_.find("\r\n", at)) {
    const auto size = std::stoul(input_.substr(at, end - at), nullptr, 16);
    if (input_.size() < end + 2 + size + 2)
      break;
    if (size == 0)
      open_ = false;
    hear_(std::string_view{input_}.substr(end + 2, size));
    at = end + 2 + size + 2;
  }
  input_.erase(0, at);
}

} // namespace gantry::bench
