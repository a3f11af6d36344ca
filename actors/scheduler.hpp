// SCHEDULER: sees every waiting run and every printer, proposes runs to printers, and publishes why
// the others wait. It decides nothing: a printer takes a proposal, or refuses it with a reason.
#pragma once

#include "actors/services.hpp"
#include "actors/spawn_io.hpp"

#include <caf/actor_system.hpp>

namespace gantry::actors {

/// Starts the scheduler on the open runs, plans, profiles and printers of the store.
[[nodiscard]] scheduler_actor spawn_scheduler(caf::actor_system& system, services& shared,
                                              const io_variant& io);

} // namespace gantry::actors
