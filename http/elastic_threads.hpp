// Threads that come when there is work and go when there is none.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <list>
#include <mutex>
#include <thread>

namespace gantry::http {

/// Runs jobs. A job never waits behind another one while fewer than `threads_max` threads exist,
/// so a job that takes hours delays nobody. Thread-safe.
class elastic_threads {
public:
  explicit elastic_threads(size_t threads_max,
                           std::chrono::milliseconds idle_max = std::chrono::seconds{10});
  /// Ends as `shutdown` does.
  ~elastic_threads();

  void run(std::function<void()> job);
  /// Called by a job that will take long: from now on other jobs get a processor before it, as far
  /// as the system allows. Its thread takes further jobs only if nobody else can, since a thread
  /// cannot take its rank back.
  static void step_behind();
  /// Runs what is queued, then joins every thread.
  void shutdown();
  /// True if jobs wait although no further thread may be made.
  [[nodiscard]] bool saturated() const;
  /// Threads at this moment.
  [[nodiscard]] size_t size() const;

private:
  void work(std::list<std::thread>::iterator self);

  const size_t threads_max_;
  const std::chrono::milliseconds idle_max_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> jobs_;
  std::list<std::thread> threads_;
  std::list<std::thread> ended_; ///< To be joined.
  size_t idle_ = 0;
  bool stopping_ = false;
};

} // namespace gantry::http
