// Counts what is sent to a device, so that people can see how hard it is asked.
#pragma once

#include "hal/clock.hpp"

#include <array>

namespace gantry::hal {

/// Counts requests in all and over the last minute, to the second.
class request_meter {
public:
  /// One request was sent at `now`.
  void count(mono_time now);
  /// Requests since the start.
  [[nodiscard]] int64_t total() const { return total_; }
  /// Requests of the 60 s before `now`.
  [[nodiscard]] int64_t last_minute(mono_time now) const;

private:
  struct second {
    int64_t at_s = -1;
    int64_t requests = 0;
  };
  static constexpr std::size_t window_s = 60;

  std::array<second, window_s> seconds_{};
  int64_t total_ = 0;
};

} // namespace gantry::hal
