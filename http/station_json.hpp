// What the API adds to a stored station: what its machines say now, and what follows from that.
#pragma once

#include "actors/live_table.hpp"
#include "schemas/station.hpp"
#include "storage/reader.hpp"

#include <string>

namespace gantry::http {

/// Progress in tenths of a percent: the layer against the larger of the recipe's last layer and the
/// printer's total; 0 without either, 1,000 at most.
[[nodiscard]] int64_t progress_permille(const station& where, const resin_report& report);

/// The `live` object of a stored station as of `now`.
[[nodiscard]] std::string station_live_json(const storage::stored_entity& stored,
                                            const actors::live_table& table, timestamp now);

/// Checks as a JSON array, each with its sentence.
[[nodiscard]] std::string checks_json(const std::vector<station_check>& checks);

} // namespace gantry::http
