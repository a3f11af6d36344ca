// The newest values beside the stored states: the `live` objects of printers and runs.
#pragma once

#include "actors/live_table.hpp"
#include "storage/reader.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace gantry::http {

/// Everything of a `live` object that does not depend on what time it is, ready to be joined.
struct live_parts {
  std::string report = "null"; ///< JSON.
  std::optional<timestamp> observed_at;
  bool offline = true;
  int64_t stale_after_ms = 0;
  std::string desync; ///< JSON object without its closing brace; empty if there is none.
  std::optional<timestamp> desync_since;
  std::string attention = "[]"; ///< JSON.
  std::string run;              ///< Id of the run that the printer is on; may be empty.

  /// Appends the object as of `now`.
  void append(std::string& out, timestamp now) const;
};

/// Renders `live` objects and keeps what did not change since the last time. Thread-safe.
class live_renderer {
public:
  explicit live_renderer(const actors::live_table& table);

  /// The parts of a stored printer's `live`.
  [[nodiscard]] std::shared_ptr<const live_parts> printer(const storage::stored_entity& stored);
  /// The same for many, with one look at the table.
  [[nodiscard]] std::vector<std::shared_ptr<const live_parts>>
  printers(const std::vector<storage::stored_entity>& stored);
  /// The `live` of a stored run.
  [[nodiscard]] std::string run(const storage::stored_entity& stored, timestamp now);
  /// What changed after `revision`, which is moved on.
  struct changes {
    std::vector<printer_id> printers;
    std::vector<station_id> stations;
    std::vector<run_id> runs; ///< Runs whose explanation changed.
  };
  [[nodiscard]] changes changed_since(uint64_t& revision);

private:
  struct printer_entry {
    actors::live_printer newest;
    std::string report;
    entity_version version = 0; ///< Version of the projection that `state` was read from.
    std::shared_ptr<const gantry::printer> state;
    uint64_t parts_revision = 0; ///< Revision of the table that `parts` was made from.
    std::shared_ptr<const live_parts> parts;
  };

  void catch_up();
  std::shared_ptr<const live_parts> parts_of(const storage::stored_entity& stored);
  std::string waiting_json(const actors::live_waiting& waiting) const;

  const actors::live_table& table_;
  std::mutex mutex_;
  uint64_t revision_ = 0;
  std::map<std::string, printer_entry, std::less<>> printers_;
};

} // namespace gantry::http
