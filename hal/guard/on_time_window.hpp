// How long one line was on, within a rolling window. Intervals are kept, not sums, so that the
// limit holds for every window and not only for those that begin at a full ten minutes.
#pragma once

#include "hal/clock.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace gantry::guard {

/// From when until when a line was on, in the guard's monotonic time.
struct on_interval {
  hal::mono_time from{0};
  hal::mono_time to{0};
  bool operator==(const on_interval&) const = default;
};

/// The on-times of one line. A run is charged in full before it begins (`open`) and by what was
/// measured after it ended (`close`). Not thread-safe.
class on_time_window {
public:
  /// Intervals kept at most. More are joined, which charges the gap between them too.
  static constexpr size_t intervals_max = 256;

  on_time_window(hal::mono_time window, hal::mono_time limit) : window_{window}, limit_{limit} {}

  [[nodiscard]] hal::mono_time window() const { return window_; }
  [[nodiscard]] hal::mono_time limit() const { return limit_; }

  /// On-time charged at `now`: closed intervals within the window, and an open run in full.
  [[nodiscard]] hal::mono_time used(hal::mono_time now) const;
  /// True if a run of `planned` that begins at `now` keeps every window within the limit. It is the
  /// window that ends with the run that holds most: what leaves it at the far end never exceeds
  /// what enters.
  [[nodiscard]] bool admits(hal::mono_time now, hal::mono_time planned) const;
  /// Charges a run in full. At most one run is open.
  void open(hal::mono_time from, hal::mono_time planned);
  /// Replaces the open run by what was measured.
  void close(hal::mono_time from, hal::mono_time to);
  /// Takes the open run back: nothing was switched on.
  void cancel() { open_.reset(); }
  /// Adds what was on.
  void add(on_interval what);
  /// Forgets what no window can hold any more.
  void forget_before(hal::mono_time now);

  [[nodiscard]] const std::vector<on_interval>& closed() const { return closed_; }
  /// The run that is charged in full: from its order to the planned end.
  [[nodiscard]] const std::optional<on_interval>& open_run() const { return open_; }

private:
  [[nodiscard]] hal::mono_time closed_within(hal::mono_time from, hal::mono_time to) const;
  void bound();

  hal::mono_time window_;
  hal::mono_time limit_;
  std::vector<on_interval> closed_; ///< By their beginnings.
  std::optional<on_interval> open_;
};

} // namespace gantry::guard
