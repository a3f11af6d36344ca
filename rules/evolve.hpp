// evolve: the only function that makes a state. Memory, the stored projection and replay all use
// it.
#pragma once

#include "schemas/entity.hpp"

namespace gantry::rules {

/// The state after `event`, which happened at `at`. Total: an event of another kind of entity
/// changes nothing.
[[nodiscard]] any_state evolve(any_state state, const any_event& event, timestamp at);

} // namespace gantry::rules
