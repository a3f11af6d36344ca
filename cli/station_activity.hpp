// What happens at the stations, as lines of the program's own log.
#pragma once

#include "storage/reader.hpp"

#include <cstdint>

namespace gantry::cli {

/// Writes each event of a station that is recorded from now on to the log: with its sentence, the
/// station and the event's fields, errors as warnings, and marked SIMULATION if it belongs to a dry
/// run. Not thread-safe.
class station_activity {
public:
  /// Begins after the newest event of `view`.
  explicit station_activity(const storage::reader& view) : told_{view.last_seq()} {}

  /// Writes what `view` has beyond the last call.
  void follow(const storage::reader& view);

private:
  uint64_t told_;
};

} // namespace gantry::cli
