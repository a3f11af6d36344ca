// `pump_profiles.json`: read tolerantly, checked strictly, saved without touching the rest.
#pragma once

#include "schemas/result.hpp"
#include "schemas/station_files.hpp"
#include "storage/station_files/file_note.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gantry::storage {

/// What a file of pumps says.
struct pumps_file {
  pump_settings settings;
  int64_t revision = 0; ///< 0 if no program has saved it yet.
  std::vector<file_note> notes;
};

/// Reads a file. Accepted with a note: `_comment` members, missing parts (built-in values are used,
/// but a flow is never guessed), members of earlier versions, unknown members and those that
/// nothing depends on. Refuses with `station_file_malformed`, `setting_missing` or
/// `setting_invalid`, naming the place.
[[nodiscard]] result<pumps_file> read_pumps_file(const std::string& text);

/// Checks what the field rules of `pump_settings` say, and that every pump is one of the four and
/// there once. A refusal names the field.
[[nodiscard]] outcome check(const pump_settings& settings);

/// The text of a file that says `settings` and carries `revision`: `before` with the values that
/// differ replaced, or a new file if `before` is empty. Refuses as `read_pumps_file` and `check`
/// do.
[[nodiscard]] result<std::string> write_pumps_file(const std::string& before,
                                                   const pump_settings& settings, int64_t revision);

} // namespace gantry::storage
