// Packets between guard and kernel: a sequenced socket pair keeps their bounds, so no reader ever
// meets half a message.
#pragma once

#include "schemas/result.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace gantry::guard {

/// What a read of one packet gave.
enum class packet_read : uint8_t {
  packet, ///< A whole packet.
  empty,  ///< Nothing waits.
  over,   ///< The other end is gone.
  broken, ///< A packet that is longer than `packet_bytes_max`, or an error.
};

/// One end of a pair. Owns its descriptor. Sends may come from several threads, reads from one.
class packet_link {
public:
  packet_link() = default;
  explicit packet_link(int descriptor) : descriptor_{descriptor} {}
  ~packet_link() { close(); }
  packet_link(packet_link&& other) noexcept : descriptor_{std::exchange(other.descriptor_, -1)} {}
  packet_link& operator=(packet_link&& other) noexcept {
    close();
    descriptor_ = std::exchange(other.descriptor_, -1);
    return *this;
  }

  /// Both ends of a new pair, closed by exec.
  [[nodiscard]] static std::optional<std::pair<packet_link, packet_link>> make_pair();

  [[nodiscard]] int descriptor() const { return descriptor_; }
  [[nodiscard]] bool is_open() const { return descriptor_ >= 0; }
  void close();
  /// Sends without waiting; false if the other end is gone or takes nothing.
  [[nodiscard]] bool send(std::string_view packet) const;
  /// Reads one packet without waiting.
  [[nodiscard]] packet_read read(std::string& packet) const;

private:
  int descriptor_ = -1;
};

} // namespace gantry::guard
