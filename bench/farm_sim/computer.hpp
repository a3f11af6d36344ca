// The simulated computer: the kernel with everything below it, which can be killed, lose its power
// and start again.
#pragma once

#include "actors/stepped_kernel.hpp"
#include "bench/farm_sim/fault_mix.hpp"
#include "bench/farm_sim/sim_clock.hpp"
#include "bench/farm_sim/sim_links.hpp"
#include "bench/farm_sim/sim_slicer.hpp"
#include "bench/farm_sim/watched_store.hpp"
#include "hal/moonraker/moonraker_ports.hpp"
#include "storage/memory_store.hpp"

#include <filesystem>

namespace gantry::farm_sim {

/// How a life of the kernel ends.
enum class ending : uint8_t { clean_stop, kill, power_loss };
constexpr auto names_of(ending) {
  return std::to_array<std::string_view>({"clean_stop", "kill", "power_loss"});
}

/// A folder that is gone with this object; in memory where the system has such a place.
class scratch {
public:
  scratch();
  ~scratch();
  scratch(const scratch&) = delete;
  scratch& operator=(const scratch&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

private:
  std::filesystem::path path_;
};

/// The computer and the kernel on it.
class computer {
public:
  computer(const sim_options& options, const fault_mix& mix, agenda& time, dice& random,
           ledger& counts, sim_links& links);
  ~computer();

  [[nodiscard]] bool up() const { return kernel_ != nullptr && !stopping_; }
  /// The kernel while it is there, also while it stops; null otherwise.
  [[nodiscard]] actors::stepped_kernel* kernel() { return kernel_.get(); }
  [[nodiscard]] watched_store& store() { return *store_; }
  [[nodiscard]] storage::artifact_store& artifacts() { return *artifacts_; }
  [[nodiscard]] sim_clock& clock() { return clock_; }
  [[nodiscard]] sim_links& links() { return links_; }

  /// Starts the kernel.
  void start();
  /// Puts further ports into what a kernel is made of.
  std::function<void(actors::kernel_parts&)> furnish;
  /// Lets one of the kernel's actors handle a message.
  void step(size_t index);
  /// Lets it end at once, or lets it begin to stop cleanly.
  void end(ending how);
  /// Something happened after which the real process is gone: it ends before the next step.
  void doom(const std::string& why);
  [[nodiscard]] bool doomed() const { return doomed_; }
  /// True once a clean stop is complete; `end` with `kill` clears it away.
  [[nodiscard]] bool stopped() const { return stopping_ && kernel_ && kernel_->stopped(); }

  /// While true, the disk, the ports and the actors fail as the mix says.
  void set_faulty(bool on) { faulty_ = on; }
  /// Lets the port of one printer fail at each call, from its next one on for `length`.
  void storm(const std::string& printer, hal::mono_time length);
  /// Told about each fault that is thrown into a printer's actor.
  std::function<void(const std::string& printer)> on_crash;
  /// Asked for each synced write while faulty; see `watched_store::on_write`.
  std::function<std::optional<watched_store::fate>()> before_write;
  /// Flips a bit of a stored state while nothing runs, lets the doctor look, and repairs it.
  void damage_and_examine();
  /// Replays the whole log and compares it with the store (INV-23, INV-24, INV-25).
  void examine();

private:
  class faulty_ports;
  class faulty_port;

  void open_store(bool on_disk);
  void close_life(ending how);
  [[nodiscard]] watched_store::fate fate_of_write();
  void fail_port(const std::string& printer);

  const sim_options& options_;
  const fault_mix& mix_;
  agenda& time_;
  dice& random_;
  ledger& counts_;
  sim_links& links_;
  scratch folder_;
  sim_clock clock_;
  sim_ids ids_;
  sim_slicer slicer_;
  std::unique_ptr<storage::memory_store> memory_;
  std::unique_ptr<storage::store> disk_;
  std::unique_ptr<watched_store> store_;
  std::unique_ptr<storage::artifact_store> artifacts_;
  std::unique_ptr<hal::moonraker_ports> ports_;
  std::unique_ptr<faulty_ports> outer_ports_;
  std::unique_ptr<actors::stepped_kernel> kernel_;
  std::map<std::string, hal::mono_time> storms_to_come_; ///< Their lengths.
  std::map<std::string, hal::mono_time> storms_;         ///< When they end.
  bool stopping_ = false;
  bool doomed_ = false;
  bool faulty_ = false;
  bool stepping_ = false;
};

} // namespace gantry::farm_sim
