// All resin stations of a simulated farm: their machines, their guard, their people, their faults
// and what must hold. The simulation calls it where it calls the printers' own parts.
#pragma once

#include "bench/resin_sim/sim_pump_ports.hpp"
#include "bench/resin_sim/station_crew.hpp"
#include "bench/resin_sim/station_trouble.hpp"
#include "hal/anycubic/anycubic_ports.hpp"

namespace gantry::farm_sim {

/// The stations of one simulation. Without stations it does nothing.
class station_floor {
public:
  station_floor(const sim_options& options, const fault_mix& farm, computer& host, sim_links& links,
                client_desk& desk, agenda& time, ledger& counts);

  // -- the course of a simulation -----------------------------------------------------------------
  void begin();
  void begin_trouble();
  void cease();
  /// True once the printing has begun, so that each seed has something to lose.
  [[nodiscard]] bool is_at_work() const;
  [[nodiscard]] bool at_rest() const { return rigs_.empty() || watch_.at_rest(); }
  void rested();
  /// Lines whose network is disturbed like that of the printers.
  [[nodiscard]] std::vector<line_state*> lines();

  // -- the kernel ---------------------------------------------------------------------------------
  /// A life of the kernel begins: puts its ports into `parts`.
  void furnish(actors::kernel_parts& parts);
  /// It is over.
  void life_ended(ending how);
  void event_logged(const logged_event& what);
  [[nodiscard]] std::optional<ending> verdict() { return trouble_.verdict(); }
  [[nodiscard]] bool hangs() const { return trouble_.hangs(); }
  /// True if the kernel would now be interrupted in the middle of something.
  [[nodiscard]] bool in_transient_state();

  // -- time ---------------------------------------------------------------------------------------
  [[nodiscard]] std::optional<hal::mono_time> next();
  void catch_up(hal::mono_time when);

  [[nodiscard]] uint64_t starts() const;
  /// What a batch with stations must have seen and checked.
  static void add_faults(std::vector<std::string>& ids);
  static void add_invariants(std::vector<std::string>& ids);
  [[nodiscard]] std::string mix_text() const { return rigs_.empty() ? "" : mix_.text(); }

private:
  sim_options options_;
  station_mix mix_;
  computer& host_;
  sim_links& links_;
  agenda& time_;
  ledger& counts_;
  dice random_;
  station_rigs rigs_;
  sim_ids ids_;
  sim_guard guard_;
  station_invariants watch_;
  station_crew crew_;
  station_trouble trouble_;
  std::unique_ptr<hal::anycubic_ports> printers_;
  std::unique_ptr<sim_pump_ports> pumps_;
};

} // namespace gantry::farm_sim
