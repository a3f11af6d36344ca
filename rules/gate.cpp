#include "rules/gate.hpp"

#include <algorithm>

namespace gantry::rules {

namespace {

/// Prints longer than this deserve a second look, and a person from the second limit on.
constexpr int64_t long_print_s = 12 * 3600;
constexpr int64_t very_long_print_s = 24 * 3600;

struct gate_facts {
  const printer* where;
  const run* what;
  const plan* how;
  const breaker* guard;
  const settings& rules;
};

void raise(risk_level& level, risk_level to) {
  level = std::max(level, to);
}

void assess_risk(decision& answer, const gate_facts& known) {
  const auto note = [&answer](risk_level level, std::string factor) {
    raise(answer.risk, level);
    answer.risk_factors.push_back(std::move(factor));
  };
  const auto* revision = known.how->current();
  if (revision && revision->estimate.duration_s >= very_long_print_s)
    note(risk_level::high, "the print takes more than 24 h");
  else if (revision && revision->estimate.duration_s >= long_print_s)
    note(risk_level::medium, "the print takes more than 12 h");
  if (!known.guard->failures.empty())
    note(risk_level::medium, "the plan has failed before");
  for (const auto& check : known.how->checks)
    if (check.verdict == check_verdict::warn)
      note(risk_level::medium, "the model's " + check.id + " is doubtful");
}

rule_result rule_dispatch(const gate_facts& known) {
  if (known.rules.dispatch_enabled)
    return {"dispatch_enabled", verdict::allow, reason::gate_allowed, {}};
  return {"dispatch_enabled", verdict::deny, reason::dispatch_paused, {}};
}

rule_result rule_breaker(const gate_facts& known) {
  if (known.guard->state == breaker_state::closed)
    return {"breaker_closed", verdict::allow, reason::gate_allowed, {}};
  return {"breaker_closed",
          verdict::deny,
          reason::breaker_open,
          {{"count", std::to_string(known.guard->failures.size())}}};
}

rule_result rule_plan(const gate_facts& known) {
  if (known.how->state == plan_state::ready)
    return {"plan_ready", verdict::allow, reason::gate_allowed, {}};
  return {"plan_ready",
          verdict::deny,
          reason::plan_not_in_state,
          {{"plan", known.how->id.value},
           {"state", std::string{name_of(known.how->state)}},
           {"action", "be printed"}}};
}

/// A person's approval covers one plan revision and one class of printer.
bool approved(const gate_facts& known) {
  const auto& approval = known.what->approval;
  return approval && known.how->current() && approval->revision == known.how->current()->number
         && approval->printer_class == known.where->setup.printer_class;
}

rule_result rule_class(const gate_facts& known) {
  const auto& gated = known.rules.gated_classes;
  const auto& printer_class = known.where->setup.printer_class;
  if (std::ranges::find(gated, printer_class) == gated.end())
    return {"class_approval", verdict::allow, reason::gate_allowed, {}};
  if (approved(known))
    return {"class_approval", verdict::allow, reason::approval_given, {{"principal", "A person"}}};
  return {"class_approval",
          verdict::needs_approval,
          reason::approval_required_class,
          {{"class", printer_class}}};
}

rule_result rule_risk(const gate_facts& known, const decision& answer) {
  if (answer.risk < known.rules.approval_from_risk)
    return {"risk_approval", verdict::allow, reason::gate_allowed, {}};
  if (approved(known))
    return {"risk_approval", verdict::allow, reason::approval_given, {{"principal", "A person"}}};
  std::string factors;
  for (const auto& factor : answer.risk_factors)
    factors += (factors.empty() ? "" : "; ") + factor;
  return {"risk_approval",
          verdict::needs_approval,
          reason::approval_required_risk,
          {{"risk", std::string{name_of(answer.risk)}}, {"factors", factors}}};
}

} // namespace

std::vector<entity_ref> relied_entities(const gate_question& question, const facts& known) {
  std::vector<entity_ref> result{ref_of(question.printer), ref_of(question.run), settings_ref()};
  if (const auto* what = known.find<run>(ref_of(question.run))) {
    result.push_back(ref_of(what->plan));
    if (const auto* how = known.find<plan>(ref_of(what->plan)))
      result.push_back(ref_of(how->breaker));
  }
  return result;
}

decision evaluate_gate(const gate_question& question, const facts& known, timestamp now) {
  decision answer;
  std::string key = question.gate;
  for (const auto& entity : relied_entities(question, known)) {
    const auto version = known.version_of(entity);
    answer.relied_on.push_back({entity.text(), static_cast<int64_t>(version)});
    key += "|" + entity.text() + "@" + std::to_string(version);
  }
  answer.id.value = derive_id(decision_id::prefix, "gate", key);
  answer.gate = question.gate;
  answer.run = question.run;
  answer.printer = question.printer;
  answer.made_at = now;
  answer.expires_at = now + std::chrono::seconds{known.farm_settings().decision_ttl_s};
  const auto* where = known.find<printer>(ref_of(question.printer));
  const auto* what = known.find<run>(ref_of(question.run));
  const auto* how = what ? known.find<plan>(ref_of(what->plan)) : nullptr;
  const auto* guard = how ? known.find<breaker>(ref_of(how->breaker)) : nullptr;
  if (!where || !guard) {
    answer.rules.push_back({"facts_known",
                            verdict::deny,
                            reason::not_found,
                            {{"kind", "fact behind run"}, {"id", question.run.value}}});
    return answer;
  }
  const gate_facts gathered{where, what, how, guard, known.farm_settings()};
  answer.plan = how->id;
  answer.revision = how->current() ? how->current()->number : 0;
  answer.printer_class = where->setup.printer_class;
  assess_risk(answer, gathered);
  answer.rules = {rule_dispatch(gathered), rule_plan(gathered), rule_breaker(gathered),
                  rule_class(gathered), rule_risk(gathered, answer)};
  answer.answer = deciding_rule(answer).says;
  if (answer.answer == verdict::needs_approval)
    answer.approval = approval_state::pending;
  return answer;
}

const rule_result& deciding_rule(const decision& answer) {
  return *std::ranges::max_element(answer.rules, {}, &rule_result::says);
}

} // namespace gantry::rules
