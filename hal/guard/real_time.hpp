// Asks the system to run this thread before others, with its memory in place.
#pragma once

#include <string>
#include <vector>

namespace gantry::guard {

/// Locks memory, asks for real-time priority and exact timers for the calling thread; threads and
/// processes that it starts later do not inherit the priority. Returns what was not permitted, by
/// name; the guard works without.
[[nodiscard]] std::vector<std::string> enter_real_time();

} // namespace gantry::guard
