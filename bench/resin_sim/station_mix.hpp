// Which faults a seed causes at resin stations, and how its stations are set up.
#pragma once

#include "bench/farm_sim/fault_mix.hpp"
#include "hal/guard/guard_settings.hpp"
#include "schemas/station.hpp"

namespace gantry::farm_sim {

/// The settings of one seed for stations. Mean times are between two faults; 0 = none.
struct station_mix {
  hal::mono_time printer_fault_mean{0}; ///< Per printer: replies, layers, silence, its screen.
  hal::mono_time pump_fault_mean{0};    ///< Per station: a line that does not obey (F-08).
  hal::mono_time guard_death_mean{0};
  hal::mono_time hang_mean{0};   ///< The kernel stands still for a while.
  hal::mono_time button_mean{0}; ///< The hardware stop button.
  hal::mono_time kill_mean{0};   ///< Kills at chosen moments of a print (F-05).
  hal::mono_time restless{0};    ///< How soon people look again, at most.
  double mischief = 0;           ///< What people do although they should not, per look.
  bool shared_bank = false;      ///< All stations hang on one supply: one pump at a time in all.
  station_setup setup;           ///< Without names and addresses.
  guard::line_settings line;     ///< Limits of every line.

  /// All of it as one line of JSON.
  [[nodiscard]] std::string text() const;
};

/// Draws the mix of a seed. With `one_print` only the network is at fault.
[[nodiscard]] station_mix draw_station_mix(const sim_options& options);

/// The guard's file for `stations` stations, `bank-0` and so on.
[[nodiscard]] guard::guard_settings guard_settings_of(const station_mix& mix, size_t stations);

} // namespace gantry::farm_sim
