// A farm with a past: 50 simulated printers in one process, 100,000 events in the log, and the
// kernel in a process of its own.
#pragma once

#include "bench/child_process.hpp"
#include "cli/simulator_child.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace gantry::bench {

/// Printers of the farm.
inline constexpr size_t farm_printers = 50;
/// Events that lie in its log before anything is measured.
inline constexpr size_t past_events = 100'000;

/// A folder below the temporary one that is removed at the end.
class scratch_folder {
public:
  scratch_folder();
  ~scratch_folder();
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  [[nodiscard]] std::string path(const std::string& name) const { return (path_ / name).string(); }

private:
  std::filesystem::path path_;
};

/// Fills the data folder `folder`, which must not exist, with closed orders.
void write_past(const std::string& folder, size_t events);

/// The farm. Throws `std::runtime_error` where something does not work.
class served_farm {
public:
  /// Makes the data folder, and adds the printers by a first start that is stopped again.
  served_farm();
  ~served_farm();

  /// Starts the kernel and waits for its first healthy answer. Returns the milliseconds that took.
  double start();
  /// Stops the kernel cleanly.
  void stop();
  /// Waits until every printer is connected.
  void await_printers() const;
  [[nodiscard]] const child_process& kernel() const { return *kernel_; }
  [[nodiscard]] uint16_t port() const { return port_; }
  [[nodiscard]] std::string token() const;
  [[nodiscard]] const scratch_folder& scratch() const { return scratch_; }

private:
  void add_printers();

  scratch_folder scratch_;
  std::unique_ptr<cli::simulator_child> printers_;
  std::unique_ptr<child_process> kernel_;
  uint16_t port_ = 0;
};

} // namespace gantry::bench
