// A ticket and everything around it, and how it is reconciled with what the printer reports.
#pragma once

#include "rules/deciders.hpp"
#include "schemas/device_report.hpp"

namespace gantry::rules {

/// A printer with its ticket and the run, plate, plan, order and breaker behind it.
struct ticket_case {
  ticket_case(const case_file& file, const printer_id& id);

  const printer* where = nullptr;
  const print_ticket* ticket = nullptr;
  const run* what = nullptr;
  const plate* arranged = nullptr;
  const plan* how = nullptr;
  const order* promise = nullptr;
  const breaker* guard = nullptr;
  const settings* rules = nullptr;
  printer_id asked;

  /// True if the printer exists.
  [[nodiscard]] bool exists() const { return where != nullptr; }
  /// True if there is a ticket and everything behind it is known.
  [[nodiscard]] bool complete() const { return guard != nullptr; }
  /// The refusal for a printer that does not exist.
  [[nodiscard]] ruling unknown() const;
};

/// What the report means for the ticket: nothing, an observation, an end, or a disagreement that
/// needs a person. Called with the first report of a connection too: it compares states, never
/// edges.
[[nodiscard]] ruling reconcile(const ticket_case& at, const device_report& report);

/// The same for a printer without a ticket: prints that Gantry did not start.
[[nodiscard]] ruling reconcile_foreign(const printer& where, const device_report& report);

/// Gives the run back to the queue; nothing was started.
[[nodiscard]] ruling release_ticket(const ticket_case& at, reason why, reason_params params);

/// Ends the ticket at a person's wish before anything was started.
[[nodiscard]] ruling cancel_ticket(const ticket_case& at);

/// Ends the ticket as printed; the parts wait for inspection.
[[nodiscard]] ruling finish_ticket(const ticket_case& at, const device_report& report, reason why);

/// Ends the ticket as failed, with what follows from that.
[[nodiscard]] ruling fail_ticket(const ticket_case& at, attribution attributed_to, reason why,
                                 reason_params params);

/// Stops believing, and asks a person.
[[nodiscard]] ruling raise_attention(const ticket_case& at, reason why, reason_params params,
                                     std::string observed);

/// True in the phases in which the ticket's print is believed to be on the machine, running or
/// paused.
[[nodiscard]] bool believed_on_machine(ticket_phase phase);

/// True if the report shows the ticket's own print, running or paused, on a machine that takes
/// commands.
[[nodiscard]] bool shows_running(const print_ticket& ticket, const device_report& report);

/// A report in a few words, for people.
[[nodiscard]] std::string describe_report(const device_report& report);

} // namespace gantry::rules
