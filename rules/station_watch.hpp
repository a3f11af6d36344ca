// What a report of the printer means for the print that a station is on: nothing, progress, a
// change that is due, an end, or something that needs a person.
#pragma once

#include "rules/station_change.hpp"

namespace gantry::rules {

/// Polls that may show the same layer before two more are waited for and then a warning is given.
inline constexpr int64_t stagnant_polls_max = 5;
inline constexpr int64_t stagnant_polls_more = 2;
/// Layers by which a printer may seem to go back before that is an error.
inline constexpr int64_t rollback_layers_max = 2;
/// Attempts to reconnect that must have failed before a lost printer is an error.
inline constexpr int64_t reconnects_min = 3;

/// Follows the newest facts. Total: called after every report, in every state.
void follow(station_draft& draft, const station_facts& live);

} // namespace gantry::rules
