// What must hold before a print is started or a pump is switched on, each as one check with its
// reason; and the arithmetic of volumes and times.
#pragma once

#include "schemas/command.hpp"

#include <optional>
#include <vector>

namespace gantry::rules {

/// On-time that moves `volume_ul` at `flow_ul_per_s`, to the nearest millisecond; at least 1.
[[nodiscard]] int64_t duration_ms(int64_t volume_ul, int64_t flow_ul_per_s);

/// Volume that `on_time_ms` moves at `flow_ul_per_s`.
[[nodiscard]] int64_t volume_ul(int64_t on_time_ms, int64_t flow_ul_per_s);

/// Microlitres as millilitres for people, to one decimal.
[[nodiscard]] std::string millilitres(int64_t volume_ul);

/// What is wrong with a set-up; nothing if it can work.
[[nodiscard]] std::optional<refusal> fault_of_setup(const station_setup& setup);

/// Every check before `wanted` is started on `where`, in the order in which they are shown.
[[nodiscard]] std::vector<station_check> start_checks(const station& where,
                                                      const commands::start_station& wanted,
                                                      const station_facts& live);

/// Every check before `where` is attached to the print that runs.
[[nodiscard]] std::vector<station_check> attach_checks(const station& where,
                                                       const commands::attach_station& wanted,
                                                       const station_facts& live);

/// Layers of a file, as far as known from earlier prints; 0 if unknown.
[[nodiscard]] int64_t known_layers(const station& where, const std::string& internal_file);

/// Whether one pump may run for `planned_ms` to move `planned_ul`: guard, line, limits, volumes.
[[nodiscard]] std::vector<station_check> pump_checks(const station& where, const station_pump& pump,
                                                     int64_t planned_ms, int64_t planned_ul,
                                                     const station_facts& live);

/// Whether the air valve may be open while a pump runs for `planned_ms`: it is there, and its
/// window admits that time and what it is open before and after.
[[nodiscard]] std::vector<station_check> valve_checks(const station& where, int64_t planned_ms,
                                                      const station_facts& live);

/// Whether the printer shows that nothing moves over the vat: fresh, and paused.
[[nodiscard]] station_check paused_check(const station& where, const station_facts& live);

/// The first check that failed, or null.
[[nodiscard]] const station_check* first_failure(const std::vector<station_check>& checks);

} // namespace gantry::rules
