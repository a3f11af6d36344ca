// Thins a printer's reports out and gathers them into blocks for the store.
#pragma once

#include "hal/clock.hpp"
#include "schemas/telemetry_block.hpp"

#include <chrono>
#include <optional>
#include <string>

namespace gantry::actors {

/// A block that is ready to be stored.
struct finished_block {
  timestamp from{};
  std::string bytes;
};

/// The recorder of one printer; what is not stored yet is at most ten minutes of it. Not
/// thread-safe.
class telemetry_recorder {
public:
  /// While the printer prints or heats.
  static constexpr std::chrono::seconds busy_pace{10};
  /// While it rests.
  static constexpr std::chrono::seconds idle_pace{300};
  /// Ten minutes of a print, five hours of rest.
  static constexpr size_t samples_max = 60;

  /// Takes a report at monotonic time `now` and wall time `wall`, if it is time for a sample.
  /// Returns the block that this has completed. Afterwards `fresh` is true if a sample was taken.
  [[nodiscard]] std::optional<finished_block> take(const device_report& report, hal::mono_time now,
                                                   timestamp wall);
  /// The block that is being gathered; empty if there is none.
  [[nodiscard]] const std::string& open_block() const { return writer_.block(); }
  [[nodiscard]] bool fresh() const { return fresh_; }

private:
  [[nodiscard]] finished_block finish();

  telemetry_writer writer_;
  std::optional<hal::mono_time> last_at_;
  bool fresh_ = false;
};

} // namespace gantry::actors
