// The rules as the functions that the store's doctor replays with.
#pragma once

#include "schemas/envelope.hpp"

#include <string>

namespace gantry::cli {

/// Folds one event into a stored state; `before` is empty for an entity's first event.
[[nodiscard]] result<std::string> replay_event(entity_kind kind, const std::string& before,
                                               const event_envelope& event);

/// True if a stored state still has something to do. A state that cannot be read counts as open,
/// so that somebody looks at it.
[[nodiscard]] bool is_open_state(entity_kind kind, const std::string& state);

} // namespace gantry::cli
