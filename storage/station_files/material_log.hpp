// `material_events.jsonl`: what happened to the materials of all stations, one event a line, for
// people and programs that read files. The event log is the truth; this file follows it and is made
// anew from it when it is missing. Like the program's own log it is rotated, so that a station that
// works for years does not fill its disk: `material_events.1.jsonl` is the file before it, and so
// on.
#pragma once

#include "schemas/envelope.hpp"
#include "schemas/result.hpp"
#include "storage/reader.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace gantry::storage {

/// The line of an event: `seq`, `at`, `station`, `type`, `by`, `why` and the event's fields as
/// `data`.
[[nodiscard]] std::string material_line(const event_envelope& envelope);

/// What the files may hold.
struct material_log_limits {
  uint64_t bytes_max = 10U << 20U; ///< Of one file.
  unsigned files_max = 5;
};

/// Follows the log into a file. Not thread-safe.
class material_log {
public:
  /// `wanted` tells which types of events are written.
  material_log(std::string path, std::function<bool(std::string_view type)> wanted,
               material_log_limits limits = {})
      : path_{std::move(path)}, wanted_{std::move(wanted)}, limits_{limits} {}

  /// Appends what the log has beyond the last whole line of the file; a full file makes way for a
  /// new one. A line that was cut short is completed, and files that belong to another log (their
  /// last number is beyond the newest event) are made anew. Refuses with
  /// `station_file_not_written`; the next call goes on where the file ends.
  [[nodiscard]] outcome follow(const reader& view);

private:
  [[nodiscard]] outcome open(const reader& view);
  [[nodiscard]] bool append(std::string_view lines) const;
  [[nodiscard]] std::string name(unsigned age) const;

  std::string path_;
  std::function<bool(std::string_view)> wanted_;
  material_log_limits limits_;
  uint64_t followed_ = 0; ///< Newest event that was looked at.
  bool is_open_ = false;  ///< True once the end of the file was read.
};

} // namespace gantry::storage
