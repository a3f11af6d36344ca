// The emergency stop of a station's lines, whoever else works with them.
#pragma once

#include "actors/services.hpp"

#include <chrono>
#include <optional>

namespace gantry::actors {

/// See `kernel::stop_pumps`.
[[nodiscard]] std::optional<bool> stop_pumps(services& shared, const station_id& id,
                                             std::chrono::milliseconds patience);

} // namespace gantry::actors
