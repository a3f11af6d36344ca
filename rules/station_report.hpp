// What happened at a station, reconstructed from its events alone.
#pragma once

#include "schemas/envelope.hpp"
#include "schemas/station_report.hpp"

#include <span>
#include <vector>

namespace gantry::rules {

/// Prints over which the figures are taken.
inline constexpr size_t counted_prints_max = 30;

/// Deviation of a change's timed steps up to which it counts as executed as planned.
inline constexpr int64_t deviation_permille_max = 70;

/// Every print in `events`, which are those of one station in their order. An event that cannot be
/// read (of a newer version) is passed over.
[[nodiscard]] std::vector<print_report> reports_of(std::span<const event_envelope> events);

/// The figures over the newest `counted_prints_max` prints that count.
[[nodiscard]] station_statistics statistics_of(std::span<const print_report> prints);

} // namespace gantry::rules
