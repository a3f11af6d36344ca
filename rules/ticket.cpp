#include "rules/ticket.hpp"

#include "rules/dispatch.hpp"
#include "rules/outcomes.hpp"
#include "schemas/defect.hpp"

#include <algorithm>
#include <array>

namespace gantry::rules {

namespace {

/// Progress is recorded at most in such steps, so that a long print costs few writes.
constexpr int64_t progress_step_permille = 50;
constexpr int64_t progress_step_s = 300;

/// Errors that come from the g-code itself, so that the plan is to blame and not the machine.
bool blames_plan(const std::string& message) {
  static constexpr auto signs = std::to_array<std::string_view>(
      {"Move out of range", "Must home axis first", "Extrude below minimum temp",
       "Move exceeds maximum extrusion", "Unknown g-code", "Malformed command"});
  return std::ranges::any_of(
      signs, [&message](std::string_view sign) { return message.find(sign) != std::string::npos; });
}

void close(ruling& answer, const ticket_case& at, ticket_end end, bed_state bed) {
  answer.add(ref_of(at.where->id), events::printer_ticket_closed{at.what->id, end, bed});
}

/// Adds the first sight of our file, unless the ticket has seen it before.
void observe_ours(ruling& answer, const ticket_case& at, const device_report& report) {
  if (at.ticket->phase == ticket_phase::printing || at.ticket->phase == ticket_phase::paused)
    return;
  answer.event_reason = reason::run_observed_printing;
  answer.add(ref_of(at.where->id), events::printer_print_observed{report.file});
  answer.add(ref_of(at.what->id), events::run_print_observed{report.file});
  if (at.arranged->state != plate_state::printing && is_open(any_state{*at.arranged}))
    answer.add(ref_of(at.arranged->id), events::plate_print_began{at.what->id});
  // A wish that had to wait for the start can be sent now.
  if (at.ticket->wanted == wanted_action::cancel)
    answer.effects.push_back(effects::send_action{wanted_action::cancel});
}

ruling see_printing(const ticket_case& at, const device_report& report) {
  ruling answer;
  if (at.ticket->phase == ticket_phase::paused) {
    answer.event_reason = reason::run_observed_printing;
    answer.add(ref_of(at.where->id), events::printer_resume_observed{});
    if (at.what->state == run_state::paused)
      answer.add(ref_of(at.what->id), events::run_resumed{});
    return answer;
  }
  observe_ours(answer, at, report);
  if (!answer.writes.empty())
    return answer;
  const bool far = report.progress_permille >= at.what->progress_permille + progress_step_permille;
  const bool late = report.print_duration_s >= at.what->print_duration_s + progress_step_s;
  if (far || late)
    answer.add(ref_of(at.what->id), events::run_progressed{report.progress_permille, report.layer,
                                                           report.print_duration_s});
  return answer;
}

ruling see_paused(const ticket_case& at, const device_report& report) {
  ruling answer;
  observe_ours(answer, at, report);
  if (at.ticket->phase == ticket_phase::paused)
    return answer;
  answer.event_reason = reason::run_observed_paused;
  answer.add(ref_of(at.where->id), events::printer_pause_observed{});
  if (at.what->state != run_state::cancelling)
    answer.add(ref_of(at.what->id), events::run_paused{});
  return answer;
}

ruling see_cancelled(const ticket_case& at) {
  const auto why = at.ticket->wanted == wanted_action::cancel ? reason::run_cancelled_by_person
                                                              : reason::run_cancelled_at_printer;
  ruling answer;
  answer.event_reason = why;
  close(answer, at, ticket_end::cancelled, bed_state::occupied);
  answer.add(ref_of(at.what->id), events::run_cancelled{why});
  follow_cancellation(answer, *at.what, *at.arranged, why);
  if (is_open(any_state{*at.promise}))
    answer.add(ref_of(at.promise->id), events::order_line_held{at.how->line, why, {}});
  return answer;
}

ruling see_ours(const ticket_case& at, const device_report& report) {
  switch (report.print) {
  case print_state::printing:
    return see_printing(at, report);
  case print_state::paused:
    return see_paused(at, report);
  case print_state::complete:
    return finish_ticket(at, report, reason::run_finished);
  case print_state::cancelled:
    return see_cancelled(at);
  case print_state::error:
    return fail_ticket(at, blames_plan(report.message) ? attribution::plan : attribution::printer,
                       reason::run_failed_at_printer, {{"detail", report.message}});
  case print_state::standby:
  case print_state::unknown:
    return {};
  }
  return {};
}

} // namespace

bool believed_on_machine(ticket_phase phase) {
  return phase == ticket_phase::printing || phase == ticket_phase::paused;
}

bool shows_running(const print_ticket& ticket, const device_report& report) {
  return report.link == link_state::online && report.firmware == firmware_state::ready
         && same_file(report.file, ticket.file)
         && (report.print == print_state::printing || report.print == print_state::paused);
}

ticket_case::ticket_case(const case_file& file, const printer_id& id) : asked{id} {
  where = file.known.find<printer>(ref_of(id));
  rules = &file.known.farm_settings();
  if (!where || !where->ticket)
    return;
  ticket = &*where->ticket;
  what = file.known.find<run>(ref_of(ticket->run));
  arranged = what ? file.known.find<plate>(ref_of(what->plate)) : nullptr;
  how = what ? file.known.find<plan>(ref_of(what->plan)) : nullptr;
  promise = how ? file.known.find<order>(ref_of(how->order)) : nullptr;
  if (arranged && promise)
    guard = file.known.find<breaker>(ref_of(how->breaker));
}

ruling ticket_case::unknown() const {
  return refuse(reason::not_found, {{"kind", "printer"}, {"id", asked.value}});
}

std::string describe_report(const device_report& report) {
  if (report.link != link_state::online)
    return "not reachable";
  if (report.firmware != firmware_state::ready)
    return "firmware " + std::string{name_of(report.firmware)};
  return std::string{name_of(report.print)} + (report.file.empty() ? "" : " " + report.file);
}

ruling reconcile(const ticket_case& at, const device_report& report) {
  if (report.link != link_state::online)
    return {};
  const bool ours = same_file(report.file, at.ticket->file);
  if (report.firmware == firmware_state::shutdown && believed_on_machine(at.ticket->phase))
    return fail_ticket(at, attribution::printer, reason::run_interrupted_by_shutdown,
                       {{"detail", report.firmware_detail}});
  if (report.firmware != firmware_state::ready)
    return {};
  const bool before_start = at.ticket->phase < ticket_phase::starting;
  if (before_start)
    // What runs there now is not ours; the start's own check will see it and give the run back.
    return {};
  if (ours && report.print != print_state::standby)
    return see_ours(at, report);
  if (!believed_on_machine(at.ticket->phase) || report.print == print_state::unknown)
    return {};
  return raise_attention(at, reason::run_lost_at_printer, {{"detail", describe_report(report)}},
                         describe_report(report));
}

ruling reconcile_foreign(const printer& where, const device_report& report) {
  ruling answer;
  if (report.link != link_state::online || report.firmware != firmware_state::ready)
    return answer;
  const bool running = report.print == print_state::printing || report.print == print_state::paused;
  if (running && (!where.foreign || where.foreign->file != report.file)) {
    answer.event_reason = reason::printer_foreign_print;
    answer.event_params = {{"printer", where.setup.name}, {"file", report.file}};
    answer.add(ref_of(where.id), events::printer_foreign_seen{report.file});
  } else if (!running && where.foreign && report.print != print_state::unknown) {
    answer.event_reason = reason::system_rule;
    answer.add(ref_of(where.id), events::printer_foreign_ended{});
  }
  return answer;
}

ruling release_ticket(const ticket_case& at, reason why, reason_params params) {
  // A closed plate needs no further run: its order was cancelled.
  if (at.ticket->wanted == wanted_action::cancel || !is_open(any_state{*at.arranged}))
    return cancel_ticket(at);
  ruling answer;
  answer.event_reason = why;
  answer.event_params = params;
  close(answer, at, ticket_end::released, at.where->bed);
  answer.add(ref_of(at.what->id), events::run_released{why, std::move(params)});
  return answer;
}

ruling cancel_ticket(const ticket_case& at) {
  ruling answer;
  answer.event_reason = reason::run_cancelled_by_person;
  close(answer, at, ticket_end::cancelled, at.where->bed);
  answer.add(ref_of(at.what->id), events::run_cancelled{reason::run_cancelled_by_person});
  follow_cancellation(answer, *at.what, *at.arranged, reason::run_cancelled_by_person);
  if (is_open(any_state{*at.promise}))
    answer.add(ref_of(at.promise->id),
               events::order_line_held{at.how->line, reason::run_cancelled_by_person, {}});
  return answer;
}

ruling finish_ticket(const ticket_case& at, const device_report& report, reason why) {
  ruling answer;
  observe_ours(answer, at, report);
  answer.effects.clear();
  answer.event_reason = why;
  close(answer, at, ticket_end::finished,
        GANTRY_DEFECT("INV-04") ? bed_state::clear : bed_state::occupied);
  answer.add(ref_of(at.what->id),
             events::run_finished{std::max(report.print_duration_s, at.what->print_duration_s),
                                  std::max(report.total_duration_s, at.what->total_duration_s),
                                  std::max(report.filament_used_mm, at.what->filament_used_mm)});
  if (is_open(any_state{*at.arranged}))
    answer.add(ref_of(at.arranged->id), events::plate_print_ended{at.what->id});
  return answer;
}

ruling fail_ticket(const ticket_case& at, attribution attributed_to, reason why,
                   reason_params params) {
  ruling answer;
  answer.event_reason = why;
  answer.event_params = params;
  const bool settled_unseen = at.ticket->phase == ticket_phase::attention;
  close(answer, at, ticket_end::failed, settled_unseen ? bed_state::unknown : bed_state::occupied);
  answer.add(ref_of(at.what->id), events::run_failed{why, params, attributed_to});
  follow_failure(answer, {*at.what, *at.arranged, *at.how, *at.promise, *at.guard, *at.rules,
                          attributed_to, why, std::move(params)});
  return answer;
}

ruling raise_attention(const ticket_case& at, reason why, reason_params params,
                       std::string observed) {
  ruling answer;
  answer.event_reason = why;
  answer.event_params = params;
  const auto believed = std::string{name_of(at.ticket->phase)} + " " + at.ticket->file;
  answer.add(ref_of(at.where->id), events::printer_attention_raised{why, params});
  answer.add(ref_of(at.what->id),
             events::run_attention_raised{why, std::move(params), believed, std::move(observed)});
  return answer;
}

} // namespace gantry::rules
