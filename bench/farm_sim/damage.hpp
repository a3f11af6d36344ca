// Damaged texts: what a broken device, proxy or client may send (F-13).
#pragma once

#include "bench/farm_sim/dice.hpp"

#include <string>

namespace gantry::farm_sim {

/// `text` as something that is no longer what its sender meant: cut off, with broken bytes, with
/// numbers that no type holds, or nested without end. Words in it stay what they are, so that
/// damage never says something else that is well-formed.
[[nodiscard]] std::string damaged(std::string text, dice& random);

} // namespace gantry::farm_sim
