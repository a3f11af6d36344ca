// `network_settings.ini`: read tolerantly, checked strictly, saved without touching the rest.
#pragma once

#include "schemas/result.hpp"
#include "schemas/station_files.hpp"
#include "storage/station_files/file_note.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace gantry::storage {

/// What a network file says.
struct network_file {
  network_settings settings; ///< Passwords are never in it.
  bool has_wifi_password = false;
  bool has_access_point_password = false;
  int64_t revision = 0; ///< 0 if no program has saved it yet.
  std::vector<file_note> notes;
};

/// Reads a file. Accepted with a note: values in quotation marks, comments behind values, missing
/// sections (built-in values are used), names of earlier versions, unknown keys. Refuses with
/// `station_file_malformed`, `setting_missing` or `setting_invalid`, naming the place.
[[nodiscard]] result<network_file> read_network_file(const std::string& text);

/// Checks what the field rules of `network_settings` say, and that a host is a host. A refusal
/// names the field.
[[nodiscard]] outcome check(const network_settings& settings);

/// The text of a file that says `settings` and carries `revision`: `before` with the values that
/// differ replaced, or a new file if `before` is empty. Refuses as `read_network_file` and `check`
/// do.
[[nodiscard]] result<std::string>
write_network_file(const std::string& before, const network_settings& settings, int64_t revision);

} // namespace gantry::storage
