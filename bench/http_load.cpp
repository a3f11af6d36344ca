#include "bench/http_load.hpp"

#include "bench/measurement.hpp"

#include <arpa/inet.h>
#include <atomic>
#include <chrono>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

namespace gantry::bench {

namespace {

using clock = std::chrono::steady_clock;

sockaddr_in loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return address;
}

} // namespace

http_client::http_client(uint16_t port)
    : socket_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
  const auto address = loopback(port);
  const int yes = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  const timeval patience{30, 0};
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  connected_ = ::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

http_client::~http_client() {
  ::close(socket_);
}

bool http_client::send(const std::string& text) {
  for (size_t at = 0; at < text.size();) {
    const auto count = ::send(socket_, text.data() + at, text.size() - at, MSG_NOSIGNAL);
    if (count <= 0)
      return false;
    at += static_cast<size_t>(count);
  }
  return true;
}

void http_client::shut_down() {
  ::shutdown(socket_, SHUT_RDWR);
}

bool http_client::receive_into(std::string& input) {
  char bytes[64 << 10];
  const auto count = ::recv(socket_, bytes, sizeof bytes, 0);
  if (count <= 0)
    return false;
  input.append(bytes, static_cast<size_t>(count));
  return true;
}

int http_client::ask(const std::string& text) {
  return send(text) ? answer() : 0;
}

int http_client::answer() {
  size_t end = 0;
  while ((end = input_.find("\r\n\r\n")) == std::string::npos)
    if (!receive_into(input_))
      return 0;
  constexpr std::string_view header = "\r\nContent-Length: ";
  const auto at = input_.find(header);
  const auto size = at < end ? std::stoul(input_.substr(at + header.size(), 12)) : 0;
  while (input_.size() < end + 4 + size)
    if (!receive_into(input_))
      return 0;
  const auto status = std::stoi(input_.substr(9, 3));
  body_.assign(input_, end + 4, size);
  input_.erase(0, end + 4 + size);
  return status;
}

std::string get_text(const std::string& path, const std::string& token) {
  return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n"
         + (token.empty() ? "" : "Authorization: Bearer " + token + "\r\n") + "\r\n";
}

std::string command_text(const std::string& method, const std::string& path,
                         const std::string& token, const std::string& body,
                         const std::string& key) {
  return method + " " + path + " HTTP/1.1\r\nHost: localhost\r\n"
         + (token.empty() ? "" : "Authorization: Bearer " + token + "\r\n")
         + (key.empty() ? "" : "Idempotency-Key: " + key + "\r\n")
         + (body.empty() ? "" : "Content-Type: application/json\r\n")
         + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

uint16_t free_port() {
  const int probe = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  auto address = loopback(0);
  socklen_t size = sizeof address;
  const auto good = ::bind(probe, reinterpret_cast<sockaddr*>(&address), size) == 0
                    && ::getsockname(probe, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  ::close(probe);
  if (!good)
    throw std::runtime_error{"there is no free port"};
  return ntohs(address.sin_port);
}

load_result put_load(uint16_t port, const std::string& text, size_t connections,
                     double duration_s) {
  std::vector<std::vector<double>> waits_us(connections);
  std::atomic<bool> broken{false};
  const auto began = clock::now();
  const auto due =
      began
      + std::chrono::duration_cast<clock::duration>(std::chrono::duration<double>{duration_s});
  {
    std::vector<std::jthread> threads;
    for (auto& mine : waits_us)
      threads.emplace_back([&] {
        http_client client{port};
        for (auto asked = clock::now(); asked < due && !broken;) {
          if (client.ask(text) != 200)
            broken = true;
          const auto answered = clock::now();
          mine.push_back(std::chrono::duration<double, std::micro>(answered - asked).count());
          asked = answered;
        }
      });
  }
  const auto took_s = std::chrono::duration<double>(clock::now() - began).count();
  if (broken)
    throw std::runtime_error{"the server did not answer every request with 200"};
  std::vector<double> all;
  for (const auto& mine : waits_us)
    all.insert(all.end(), mine.begin(), mine.end());
  return {static_cast<double>(all.size()) / took_s, median(all), quantile(all, 0.99)};
}

} // namespace gantry::bench
