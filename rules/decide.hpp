// decide: every command in every state has an answer. Pure and total.
#pragma once

#include "rules/ruling.hpp"

namespace gantry::rules {

/// Decides `request` for `initiator` on `known` (which must hold what `missing_facts` asks for).
/// `gate` is the answer of the policy for the commands that `gate_of` names, null otherwise.
/// `request.context.at` is the time of the decision.
[[nodiscard]] ruling decide(const command& request, const entity_ref& initiator, const facts& known,
                            const decision* gate);

} // namespace gantry::rules
