// The actor around a printer's core.
#pragma once

#include "actors/services.hpp"

#include <caf/actor_system.hpp>

namespace gantry::actors {

/// Starts the actor of a printer. With `may_connect` false it decides, but leaves the machine
/// alone.
[[nodiscard]] printer_actor spawn_printer(caf::actor_system& system, services& shared,
                                          const entity_ref& entity, bool may_connect);

} // namespace gantry::actors
