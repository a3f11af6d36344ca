// The newest value per printer and the reasons why runs wait: what is known now, and not worth a
// place in the log.
#pragma once

#include "schemas/device_report.hpp"
#include "schemas/printer.hpp"
#include "schemas/run.hpp"
#include "schemas/station.hpp"

#include <chrono>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace gantry::actors {

/// A disagreement between what is believed and what the machine says.
struct desync {
  timestamp since;
  std::string believed;
  std::string observed;
};

/// The newest knowledge about one printer.
struct live_printer {
  device_report report;
  std::chrono::nanoseconds received{0}; ///< Monotonic time at which the report came.
  std::optional<desync> disagreement;
  uint64_t revision = 0; ///< Revision of the table at which this entry last changed.

  /// The report as of monotonic time `now`: an idle printer says nothing new, but is ready for
  /// longer.
  [[nodiscard]] device_report report_at(std::chrono::nanoseconds now) const;
};

/// Why one printer does not take a waiting run.
struct rejection {
  printer_id printer;
  std::string name;
  reason why = reason::ok;
  reason_params why_params;
  bool operator==(const rejection&) const = default;
};

/// Why a run waits.
struct live_waiting {
  std::vector<rejection> rejections;
  uint64_t revision = 0;
};

/// The newest knowledge about the machines of one station.
struct live_station {
  station_facts facts;
  int64_t stalled_s = 0; ///< How long its control has stood still; 0 while it moves.
  uint64_t revision = 0;
};

/// Latest-value slots. Thread-safe; readers copy. Every change raises `revision`, so that a reader
/// can ask for what is newer than what it has.
class live_table {
public:
  void put_report(const printer_id& id, const device_report& report,
                  std::chrono::nanoseconds received);
  void put_desync(const printer_id& id, std::optional<desync> disagreement);
  /// Replaces the telemetry that is not stored yet (see schemas/telemetry_block.hpp).
  void put_telemetry(const printer_id& id, std::string block);
  void remove_printer(const printer_id& id);
  /// Returns true if anything but ages has changed.
  bool put_station(const station_id& id, const station_facts& facts);
  /// Says for how many seconds the station's control has stood still; 0 if it moves. Returns true
  /// if that is news.
  bool put_stalled(const station_id& id, int64_t seconds);
  void remove_station(const station_id& id);
  /// Replaces the explanation of `id`; an empty list removes it. Does nothing if it is unchanged.
  void put_waiting(const run_id& id, std::vector<rejection> rejections);

  [[nodiscard]] std::optional<live_printer> printer(const printer_id& id) const;
  /// The block of telemetry that is being gathered; empty if there is none.
  [[nodiscard]] std::string open_telemetry(const printer_id& id) const;
  [[nodiscard]] std::optional<live_station> station(const station_id& id) const;
  [[nodiscard]] std::optional<live_waiting> waiting(const run_id& id) const;
  /// Entries that changed after `revision`.
  [[nodiscard]] std::map<printer_id, live_printer> printers_since(uint64_t revision) const;
  [[nodiscard]] std::map<station_id, live_station> stations_since(uint64_t revision) const;
  [[nodiscard]] std::map<run_id, live_waiting> waiting_since(uint64_t revision) const;
  [[nodiscard]] uint64_t revision() const;

private:
  mutable std::mutex mutex_;
  uint64_t revision_ = 0;
  std::map<printer_id, live_printer> printers_;
  std::map<station_id, live_station> stations_;
  std::map<run_id, live_waiting> waiting_;
  std::map<printer_id, std::string> telemetry_;
};

} // namespace gantry::actors
