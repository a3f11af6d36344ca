// The one source of chance of a simulation.
#pragma once

#include "hal/clock.hpp"

#include <chrono>
#include <cstdint>
#include <random>
#include <vector>

namespace gantry::farm_sim {

/// Draws from a seeded generator; the results do not depend on the standard library, whose
/// distributions differ between versions.
class dice {
public:
  explicit dice(uint64_t seed) : random_{seed} {}

  uint64_t bits() { return random_(); }
  /// A whole number from `least` to `most`, both included.
  int64_t between(int64_t least, int64_t most) {
    return least
           + static_cast<int64_t>(random_() % (static_cast<uint64_t>(most - least) + uint64_t{1}));
  }
  /// A number from 0 to below 1.
  double unit() { return static_cast<double>(random_() >> 11) * 0x1.0p-53; }
  /// True with probability `share`.
  bool chance(double share) { return unit() < share; }
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[static_cast<size_t>(random_() % from.size())];
  }
  /// A span from `least` to `most`, in whole milliseconds.
  hal::mono_time span(hal::mono_time least, hal::mono_time most) {
    using std::chrono::milliseconds;
    return milliseconds{between(std::chrono::duration_cast<milliseconds>(least).count(),
                                std::chrono::duration_cast<milliseconds>(most).count())};
  }

private:
  std::mt19937_64 random_;
};

} // namespace gantry::farm_sim
