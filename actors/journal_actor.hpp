// JOURNAL: validates, numbers and groups commits; a writer on another thread writes and syncs them.
#pragma once

#include "actors/services.hpp"
#include "actors/spawn_io.hpp"

#include <caf/actor_system.hpp>

namespace gantry::actors {

/// Starts the journal on the store of `shared`. It keeps `shared.feed` up to date and tells the
/// directory and the scheduler what became durable, before it answers the committer.
[[nodiscard]] journal_actor spawn_journal(caf::actor_system& system, services& shared,
                                          const io_variant& io);

} // namespace gantry::actors
