// Whether a sliced file is believable. A slicer's exit code is not: it is 0 for prints beside the
// bed, above the machine, and for a fifth of a model.
#pragma once

#include "geometry/gcode_reader.hpp"
#include "geometry/mesh_check.hpp"
#include "schemas/values.hpp"

#include <array>
#include <cstdint>
#include <vector>

namespace gantry::geometry {

/// What a toolpath is compared with.
struct toolpath_expectations {
  /// Printable area in micrometres.
  std::array<std::int64_t, 2> bed_min_um{0, 0};
  std::array<std::int64_t, 2> bed_max_um{220'000, 220'000};
  std::int64_t height_max_um = 250'000;
  /// The model which was sliced, as it stands on the bed.
  mesh_facts model;
  /// How many times the model is on the plate.
  std::int64_t copies = 1;
};

/// Bounds for the volume of plastic in a print of a model.
///
/// Lower: half of what a print with the stated infill and the thinner of wall and top/bottom needs,
/// that is `fill * V + (1 - fill) * min(V, area * skin)`. Sound prints come out at 1.1 to 1.7 times
/// that estimate (measured on the sample models), a print of a model with a hole at 0.2. Settings
/// that are not stated count as a skin of 0.2 mm and no infill. Models of several shells get half
/// the bound, as shells that overlap are printed once.
///
/// Upper: 1.3 times the volume plus half a millimetre around the surface (lines are wider than
/// thin features), or the whole bounding box if supports are on, plus a fixed 2 cm3 for skirt,
/// brim and purging. No upper bound with a wipe tower or a raft, whose size does not depend on the
/// model.
struct plastic_bounds {
  std::int64_t min_mm3 = 0;
  std::int64_t max_mm3 = INT64_MAX;
};

/// Computes the bounds from the model and the settings in the file.
[[nodiscard]] plastic_bounds expect_plastic(const toolpath_expectations& expected,
                                            const gcode_summary& summary);

/// Judges a toolpath. Always the same checks in the same order: toolpath_complete,
/// toolpath_extrusion, toolpath_bed, toolpath_height, toolpath_plastic; later checks are added at
/// the end. Failures carry slicer_does_not_fit for a print beside the bed or above the machine,
/// else slicer_output_implausible.
[[nodiscard]] std::vector<check> verify_toolpath(const gcode_facts& facts,
                                                 const toolpath_expectations& expected);

/// The findings for a file which could not be read: `toolpath_complete` alone, failed.
[[nodiscard]] std::vector<check> verify_toolpath(const refusal& why);

} // namespace gantry::geometry
