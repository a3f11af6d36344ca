// What a reader noticed in a file that it could read all the same.
#pragma once

#include "schemas/reason.hpp"

#include <string>
#include <utility>

namespace gantry::storage {

/// Names of a station's files; they are those of the controllers that Gantry replaces.
inline constexpr std::string_view network_file_name = "network_settings.ini";
inline constexpr std::string_view pumps_file_name = "pump_profiles.json";
inline constexpr std::string_view recipe_file_name = "recipe.txt";

/// One quirk of a file.
struct file_note {
  reason code = reason::ok;
  reason_params params;
  /// True if something that the file says is not in what was read.
  bool loses = false;

  /// The sentence for people.
  [[nodiscard]] std::string text() const { return render(code, params); }
  bool operator==(const file_note&) const = default;
};

/// A quirk at `place` that loses nothing.
[[nodiscard]] inline file_note note_at(reason code, std::string place, std::string detail = {}) {
  return {code, {{"place", std::move(place)}, {"detail", std::move(detail)}}, false};
}

} // namespace gantry::storage
