// Whether the changes of a recipe lie too close together for the rolling windows of its pumps.
#pragma once

#include "schemas/station.hpp"

#include <vector>

namespace gantry::rules {

/// Times of a layer between which those of a print lie, as far as it is known before it: light, and
/// the plate up and down. With their usual settings the printers take 4 to 12 s.
inline constexpr int64_t layer_ms_min = 3'000;
inline constexpr int64_t layer_ms_max = 20'000;

/// A pump that a recipe would need for longer than one of its windows allows.
struct window_excess {
  std::string pump;      ///< Or the line of the air valve.
  int64_t layer = 0;     ///< Of the change that would have to wait first.
  int64_t needed_ms = 0; ///< On-time in the window in which its run begins, that run included.
  int64_t limit_ms = 0;  ///< What the window allows.
  int64_t window_ms = 0; ///< Its length.
  bool operator==(const window_excess&) const = default;
};

/// The first change that would wait for each pump, if every layer takes `layer_ms` and a change
/// only its delays and runs. Judges as `pump_checks` does in the print: both pumps before the
/// drain, and what is charged beyond a run's planned time. Single runs beyond a limit are not told;
/// `start_checks` names them. An air valve that opens while draining is judged like a pump, by the
/// name of its line. Total: pumps and lines that do not exist are left out.
[[nodiscard]] std::vector<window_excess> window_excesses(const station_setup& setup,
                                                         const std::vector<recipe_step>& steps,
                                                         const pump_bank_report& pumps,
                                                         int64_t layer_ms);

} // namespace gantry::rules
