// Work for a served farm: an order whose plates outnumber the printers.
#pragma once

#include "bench/farm_api.hpp"
#include "bench/served_farm.hpp"

#include <map>
#include <string>

namespace gantry::bench {

/// A box of this many millimetres as a binary STL file, followed by `padding` triangles without
/// area at its corner, which make the file larger and the print no longer. `seed` makes it unlike
/// others.
[[nodiscard]] std::string box_model(double x_mm, double y_mm, double z_mm, size_t padding = 0,
                                    uint32_t seed = 0);

/// Submits an order of `pieces` runs, confirms every bed and waits until every printer is warm and
/// prints: before, a pause waits behind the heating, as it does on a real machine.
/// Returns the id of the model. Throws `std::runtime_error` if that does not come about.
std::string put_to_work(served_farm& farm, farm_api& api, size_t pieces);

/// An order of one line of `pieces` of `model`.
[[nodiscard]] nlohmann::json order_of(const std::string& reference, const std::string& model,
                                      size_t pieces);

/// Runs that are not over, by state.
[[nodiscard]] std::map<std::string, size_t> open_runs(farm_api& api);

} // namespace gantry::bench
