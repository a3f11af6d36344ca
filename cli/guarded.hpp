// A kernel below a guard: what `serve` does when its data folder names pumps.
#pragma once

#include "cli/exit_code.hpp"
#include "hal/guard/guard_client.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::cli {

/// If `folder` has a guard's file and this process is not a guard's kernel yet, becomes the guard:
/// runs the same command line again as its child, and returns the exit status when that ends for
/// good. Nothing if this process is to be the kernel. Called before there are other threads.
///
/// `also_final` are further exit codes after which the kernel is not started again.
[[nodiscard]] std::optional<int> guard_if_needed(const std::string& folder,
                                                 const std::vector<exit_code>& also_final = {});

/// The guard that this process is a kernel of; null without one. Asks once: the first call takes
/// what the guard left to this process.
[[nodiscard]] std::unique_ptr<guard::guard_client> connect_to_guard();

/// Tells the service manager, through the guard if there is one.
void announce(std::string_view state, guard::guard_client* guard);

} // namespace gantry::cli
