#include "hal/guard/packet_link.hpp"

#include "hal/guard/guard_messages.hpp"

#include <array>
#include <cerrno>
#include <sys/socket.h>
#include <unistd.h>

namespace gantry::guard {

std::optional<std::pair<packet_link, packet_link>> packet_link::make_pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0)
    return {};
  return std::pair{packet_link{ends[0]}, packet_link{ends[1]}};
}

void packet_link::close() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
  descriptor_ = -1;
}

bool packet_link::send(std::string_view packet) const {
  for (;;) {
    const auto sent =
        ::send(descriptor_, packet.data(), packet.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent >= 0 || errno != EINTR)
      return sent == static_cast<ssize_t>(packet.size());
  }
}

packet_read packet_link::read(std::string& packet) const {
  packet.resize(packet_bytes_max);
  for (;;) {
    const auto count = ::recv(descriptor_, packet.data(), packet.size(), MSG_DONTWAIT | MSG_TRUNC);
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return errno == EAGAIN       ? packet_read::empty
             : errno == ECONNRESET ? packet_read::over
                                   : packet_read::broken;
    if (count == 0)
      return packet_read::over;
    if (static_cast<size_t>(count) > packet_bytes_max)
      return packet_read::broken;
    packet.resize(static_cast<size_t>(count));
    return packet_read::packet;
  }
}

} // namespace gantry::guard
