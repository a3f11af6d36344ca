#include "rules/clock_check.hpp"

#include <string>

namespace gantry::rules {

namespace {

bool deviates(int64_t ms) {
  return ms > clock_deviation_ms_max || ms < -clock_deviation_ms_max;
}

std::string seconds_of(int64_t ms) {
  return std::to_string(ms / 1'000);
}

} // namespace

refusal judge_clock(clock_sync sync, int64_t drift_ms) {
  if (deviates(drift_ms))
    return {reason::clock_stepped, {{"seconds", seconds_of(drift_ms)}}};
  if (sync != clock_sync::synchronised)
    return {reason::clock_unsynchronised, {}};
  return {reason::clock_agrees, {}};
}

refusal judge_browser_clock(int64_t offset_ms) {
  if (deviates(offset_ms))
    return {reason::clock_browser_differs, {{"seconds", seconds_of(offset_ms)}}};
  return {reason::clock_agrees, {}};
}

} // namespace gantry::rules
