// Profiles that a fresh installation starts with.
#pragma once

#include "hal/slicer/slicing_profile.hpp"

#include <array>
#include <optional>
#include <span>
#include <string_view>

namespace gantry::slicer {

/// One built-in profile.
struct builtin_profile {
  /// Stable name, e.g. "klipper-220-pla-020".
  std::string_view name;
  /// For people.
  std::string_view title;
  std::string_view material;
  /// Parts in `profiles/`; later ones win.
  std::array<std::string_view, 3> parts;
};

/// All built-in profiles; the first one is the default.
[[nodiscard]] std::span<const builtin_profile> builtin_profiles();

/// The merged settings of a built-in profile; empty if there is none of that name.
[[nodiscard]] std::optional<slicing_profile> find_builtin_profile(std::string_view name);

} // namespace gantry::slicer
