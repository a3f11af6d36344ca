// A simulated printer in virtual time, with what it really did: the ground truth.
#pragma once

#include "bench/farm_sim/agenda.hpp"
#include "bench/farm_sim/ledger.hpp"
#include "hal/sim/moonraker_device.hpp"

#include <nlohmann/json_fwd.hpp>
#include <set>

namespace gantry::farm_sim {

/// A print start from the machine's own log.
struct machine_start {
  std::string file;
  std::string origin; ///< api, screen or master.
  hal::mono_time at{0};
  int64_t bed_items = 0;
};

/// What a disturbed line does to what it carries.
struct line_state {
  hal::mono_time disturbed_until{0};
  hal::mono_time cut_until{0}; ///< Nothing passes.
  bool half_open = false;      ///< While cut, what is sent vanishes instead of waiting.
};

/// One machine. Its log, and nothing else, says what happened.
class machine {
public:
  machine(const agenda& time, ledger& counts, std::string name, uint64_t seed,
          std::chrono::milliseconds report_period);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] sim::moonraker_device& device() { return *device_; }
  line_state line;

  /// Brings the machine to the present. To be called before anything is asked of it.
  void catch_up();
  /// When something happens in it by itself.
  [[nodiscard]] std::optional<hal::mono_time> next();
  /// Whatever was planned by the machine has to be asked for anew.
  void touched() { next_known_ = false; }

  /// True while a file is being printed, or is paused.
  [[nodiscard]] bool busy() const { return !printing_.empty(); }
  /// The file that is printed; empty if none.
  [[nodiscard]] const std::string& printing() const { return printing_; }
  [[nodiscard]] const std::vector<machine_start>& starts() const { return starts_; }
  /// How the print of `file` ended; empty if it has not, or never began.
  [[nodiscard]] std::string outcome_of(const std::string& file) const;
  /// True if `file` was ever started here.
  [[nodiscard]] bool has_started(const std::string& file) const;
  /// What lies on the bed.
  [[nodiscard]] size_t bed_items() const;
  /// Does something at the machine, see hal/sim/README.md.
  void act(const nlohmann::json& what);
  /// Called for each start, from inside of the machine: act later.
  std::function<void(machine&, const machine_start&)> on_start;

private:
  void take_log(std::string_view line);

  const agenda& time_;
  ledger& counts_;
  std::string name_;
  std::unique_ptr<sim::moonraker_device> device_;
  std::string printing_;
  std::vector<machine_start> starts_;
  std::map<std::string, std::string> outcomes_;
  std::set<std::string> started_;
  std::optional<hal::mono_time> next_;
  bool next_known_ = false;
};

} // namespace gantry::farm_sim
