// DESK: the actors of orders, plates, runs, breakers, decisions and records, which do nothing but
// decide; and of plans, which check and slice models.
#pragma once

#include "actors/services.hpp"

#include <caf/actor_system.hpp>

namespace gantry::actors {

/// Starts the actor of an entity that only decides.
[[nodiscard]] entity_actor spawn_entity(caf::actor_system& system, services& shared,
                                        const entity_ref& entity);

/// Starts the actor of a plan. Waking up in `checking` or `slicing` it does that work again: both
/// only read files.
[[nodiscard]] entity_actor spawn_plan(caf::actor_system& system, services& shared,
                                      const entity_ref& entity);

} // namespace gantry::actors
