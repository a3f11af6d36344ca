// `gantry sim farm`: simulations of a whole farm as a program.
#pragma once

#include "cli/command.hpp"

namespace gantry::farm_sim {

/// Simulates one seed or a batch of them, and prints a line of JSON last. It is done if nothing was
/// violated and the batch was not vacuous.
[[nodiscard]] cli::subcommand farm_sim_command();

} // namespace gantry::farm_sim
