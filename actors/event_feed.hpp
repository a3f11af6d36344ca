// Tells readers of the log that it grew. Subscribers keep a cursor of their own; there is no buffer
// per subscriber.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace gantry::actors {

/// What a waiter wakes up for.
struct feed_position {
  uint64_t seq = 0;    ///< Newest durable event.
  uint64_t live = 0;   ///< Newest revision of the live table.
  bool closed = false; ///< True if the kernel is stopping.
};

/// Wakes streams. Thread-safe.
class event_feed {
public:
  static constexpr uint64_t no_live = UINT64_MAX;

  /// Events up to `seq` are durable.
  void log_grew(uint64_t seq);
  /// The live table reached `revision`.
  void live_changed(uint64_t revision);
  /// Wakes everybody for good.
  void close();
  /// Waits until something newer than `seen` exists, at most `patience`, and returns the newest
  /// position. A `seen.live` of `no_live` waits for the log alone.
  [[nodiscard]] feed_position wait(const feed_position& seen, std::chrono::milliseconds patience);
  /// The newest position, at once.
  [[nodiscard]] feed_position position() const;

private:
  mutable std::mutex mutex_;
  std::condition_variable log_changed_; ///< For those who wait for the log alone.
  std::condition_variable changed_;
  feed_position newest_;
};

} // namespace gantry::actors
