// Simulated printers in a process of their own, which dies with this one.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace gantry::cli {

/// What to simulate.
struct simulator_settings {
  std::string kind = "moonraker"; ///< Which simulator: moonraker or anycubic.
  size_t count = 3;
  double speed = 60;
  uint16_t base_port = 0; ///< Printer i listens at base_port + i.
  std::string folder;     ///< Logs go to `folder`/logs, the files of printers that
                          ///< take uploads to `folder`/state.
};

/// A printer that listens.
struct simulated_printer {
  std::string name;
  uint16_t port = 0;
};

/// The child process.
class simulator_child {
public:
  /// Starts this program again as `sim <kind>` and waits until it listens. Null if a port is
  /// taken or the program cannot be started; the child says why on standard error. Called before
  /// this process has threads.
  [[nodiscard]] static std::unique_ptr<simulator_child> start(const simulator_settings& settings);
  ~simulator_child();
  simulator_child(const simulator_child&) = delete;
  simulator_child& operator=(const simulator_child&) = delete;

  [[nodiscard]] const std::vector<simulated_printer>& printers() const { return printers_; }

private:
  simulator_child(int process, int output) : process_{process}, output_{output} {}
  bool read_printers(size_t count);

  int process_;
  int output_;
  std::vector<simulated_printer> printers_;
};

} // namespace gantry::cli
