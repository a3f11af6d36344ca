#pragma once

// The part of the API table that concerns files and history; private to hal/sim.

#include <vector>

namespace gantry::sim {

struct api_endpoint;

/// The endpoints under /server/files and /server/history.
const std::vector<api_endpoint>& file_and_history_endpoints();

} // namespace gantry::sim
