#pragma once

// Simulated Anycubic printers behind real sockets.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "hal/sim/anycubic_device.hpp"

namespace gantry::sim {

/// What to simulate and where.
struct anycubic_simulator_options {
  /// Most printers that one process simulates.
  static constexpr std::size_t count_max = 100;

  std::size_t count = 1;
  /// Printer i listens on base_port + i, and its control on control_port + i; 0 lets the system
  /// choose.
  uint16_t base_port = 0;
  uint16_t control_port = 0;
  std::string listen = "127.0.0.1";
  /// Printers are called <name>-1, <name>-2 and so on.
  std::string name = "resin";
  /// What every printer is; its name and its seed are set for each.
  anycubic_options machine = *anycubic_model("mono-x-6k");
  /// Each printer appends its log to <log_dir>/<printer>.jsonl; empty for no files.
  std::filesystem::path log_dir;
  bool exit_with_stdin = false;
  bool exit_with_parent = false;
};

/// Where a simulated printer listens.
struct anycubic_address {
  std::string printer;
  uint16_t port = 0;
  uint16_t control_port = 0; ///< HTTP: /sim/state, /sim/log, /sim/fault.
};

/// Simulated printers in one thread.
class anycubic_simulator {
public:
  /// Opens the ports; throws std::exception when one is taken or a folder cannot be made.
  explicit anycubic_simulator(const anycubic_simulator_options& options);
  ~anycubic_simulator();
  anycubic_simulator(const anycubic_simulator&) = delete;
  anycubic_simulator& operator=(const anycubic_simulator&) = delete;

  /// The addresses of every printer.
  [[nodiscard]] std::vector<anycubic_address> printers() const;
  /// Serves until `stop`, SIGTERM or SIGINT (if `with_signals`), or as the options say.
  void run(bool with_signals);
  /// Ends `run`; may be called from any thread.
  void stop();

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

/// Parses the command line of `gantry sim anycubic` and runs the simulator.
int anycubic_simulator_main(int argc, char** argv);

} // namespace gantry::sim
