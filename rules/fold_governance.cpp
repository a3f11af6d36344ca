#include "rules/folds.hpp"

namespace gantry::rules {

using namespace events;

void fold(breaker& state, const any_event& event, timestamp at) {
  std::visit(event_handlers{
                 [&](const breaker_installed& x) {
                   state.id = x.id;
                   state.plan = x.plan;
                 },
                 [&](const breaker_failure_counted& x) {
                   state.failures.push_back({x.run, x.why, at});
                 },
                 [&](const breaker_opened&) {
                   state.state = breaker_state::open;
                   state.opened_at = at;
                 },
                 [&](const breaker_was_reset&) {
                   state.state = breaker_state::closed;
                   state.failures.clear();
                   state.opened_at.reset();
                   ++state.resets;
                 },
                 any_other_event{},
             },
             event);
}

void fold(decision& state, const any_event& event, timestamp at) {
  const auto settle = [&](approval_state to, const std::string& note) {
    state.approval = to;
    state.settled_note = note;
    state.settled_at = at;
  };
  std::visit(event_handlers{
                 [&](const decision_made& x) { state = x.content; },
                 [&](const decision_approved& x) {
                   settle(approval_state::approved, x.note);
                   state.settled_by = x.by;
                 },
                 [&](const decision_rejected& x) {
                   settle(approval_state::rejected, x.note);
                   state.settled_by = x.by;
                 },
                 [&](const decision_lapsed&) { settle(approval_state::lapsed, {}); },
                 any_other_event{},
             },
             event);
}

void fold(settings& state, const any_event& event, timestamp) {
  if (const auto* changed = std::get_if<settings_changed>(&event))
    state = changed->content;
}

} // namespace gantry::rules
