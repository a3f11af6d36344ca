// What a command must read before it can be decided.
#pragma once

#include "rules/facts.hpp"
#include "schemas/command.hpp"

#include <vector>

namespace gantry::rules {

/// What is still to be read.
struct read_request {
  std::vector<entity_ref> entities;
  std::vector<entity_kind> kinds; ///< Every entity of these kinds.
  bool empty() const { return entities.empty() && kinds.empty(); }
};

/// What `request`, decided by `initiator`, still needs beyond `known`. Asked again after each
/// reading until nothing is missing; at most four rounds.
[[nodiscard]] read_request missing_facts(const command& request, const entity_ref& initiator,
                                         const facts& known);

/// The gate that must be asked before `request` is decided; empty = none.
[[nodiscard]] std::string gate_of(const any_command& body);

} // namespace gantry::rules
