// What simulated lines can be made to do wrong.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace gantry::pumps {

/// What a simulated line does wrong.
enum class simulated_fault : uint8_t {
  none,
  stuck_off,   ///< On is acknowledged and nothing moves.
  stuck_on,    ///< Off is acknowledged and it goes on.
  on_unsaid,   ///< On happens and is reported as a failure.
  off_refused, ///< Off is reported as a failure for `fault_time` after the first attempt.
  late_stop,   ///< It goes on for `fault_time` after off.
  clogged,     ///< It turns and nothing flows.
};
constexpr auto names_of(simulated_fault) {
  return std::to_array<std::string_view>(
      {"none", "stuck_off", "stuck_on", "on_unsaid", "off_refused", "late_stop", "clogged"});
}

} // namespace gantry::pumps
