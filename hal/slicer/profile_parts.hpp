// The texts of `hal/slicer/profiles`, compiled in.
#pragma once

#include <span>
#include <string_view>

namespace gantry::slicer {

/// One file of `profiles/`, without its extension.
struct profile_part {
  std::string_view name;
  std::string_view text;
};

/// All files of `profiles/`.
[[nodiscard]] std::span<const profile_part> profile_parts();

} // namespace gantry::slicer
