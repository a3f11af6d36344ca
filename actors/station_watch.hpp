// Notices stations whose control does not move, and says how stations are.
#pragma once

#include "actors/services.hpp"

#include <caf/actor_system.hpp>

namespace gantry::actors {

/// Starts the watch over the control loops of all stations.
[[nodiscard]] station_watch_actor spawn_station_watch(caf::actor_system& system, services& shared);

/// Appends one line per station: whether its printer answers, where it stands, and how long ago its
/// control moved last.
void add_station_checks(std::vector<health_check>& checks, const services& shared);

} // namespace gantry::actors
