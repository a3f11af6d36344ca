// Which faults a seed causes and how strongly, and with which settings its farm works.
#pragma once

#include "bench/farm_sim/dice.hpp"
#include "hal/moonraker/connector.hpp"
#include "schemas/governance.hpp"

#include <string>

namespace gantry::farm_sim {

/// What a simulation is asked to do.
struct sim_options {
  uint64_t seed = 1;
  size_t printers = 3;
  double hours = 8;       ///< Virtual hours with faults; liveness comes on top.
  size_t stations = 0;    ///< Resin stations.
  bool one_print = false; ///< Each station makes one print of all the hours, over a bad network.
  bool keep_events = false;
  bool trace = false;   ///< Print every event.
  bool on_disk = false; ///< RocksDB instead of the store in memory.
};

/// The settings of one seed. Shares are probabilities; mean times are between two faults.
struct fault_mix {
  // -- the network (F-06) and what it carries (F-13) --------------------------------------------
  double disturbed_share = 0; ///< Part of the time in which a printer's line is disturbed.
  double drop = 0;            ///< Frames lost while it is, 0 to 0.3.
  double duplicate = 0;       ///< Frames that come twice, 0 to 0.5.
  hal::mono_time delay_max{0};
  double mangle = 0;    ///< Frames from the printer that arrive damaged.
  double malformed = 0; ///< Requests of clients that are no valid ones.
  // -- machines (F-07) --------------------------------------------------------------------------
  hal::mono_time machine_fault_mean{0}; ///< Per printer; 0 = none.
  double screen_race = 0; ///< Reservations during which somebody starts a print at the screen.
  // -- the computer -----------------------------------------------------------------------------
  hal::mono_time restart_mean{0};
  double power_loss = 0; ///< Part of the restarts (F-02); the others are kills and clean stops.
  double clean_stop = 0;
  double write_failure = 0;         ///< Per write; its outcome is not known then (F-03).
  double read_failure = 0;          ///< Per view of the store that the kernel takes (F-03).
  hal::mono_time slow_write_max{0}; ///< Longest slow sync (F-03).
  hal::mono_time disk_full_mean{0};
  hal::mono_time wall_step_mean{0}; ///< F-09.
  double damage_while_down = 0;     ///< F-04, per restart.
  // -- actors -----------------------------------------------------------------------------------
  double starvation = 0;  ///< Chance per step that one actor is left out for a while (F-10).
  double actor_crash = 0; ///< Per call of a printer's port (F-11).
  hal::mono_time crash_storm_mean{0};
  // -- clients (F-12, F-15) ---------------------------------------------------------------------
  double forgetful = 0; ///< Clients that do not wait for their answer.
  double repeat = 0;    ///< Requests that are made twice though they were answered.
  hal::mono_time order_mean{0};
  hal::mono_time storm_mean{0};
  // -- the machines' pace -----------------------------------------------------------------------
  std::chrono::milliseconds report_period{5'000};
  int64_t print_minutes_max = 60;
  /// Farm settings (F-18) inside their legal bounds.
  settings rules;
  hal::connector_settings connector;

  /// All of it as one line of JSON.
  [[nodiscard]] std::string text() const;
};

/// Draws the mix of a seed.
[[nodiscard]] fault_mix draw_mix(const sim_options& options);

} // namespace gantry::farm_sim
