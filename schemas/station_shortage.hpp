// Reservoirs and waste containers that will not last for what a print still needs.
#pragma once

#include "schemas/result.hpp"
#include "schemas/station.hpp"

namespace gantry {

/// The containers that do not suffice for the next two changes of the print under way, or for the
/// only one that is left: `reservoir_low` and `waste_nearly_full`. Empty without such a print, and
/// in a dry run.
[[nodiscard]] std::vector<refusal> shortages_of(const station& where);

} // namespace gantry
