// Wall-clock instants and due dates. Nothing here asks what time it is; `hal/clock.hpp` does.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gantry {

/// An instant in UTC, to the millisecond.
using timestamp = std::chrono::sys_time<std::chrono::milliseconds>;

/// What the system says about its wall clock.
enum class clock_sync : uint8_t { unknown, synchronised, unsynchronised };
constexpr auto names_of(clock_sync) {
  return std::to_array<std::string_view>({"unknown", "synchronised", "unsynchronised"});
}

/// ISO 8601 with zone, e.g. `2026-11-21T03:10:17.123Z`.
[[nodiscard]] std::string format_timestamp(timestamp at);

/// Reads `YYYY-MM-DDTHH:MM[:SS[.mmm]]` followed by `Z` or `+HH:MM`; nothing if the text is anything
/// else, or if the instant lies outside the years 0 to 9999 in UTC.
[[nodiscard]] std::optional<timestamp> parse_timestamp(std::string_view text);

/// The instant that `text` (`YYYY-MM-DD` meaning the end of that day, or `YYYY-MM-DDTHH:MM[:SS]`)
/// names on the clocks of the IANA zone `zone`; nothing if zone or text are not understood. A local
/// time that exists twice means the earlier instant, one that is skipped the instant after the gap.
[[nodiscard]] std::optional<timestamp> local_to_instant(std::string_view text,
                                                        const std::string& zone);

/// True if `zone` is a name of the IANA time zone database.
[[nodiscard]] bool known_zone(const std::string& zone);

} // namespace gantry
