// Whether the wall clock can be trusted. Nothing is timed by it; the times in the log are its.
#pragma once

#include "schemas/result.hpp"
#include "schemas/time.hpp"

#include <cstdint>

namespace gantry::rules {

/// Deviation from which a clock is called wrong.
inline constexpr int64_t clock_deviation_ms_max = 60'000;

/// What is to be said about a clock that moved by `drift_ms` against monotonic time:
/// `clock_agrees`, `clock_unsynchronised` or `clock_stepped`.
[[nodiscard]] refusal judge_clock(clock_sync sync, int64_t drift_ms);

/// The same about a browser whose clock is ahead by `offset_ms`: `clock_agrees` or
/// `clock_browser_differs`.
[[nodiscard]] refusal judge_browser_clock(int64_t offset_ms);

} // namespace gantry::rules
