// The guard as a process: it owns the lines and keeps a kernel running as its child.
#pragma once

#include "hal/guard/guard_settings.hpp"

#include <functional>
#include <string>
#include <vector>

namespace gantry::guard {

/// What a guard process needs.
struct guard_options {
  std::string folder; ///< Data folder: guard's file, ledger, lock and record of simulated lines.
  std::vector<std::string> kernel_words; ///< How the kernel is started; the program's name first.
  /// Exit codes after which starting the kernel again would not help.
  std::vector<int> final_exit_codes;
  int exit_code_in_use = 1;  ///< Another guard holds the folder.
  int exit_code_unfit = 1;   ///< The guard's file is not usable.
  int exit_code_timeout = 1; ///< The kernel had to be killed when it was stopped.
  std::function<void(const std::string&)> notify; ///< To the service manager.
  std::function<void(const std::string&)> log;    ///< For people.
};

/// The guard's file in a data folder.
[[nodiscard]] std::string settings_path(const std::string& folder);
/// Where simulated lines write what they really did.
[[nodiscard]] std::string record_path(const std::string& folder);

/// Runs a guard until SIGTERM, SIGINT or SIGHUP, or until the kernel ends for good, and returns the
/// kernel's exit code. A kernel that dies is started again, with growing pauses. Called before the
/// process has other threads.
[[nodiscard]] int run_guard(const guard_options& options);

} // namespace gantry::guard
