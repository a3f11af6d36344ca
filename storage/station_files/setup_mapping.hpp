// A station's set-up and its files: the same values in the words of both.
#pragma once

#include "schemas/station.hpp"
#include "schemas/station_files.hpp"

namespace gantry::storage {

/// Puts what the network file says into `setup`. Times of the file are rounded up to the whole
/// units of the set-up.
void apply(const network_settings& file, station_setup& setup);

/// Puts what the file of pumps says into `setup`: the file's `pump_a` is the pump that fills A,
/// `drain_pump` the drain. Pumps that are new get the names that a guard's file has by default: `a`
/// to `c` and `drain`. A pump for a material that the file has no key for stays as it is.
void apply(const pump_settings& file, station_setup& setup);

/// `file` with the values changed in which `setup` differs; everything that a set-up does not know
/// stays.
[[nodiscard]] network_settings merged(network_settings file, const station_setup& setup);
[[nodiscard]] pump_settings merged(pump_settings file, const station_setup& setup);

} // namespace gantry::storage
