// Words about pumps that decisions, ports and the API share.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace gantry {

/// Which way a pump turns.
enum class pump_direction : uint8_t { forward, reverse };
constexpr auto names_of(pump_direction) {
  return std::to_array<std::string_view>({"forward", "reverse"});
}

} // namespace gantry
