// What a run of a pump is charged with before it begins: the most that it can move, also if nobody
// sees how it ends. What it did not move is given back when its measured end is known.
#pragma once

#include "schemas/command.hpp"

namespace gantry::rules {

/// How long a line may stay on after the guard that drives it has died: the time in which a master
/// relay drops without its heartbeat (docs/safety.md).
inline constexpr int64_t line_drop_limit_ms = 300;

/// The on-time that counts for a run whose end nobody saw.
[[nodiscard]] constexpr int64_t unseen_on_time_ms(int64_t planned_ms) {
  return planned_ms + line_drop_limit_ms;
}

/// Microlitres that `run` takes from the level of `pump`, or adds to the waste if it drains. A
/// reservoir gives no more than it holds; a dry run moves nothing, and in reverse nothing is known
/// to come back.
[[nodiscard]] int64_t charge_ul(const station& where, const station_pump& pump,
                                const pump_run& run);

/// Microlitres that a run moved, from its on-time and the flow of its pump; 0 if it never began or
/// its pump is not set up any more.
[[nodiscard]] int64_t moved_ul(const station_setup& setup,
                               const commands::station_pump_settled& how, const pump_run& run);

} // namespace gantry::rules
