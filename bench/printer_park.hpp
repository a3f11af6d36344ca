// Simulated printers in threads of this process, behind real sockets.
#pragma once

#include "cli/simulator_child.hpp"
#include "hal/sim/moonraker_server.hpp"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace gantry::bench {

/// What to simulate.
struct park_options {
  size_t printers = 50;
  double speed = 1;
  int64_t sample_ms = 250;
  /// Hears each frame of a printer (counted from 0), from any thread.
  std::function<void(size_t printer, std::string_view frame)> on_frame;
};

/// The printers; they run until the end of this object.
class printer_park {
public:
  /// Logs go to `folder`/logs, files of the printers to `folder`/state. Throws `std::exception` if
  /// a port or a folder cannot be had.
  printer_park(const park_options& options, const std::string& folder);
  ~printer_park();
  printer_park(const printer_park&) = delete;
  printer_park& operator=(const printer_park&) = delete;

  [[nodiscard]] const std::vector<cli::simulated_printer>& printers() const { return printers_; }
  /// The file in which printer `index` keeps its log.
  [[nodiscard]] std::string log_path(size_t index) const;
  /// Turns every printer's heaters on, as somebody at the machine does: a regulated temperature
  /// moves, so each sample has something to say.
  void heat() const;
  /// Injects a fault into one printer; see hal/sim/README.md.
  void inject(size_t index, const std::string& fault_json) const;

private:
  const std::string folder_;
  std::vector<std::unique_ptr<sim::moonraker_simulator>> simulators_;
  std::vector<std::thread> threads_;
  std::vector<cli::simulated_printer> printers_;
};

} // namespace gantry::bench
