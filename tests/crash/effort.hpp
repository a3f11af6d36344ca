// How much a crash test tries.
#pragma once

#include <cstddef>
#include <cstdint>

namespace gantry::test {

/// Taken from the environment: `GANTRY_CRASH_SWEEP=1` plays every kill point and many more random
/// lives, `GANTRY_CRASH_SEED=N` draws others.
struct crash_effort {
  uint64_t seed = 1;
  bool sweep = false;

  /// Reads the environment, and prints what it found, so that a failure can be repeated.
  [[nodiscard]] static crash_effort from_environment();
  /// `few` per change, `many` in a sweep.
  [[nodiscard]] size_t lives(size_t few, size_t many) const { return sweep ? many : few; }
};

} // namespace gantry::test
