// DIRECTORY: the parent of all entities. It finds or makes the actor that a command is for, passes
// committed states to live owners, and supervises: a crashed entity starts anew from the store, one
// that keeps crashing is set aside.
#pragma once

#include "actors/end_process.hpp"
#include "actors/services.hpp"

#include <caf/actor_system.hpp>

namespace gantry::actors {

/// Live actors of entities without a machine that are kept; beyond that the longest unused ones go.
inline constexpr size_t live_entities_max = 1'024;
/// More crashes than this within `crash_period` set a printer aside.
inline constexpr size_t crashes_max = 5;
inline constexpr std::chrono::seconds crash_period{60};

/// Starts the directory. A failure of it is an `end` of the process.
[[nodiscard]] directory_actor spawn_directory(caf::actor_system& system, services& shared,
                                              const process_end& end);

} // namespace gantry::actors
