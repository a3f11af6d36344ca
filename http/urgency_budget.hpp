// How often requests may be waited for with real-time priority.
#pragma once

#include "hal/clock.hpp"

#include <chrono>
#include <cstdint>
#include <mutex>

namespace gantry::http {

/// Grants a number of turns in each second. Thread-safe.
class urgency_budget {
public:
  /// More than the pages of a farm ask, and a few percent of a core.
  static constexpr int64_t turns_per_second = 200;

  /// True if there is a turn left at `now`.
  [[nodiscard]] bool take(hal::mono_time now) {
    const auto second = std::chrono::floor<std::chrono::seconds>(now);
    const std::lock_guard lock{mutex_};
    if (second != second_) {
      second_ = second;
      taken_ = 0;
    }
    return ++taken_ <= turns_per_second;
  }

private:
  std::mutex mutex_;
  std::chrono::seconds second_{-1};
  int64_t taken_ = 0;
};

} // namespace gantry::http
