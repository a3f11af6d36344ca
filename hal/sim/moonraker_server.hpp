#pragma once

// Simulated Moonraker printers behind real sockets.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::sim {

/// What to simulate and where.
struct simulator_options {
  /// Most printers that one process simulates.
  static constexpr size_t count_max = 500;

  size_t count = 1;
  /// Printer i listens on base_port + i; 0 lets the system choose.
  uint16_t base_port = 0;
  std::string listen = "127.0.0.1";
  /// Seconds on a printer's clock per second of the world.
  double speed = 1;
  bool creality = false;
  /// Clients must show this key; empty trusts everyone.
  std::string api_key;
  /// Printers are called <name>-1, <name>-2 and so on.
  std::string name = "sim";
  uint64_t seed = 1;
  /// Each printer appends its log to <log_dir>/<printer>.jsonl; empty for no files.
  std::filesystem::path log_dir;
  /// Files, history and beds survive here; empty for a folder that is removed at the end.
  std::filesystem::path state_dir;
  /// Milliseconds after which subscribers hear of changes.
  int64_t sample_ms = 250;
  /// Hears each frame of a printer (counted from 0) before it is sent, in the simulator's thread.
  std::function<void(size_t printer, std::string_view frame)> on_frame;
  bool exit_with_stdin = false;
  bool exit_with_parent = false;
};

/// Simulated printers in one thread.
class moonraker_simulator {
public:
  /// Opens the ports; throws std::exception when one is taken or a folder cannot be made.
  explicit moonraker_simulator(const simulator_options& options);
  ~moonraker_simulator();
  moonraker_simulator(const moonraker_simulator&) = delete;
  moonraker_simulator& operator=(const moonraker_simulator&) = delete;

  /// The name and port of every printer.
  std::vector<std::pair<std::string, uint16_t>> printers() const;
  /// Serves until `stop`, SIGTERM or SIGINT (if `with_signals`), or as the options say.
  void run(bool with_signals);
  /// Ends `run`; may be called from any thread.
  void stop();

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

/// Simulates printers until a signal: prints {"printer", "port"} per printer on stdout first.
/// Returns the exit code of a process.
int run_moonraker_simulator(const simulator_options& options);

/// Parses the command line of `gantry sim moonraker` and runs the simulator.
int moonraker_simulator_main(int argc, char** argv);

} // namespace gantry::sim
