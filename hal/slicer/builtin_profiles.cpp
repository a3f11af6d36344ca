#include "hal/slicer/builtin_profiles.hpp"

#include "hal/slicer/profile_parts.hpp"

#include <algorithm>

namespace gantry::slicer {

std::span<const builtin_profile> builtin_profiles() {
  static constexpr auto profiles = std::to_array<builtin_profile>({
      {"klipper-220-pla-020",
       "Klipper 220, PLA, 0.20 mm",
       "PLA",
       {"printer-klipper-220", "filament-pla", "process-020"}},
      {"klipper-220-petg-020",
       "Klipper 220, PETG, 0.20 mm",
       "PETG",
       {"printer-klipper-220", "filament-petg", "process-020"}},
      {"klipper-220-pla-030-draft",
       "Klipper 220, PLA, 0.30 mm draft",
       "PLA",
       {"printer-klipper-220", "filament-pla", "process-030-draft"}},
  });
  return profiles;
}

std::optional<slicing_profile> find_builtin_profile(std::string_view name) {
  const auto all = builtin_profiles();
  const auto found = std::ranges::find(all, name, &builtin_profile::name);
  if (found == all.end())
    return std::nullopt;
  slicing_profile merged;
  for (const auto& part_name : found->parts) {
    const auto parts = profile_parts();
    const auto part = std::ranges::find(parts, part_name, &profile_part::name);
    if (part == parts.end())
      return std::nullopt;
    const auto settings = parse_profile(part->text);
    if (!settings)
      return std::nullopt;
    merged.merge(*settings);
  }
  return merged;
}

} // namespace gantry::slicer
