// A random history of one guard: orders, kills, reboots, faults and time, drawn from a seed.
#pragma once

#include <set>
#include <string>

namespace gantry::test {

/// What came of a history.
struct history_result {
  std::set<std::string> violations; ///< Each begins with the invariant's number.
  int started = 0;                  ///< Runs that were accepted.
  int refused = 0;
};

/// Plays the history `seed`. With `master_relay` lines fall when the guard dies; without, they keep
/// their level, which the limits cannot hold against, but exclusion, charges and "off first" must.
[[nodiscard]] history_result play_history(unsigned seed, bool master_relay);

} // namespace gantry::test
