#include "hal/slicer/slicer.hpp"

#include "schemas/digest.hpp"

namespace gantry::slicer {

namespace {

/// Part of every key; raised when we change what we do to a toolpath.
constexpr std::string_view key_format = "gantry-slice-1";

} // namespace

std::string slice_cache_key(std::string_view model_sha256, std::string_view profile_sha256,
                            std::string_view slicer_version, const slice_options& options) {
  std::string text;
  for (const auto part : {key_format, model_sha256, profile_sha256, slicer_version}) {
    text += part;
    text += '\n';
  }
  text += "copies " + std::to_string(options.copies) + "\n";
  text += "rotation_z_deg " + std::to_string(options.rotation_z_deg) + "\n";
  return sha256_hex(text);
}

} // namespace gantry::slicer
