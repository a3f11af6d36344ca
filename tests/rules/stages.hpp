// Farms in every state of every entity, and every command that can be tried on them.
#pragma once

#include "tests/rules/farm.hpp"

namespace gantry::test {

/// A farm whose watched entity is in a state.
struct stage {
  std::string_view about; ///< order, plan, plate, run or ticket.
  std::string state;
  farm shop;
};

/// One farm per state of orders, plans, plates, runs and tickets, in the order of the enumerations.
[[nodiscard]] std::vector<stage> every_stage();

/// The state of the watched entity now.
[[nodiscard]] std::string state_of(std::string_view about, const farm& shop);

/// A command with a name that says what is special about it.
struct trial {
  std::string name;
  any_command body;
  bool by_person = true;
};

/// Every kind of command, in every variant that the rules tell apart, about the farm's order, plan,
/// first plate, first run and first printer.
[[nodiscard]] std::vector<trial> every_trial(const farm& shop);

} // namespace gantry::test
