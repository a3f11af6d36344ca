// Counters for /metrics: what was asked, how it ended and how long it took.
#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace gantry::http {

/// Counts answered requests. Thread-safe.
class metrics {
public:
  /// Upper bounds of the latency histogram in microseconds.
  static constexpr std::array<int64_t, 8> bounds_us{250,     1'000,   5'000,     25'000,
                                                    100'000, 500'000, 2'500'000, 30'000'000};

  /// Counts one answer of `route` (method and pattern).
  void count(std::string_view route, int status, std::chrono::microseconds took);
  /// The counters in Prometheus' text format.
  [[nodiscard]] std::string text() const;

private:
  mutable std::mutex mutex_;
  std::map<std::pair<std::string, int>, uint64_t, std::less<>> requests_;
  std::array<uint64_t, bounds_us.size() + 1> buckets_{};
  int64_t total_us_ = 0;
};

} // namespace gantry::http
