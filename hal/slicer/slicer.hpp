// The port to slicers.
#pragma once

#include "schemas/result.hpp"
#include "schemas/values.hpp"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gantry::slicer {

/// More copies on one plate are refused.
inline constexpr int copies_max = 500;

/// What changes a toolpath besides model and profile.
struct slice_options {
  /// How many times the model is put on the plate, 1 to `copies_max`.
  int copies = 1;
  /// Rotation about the vertical axis, -360 to 360 degrees.
  int rotation_z_deg = 0;
};

/// One model to slice.
struct slice_request {
  /// An STL file; it is copied.
  std::filesystem::path model;
  /// Flat settings of printer, filament and process.
  std::string profile_text;
  slice_options options;
  /// Existing folder in which the private folder of this request is made.
  std::filesystem::path work_folder;
  /// Name of the private folder: letters, digits, - and _ only, at most 64. Must not exist yet. It
  /// is left to the caller to remove it, whatever the outcome.
  std::string job_name;
  /// Set to true, by any thread, to give up.
  const std::atomic<bool>* cancel = nullptr;
};

/// A toolpath that passed all checks.
struct slice_result {
  /// The file, inside the private folder. Its first line holds a fixed time instead of the real
  /// one.
  std::filesystem::path gcode;
  std::string gcode_sha256;
  std::int64_t gcode_size_bytes = 0;
  /// Name and version, e.g. "PrusaSlicer-2.5.0+UNKNOWN".
  std::string slicer_version;
  std::string model_sha256;
  std::string profile_sha256;
  /// See `slice_cache_key`.
  std::string cache_key;
  print_estimate estimate;
  /// Filament per extruder.
  std::vector<std::int64_t> filament_mg;
  /// Checks of the model, then of the toolpath, then `profile_known`, which warns of settings that
  /// the slicer does not know and therefore left out; none has failed.
  std::vector<check> checks;
  /// Whether slicing again would give the same bytes.
  bool deterministic = false;
  std::int64_t memory_peak_bytes = 0;
  std::int64_t wall_time_ms = 0;
  std::int64_t cpu_time_ms = 0;
};

/// Why there is no toolpath.
struct slice_failure {
  /// slicer_missing; slicer_crashed (by a signal); slicer_hung (killed after the time limit);
  /// slicer_refused (it does not accept the model); slicer_does_not_fit; slicer_bad_profile;
  /// profile_text_invalid; slicer_output_implausible; one of the mesh_ reasons (the model failed
  /// before); requested (cancelled); field_invalid (the request); storage_failed (files could not
  /// be prepared).
  refusal why;
  /// The end of what the slicer wrote to standard error, or to standard output if that is empty.
  std::string stderr_tail;
  /// The checks that were done.
  std::vector<check> checks;
};

/// A toolpath, or why there is none.
using slice_outcome = std::variant<slice_result, slice_failure>;

/// Told about progress in percent, with the slicer's word for the step. Steps may overlap, so the
/// number can go back. Called on the slicing thread.
using slice_progress = std::function<void(int percent, std::string_view step)>;

/// A slicer.
class slicer {
public:
  virtual ~slicer() = default;

  /// Slices one model. Blocks for up to the slicer's time limit, so it belongs on a worker thread;
  /// several threads may call it at once. `progress` may be empty.
  [[nodiscard]] virtual slice_outcome slice(const slice_request& request,
                                            const slice_progress& progress) = 0;

  /// Name and version of the slicer, found out when first asked for; slicer_missing if it is not
  /// there. Setting `cancel` to true, on any thread, ends the asking with `requested`.
  [[nodiscard]] virtual result<std::string> version(const std::atomic<bool>* cancel = nullptr) = 0;
};

/// The address of a toolpath: SHA-256 over all that determines it, in hexadecimal digits. A caller
/// that has a result for the same key need not slice again.
[[nodiscard]] std::string slice_cache_key(std::string_view model_sha256,
                                          std::string_view profile_sha256,
                                          std::string_view slicer_version,
                                          const slice_options& options);

} // namespace gantry::slicer
