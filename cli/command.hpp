// The subcommands of `gantry`.
#pragma once

#include "cli/exit_code.hpp"
#include "cli/options.hpp"

#include <vector>

namespace gantry::cli {

/// One subcommand.
struct subcommand {
  std::string_view name;     ///< One word, or two: `sim moonraker`.
  std::string_view operands; ///< Names of what is not an option, for the help text.
  size_t operands_min = 0;
  size_t operands_max = 0;
  std::string_view summary; ///< One line.
  std::string_view details; ///< More lines for the help text; may be empty.
  std::vector<option> options;
  exit_code (*run)(const arguments& given) = nullptr;
  /// Set for a subcommand that reads its own command line; `run` and `options` are not used then.
  int (*run_raw)(int argc, char** argv) = nullptr;
};

/// `--data`, which most subcommands have.
[[nodiscard]] option data_option();

/// Runs the kernel until SIGTERM or SIGINT.
[[nodiscard]] subcommand serve_command();
/// Runs the kernel with simulated printers and an order.
[[nodiscard]] subcommand demo_command();
/// Simulates Klipper printers.
[[nodiscard]] subcommand simulator_command();
/// Simulates resin printers.
[[nodiscard]] subcommand resin_simulator_command();
/// Shows the record of simulated pumps.
[[nodiscard]] subcommand pump_record_command();
/// Checks a data folder.
[[nodiscard]] subcommand doctor_command();
/// Copies a data folder.
[[nodiscard]] subcommand backup_command();
/// Makes a data folder from a backup.
[[nodiscard]] subcommand restore_command();
/// Lists, issues and revokes access tokens.
[[nodiscard]] subcommand token_command();

/// Chooses by the first words of the command line and runs the subcommand. Returns the process's
/// exit status.
[[nodiscard]] int dispatch(int argc, char** argv, const std::vector<subcommand>& known);

} // namespace gantry::cli
