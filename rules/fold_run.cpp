#include "rules/folds.hpp"

namespace gantry::rules {

using namespace events;

namespace {

void queue(run& state, const run_queued& x, timestamp at) {
  state.id = x.id;
  state.plate = x.plate;
  state.plan = x.plan;
  state.order = x.order;
  state.ordinal = x.ordinal;
  state.priority = x.priority;
  state.due_at = x.due_at;
  state.queued_at = at;
}

void enter(run& state, run_state to, reason why = reason::ok, reason_params params = {}) {
  state.state = to;
  state.why = why;
  state.why_params = std::move(params);
}

void reserve(run& state, const run_reserved& x) {
  state.printer = x.printer;
  state.decision = x.decision;
  state.revision = x.revision;
  state.gcode = x.gcode;
  state.attempt = 0;
  state.file.clear();
  state.answer = start_answer::pending;
  enter(state, run_state::reserved);
}

void release(run& state, const run_released& x) {
  state.printer = {};
  state.file.clear();
  state.answer = start_answer::pending;
  state.pending_decision = {};
  enter(state, run_state::queued, x.why, x.why_params);
}

void observe_print(run& state, timestamp at) {
  if (!state.started_at)
    state.started_at = at;
  state.believed.clear();
  state.observed.clear();
  enter(state, state.state == run_state::cancelling ? run_state::cancelling : run_state::printing,
        reason::run_observed_printing);
}

void finish(run& state, const run_finished& x, timestamp at) {
  state.print_duration_s = x.print_duration_s;
  state.total_duration_s = x.total_duration_s;
  state.filament_used_mm = x.filament_used_mm;
  state.progress_permille = 1000;
  state.ended_at = at;
  enter(state, run_state::inspecting, reason::run_finished);
}

void inspect(run& state, const run_inspected& x) {
  state.items = x.items;
  state.inspection_note = x.note;
  state.attributed_to = x.passed ? attribution::unknown : x.attributed_to;
  enter(state, x.passed ? run_state::passed : run_state::failed,
        x.passed ? reason::run_inspection_passed : reason::run_inspection_failed);
}

void fold_approval(run& state, const any_event& event) {
  std::visit(event_handlers{
                 [&](const run_approval_requested& x) {
                   state.pending_decision = x.decision;
                   enter(state, run_state::approval);
                 },
                 [&](const run_approved& x) {
                   state.approval = run_approval{x.decision, x.printer_class, x.revision};
                   state.pending_decision = {};
                   enter(state, run_state::queued, reason::approval_given);
                 },
                 [&](const run_approval_rejected&) {
                   state.pending_decision = {};
                   enter(state, run_state::cancelled, reason::approval_rejected);
                 },
                 any_other_event{},
             },
             event);
}

void fold_dispatch(run& state, const any_event& event) {
  std::visit(event_handlers{
                 [&](const run_reserved& x) { reserve(state, x); },
                 [&](const run_upload_began& x) {
                   state.attempt = x.attempt;
                   state.file = x.file;
                   enter(state, run_state::uploading);
                 },
                 [&](const run_start_intended& x) {
                   state.decision = x.decision;
                   state.answer = start_answer::pending;
                   enter(state, run_state::starting);
                 },
                 [&](const run_start_answered& x) { state.answer = x.answer; },
                 [&](const run_released& x) { release(state, x); },
                 any_other_event{},
             },
             event);
}

} // namespace

void fold(run& state, const any_event& event, timestamp at) {
  fold_approval(state, event);
  fold_dispatch(state, event);
  std::visit(
      event_handlers{
          [&](const run_queued& x) { queue(state, x, at); },
          [&](const run_print_observed&) { observe_print(state, at); },
          [&](const run_paused&) { enter(state, run_state::paused, reason::run_observed_paused); },
          [&](const run_resumed&) {
            enter(state, run_state::printing, reason::run_observed_printing);
          },
          [&](const run_progressed& x) {
            state.progress_permille = x.progress_permille;
            state.layer = x.layer;
            state.print_duration_s = x.print_duration_s;
          },
          [&](const run_cancel_wanted&) { enter(state, run_state::cancelling); },
          [&](const run_attention_raised& x) {
            state.believed = x.believed;
            state.observed = x.observed;
            enter(state, run_state::attention, x.why, x.why_params);
          },
          [&](const run_attention_settled&) {
            enter(state, run_state::starting, reason::run_settled_by_person);
          },
          [&](const run_finished& x) { finish(state, x, at); },
          [&](const run_failed& x) {
            state.attributed_to = x.attributed_to;
            state.ended_at = at;
            enter(state, run_state::failed, x.why, x.why_params);
          },
          [&](const run_cancelled& x) {
            state.ended_at = at;
            enter(state, run_state::cancelled, x.why);
          },
          [&](const run_inspected& x) { inspect(state, x); },
          any_other_event{},
      },
      event);
}

} // namespace gantry::rules
