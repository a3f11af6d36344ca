#include "hal/guard/on_time_window.hpp"

#include <algorithm>

namespace gantry::guard {

using hal::mono_time;

mono_time on_time_window::used(mono_time now) const {
  auto open = open_ ? open_->to - open_->from : mono_time{0};
  return closed_within(now - window_, now) + open;
}

bool on_time_window::admits(mono_time now, mono_time planned) const {
  const auto end = now + planned;
  return !open_ && closed_within(end - window_, end) + planned <= limit_;
}

void on_time_window::open(mono_time from, mono_time planned) {
  open_ = on_interval{from, from + planned};
}

void on_time_window::close(mono_time from, mono_time to) {
  open_.reset();
  add({from, to});
}

void on_time_window::add(on_interval what) {
  if (what.to <= what.from)
    return;
  // Intervals that overlap count twice on purpose: a reboot may move runs together that were apart.
  closed_.insert(std::ranges::lower_bound(closed_, what.from, {}, &on_interval::from), what);
  bound();
}

void on_time_window::forget_before(mono_time now) {
  std::erase_if(closed_, [&](const on_interval& each) { return each.to <= now - window_; });
}

mono_time on_time_window::closed_within(mono_time from, mono_time to) const {
  mono_time sum{0};
  for (const auto& each : closed_)
    sum += std::max(mono_time{0}, std::min(each.to, to) - std::max(each.from, from));
  return sum;
}

void on_time_window::bound() {
  while (closed_.size() > intervals_max) {
    // Joining charges the gap too; what overlaps has none, and would lose by being joined.
    auto narrowest = closed_.end();
    auto gap = mono_time::max();
    for (auto at = closed_.begin(); std::next(at) != closed_.end(); ++at)
      if (const auto here = std::next(at)->from - at->to; here >= mono_time{0} && here < gap) {
        narrowest = at;
        gap = here;
      }
    if (narrowest == closed_.end())
      return;
    narrowest->to = std::next(narrowest)->to;
    closed_.erase(std::next(narrowest));
  }
}

} // namespace gantry::guard
