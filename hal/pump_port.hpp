// The port to the pumps of one station: what the kernel may ask of the guard, and what it hears
// back. The guard owns the lines; it keeps every limit by itself, whatever it is asked for.
#pragma once

#include "schemas/pump.hpp"
#include "schemas/reason.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace gantry::hal {

/// One run of one pump (or one opening of the air valve).
struct pump_run_request {
  std::string pump; ///< Name of a line in the guard's file: `a`, `b`, `c`, `drain`, `valve`, ...
  pump_direction direction = pump_direction::forward;
  std::chrono::milliseconds duration{0}; ///< Planned on-time; the guard ends it by itself.
  /// Off unless renewed within this time, counted from the order; 0 = the longest that the guard
  /// grants. A longer one is shortened to that (`guard_state::lease_limit`).
  std::chrono::milliseconds lease{0};
  uint64_t epoch = 0;      ///< Of the last acknowledgement; an older one is refused.
  bool with_valve = false; ///< The station's air valve is open from its configured time before the
                           ///< run until its configured time after it.
  std::string purpose;     ///< For the guard's own record: id of the step that asks.
};

/// How a run ended.
struct pump_run_result {
  bool started = false;   ///< False: nothing was switched on, and nothing was charged.
  bool completed = false; ///< The planned duration was reached.
  reason why = reason::ok;
  std::string detail;
  std::chrono::milliseconds on_time{0}; ///< Measured; a lower bound if the guard was lost.
};

/// What the guard says of one line.
struct pump_line_state {
  std::string pump;
  bool is_on = false;
  bool is_valve = false;
  std::chrono::milliseconds window_used{0}; ///< On-time charged in the rolling window.
  std::chrono::milliseconds window_limit{0};
  std::chrono::milliseconds window{0};       ///< Length of the rolling window.
  std::chrono::milliseconds single_limit{0}; ///< Longest single run.
};

/// What the guard says of itself.
struct guard_state {
  bool connected = false; ///< False: the guard is not there; nothing can be pumped.
  bool latched = false;   ///< Emergency stop: every run is refused until `acknowledge`.
  bool latched_by_input = false;
  uint64_t epoch = 0;
  std::chrono::milliseconds lease_limit{0}; ///< Longest lease that the guard grants.
  std::chrono::milliseconds valve_extra{0}; ///< How much longer than its run a valve is open.
  bool simulated = false;          ///< Lines are simulated: everything about them says SIMULATION.
  std::vector<std::string> faults; ///< Named hardware faults, e.g. `i2c_absent /dev/i2c-1 0x60`.
  std::vector<pump_line_state> lines;
};

/// Receives what the guard says. Called from the port's own thread.
class pump_listener {
public:
  virtual ~pump_listener() = default;
  virtual void on_state(const guard_state& state) = 0;
  virtual void on_started(uint64_t ticket) = 0;
  /// Exactly one per `run`.
  virtual void on_finished(uint64_t ticket, const pump_run_result& result) = 0;
};

/// The pumps of one station. All calls return at once and may come from any thread. A broken
/// connection switches everything off on the guard's side and ends every run here with
/// `pump_guard_lost`.
class pump_port {
public:
  virtual ~pump_port() = default;
  virtual void run(uint64_t ticket, const pump_run_request& what) = 0;
  /// Renews the lease of a run.
  virtual void renew(uint64_t ticket) = 0;
  /// Switches one run off.
  virtual void stop(uint64_t ticket) = 0;
  /// Raises the latch: all lines off, valve closed, every later run refused. Blocks until the guard
  /// confirms that the lines are off, at most `patience`; true if it did. Goes past everything else
  /// that waits, and needs neither an actor nor the store.
  [[nodiscard]] virtual bool emergency_stop(std::chrono::milliseconds patience) = 0;
  /// Takes the latch away. `epoch` must be larger than any before; runs name it from then on.
  virtual void acknowledge(uint64_t epoch) = 0;
};

/// Makes the ports to the guard's stations. Thread-safe.
class pump_port_factory {
public:
  virtual ~pump_port_factory() = default;
  /// Names of the stations that the guard has lines for; empty without a guard.
  [[nodiscard]] virtual std::vector<std::string> stations() const = 0;
  /// Opens the pumps of a station; `listener` outlives the returned port.
  [[nodiscard]] virtual std::unique_ptr<pump_port>
  open(const std::string& station, std::shared_ptr<pump_listener> listener) = 0;
};

} // namespace gantry::hal
