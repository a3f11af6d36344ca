// Something else for the processor to do while a promise about time is measured.
#pragma once

#include <atomic>
#include <thread>
#include <vector>

namespace gantry::bench {

/// Keeps every core busy with two threads until it goes away.
class busy_cores {
public:
  busy_cores();
  ~busy_cores();
  busy_cores(const busy_cores&) = delete;
  busy_cores& operator=(const busy_cores&) = delete;

private:
  std::atomic<bool> done_{false};
  std::vector<std::thread> threads_;
};

} // namespace gantry::bench
