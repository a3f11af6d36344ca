#include "http/connection.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <cerrno>
#include <poll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

namespace gantry::http {

namespace {

using std::chrono::milliseconds;

/// How often an idle connection looks whether others wait.
constexpr milliseconds idle_slice{500};
/// Smaller pieces are copied and sent together; a larger one is sent from where it is.
constexpr size_t gathered_max = 8 << 10;
/// Gathered bytes that are sent without waiting for more.
constexpr size_t output_max = 64 << 10;
/// A whole page of a list fits, so that its writer does not wait for its reader.
constexpr int send_buffer_bytes = 200 << 10;
/// What is dropped at most before a connection is closed.
constexpr size_t linger_bytes_max = 1 << 20;
constexpr milliseconds linger_max{500};

void name_of_address(const sockaddr_storage& address, std::string& ip, int& port) {
  char text[INET6_ADDRSTRLEN] = "";
  if (address.ss_family == AF_INET) {
    const auto& v4 = reinterpret_cast<const sockaddr_in&>(address);
    ::inet_ntop(AF_INET, &v4.sin_addr, text, sizeof text);
    port = ntohs(v4.sin_port);
  } else if (address.ss_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6&>(address);
    ::inet_ntop(AF_INET6, &v6.sin6_addr, text, sizeof text);
    port = ntohs(v6.sin6_port);
  }
  ip = text;
  // An IPv4 client on a socket for both families.
  if (ip.starts_with("::ffff:") && ip.find('.') != std::string::npos)
    ip.erase(0, 7);
}

} // namespace

connection::connection(socket_t socket, int stop_event, const hal::clock& clock,
                       connection_limits limits)
    : socket_{socket}, stop_event_{stop_event}, clock_{clock}, limits_{limits} {
  ::setsockopt(socket_, SOL_SOCKET, SO_SNDBUF, &send_buffer_bytes, sizeof send_buffer_bytes);
}

connection::~connection() {
  ::close(socket_);
}

bool connection::ready(short what, milliseconds patience) const {
  pollfd watched[2] = {{socket_, what, 0}, {stop_event_, POLLIN, 0}};
  const auto count = ::poll(watched, 2, static_cast<int>(std::max<int64_t>(0, patience.count())));
  return count > 0 && (watched[0].revents & (what | POLLHUP | POLLERR)) != 0
         && watched[1].revents == 0;
}

bool connection::wait_for_request(const std::function<bool()>& crowded) {
  in_headers_ = true;
  gathering_ = true;
  header_bytes_ = 0;
  if (input_at_ == input_end_) {
    for (auto waited = milliseconds{0}; !ready(POLLIN, idle_slice); waited += idle_slice) {
      pollfd stop{stop_event_, POLLIN, 0};
      if (::poll(&stop, 1, 0) != 0 || waited >= limits_.idle || crowded())
        return false;
    }
  }
  headers_due_ = clock_.mono() + limits_.headers;
  return input_at_ < input_end_ || receive();
}

bool connection::receive() {
  const auto count = ::recv(socket_, input_.data(), input_.size(), 0);
  if (count <= 0)
    return false;
  input_at_ = 0;
  input_end_ = static_cast<size_t>(count);
  return true;
}

bool connection::fill() {
  auto patience = limits_.body;
  if (in_headers_) {
    patience = std::chrono::duration_cast<milliseconds>(headers_due_ - clock_.mono());
    if (header_bytes_ > limits_.header_bytes)
      return false;
  }
  return ready(POLLIN, patience) && receive();
}

ssize_t connection::read(char* into, size_t size) {
  if (broken_ || (input_at_ == input_end_ && !fill())) {
    broken_ = true;
    return -1;
  }
  const auto count = std::min(size, input_end_ - input_at_);
  std::copy_n(input_.data() + input_at_, count, into);
  input_at_ += count;
  if (in_headers_)
    header_bytes_ += count;
  return static_cast<ssize_t>(count);
}

ssize_t connection::write(const char* from, size_t size) {
  if (gathering_ && size < gathered_max && output_.size() < output_max)
    output_.append(from, size);
  else if (!send({from, size}))
    return -1;
  return broken_ ? -1 : static_cast<ssize_t>(size);
}

bool connection::flush() {
  return send({});
}

bool connection::send(std::string_view more) {
  std::string_view gathered = output_;
  while (!broken_ && (!gathered.empty() || !more.empty())) {
    iovec pieces[2] = {{const_cast<char*>(gathered.data()), gathered.size()},
                       {const_cast<char*>(more.data()), more.size()}};
    msghdr message{};
    message.msg_iov = pieces;
    message.msg_iovlen = 2;
    const auto count = ::sendmsg(socket_, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
    if (count >= 0) {
      const auto sent = static_cast<size_t>(count);
      const auto first = std::min(sent, gathered.size());
      gathered.remove_prefix(first);
      more.remove_prefix(sent - first);
    } else if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) {
      broken_ = true;
    } else if (!ready(POLLOUT, limits_.write)) {
      broken_ = true;
    }
  }
  output_.clear();
  return !broken_;
}

bool connection::peer_gone() const {
  if (broken_)
    return true;
  char byte = 0;
  const auto count = ::recv(socket_, &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return input_at_ == input_end_
         && (count == 0 || (count < 0 && errno != EAGAIN && errno != EWOULDBLOCK));
}

void connection::linger() {
  if (broken_)
    return;
  ::shutdown(socket_, SHUT_WR);
  const auto due = clock_.mono() + linger_max;
  size_t dropped = 0;
  while (dropped < linger_bytes_max
         && ready(POLLIN, std::chrono::duration_cast<milliseconds>(due - clock_.mono()))) {
    const auto count = ::recv(socket_, input_.data(), input_.size(), 0);
    if (count <= 0)
      return;
    dropped += static_cast<size_t>(count);
  }
}

bool connection::is_readable() const {
  return input_at_ < input_end_ || ready(POLLIN, limits_.body);
}

bool connection::is_writable() const {
  return !broken_;
}

void connection::get_remote_ip_and_port(std::string& ip, int& port) const {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getpeername(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0)
    name_of_address(address, ip, port);
}

void connection::get_local_ip_and_port(std::string& ip, int& port) const {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  if (::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size) == 0)
    name_of_address(address, ip, port);
}

} // namespace gantry::http
