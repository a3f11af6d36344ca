// POLICY: answers gates. It keeps no state that a gate could rely on; every answer is made from the
// asker's facts, carries their versions, and is committed by the asker together with the step that
// it allows.
#pragma once

#include "actors/services.hpp"

#include <caf/actor_system.hpp>

namespace gantry::actors {

/// Starts the policy actor.
[[nodiscard]] policy_actor spawn_policy(caf::actor_system& system);

} // namespace gantry::actors
