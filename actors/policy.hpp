// POLICY: answers gates. It keeps no state that a gate could rely on; every answer is made from the
// asker's facts, carries their versions, and is committed by the asker together with the step that
// it allows.
#pragma once

#include "actors/end_process.hpp"
#include "actors/services.hpp"

#include <caf/actor_system.hpp>

namespace gantry::actors {

/// Starts the policy actor. A failure of it is an `end` of the process.
[[nodiscard]] policy_actor spawn_policy(caf::actor_system& system, const process_end& end);

} // namespace gantry::actors
