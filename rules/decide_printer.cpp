#include "rules/deciders.hpp"

#include <algorithm>

namespace gantry::rules {

using namespace commands;

namespace {

ruling unknown_printer(const printer_id& id) {
  return refuse(reason::not_found, {{"kind", "printer"}, {"id", id.value}});
}

ruling refuse_state(const printer& where, std::string action, std::string detail) {
  return refuse(reason::printer_not_in_state, {{"printer", where.setup.name},
                                               {"action", std::move(action)},
                                               {"detail", std::move(detail)}});
}

/// Names and addresses are unique among the printers that are not retired.
std::optional<ruling> refuse_taken(const printer_setup& setup, const printer_id& self,
                                   const facts& known) {
  for (const auto* other : known.all<printer>()) {
    if (other->id == self || other->mode == printer_mode::retired)
      continue;
    if (other->setup.name == setup.name)
      return refuse(reason::printer_name_taken, {{"name", setup.name}});
    if (other->setup.address.text() == setup.address.text())
      return refuse(reason::printer_address_taken,
                    {{"name", other->setup.name}, {"address", setup.address.text()}});
  }
  return std::nullopt;
}

/// Host names end up in requests and logs, so only what may stand in a name or an address is taken.
bool plausible_host(const std::string& host) {
  return !host.empty() && std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.'
           || c == '-' || c == '_' || c == ':';
  });
}

std::optional<ruling> refuse_setup(const printer_setup& setup, const printer_id& self,
                                   const facts& known) {
  if (!plausible_host(setup.address.host))
    return refuse(reason::field_invalid, {{"field", "setup.address.host"},
                                          {"detail", "a host name or an IP address is expected"}});
  return refuse_taken(setup, self, known);
}

bool printing_something(const printer& where) {
  return where.foreign || (where.ticket && where.ticket->phase >= ticket_phase::starting);
}

} // namespace

ruling decide_printer(const case_file& file, const add_printer& x) {
  const printer_id id{file.initiator.id};
  if (file.known.find<printer>(ref_of(id)))
    return refuse(reason::already_exists, {{"entity", file.initiator.text()}});
  if (auto no = refuse_setup(x.setup, id, file.known))
    return *no;
  ruling answer;
  auto setup = x.setup;
  setup.address.has_api_key = !x.api_key.empty();
  setup.address.api_key_revision = 0;
  if (!x.api_key.empty())
    answer.records.push_back({ref_of(id).text(), {}, x.api_key});
  answer.add(ref_of(id), events::printer_added{id, std::move(setup)});
  return answer;
}

ruling decide_printer(const case_file& file, const edit_printer& x) {
  const auto* where = file.known.find<printer>(ref_of(x.id));
  if (!where)
    return unknown_printer(x.id);
  if (where->mode == printer_mode::retired)
    return refuse_state(*where, "be edited", "it is retired");
  if (auto no = refuse_setup(x.setup, x.id, file.known))
    return *no;
  auto setup = x.setup;
  setup.address.has_api_key = x.api_key ? !x.api_key->empty() : where->setup.address.has_api_key;
  setup.address.api_key_revision = where->setup.address.api_key_revision + (x.api_key ? 1 : 0);
  const bool moved = setup.address.text() != where->setup.address.text();
  if (moved && printing_something(*where))
    return refuse_state(*where, "get another address", "a print is on it");
  ruling answer;
  if (x.api_key)
    answer.records.push_back({ref_of(x.id).text(), {}, *x.api_key});
  answer.add(ref_of(x.id), events::printer_edited{std::move(setup)});
  return answer;
}

ruling decide_printer(const case_file& file, const set_printer_mode& x) {
  const auto* where = file.known.find<printer>(ref_of(x.id));
  if (!where)
    return unknown_printer(x.id);
  if (x.mode == printer_mode::quarantined)
    return refuse(reason::field_invalid,
                  {{"field", "mode"}, {"detail", "only the kernel sets a printer aside"}});
  if (where->mode == printer_mode::retired)
    return refuse_state(*where, "change its mode", "it is retired; add it anew");
  if (x.mode == printer_mode::retired && where->ticket)
    return refuse_state(*where, "be retired", "run " + where->ticket->run.value + " is on it");
  ruling answer;
  if (x.mode == where->mode)
    return answer;
  answer.add(ref_of(x.id), events::printer_mode_changed{x.mode});
  if (x.mode == printer_mode::retired)
    answer.records.push_back({ref_of(x.id).text(), {}, std::string{}});
  return answer;
}

ruling decide_printer(const case_file& file, const confirm_bed_clear& x) {
  const auto* where = file.known.find<printer>(ref_of(x.id));
  if (!where)
    return unknown_printer(x.id);
  const auto kind = file.context.who.kind;
  if (kind != principal_kind::user && kind != principal_kind::integration)
    return refuse_state(*where, "have its bed confirmed", "only a person may confirm a bed");
  if (printing_something(*where))
    return refuse_state(*where, "have its bed confirmed", "a print is on it");
  ruling answer;
  if (where->bed == bed_state::clear)
    return answer;
  answer.event_reason = reason::bed_confirmed_clear;
  answer.event_params = {{"principal", file.context.who.name}, {"how", x.how}};
  answer.add(ref_of(x.id), events::printer_bed_confirmed{
                               evidence{.by = file.context.who.name, .how = x.how, .at = {}}});
  return answer;
}

ruling decide_printer(const case_file& file, const settle_foreign& x) {
  const auto* where = file.known.find<printer>(ref_of(x.id));
  if (!where)
    return unknown_printer(x.id);
  if (!where->foreign)
    return refuse(reason::printer_has_no_foreign_print, {{"printer", where->setup.name}});
  if (x.verdict == foreign_verdict::pending)
    return refuse(reason::field_invalid,
                  {{"field", "verdict"}, {"detail", "ignored or adopted is expected"}});
  ruling answer;
  if (x.verdict == foreign_verdict::adopted) {
    answer.event_reason = reason::run_adopted;
    answer.event_params = {{"printer", where->setup.name}};
  }
  answer.add(ref_of(x.id), events::printer_foreign_settled{x.verdict});
  return answer;
}

ruling decide_printer(const case_file& file, const confirm_printer& x) {
  const auto* where = file.known.find<printer>(ref_of(x.id));
  if (!where)
    return unknown_printer(x.id);
  ruling answer;
  if (where->unreconciled)
    answer.add(ref_of(x.id), events::printer_reconciled{});
  return answer;
}

ruling decide_printer(const case_file& file, const quarantine_printer& x) {
  const auto* where = file.known.find<printer>(ref_of(x.id));
  if (!where)
    return unknown_printer(x.id);
  ruling answer;
  if (where->mode == printer_mode::retired || where->mode == printer_mode::quarantined)
    return answer;
  answer.event_reason = reason::printer_quarantined;
  answer.event_params = {{"printer", where->setup.name}, {"count", std::to_string(x.failures)}};
  answer.add(ref_of(x.id), events::printer_quarantined{x.failures});
  return answer;
}

ruling decide_printer(const case_file& file, const mark_unreconciled& x) {
  const auto* where = file.known.find<printer>(ref_of(x.id));
  if (!where)
    return unknown_printer(x.id);
  ruling answer;
  if (where->mode != printer_mode::retired && !where->unreconciled)
    answer.add(ref_of(x.id), events::printer_unreconciled{});
  return answer;
}

} // namespace gantry::rules
