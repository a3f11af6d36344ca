#pragma once

// What all simulated machines count in.

#include <chrono>
#include <cstdint>

namespace gantry::sim {

/// Time since a model's epoch, on the world's clock.
using model_time = std::chrono::microseconds;
using connection_id = uint64_t;

} // namespace gantry::sim
