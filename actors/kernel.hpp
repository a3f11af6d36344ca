// The kernel as the rest of the program sees it: commands in, outcomes out, and the tables that may
// be read directly. CAF stays behind this interface.
#pragma once

#include "actors/command_reply.hpp"
#include "actors/event_feed.hpp"
#include "actors/live_table.hpp"
#include "hal/clock.hpp"
#include "hal/printer_port.hpp"
#include "hal/pump_port.hpp"
#include "hal/resin_port.hpp"
#include "schemas/command.hpp"
#include "schemas/result.hpp"
#include "schemas/station_report.hpp"
#include "storage/artifact_store.hpp"
#include "storage/journal.hpp"
#include "storage/store.hpp"

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gantry::slicer {
class slicer;
}

namespace gantry::actors {

/// One line of the composite health report.
struct health_check {
  std::string name;
  bool healthy = true;
  std::string detail;   ///< A sentence; says what to do if not healthy.
  bool warning = false; ///< True if it is healthy and somebody should know all the same.
};

/// What is known of the wall clock.
struct clock_report {
  timestamp now;
  clock_sync sync = clock_sync::unknown;
  int64_t drift_ms = 0; ///< How far it moved against monotonic time.
  refusal verdict{reason::clock_agrees, {}};
  std::optional<int64_t> offset_ms; ///< How far the asker's clock is ahead.
  refusal offset_verdict{reason::clock_agrees, {}};
};

/// The files on a resin printer, or why they could not be read.
struct station_files {
  hal::port_answer answer;
  std::vector<hal::resin_file> files;
};

/// What the kernel is made of. Everything outlives it.
struct kernel_parts {
  storage::store* store = nullptr;
  storage::artifact_store* artifacts = nullptr;
  hal::clock* clock = nullptr;
  hal::id_source* ids = nullptr;
  hal::printer_port_factory* printers = nullptr;
  hal::resin_port_factory* resin_printers = nullptr; ///< Null: stations have no printer.
  hal::pump_port_factory* pumps = nullptr;           ///< Null: there is no guard.
  gantry::slicer::slicer* slicer = nullptr;
  std::string work_folder; ///< Private scratch space for slicing.
};

/// The running kernel.
class kernel {
public:
  virtual ~kernel() = default;
  /// Hands `request` to its initiator; `then` is called exactly once, from any thread, after the
  /// outcome is durable. If the kernel stops first, the answer is `shutting_down`.
  virtual void submit(command request, std::function<void(command_reply)> then) = 0;
  /// Tests an address; see `hal::printer_port_factory::probe`.
  virtual void probe(const hal::port_config& config,
                     std::function<void(hal::port_answer)> then) = 0;
  /// The same for a resin printer.
  virtual void probe(const hal::resin_config& config,
                     std::function<void(hal::port_answer)> then) = 0;
  /// Switches all pumps of a station off and refuses every further run until a person has
  /// acknowledged it. Needs no actor, and the store only for a station that was set aside after
  /// failures; blocks at most `patience`. True if the guard confirmed that the lines are off,
  /// nothing if the station has no pumps.
  [[nodiscard]] virtual std::optional<bool> stop_pumps(const station_id& id,
                                                       std::chrono::milliseconds patience) = 0;
  /// Reads the files on a station's printer; `then` is called at most once, from any thread.
  virtual void list_files(const station_id& id, std::function<void(station_files)> then) = 0;
  /// Every check that a start, or an attachment, would meet now.
  [[nodiscard]] virtual std::vector<station_check>
  check_start(const station& where, const commands::start_station& wanted) const = 0;
  [[nodiscard]] virtual std::vector<station_check>
  check_attach(const station& where, const commands::attach_station& wanted) const = 0;
  /// Whether `wanted` would be taken over now; see `commands::take_station_files`.
  [[nodiscard]] virtual outcome check_files(const commands::take_station_files& wanted) const = 0;
  /// The newest `prints_max` prints of a station and the figures over them, from the log alone.
  [[nodiscard]] virtual station_report report(const station_id& id, size_t prints_max) const = 0;
  /// What is known of the wall clock, and of the clock of who asks.
  [[nodiscard]] virtual clock_report clock(std::optional<timestamp> client_time) const = 0;
  [[nodiscard]] virtual live_table& live() = 0;
  [[nodiscard]] virtual event_feed& feed() = 0;
  [[nodiscard]] virtual const kernel_parts& parts() const = 0;
  [[nodiscard]] virtual std::vector<health_check> health() const = 0;
  /// Stops taking commands, lets commits in flight end, and stops every actor. Prints go on.
  virtual void stop() = 0;
};

/// Starts the kernel: loads what is open, connects the printers and goes on where the log ends.
[[nodiscard]] std::unique_ptr<kernel> start_kernel(const kernel_parts& parts);

} // namespace gantry::actors
