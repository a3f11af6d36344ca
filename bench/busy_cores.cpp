#include "bench/busy_cores.hpp"

#include <algorithm>

namespace gantry::bench {

busy_cores::busy_cores() {
  const auto count = 2 * std::max(1U, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < count; ++i)
    threads_.emplace_back([this] {
      while (!done_.load(std::memory_order_relaxed)) {
      }
    });
}

busy_cores::~busy_cores() {
  done_ = true;
  for (auto& each : threads_)
    each.join();
}

} // namespace gantry::bench
