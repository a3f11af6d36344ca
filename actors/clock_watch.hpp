// Watches the wall clock: whether the system keeps it right, and whether it moves as time passes.
#pragma once

#include "actors/kernel.hpp"

#include <mutex>

namespace gantry::actors {

/// Compares wall time with monotonic time since it was made. Thread-safe.
class clock_watch {
public:
  explicit clock_watch(const hal::clock& time);

  /// What the clocks say now, and what `client_time` says against them. The first look after a step
  /// logs a warning; an hour later the new time is taken for right.
  [[nodiscard]] clock_report look(std::optional<timestamp> client_time);

private:
  const hal::clock& time_;
  std::mutex mutex_;
  timestamp wall_began_;
  hal::mono_time mono_began_;
  std::optional<hal::mono_time> stepped_at_;
};

/// The line about the clock in the composite health.
[[nodiscard]] health_check clock_check(const clock_report& report);

} // namespace gantry::actors
