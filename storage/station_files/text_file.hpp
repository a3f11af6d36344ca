// Small text files that people and programs edit: read within a bound, replaced as a whole.
#pragma once

#include "schemas/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::storage {

/// Largest file of a station that is read. The shipped ones hold less than 4 kB.
inline constexpr size_t station_file_bytes_max = 256 * 1024;

/// The bytes of `path`, or nothing if there is no such file. Refuses with
/// `station_file_unreadable` what cannot be read, is no regular file, or is too large.
[[nodiscard]] result<std::optional<std::string>> read_text_file(const std::string& path);

/// Makes `bytes` the content of `path`: a temporary file beside it is written, synced and renamed,
/// then the folder is synced. Whatever fails, `path` holds either the old or the new bytes, whole.
/// Refuses with `station_file_not_written`; then it holds the old ones. Two writers of one path at
/// the same time are the caller's to prevent. `mode` is that of the new file.
[[nodiscard]] outcome replace_text_file(const std::string& path, std::string_view bytes,
                                        unsigned mode = 0640);

/// Keeps the present bytes of `path` as `<folder>/backups/<name>.<revision>`, and of such backups
/// only the `count_max` newest. A missing `path` needs no backup. Refuses with
/// `station_file_not_written` or `station_file_unreadable`.
[[nodiscard]] outcome keep_backup(const std::string& path, int64_t revision, size_t count_max,
                                  unsigned mode = 0640);

} // namespace gantry::storage
