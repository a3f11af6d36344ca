// The life of a ticket: from a reservation to at most one physical start, and to its end.
#include "rules/deciders.hpp"
#include "rules/dispatch.hpp"
#include "rules/gate.hpp"
#include "rules/print_account.hpp"
#include "rules/ticket.hpp"
#include "schemas/defect.hpp"

namespace gantry::rules {

using namespace commands;

namespace {

/// Attempts to start one reservation before the run goes back to the queue.
constexpr int64_t attempts_max = 3;

ruling refuse_phase(const ticket_case& at, std::string action) {
  return refuse(reason::printer_not_in_state,
                {{"printer", at.where->setup.name},
                 {"action", std::move(action)},
                 {"detail", at.ticket ? "its ticket is " + std::string{name_of(at.ticket->phase)}
                                      : std::string{"it has no ticket"}}});
}

/// True if the ticket is in `phase` of `attempt`; late answers of other attempts are ignored.
bool in(const ticket_case& at, ticket_phase phase, int64_t attempt) {
  return at.complete() && at.ticket->phase == phase && at.ticket->attempt == attempt;
}

/// True for what a moment's patience mends: the step is tried again.
bool passes_by_itself(reason why) {
  return why == reason::printer_settling || why == reason::printer_no_report_yet
         || why == reason::printer_history_unread;
}

void record_gate(ruling& answer, const decision& gate) {
  answer.add(ref_of(gate.id), events::decision_made{gate});
}

/// Entities that the gate relied on and that the ruling itself does not change.
void require_gate_facts(ruling& answer, const case_file& file, const decision& gate) {
  for (const auto& entity : relied_entities({gate.gate, gate.printer, gate.run}, file.known))
    answer.relied_on.push_back(entity);
}

ruling ask_for_approval(const case_file& file, const reserve_run& x) {
  ruling answer;
  const auto& rule = deciding_rule(*file.gate);
  answer.event_reason = rule.why;
  answer.event_params = rule.why_params;
  record_gate(answer, *file.gate);
  answer.add(ref_of(x.run), events::run_approval_requested{file.gate->id, x.id});
  require_gate_facts(answer, file, *file.gate);
  return answer;
}

/// The profile that the current toolpath was made with; the plan itself may already name that of
/// the next revision.
const profile* profile_of(const facts& known, const plan& how) {
  return how.current() ? known.find<profile>(ref_of(how.current()->profile)) : nullptr;
}

print_ticket ticket_for(const run& what, const plan& how, const decision& gate) {
  print_ticket ticket;
  ticket.run = what.id;
  ticket.plate = what.plate;
  ticket.plan = what.plan;
  ticket.order = what.order;
  ticket.decision = gate.id;
  ticket.revision = how.current()->number;
  ticket.gcode = how.current()->gcode;
  ticket.gcode_sha256 = how.current()->gcode_sha256;
  ticket.gcode_size_bytes = how.current()->gcode_size_bytes;
  return ticket;
}

/// What the defect INV-05 does: takes a print for seen that nobody saw.
ruling believe_print(const ticket_case& at) {
  ruling answer;
  answer.add(ref_of(at.where->id), events::printer_print_observed{at.ticket->file});
  answer.add(ref_of(at.what->id), events::run_print_observed{at.ticket->file});
  return answer;
}

} // namespace

ruling decide_ticket(const case_file& file, const reserve_run& x) {
  const auto* where = file.known.find<printer>(ref_of(x.id));
  const auto* what = file.known.find<run>(ref_of(x.run));
  const auto* how = what ? file.known.find<plan>(ref_of(what->plan)) : nullptr;
  if (!where || !how || !file.gate)
    return refuse(reason::not_found, {{"kind", "run"}, {"id", x.run.value}});
  if (what->state != run_state::queued)
    return refuse(reason::run_not_in_state, {{"run", x.run.value},
                                             {"state", std::string{name_of(what->state)}},
                                             {"action", "be reserved"}});
  const dispatch_need need{what, how, profile_of(file.known, *how)};
  if (auto no = objection_to_dispatch(*where, x.report, need, file.known.farm_settings()))
    return refuse(no->code, no->params);
  if (file.gate->answer == verdict::needs_approval)
    return ask_for_approval(file, x);
  if (file.gate->answer == verdict::deny) {
    const auto& rule = deciding_rule(*file.gate);
    return refuse(rule.why, rule.why_params);
  }
  ruling answer;
  answer.event_reason = reason::gate_allowed;
  record_gate(answer, *file.gate);
  answer.add(ref_of(x.id), events::printer_reserved{ticket_for(*what, *how, *file.gate)});
  answer.add(ref_of(x.run), events::run_reserved{x.id, file.gate->id, how->current()->number,
                                                 how->current()->gcode});
  require_gate_facts(answer, file, *file.gate);
  return answer;
}

ruling decide_ticket(const case_file& file, const begin_upload& x) {
  const ticket_case at{file, x.id};
  if (!in(at, ticket_phase::reserved, x.attempt))
    return at.exists() ? refuse_phase(at, "begin an upload") : at.unknown();
  if (at.ticket->attempt >= attempts_max)
    return release_ticket(at, reason::run_start_fenced, {});
  const auto attempt = at.ticket->attempt + 1;
  const auto name = "gantry/" + at.ticket->run.value + "-" + std::to_string(at.what->ordinal) + "-"
                    + std::to_string(attempt) + "-" + at.ticket->decision.value.substr(4, 5)
                    + ".gcode";
  ruling answer;
  answer.event_reason = reason::system_rule;
  answer.add(ref_of(x.id), events::printer_upload_began{attempt, name});
  answer.add(ref_of(at.what->id), events::run_upload_began{attempt, name});
  return answer;
}

ruling decide_ticket(const case_file& file, const upload_settled& x) {
  const ticket_case at{file, x.id};
  if (!in(at, ticket_phase::uploading, x.attempt))
    return at.exists() ? refuse_phase(at, "end an upload") : at.unknown();
  if (!x.uploaded)
    return release_ticket(at, reason::run_upload_failed, {{"detail", x.detail}});
  if (x.size_bytes != at.ticket->gcode_size_bytes)
    return release_ticket(at, reason::run_upload_mismatch,
                          {{"actual", std::to_string(x.size_bytes)},
                           {"expected", std::to_string(at.ticket->gcode_size_bytes)}});
  ruling answer;
  answer.add(ref_of(x.id), events::printer_uploaded{x.attempt});
  answer.add(ref_of(at.what->id), events::run_uploaded{x.attempt, x.size_bytes});
  return answer;
}

ruling decide_ticket(const case_file& file, const begin_start& x) {
  const ticket_case at{file, x.id};
  if (!in(at, ticket_phase::uploaded, x.attempt) || !file.gate)
    return at.exists() ? refuse_phase(at, "start") : at.unknown();
  // The ticket itself and its phase are no objection to its own start.
  auto without_ticket = *at.where;
  without_ticket.ticket.reset();
  const dispatch_need need{at.what, at.how, profile_of(file.known, *at.how)};
  if (auto no = objection_to_dispatch(without_ticket, x.report, need, file.known.farm_settings());
      no && !GANTRY_DEFECT("INV-02")) {
    if (passes_by_itself(no->code))
      return refuse(no->code, no->params);
    return release_ticket(at, no->code, no->params);
  }
  if (file.gate->answer != verdict::allow) {
    const auto& rule = deciding_rule(*file.gate);
    return release_ticket(at, rule.why, rule.why_params);
  }
  ruling answer;
  answer.event_reason = reason::gate_allowed;
  if (!GANTRY_DEFECT("INV-31"))
    record_gate(answer, *file.gate);
  answer.add(ref_of(x.id), events::printer_start_intended{x.attempt, file.gate->id});
  answer.add(ref_of(at.what->id), events::run_start_intended{x.attempt, file.gate->id});
  require_gate_facts(answer, file, *file.gate);
  answer.effects.push_back(effects::send_start{x.attempt, at.ticket->file});
  return answer;
}

ruling decide_ticket(const case_file& file, const start_settled& x) {
  const ticket_case at{file, x.id};
  if (!in(at, ticket_phase::starting, x.attempt) || at.ticket->answer != start_answer::pending)
    return at.exists() ? refuse_phase(at, "take the answer to a start") : at.unknown();
  const bool given_up = GANTRY_DEFECT("INV-01") && x.answer == start_answer::lost;
  if (x.answer == start_answer::refused || given_up)
    return release_ticket(at, reason::run_start_refused, {{"detail", x.detail}});
  if (GANTRY_DEFECT("INV-05"))
    return believe_print(at);
  ruling answer;
  if (x.answer == start_answer::lost)
    answer.event_reason = reason::run_start_outcome_unknown;
  answer.add(ref_of(x.id), events::printer_start_answered{x.attempt, x.answer, x.detail});
  answer.add(ref_of(at.what->id), events::run_start_answered{x.attempt, x.answer});
  return answer;
}

ruling decide_ticket(const case_file& file, const start_overdue& x) {
  const ticket_case at{file, x.id};
  if (!in(at, ticket_phase::starting, x.attempt))
    return at.exists() ? refuse_phase(at, "be overdue") : at.unknown();
  if (auto seen = reconcile(at, x.report); !seen.writes.empty())
    return seen;
  if (GANTRY_DEFECT("INV-05"))
    return believe_print(at);
  const auto seconds = std::to_string(file.known.farm_settings().start_deadline_s);
  if (at.ticket->answer == start_answer::acknowledged)
    return raise_attention(at, reason::run_start_not_confirmed, {{"seconds", seconds}},
                           describe_report(x.report));
  ruling answer;
  answer.event_reason = reason::run_start_outcome_unknown;
  answer.add(ref_of(x.id), events::printer_fence_began{x.attempt});
  return answer;
}

ruling decide_ticket(const case_file& file, const fence_settled& x) {
  const ticket_case at{file, x.id};
  if (!in(at, ticket_phase::fencing, x.attempt))
    return at.exists() ? refuse_phase(at, "end a fence") : at.unknown();
  ruling answer;
  switch (x.answer) {
  case fence_answer::removed: {
    // The file may have been loaded just before it went: the device has the last word.
    if (auto seen = reconcile(at, x.report); !seen.writes.empty())
      return seen;
    if (at.ticket->wanted == wanted_action::cancel)
      return cancel_ticket(at);
    answer.event_reason = reason::run_start_fenced;
    answer.add(ref_of(x.id), events::printer_start_fenced{x.attempt});
    return answer;
  }
  case fence_answer::refused:
    // A file that may not be removed is in use: the start has happened and will be observed.
    answer.add(ref_of(x.id),
               events::printer_start_answered{x.attempt, start_answer::acknowledged, x.detail});
    answer.add(ref_of(at.what->id),
               events::run_start_answered{x.attempt, start_answer::acknowledged});
    return answer;
  case fence_answer::failed:
    // Removing is repeated when the printer is back; nothing changes until then.
    return refuse(reason::printer_command_failed, {{"printer", at.where->setup.name},
                                                   {"action", "the removal of a file"},
                                                   {"detail", x.detail}});
  }
  return answer;
}

ruling decide_ticket(const case_file& file, const observe& x) {
  const ticket_case at{file, x.id};
  if (!at.exists())
    return at.unknown();
  auto seen = at.complete() ? reconcile(at, x.report) : reconcile_foreign(*at.where, x.report);
  // What is printed now comes first: its own job is then the one that is expected.
  return seen.writes.empty() ? account_for_prints(*at.where, x.report) : seen;
}

ruling decide_ticket(const case_file& file, const action_settled& x) {
  const ticket_case at{file, x.id};
  ruling answer;
  // Before the print is seen nothing was sent for this ticket: the answer is for an earlier one.
  const bool undecided =
      at.complete()
      && (at.ticket->phase < ticket_phase::printing || at.ticket->wanted == wanted_action::none);
  if (!at.complete() || undecided || at.ticket->wanted != x.action || x.accepted)
    return at.exists() ? answer : at.unknown();
  answer.event_reason = reason::printer_command_failed;
  answer.event_params = {{"printer", at.where->setup.name},
                         {"action", std::string{name_of(x.action)}},
                         {"detail", x.detail}};
  answer.add(ref_of(x.id), events::printer_action_wanted{wanted_action::none});
  if (at.what->state == run_state::cancelling && at.ticket->phase == ticket_phase::paused)
    answer.add(ref_of(at.what->id), events::run_paused{});
  else if (at.what->state == run_state::cancelling)
    answer.add(ref_of(at.what->id), events::run_resumed{});
  return answer;
}

namespace {

/// The ticket of a run, as a command about the run finds it.
std::optional<ruling> refuse_other_run(const ticket_case& at, const run_id& id) {
  if (!at.exists())
    return at.unknown();
  if (!at.complete() || at.ticket->run != id)
    return refuse(reason::run_not_in_state, {{"run", id.value},
                                             {"state", "no longer on this printer"},
                                             {"action", "be changed there"}});
  return std::nullopt;
}

ruling refuse_run_state(const ticket_case& at, std::string action) {
  return refuse(reason::run_not_in_state, {{"run", at.what->id.value},
                                           {"state", std::string{name_of(at.what->state)}},
                                           {"action", std::move(action)}});
}

ruling want(const ticket_case& at, wanted_action action) {
  ruling answer;
  if (at.ticket->wanted == action)
    return answer;
  answer.add(ref_of(at.where->id), events::printer_action_wanted{action});
  answer.effects.push_back(effects::send_action{action});
  return answer;
}

} // namespace

ruling decide_ticket(const case_file& file, const pause_run& x) {
  const ticket_case at{file, printer_id{file.initiator.id}};
  if (auto no = refuse_other_run(at, x.id))
    return *no;
  if (at.ticket->phase != ticket_phase::printing || at.ticket->wanted == wanted_action::cancel)
    return refuse_run_state(at, "be paused");
  return want(at, wanted_action::pause);
}

ruling decide_ticket(const case_file& file, const resume_run& x) {
  const ticket_case at{file, printer_id{file.initiator.id}};
  if (auto no = refuse_other_run(at, x.id))
    return *no;
  // A pause that the printer does not show yet is withdrawn. One that was sent may still take
  // effect; it is seen then.
  if (at.ticket->phase == ticket_phase::printing && at.ticket->wanted == wanted_action::pause)
    return want(at, wanted_action::none);
  if (at.ticket->phase != ticket_phase::paused || at.ticket->wanted == wanted_action::cancel)
    return refuse_run_state(at, "be resumed");
  return want(at, wanted_action::resume);
}

ruling decide_ticket(const case_file& file, const cancel_run& x) {
  const ticket_case at{file, printer_id{file.initiator.id}};
  if (auto no = refuse_other_run(at, x.id))
    return *no;
  switch (at.ticket->phase) {
  case ticket_phase::reserved:
  case ticket_phase::uploading:
  case ticket_phase::uploaded:
    return cancel_ticket(at);
  case ticket_phase::attention:
    return refuse_run_state(at, "be cancelled before a person said what happened");
  case ticket_phase::starting:
  case ticket_phase::fencing: {
    // Nothing may be sent while the start is undecided; the wish is kept until the print is
    // observed.
    ruling answer;
    if (at.ticket->wanted == wanted_action::cancel)
      return answer;
    answer.add(ref_of(at.where->id), events::printer_action_wanted{wanted_action::cancel});
    answer.add(ref_of(x.id), events::run_cancel_wanted{});
    return answer;
  }
  case ticket_phase::printing:
  case ticket_phase::paused: {
    auto answer = want(at, wanted_action::cancel);
    if (!answer.writes.empty())
      answer.add(ref_of(x.id), events::run_cancel_wanted{});
    return answer;
  }
  }
  return {};
}

ruling decide_ticket(const case_file& file, const settle_run& x) {
  const ticket_case at{file, printer_id{file.initiator.id}};
  if (auto no = refuse_other_run(at, x.id))
    return *no;
  if (at.ticket->phase != ticket_phase::attention)
    return refuse_run_state(at, "be settled");
  if (x.verdict == "it_printed")
    return finish_ticket(at, {}, reason::run_settled_by_person);
  if (x.verdict == "it_failed")
    return fail_ticket(at, x.attributed_to, reason::run_settled_by_person,
                       {{"detail", "it failed"}});
  if (x.verdict != "keep_watching")
    return refuse(
        reason::field_invalid,
        {{"field", "verdict"}, {"detail", "it_printed, it_failed or keep_watching is expected"}});
  ruling answer;
  answer.add(ref_of(at.where->id), events::printer_attention_settled{x.verdict});
  answer.add(ref_of(x.id), events::run_attention_settled{x.verdict});
  return answer;
}

} // namespace gantry::rules
