// What must hold between the entities of a farm after every commit.
#pragma once

#include "tests/rules/farm.hpp"

namespace gantry::test {

/// Every broken invariant, in words; empty if the farm is consistent.
[[nodiscard]] std::vector<std::string> inconsistencies(const farm& shop);

} // namespace gantry::test
