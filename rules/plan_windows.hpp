// Whether the changes of a recipe lie too close together for the rolling windows of its pumps.
#pragma once

#include "schemas/station.hpp"

#include <vector>

namespace gantry::rules {

/// Shortest time that a layer is expected to take: light, and the plate up and down. Layers of the
/// printers that are supported take 4 s and more with their usual settings; the time of a file's
/// own layers is not known before it is printed.
inline constexpr int64_t layer_ms_min = 3'000;

/// A pump that a recipe would need for longer than one of its windows allows.
struct window_excess {
  std::string pump;
  int64_t layer = 0;     ///< Of the change whose run exceeds it first.
  int64_t needed_ms = 0; ///< On-time in the window that ends with that run.
  int64_t limit_ms = 0;  ///< What the window allows.
  int64_t window_ms = 0; ///< Its length.
  bool operator==(const window_excess&) const = default;
};

/// The first excess of each pump if no layer takes less than `layer_ms_min`, and no change less
/// than its delays and runs. Single runs beyond a limit are not told: `start_checks` names them.
/// Total: pumps and lines that do not exist are left out.
[[nodiscard]] std::vector<window_excess> window_excesses(const station_setup& setup,
                                                         const std::vector<recipe_step>& steps,
                                                         const pump_bank_report& pumps);

} // namespace gantry::rules
