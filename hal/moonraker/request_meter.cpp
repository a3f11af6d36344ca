#include "hal/moonraker/request_meter.hpp"

namespace gantry::hal {

namespace {

int64_t seconds_of(mono_time time) {
  return std::chrono::duration_cast<std::chrono::seconds>(time).count();
}

} // namespace

void request_meter::count(mono_time now) {
  ++total_;
  const auto at_s = seconds_of(now);
  auto& slot = seconds_[static_cast<std::size_t>(at_s) % window_s];
  if (slot.at_s != at_s)
    slot = {at_s, 0};
  ++slot.requests;
}

int64_t request_meter::last_minute(mono_time now) const {
  const auto now_s = seconds_of(now);
  int64_t sum = 0;
  for (const auto& slot : seconds_)
    if (slot.at_s >= 0 && slot.at_s > now_s - static_cast<int64_t>(window_s))
      sum += slot.requests;
  return sum;
}

} // namespace gantry::hal
