// Everything that runs below one data folder: store, links, slicer, kernel and API.
#pragma once

#include "actors/kernel.hpp"
#include "hal/link.hpp"
#include "logging/log.hpp"
#include "schemas/result.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gantry::cli {

/// What to run, and where.
struct farm_options {
  std::string folder;
  std::string address = "127.0.0.1";
  uint16_t port = 8080;
  std::vector<std::string> allowed_hosts;
  /// The slicing program; see `slicer::prusa_slicer_config::program`.
  std::string slicer_program = "prusa-slicer";
  std::optional<double> demo_speed;
  /// The guard's pumps; they outlive the farm. Null without a guard.
  hal::pump_port_factory* pumps = nullptr;
  logging::level terminal_level = logging::level::info;
};

/// A running farm. Parts start in the order of their dependencies and stop in the reverse one.
class farm {
public:
  /// Opens the data folder, starts everything and listens. Refuses with `store_locked`,
  /// `store_too_new`, `storage_failed` or `port_in_use`; then nothing runs.
  [[nodiscard]] static result<std::unique_ptr<farm>> start(farm_options options);
  ~farm();

  [[nodiscard]] uint16_t port() const;
  /// Where the page is, without a slash at the end.
  [[nodiscard]] std::string url() const;
  /// The address that logs in as the administrator. It holds a secret.
  [[nodiscard]] std::string login_link() const;
  /// The administrator's secret.
  [[nodiscard]] const std::string& admin_secret() const;
  /// True if the administrator's secret was made by this start.
  [[nodiscard]] bool is_first_start() const;
  [[nodiscard]] hal::link_runtime& links();
  [[nodiscard]] hal::id_source& ids();
  [[nodiscard]] hal::clock& clock();
  /// Ends the API, then the kernel. Prints go on.
  void stop();

private:
  struct parts;
  explicit farm(std::unique_ptr<parts> made);

  std::unique_ptr<parts> parts_;
};

/// The host part of a URL at which a kernel that listens at `address` is reached from here.
[[nodiscard]] std::string reachable_host(const std::string& address);

} // namespace gantry::cli
