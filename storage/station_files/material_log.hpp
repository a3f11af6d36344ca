// `material_events.jsonl`: what happened to the materials of all stations, one event a line, for
// people and programs that read files. The event log is the truth; this file follows it and is made
// anew from it when it is missing.
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

/// Follows the log into a file. Not thread-safe.
class material_log {
public:
  /// `wanted` tells which types of events are written.
  material_log(std::string path, std::function<bool(std::string_view type)> wanted)
      : path_{std::move(path)}, wanted_{std::move(wanted)} {}

  /// Appends what the log has beyond the last whole line of the file. A line that was cut short is
  /// completed, and a file that belongs to another log (its last number is beyond the newest event)
  /// is made anew. Refuses with `station_file_not_written`; the next call goes on where the file
  /// ends.
  [[nodiscard]] outcome follow(const reader& view);

private:
  [[nodiscard]] outcome open(const reader& view);

  std::string path_;
  std::function<bool(std::string_view)> wanted_;
  uint64_t followed_ = 0; ///< Newest event that was looked at.
  bool is_open_ = false;  ///< True once the end of the file was read.
};

} // namespace gantry::storage
