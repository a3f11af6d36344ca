#include "bench/loopback.hpp"

#include <arpa/inet.h>
#include <chrono>
#include <netinet/tcp.h>
#include <stdexcept>
#include <sys/socket.h>
#include <unistd.h>

namespace gantry::bench {

namespace {

constexpr size_t message_bytes = 256;
constexpr std::chrono::milliseconds trip_pause{20};

/// A connected pair of TCP sockets on loopback.
bool connect_pair(int& one, int& other) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  socklen_t size = sizeof address;
  one = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const bool good = ::bind(listener, plain, size) == 0 && ::listen(listener, 1) == 0
                    && ::getsockname(listener, plain, &size) == 0
                    && ::connect(one, plain, size) == 0;
  other = good ? ::accept4(listener, nullptr, nullptr, SOCK_CLOEXEC) : -1;
  ::close(listener);
  const int yes = 1;
  for (const int each : {one, other})
    ::setsockopt(each, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  return other >= 0;
}

bool pass_whole(ssize_t (*move)(int, char*, size_t), int socket, char* bytes) {
  for (size_t at = 0; at < message_bytes;) {
    const auto count = move(socket, bytes + at, message_bytes - at);
    if (count <= 0)
      return false;
    at += static_cast<size_t>(count);
  }
  return true;
}

ssize_t send_some(int socket, char* bytes, size_t size) {
  return ::send(socket, bytes, size, MSG_NOSIGNAL);
}

ssize_t receive_some(int socket, char* bytes, size_t size) {
  return ::recv(socket, bytes, size, 0);
}

} // namespace

loopback_probe::loopback_probe() {
  if (!connect_pair(asker_, answerer_))
    throw std::runtime_error{"there are no sockets on loopback"};
  echoing_ = std::thread{[this] { echo(); }};
  asking_ = std::thread{[this] { ask(); }};
}

loopback_probe::~loopback_probe() {
  if (asking_.joinable())
    static_cast<void>(stop());
}

std::vector<double> loopback_probe::stop() {
  stopping_ = true;
  asking_.join();
  ::shutdown(asker_, SHUT_RDWR);
  echoing_.join();
  ::close(asker_);
  ::close(answerer_);
  return std::move(times_ms_);
}

void loopback_probe::ask() {
  using clock = std::chrono::steady_clock;
  char message[message_bytes] = "ping";
  while (!stopping_) {
    const auto began = clock::now();
    if (!pass_whole(send_some, asker_, message) || !pass_whole(receive_some, asker_, message))
      return;
    times_ms_.push_back(std::chrono::duration<double, std::milli>(clock::now() - began).count());
    std::this_thread::sleep_for(trip_pause);
  }
}

void loopback_probe::echo() const {
  char message[message_bytes];
  while (pass_whole(receive_some, answerer_, message)
         && pass_whole(send_some, answerer_, message)) {
    // nop: until the asker hangs up
  }
}

} // namespace gantry::bench
