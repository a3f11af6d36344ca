// Whether a model may go to the slicer at all. Slicers exit with success for models with holes, so
// this has to be decided before.
#pragma once

#include "geometry/mesh_check.hpp"
#include "geometry/stl_reader.hpp"
#include "schemas/values.hpp"

#include <cstdint>
#include <vector>

namespace gantry::geometry {

/// What a model is compared with.
struct preflight_limits {
  /// Usable build volume.
  box_um build{220'000, 220'000, 250'000};
  /// Models with more triangles are refused.
  std::int64_t triangles_max = static_cast<std::int64_t>(stl_triangles_max);
  /// Smaller bodies are refused; a cubic millimetre is a few layers of one short line.
  std::int64_t volume_min_mm3 = 1;
  /// Largest size below which the unit is thought to be inches or metres.
  std::int64_t plausible_min_um = 1'000;
  /// Size above which the unit is thought to be something smaller than millimetres.
  std::int64_t plausible_max_um = 2'000'000;
};

/// Judges a model which could be read. Always the same checks in the same order: readable,
/// triangles, closed, oriented, volume, size, units; later checks are added at the end. Passed
/// checks carry reason::ok, others one of the mesh_ reasons.
[[nodiscard]] std::vector<check> preflight(const mesh_facts& facts, const preflight_limits& limits);

/// The findings for a file which could not be read: `readable` alone, failed.
[[nodiscard]] std::vector<check> preflight(const refusal& why);

} // namespace gantry::geometry
