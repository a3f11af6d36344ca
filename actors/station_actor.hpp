// Makes station actors.
#pragma once

#include "actors/services.hpp"

#include <caf/actor_system.hpp>

namespace gantry::actors {

/// Starts the actor of a station. `may_connect` is false after repeated failures.
[[nodiscard]] station_actor spawn_station(caf::actor_system& system, services& shared,
                                          const entity_ref& entity, bool may_connect);

} // namespace gantry::actors
