// Policy gates: may this start happen by itself, after approval, or not at all? The answer is a
// value with every rule and fact behind it.
#pragma once

#include "rules/facts.hpp"
#include "schemas/governance.hpp"

namespace gantry::rules {

/// What a gate is asked about.
struct gate_question {
  std::string gate; ///< "reserve" or "start".
  printer_id printer;
  run_id run;
};

/// Evaluates every rule about the start of a run on a printer. The facts must hold printer, run,
/// plan, breaker and settings; a missing one is a denial. The id depends on gate, run, printer and
/// their versions, so that the same question on the same facts has the same answer under the same
/// id.
[[nodiscard]] decision evaluate_gate(const gate_question& question, const facts& known,
                                     timestamp now);

/// The rule that decided the answer.
[[nodiscard]] const rule_result& deciding_rule(const decision& answer);

/// The entities of `answer.relied_on`.
[[nodiscard]] std::vector<entity_ref> relied_entities(const gate_question& question,
                                                      const facts& known);

} // namespace gantry::rules
