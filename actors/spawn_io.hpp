// The one place where actors get threads of their own. Work that blocks runs there and nowhere
// else; a simulation replaces this file's functions by ordinary actors.
#pragma once

#include "actors/actors.hpp"
#include "storage/store.hpp"

#include <caf/actor_system.hpp>

namespace gantry::actors {

/// Starts the journal's writer. A write whose outcome is not known ends the process: recovery from
/// disk is the tested path.
[[nodiscard]] writer_actor spawn_writer(caf::actor_system& system, storage::store& store);

/// Starts a pool of `workers` threads. Tasks wait in order of arrival; every asker has at most one,
/// so the queue is as short as the number of entities that are checked or sliced.
[[nodiscard]] work_pool_actor spawn_work_pool(caf::actor_system& system, size_t workers);

} // namespace gantry::actors
