#include "tests/crash/effort.hpp"

#include <cstdio>
#include <cstdlib>

namespace gantry::test {

crash_effort crash_effort::from_environment() {
  crash_effort result;
  if (const auto* seed = std::getenv("GANTRY_CRASH_SEED"))
    result.seed = std::strtoull(seed, nullptr, 10);
  result.sweep = std::getenv("GANTRY_CRASH_SWEEP") != nullptr;
  std::printf("GANTRY_CRASH_SEED=%lu%s\n", result.seed, result.sweep ? ", a sweep" : "");
  return result;
}

} // namespace gantry::test
