#include "rules/folds.hpp"

namespace gantry::rules {

using namespace events;

namespace {

void create(plan& state, const plan_created& x) {
  state.id = x.id;
  state.order = x.order;
  state.line = x.line;
  state.name = x.name;
  state.model = x.model;
  state.quantity = x.quantity;
  state.pieces_per_plate = x.pieces_per_plate;
  state.material = x.material;
  state.colour = x.colour;
  state.profile = x.profile;
  state.breaker = x.breaker;
}

void enter(plan& state, plan_state to, reason why = reason::ok, reason_params params = {}) {
  state.state = to;
  state.why = why;
  state.why_params = std::move(params);
}

} // namespace

void fold(plan& state, const any_event& event, timestamp) {
  std::visit(event_handlers{
                 [&](const plan_created& x) { create(state, x); },
                 [&](const plan_model_checked& x) {
                   state.checks = x.checks;
                   state.size = x.size;
                   enter(state, plan_state::slicing);
                 },
                 [&](const plan_model_rejected& x) {
                   state.checks = x.checks;
                   enter(state, plan_state::rejected, x.why, x.why_params);
                 },
                 [&](const plan_revised& x) {
                   state.revisions.push_back(x.revision);
                   if (!x.plates.empty())
                     state.plates = x.plates;
                   enter(state, plan_state::ready);
                 },
                 [&](const plan_slicing_failed& x) {
                   enter(state, plan_state::failed, x.why, x.why_params);
                 },
                 [&](const plan_revision_requested& x) {
                   state.profile = x.profile;
                   enter(state, plan_state::slicing);
                 },
                 [&](const plan_review_required& x) {
                   enter(state, plan_state::review, reason::breaker_open,
                         {{"count", std::to_string(x.failures)}});
                 },
                 [&](const plan_review_passed&) { enter(state, plan_state::ready); },
                 [&](const plan_cancelled&) { enter(state, plan_state::cancelled); },
                 [&](const plan_completed&) { enter(state, plan_state::done); },
                 any_other_event{},
             },
             event);
}

} // namespace gantry::rules
