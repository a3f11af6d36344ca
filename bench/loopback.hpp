// How long a few bytes take to another thread and back over loopback: what no server can beat.
#pragma once

#include <atomic>
#include <thread>
#include <vector>

namespace gantry::bench {

/// Sends a small message to and fro, some fifty times a second, until `stop`.
class loopback_probe {
public:
  /// Throws `std::runtime_error` if there are no sockets.
  loopback_probe();
  ~loopback_probe();
  loopback_probe(const loopback_probe&) = delete;
  loopback_probe& operator=(const loopback_probe&) = delete;

  /// Ends and returns the round trips in milliseconds. Called once.
  [[nodiscard]] std::vector<double> stop();

private:
  void ask();
  void echo() const;

  int asker_ = -1;
  int answerer_ = -1;
  std::atomic<bool> stopping_{false};
  std::vector<double> times_ms_;
  std::thread asking_;
  std::thread echoing_;
};

} // namespace gantry::bench
