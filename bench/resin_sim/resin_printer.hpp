// A simulated resin printer in virtual time, with what it really did: the ground truth.
#pragma once

#include "bench/farm_sim/agenda.hpp"
#include "bench/farm_sim/ledger.hpp"
#include "bench/farm_sim/machine.hpp"
#include "hal/sim/anycubic_device.hpp"

namespace gantry::farm_sim {

/// One machine. Its log, and nothing else, says what happened.
class resin_printer {
public:
  resin_printer(const agenda& time, ledger& counts, std::string name, uint64_t seed);

  [[nodiscard]] const std::string& name() const { return name_; }
  [[nodiscard]] sim::anycubic_device& device() { return *device_; }
  line_state line;

  /// Brings the machine to the present. To be called before anything is asked of it.
  void catch_up();
  /// When something happens in it by itself.
  [[nodiscard]] std::optional<hal::mono_time> next();
  /// Whatever was planned by the machine has to be asked for anew.
  void touched() { next_known_ = false; }
  /// Does something at the machine, see hal/sim/README.md.
  void act(const nlohmann::json& what);

  /// Since when the plate or the light is at work; nothing while the vat may be worked on.
  [[nodiscard]] const std::optional<hal::mono_time>& moving_since() const { return moving_since_; }
  /// True from the start of a print until it has ended, also while it is paused.
  [[nodiscard]] bool has_print() const { return has_print_; }
  [[nodiscard]] int64_t layer() const { return layer_; }
  /// True if it has shown a wrong layer at `time` or since.
  [[nodiscard]] bool has_lied_since(hal::mono_time time) const { return lies_ || lied_at_ >= time; }
  /// Prints that were started, by whomever.
  [[nodiscard]] uint64_t starts() const { return starts_; }

  /// Called from inside of the machine with an event of its log: act later.
  std::function<void(resin_printer& where, const std::string& event)> on_event;

private:
  void take_log(std::string_view line);

  const agenda& time_;
  ledger& counts_;
  std::string name_;
  std::unique_ptr<sim::anycubic_device> device_;
  std::optional<hal::mono_time> moving_since_;
  bool has_print_ = false;
  int64_t layer_ = 0;
  bool lies_ = false;
  hal::mono_time lied_at_{-1}; ///< When that began or ended.
  uint64_t starts_ = 0;
  std::optional<hal::mono_time> next_;
  bool next_known_ = false;
};

} // namespace gantry::farm_sim
