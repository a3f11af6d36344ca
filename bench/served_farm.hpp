// A farm: simulated printers in this process, a log with a past, and the kernel in a process of its
// own.
#pragma once

#include "bench/child_process.hpp"
#include "bench/printer_park.hpp"

#include <filesystem>
#include <memory>
#include <string>

namespace gantry::bench {

/// Closed orders that lie in a log.
struct past_options {
  size_t orders = 10'000;
  size_t events_per_order = 10; ///< At least 2: accepted, and closed.
};

/// A log that begins with the farm.
inline constexpr past_options no_past{.orders = 0};

/// What a farm is like before anything is measured.
struct farm_options {
  park_options park;
  past_options past;
};

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
void write_past(const std::string& folder, const past_options& past);

/// The farm. Throws `std::runtime_error` where something does not work.
class served_farm {
public:
  /// Makes the data folder, and adds the printers by a first start that is stopped again.
  explicit served_farm(const farm_options& options);
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
  [[nodiscard]] const printer_park& park() const { return *printers_; }
  /// Ids of the printers, in the order of the park.
  [[nodiscard]] const std::vector<std::string>& printer_ids() const { return ids_; }

private:
  void add_printers();
  [[nodiscard]] size_t online_printers() const;

  scratch_folder scratch_;
  std::unique_ptr<printer_park> printers_;
  std::vector<std::string> ids_;
  std::unique_ptr<child_process> kernel_;
  uint16_t port_ = 0;
};

} // namespace gantry::bench
