// `gantry demo --resin`: a print of three materials on a simulated resin printer with simulated
// pumps below a real guard.
#pragma once

#include "cli/command.hpp"

namespace gantry::cli {

/// Runs the demonstration. The first process becomes the guard and starts itself again as the
/// kernel, so it is called before there are threads.
[[nodiscard]] exit_code resin_demo(const arguments& given);

} // namespace gantry::cli
