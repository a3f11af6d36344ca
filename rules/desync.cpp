#include "rules/desync.hpp"

#include "rules/dispatch.hpp"
#include "rules/ticket.hpp"

namespace gantry::rules {

namespace {

bool shows(const device_report& report, const print_ticket& ticket, print_state expected) {
  return same_file(report.file, ticket.file) && report.print == expected;
}

} // namespace

std::optional<disagreement> find_disagreement(const printer& where, const device_report& report) {
  if (!where.ticket || report.link != link_state::online
      || report.firmware == firmware_state::unknown || report.print == print_state::unknown)
    return std::nullopt;
  const auto& ticket = *where.ticket;
  const disagreement difference{std::string{name_of(ticket.phase)} + " " + ticket.file,
                                describe_report(report)};
  switch (ticket.phase) {
  case ticket_phase::reserved:
  case ticket_phase::uploading:
  case ticket_phase::uploaded:
  case ticket_phase::fencing:
    return std::nullopt;
  case ticket_phase::starting:
    // Acknowledged means that the printer said yes; until it shows the print, the two differ.
    if (ticket.answer != start_answer::acknowledged || same_file(report.file, ticket.file))
      return std::nullopt;
    return difference;
  case ticket_phase::printing:
    if (shows(report, ticket, print_state::printing))
      return std::nullopt;
    return difference;
  case ticket_phase::paused:
    if (shows(report, ticket, print_state::paused))
      return std::nullopt;
    return difference;
  case ticket_phase::attention:
    return difference;
  }
  return std::nullopt;
}

} // namespace gantry::rules
