// Slicing profiles as flat settings.
#pragma once

#include "schemas/result.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::slicer {

/// Longer profile texts are refused; a full PrusaSlicer configuration has 12 kB.
inline constexpr std::size_t profile_bytes_max = 262'144;

/// More settings are refused; PrusaSlicer 2.5 knows 264.
inline constexpr std::size_t profile_settings_max = 2'000;

/// Where a profile allows to print, in micrometres.
struct printable_volume {
  std::array<std::int64_t, 2> bed_min_um{};
  std::array<std::int64_t, 2> bed_max_um{};
  std::int64_t height_um = 0;
};

/// Flat settings of printer, filament and process.
class slicing_profile {
public:
  /// Takes over all settings of another profile; they win over ours.
  void merge(const slicing_profile& other);

  /// Sets one setting. The key must be a valid one and the value a single line.
  void set(std::string_view key, std::string_view value);

  /// The value of a setting; empty if it is not set.
  [[nodiscard]] std::optional<std::string_view> find(std::string_view key) const;

  /// All settings in the order of their keys.
  [[nodiscard]] const std::map<std::string, std::string, std::less<>>& settings() const {
    return settings_;
  }

  /// One `key = value` line per setting, ordered by key: equal settings have equal texts.
  [[nodiscard]] std::string canonical_text() const;

  /// SHA-256 of the canonical text, in hexadecimal digits.
  [[nodiscard]] std::string sha256() const;

  /// Printable volume; refused with slicer_bad_profile unless bed_shape and max_print_height are
  /// stated.
  [[nodiscard]] result<printable_volume> volume() const;

private:
  std::map<std::string, std::string, std::less<>> settings_;
};

/// Parses `key = value` lines; lines that start with # or ; are comments. Refused with
/// profile_text_invalid: sections (vendor bundles, which slicers misread silently), malformed
/// lines, keys set twice, and texts beyond the bounds above.
[[nodiscard]] result<slicing_profile> parse_profile(std::string_view text);

/// Whether a profile may be given to a slicer. Refused with slicer_bad_profile: a technology other
/// than FFF, no printable volume, and `post_process`, which would run programs of the profile's
/// author.
[[nodiscard]] outcome validate(const slicing_profile& profile);

} // namespace gantry::slicer
