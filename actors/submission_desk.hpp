// The answers that are owed to callers outside the actor system.
#pragma once

#include "actors/command_reply.hpp"

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>

namespace gantry::actors {

/// Commands that may be in flight from outside; more are refused as `busy`. Bounds the mailboxes
/// behind them.
inline constexpr size_t submissions_max = 1'024;

/// Remembers who waits for what. Thread-safe; callbacks run without its lock.
class submission_desk {
public:
  using callback = std::function<void(command_reply)>;

  /// Takes a caller in; 0 if the kernel is stopping or has no room.
  uint64_t open(callback then);
  /// Answers caller `number`, once; a number that is not known is ignored.
  void answer(uint64_t number, const command_reply& reply);
  /// Takes nobody in any more, waits at most `patience` for the answers that are on their way, and
  /// tells the rest that the kernel stops.
  void close(std::chrono::milliseconds patience);
  /// Takes nobody in any more, and tells nobody: what a process that dies does.
  void abandon();
  [[nodiscard]] bool closed() const;
  /// Callers that wait.
  [[nodiscard]] size_t waiting() const;

private:
  mutable std::mutex mutex_;
  std::condition_variable drained_;
  std::map<uint64_t, callback> open_;
  uint64_t last_ = 0;
  bool closed_ = false;
};

} // namespace gantry::actors
