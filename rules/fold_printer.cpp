#include "rules/folds.hpp"

namespace gantry::rules {

using namespace events;

namespace {

void enter(printer& state, ticket_phase phase, timestamp at) {
  if (state.ticket) {
    state.ticket->phase = phase;
    state.ticket->phase_since = at;
  }
}

void calm(printer& state) {
  state.attention = reason::ok;
  state.attention_params.clear();
}

void occupy_bed(printer& state, timestamp at) {
  state.bed = bed_state::occupied;
  state.bed_evidence = evidence{.by = state.setup.name, .how = "print_observed", .at = at};
}

/// A new print began; its job is still to be found in the machine's history.
void know_print(printer& state, const std::string& file) {
  state.last_print.file = file;
  state.last_print.job_due = true;
}

/// The machine shows the ticket's print; the same one may be observed several times.
void know_ticket_print(printer& state, const std::string& file) {
  if (state.last_print.file != file)
    know_print(state, file);
}

void see_job(printer& state, const printer_job_seen& x, timestamp at) {
  state.last_print = known_print{x.job, x.file, false};
  if (!x.missed || state.bed != bed_state::clear)
    return;
  state.bed = bed_state::unknown;
  state.bed_evidence = evidence{.by = state.setup.name, .how = "print_missed", .at = at};
}

void begin_upload(printer& state, const printer_upload_began& x, timestamp at) {
  if (!state.ticket)
    return;
  state.ticket->attempt = x.attempt;
  state.ticket->file = x.file;
  state.ticket->answer = start_answer::pending;
  enter(state, ticket_phase::uploading, at);
}

void intend_start(printer& state, const printer_start_intended& x, timestamp at) {
  if (!state.ticket)
    return;
  state.ticket->decision = x.decision;
  state.ticket->answer = start_answer::pending;
  enter(state, ticket_phase::starting, at);
}

void close_ticket(printer& state, const printer_ticket_closed& x, timestamp at) {
  // A print that was seen only at its end was not observed before.
  if (state.ticket && state.ticket->phase >= ticket_phase::starting && x.bed == bed_state::occupied)
    know_ticket_print(state, state.ticket->file);
  state.ticket.reset();
  if (state.bed != x.bed) {
    state.bed = x.bed;
    state.bed_evidence = evidence{.by = state.setup.name, .how = "ticket_closed", .at = at};
  }
  calm(state);
}

void fold_ticket(printer& state, const any_event& event, timestamp at) {
  std::visit(event_handlers{
                 [&](const printer_reserved& x) {
                   state.ticket = x.ticket;
                   enter(state, ticket_phase::reserved, at);
                 },
                 [&](const printer_upload_began& x) { begin_upload(state, x, at); },
                 [&](const printer_uploaded&) { enter(state, ticket_phase::uploaded, at); },
                 [&](const printer_start_intended& x) { intend_start(state, x, at); },
                 [&](const printer_start_answered& x) {
                   if (state.ticket)
                     state.ticket->answer = x.answer;
                   enter(state, ticket_phase::starting, at);
                 },
                 [&](const printer_fence_began&) { enter(state, ticket_phase::fencing, at); },
                 [&](const printer_start_fenced&) { enter(state, ticket_phase::reserved, at); },
                 [&](const printer_print_observed& x) {
                   calm(state);
                   know_ticket_print(state, x.file);
                   occupy_bed(state, at);
                   enter(state, ticket_phase::printing, at);
                 },
                 [&](const printer_pause_observed&) {
                   if (state.ticket && state.ticket->wanted == wanted_action::pause)
                     state.ticket->wanted = wanted_action::none;
                   enter(state, ticket_phase::paused, at);
                 },
                 [&](const printer_resume_observed&) {
                   if (state.ticket && state.ticket->wanted == wanted_action::resume)
                     state.ticket->wanted = wanted_action::none;
                   enter(state, ticket_phase::printing, at);
                 },
                 [&](const printer_action_wanted& x) {
                   if (state.ticket)
                     state.ticket->wanted = x.action;
                 },
                 [&](const printer_attention_raised& x) {
                   state.attention = x.why;
                   state.attention_params = x.why_params;
                   enter(state, ticket_phase::attention, at);
                 },
                 [&](const printer_attention_settled&) {
                   calm(state);
                   if (state.ticket)
                     state.ticket->answer = start_answer::acknowledged;
                   enter(state, ticket_phase::starting, at);
                 },
                 [&](const printer_ticket_closed& x) { close_ticket(state, x, at); },
                 any_other_event{},
             },
             event);
}

} // namespace

void fold(printer& state, const any_event& event, timestamp at) {
  fold_ticket(state, event, at);
  std::visit(event_handlers{
                 [&](const printer_added& x) {
                   state.id = x.id;
                   state.setup = x.setup;
                 },
                 [&](const printer_edited& x) { state.setup = x.setup; },
                 [&](const printer_mode_changed& x) {
                   state.mode = x.mode;
                   if (state.attention == reason::printer_quarantined)
                     calm(state);
                 },
                 [&](const printer_bed_confirmed& x) {
                   state.bed = bed_state::clear;
                   state.bed_evidence = x.proof;
                   state.bed_evidence.at = at;
                   // Whatever the history shows from here on began after somebody looked.
                   state.last_print.job_due = false;
                 },
                 [&](const printer_foreign_seen& x) {
                   state.foreign = foreign_print{x.file, foreign_verdict::pending, at};
                   know_print(state, x.file);
                   occupy_bed(state, at);
                 },
                 [&](const printer_foreign_settled& x) {
                   if (state.foreign)
                     state.foreign->verdict = x.verdict;
                 },
                 [&](const printer_foreign_ended&) { state.foreign.reset(); },
                 [&](const printer_job_seen& x) { see_job(state, x, at); },
                 [&](const printer_quarantined& x) {
                   state.mode = printer_mode::quarantined;
                   // What a run waits to be told stays the printer's first question.
                   if (state.ticket && state.ticket->phase == ticket_phase::attention)
                     return;
                   state.attention = reason::printer_quarantined;
                   state.attention_params = {{"printer", state.setup.name},
                                             {"count", std::to_string(x.failures)}};
                 },
                 [&](const printer_unreconciled&) {
                   state.unreconciled = true;
                   state.bed = bed_state::unknown;
                   state.bed_evidence = evidence{.by = "restore", .how = "restored", .at = at};
                 },
                 [&](const printer_reconciled&) { state.unreconciled = false; },
                 any_other_event{},
             },
             event);
}

} // namespace gantry::rules
