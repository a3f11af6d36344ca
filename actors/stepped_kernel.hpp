// The same actors as in the real kernel, on one thread and in virtual time: whoever owns it decides
// which of them takes its next message, and when time passes. For simulation.
#pragma once

#include "actors/kernel.hpp"

namespace gantry::actors {

/// How the work that blocks in a real kernel goes here. Every function may be empty.
struct stepped_options {
  /// How long a synced write takes; asked once per write.
  std::function<std::chrono::milliseconds()> write_time;
  /// How long a check or a slicing takes; asked once per task.
  std::function<std::chrono::milliseconds()> work_time;
  /// Told that a write failed with an unknown outcome, or that an actor died that all others need:
  /// the real process ends then, and this kernel must be left by `crash`.
  std::function<void(const std::string& why)> lost;
};

/// A kernel that moves only when it is stepped. Everything that it calls (ports, callbacks of
/// `submit`, the functions of its options) is called from inside of these functions.
class stepped_kernel {
public:
  virtual ~stepped_kernel() = default;
  /// See `kernel::submit`.
  virtual void submit(command request, std::function<void(command_reply)> then) = 0;
  /// See `kernel::stop_pumps`.
  [[nodiscard]] virtual std::optional<bool> stop_pumps(const station_id& id) = 0;
  [[nodiscard]] virtual live_table& live() = 0;
  [[nodiscard]] virtual event_feed& feed() = 0;

  /// Actors that have a message to handle.
  [[nodiscard]] virtual size_t runnable() const = 0;
  /// A number that names the `index`-th of them, the same in each run.
  [[nodiscard]] virtual uint64_t name_of(size_t index) const = 0;
  /// Lets the `index`-th of them handle one message.
  virtual void step(size_t index) = 0;
  /// When a timer runs out next, as time since the kernel was started.
  [[nodiscard]] virtual std::optional<hal::mono_time> next_timer() const = 0;
  /// Lets time pass; a timer that runs out makes its actor runnable. To be called with times that
  /// do not lie beyond `next_timer`, or timers would run out late.
  virtual void advance_to(hal::mono_time since_start) = 0;

  /// Messages that wait in the fullest mailbox.
  [[nodiscard]] virtual size_t longest_mailbox() const = 0;
  /// Callers of `submit` that wait.
  [[nodiscard]] virtual size_t waiting_callers() const = 0;
  /// Failures of entities since the start.
  [[nodiscard]] virtual uint64_t entity_failures() const = 0;
  /// True if the newest commit was refused because the disk is nearly full.
  [[nodiscard]] virtual bool storage_low() const = 0;

  /// Begins a clean stop, which is stepped like everything else until `stopped`.
  virtual void begin_stop() = 0;
  [[nodiscard]] virtual bool stopped() const = 0;
  /// Ends it as a kill would: nobody is answered, and nothing more is written or sent. The parts
  /// must ignore what they are asked for while this runs, because actors that are thrown away still
  /// let go of their ports.
  virtual void crash() = 0;
};

/// Makes a stepped kernel of `parts`. `parts.clock` should agree with `advance_to`.
[[nodiscard]] std::unique_ptr<stepped_kernel> make_stepped_kernel(const kernel_parts& parts,
                                                                  stepped_options options);

} // namespace gantry::actors
