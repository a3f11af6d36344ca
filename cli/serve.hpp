// What `serve` and `demo` have in common.
#pragma once

#include "cli/command.hpp"
#include "cli/farm.hpp"

#include <chrono>

namespace gantry::cli {

/// A stop that takes longer ends the process.
inline constexpr std::chrono::seconds stop_patience{5};

/// The exit code for a farm that did not start.
[[nodiscard]] exit_code exit_code_of(const refusal& why);

/// Folder, address, port and host names as `given` has them.
[[nodiscard]] farm_options farm_options_of(const arguments& given);

/// The options that `farm_options_of` reads.
[[nodiscard]] std::vector<option> listen_options();

} // namespace gantry::cli
