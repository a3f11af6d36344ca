// What happens again and again in virtual time.
#pragma once

#include "bench/farm_sim/agenda.hpp"
#include "bench/farm_sim/dice.hpp"

#include <functional>

namespace gantry::farm_sim {

/// Calls `what` again and again, on average after `mean`, until it returns false; never if `mean`
/// is zero. `time` and `random` must outlive it.
inline void recur(agenda& time, dice& random, hal::mono_time mean, std::function<bool()> what) {
  if (mean <= hal::mono_time{0})
    return;
  time.after(random.span(mean / 4, mean * 7 / 4), [&time, &random, mean, what = std::move(what)] {
    if (what())
      recur(time, random, mean, what);
  });
}

} // namespace gantry::farm_sim
