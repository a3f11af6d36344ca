// `gantry sim ...`: simulated printers as a program.
#include "cli/command.hpp"
#include "hal/sim/anycubic_server.hpp"
#include "hal/sim/moonraker_server.hpp"

namespace gantry::cli {

subcommand simulator_command() {
  return {.name = "sim moonraker",
          .operands = "",
          .summary = "Simulates Klipper printers behind Moonraker's API on real ports.",
          .details = "",
          .options = {},
          .run = nullptr,
          .run_raw = sim::moonraker_simulator_main};
}

subcommand resin_simulator_command() {
  return {.name = "sim anycubic",
          .operands = "",
          .summary = "Simulates Anycubic Photon resin printers on real ports.",
          .details = "",
          .options = {},
          .run = nullptr,
          .run_raw = sim::anycubic_simulator_main};
}

} // namespace gantry::cli
