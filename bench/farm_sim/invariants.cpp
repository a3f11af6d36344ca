#include "bench/farm_sim/invariants.hpp"

#include "actors/directory.hpp"
#include "actors/submission_desk.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace gantry::farm_sim {

using namespace std::chrono_literals;

namespace {

constexpr std::string_view file_prefix = "gantry/";
constexpr size_t run_id_length = 3 + 1 + id_digits;
/// Messages that one mailbox may hold: the callers of the desk, and what the kernel adds itself.
constexpr size_t mailbox_max = actors::submissions_max + 1'024;
/// Within this time it is recorded that a printer is set aside, on a slow disk too.
constexpr auto set_aside_limit = 120s;
/// What was admitted before the disk was full may still be written and acted on.
constexpr auto full_grace = 30s;

bool transient(run_state state) {
  return state == run_state::reserved || state == run_state::uploading
         || state == run_state::starting || state == run_state::cancelling;
}

template <class Event>
const Event* as(const logged_event& what) {
  return std::get_if<Event>(&what.event);
}

} // namespace

std::string run_of_file(const std::string& file) {
  if (!file.starts_with(file_prefix))
    return {};
  return file.substr(file_prefix.size(), run_id_length);
}

invariants::invariants(const fault_mix& mix, computer& host,
                       std::vector<std::unique_ptr<machine>>& machines, agenda& time,
                       ledger& counts)
    : mix_{mix}, host_{host}, machines_{machines}, time_{time}, counts_{counts} {
  // nop
}

const printer* invariants::printer_at(const machine& where) const {
  const entity_ref first{entity_kind::printer, {}};
  const auto& all = host_.store().entities();
  for (auto at = all.lower_bound(first); at != all.end() && at->first.kind == entity_kind::printer;
       ++at)
    if (const auto* each = std::get_if<printer>(&at->second.state);
        each && each->setup.address.host == where.name())
      return each;
  return nullptr;
}

machine* invariants::machine_of(const printer& where) const {
  for (const auto& each : machines_)
    if (each->name() == where.setup.address.host)
      return each.get();
  return nullptr;
}

// -- what the kernel commits ----------------------------------------------------------------------

void invariants::event_logged(const logged_event& what) {
  std::visit(
      [&](const auto& after) {
        using state = std::decay_t<decltype(after)>;
        const auto* before = std::get_if<state>(&what.before.state);
        if constexpr (std::is_same_v<state, run>)
          run_changed(what, after);
        else if constexpr (std::is_same_v<state, printer>)
          printer_changed(what, *before, after);
        else if constexpr (std::is_same_v<state, order>)
          order_changed(*before, after);
        else if constexpr (std::is_same_v<state, breaker>)
          breaker_changed(what, *before, after);
      },
      what.after.state);
  if (as<events::decision_made>(what))
    decided_at_[what.envelope.entity.id] = time_.now();
  counts_.must(what.envelope.why != reason::ok, "INV-23",
               [&] { return "event " + what.envelope.type + " has no reason"; });
}

void invariants::run_changed(const logged_event& what, const run& after) {
  if (!as<events::run_print_observed>(what) && !as<events::run_progressed>(what))
    return;
  // Printing is what the machine has done, never what was wished.
  const auto* where = host_.store().get<printer>(ref_of(after.printer));
  const auto* real = where ? machine_of(*where) : nullptr;
  counts_.must(real && real->has_started(after.file), "INV-05",
               after.id.value + " is believed to print, but " + after.file + " never started");
}

void invariants::printer_changed(const logged_event& what, const printer& before,
                                 const printer& after) {
  if (const auto* reserved = as<events::printer_reserved>(what)) {
    counts_.must(!before.ticket, "INV-03",
                 after.setup.name + " is reserved for " + reserved->ticket.run.value
                     + " while it is reserved for "
                     + (before.ticket ? before.ticket->run.value : std::string{}));
    counts_.must(before.bed == bed_state::clear, "INV-04",
                 after.setup.name + " is reserved though its bed is not known to be clear");
    counts_.must(!full_since_ || time_.now() - *full_since_ < full_grace, "INV-34",
                 after.setup.name + " is reserved though the disk is full");
  }
  if (after.bed == bed_state::clear && before.bed != bed_state::clear)
    counts_.must(what.envelope.who.kind == principal_kind::user, "INV-04",
                 "nobody looked at the bed of " + after.setup.name);
  if (as<events::printer_quarantined>(what)) {
    failures_.erase(after.id.value);
    if (set_aside_until_.erase(after.id.value) > 0)
      counts_.check("INV-32");
  }
}

/// A promise is never changed.
void invariants::order_changed(const order& before, const order& after) {
  if (before.lines.empty())
    return;
  const bool same_lines = std::ranges::equal(
      before.lines, after.lines,
      [](const order_progress& x, const order_progress& y) { return x.line == y.line; });
  counts_.must(same_lines && before.due == after.due && before.customer == after.customer
                   && before.reference == after.reference,
               "INV-22", "what was promised with " + after.id.value + " has changed");
}

void invariants::order_asked(const commands::create_order& body,
                             const actors::command_reply& reply) {
  if (reply.code != reason::ok)
    return;
  const auto* promise = host_.store().get<order>(ref_of(order_id{reply.entity.id}));
  bool kept = promise != nullptr && promise->lines.size() == body.lines.size();
  for (size_t i = 0; kept && i < body.lines.size(); ++i)
    kept = promise->lines[i].line.quantity == body.lines[i].quantity
           && promise->lines[i].line.model == body.lines[i].model;
  counts_.must(kept, "INV-22", reply.entity.id + " promises something else than was asked for");
}

void invariants::breaker_changed(const logged_event& what, const breaker& before,
                                 const breaker& after) {
  if (before.state == breaker_state::open && after.state == breaker_state::closed)
    counts_.must(what.envelope.who.kind == principal_kind::user, "INV-30",
                 "nobody reset the breaker of " + after.plan.value);
}

void invariants::batch_logged() {
  // Whole farms are small enough to be looked at after each batch.
  std::map<std::string, int> active;
  const auto limit = mix_.rules.breaker_limit;
  for (const auto& [entity, known] : host_.store().entities()) {
    if (const auto* what = std::get_if<run>(&known.state); what && what->on_printer())
      ++active[what->printer.value];
    if (const auto* guard = std::get_if<breaker>(&known.state))
      counts_.must((static_cast<int64_t>(guard->failures.size()) >= limit)
                       == (guard->state == breaker_state::open),
                   "INV-30", [guard] {
                     return "the breaker of " + guard->plan.value + " counts "
                            + std::to_string(guard->failures.size()) + " failures and is "
                            + std::string{name_of(guard->state)};
                   });
  }
  for (const auto& [printer, count] : active)
    counts_.must(count == 1, "INV-02", [&printer = printer, count = count] {
      return printer + " has " + std::to_string(count) + " active runs";
    });
}

// -- what the kernel sends and the machines do ----------------------------------------------------

void invariants::start_sent(machine& where, const std::string& request) {
  counts_.event("start sent", where.name() + " " + request);
  where.catch_up();
  const bool known_busy = told_busy_[&where] && where.busy();
  counts_.must(!known_busy, "INV-02",
               where.name() + " is sent a start while it prints " + where.printing());
  const auto* at = printer_at(where);
  const auto* ticket = at && at->ticket ? &*at->ticket : nullptr;
  const auto* gate = ticket ? host_.store().get<decision>(ref_of(ticket->decision)) : nullptr;
  const bool allowed = gate && gate->gate == "start" && gate->answer == verdict::allow
                       && gate->run == ticket->run && gate->printer == at->id;
  counts_.must(allowed, "INV-31", where.name() + " is sent a start that no gate allows");
  if (allowed)
    counts_.must(time_.now() - decided_at_[gate->id.value]
                     <= std::chrono::seconds{mix_.rules.decision_ttl_s},
                 "INV-31", where.name() + " is sent a start on an expired decision");
  counts_.must(!full_since_ || time_.now() - *full_since_ < full_grace, "INV-34",
               where.name() + " is sent a start though the disk is full");
}

void invariants::print_started(machine& where, const machine_start& start) {
  const auto id = run_of_file(start.file);
  if (id.empty())
    return;
  ++starts_;
  const auto count = ++starts_of_run_[id];
  counts_.must(count == 1, "INV-01",
               id + " starts for the " + std::to_string(count) + ". time, at " + where.name());
  const auto* at = printer_at(where);
  const bool reserved = at && at->ticket && at->ticket->run.value == id
                        && at->ticket->phase >= ticket_phase::starting;
  counts_.must(reserved, "INV-03", id + " starts at " + where.name() + " outside its reservation");
  counts_.must(start.bed_items == 0, "INV-04",
               id + " starts at " + where.name() + " on a bed with "
                   + std::to_string(start.bed_items) + " parts");
}

// -- actors ---------------------------------------------------------------------------------------

void invariants::stepped() {
  // Mailboxes grow by one message per step at most, so it is enough to look now and then.
  if (++steps_ % 64 != 0)
    return;
  auto* kernel = host_.kernel();
  if (!kernel)
    return;
  counts_.must(kernel->longest_mailbox() <= mailbox_max, "INV-33", "a mailbox has no bound");
  check_crashes();
}

/// More failures than the supervisor bears lead to a printer that is set aside, and to no further
/// failure.
void invariants::actor_failed(const std::string& printer) {
  auto& when = failures_[printer];
  when.push_back(time_.now());
  while (time_.now() - when.front() > actors::crash_period)
    when.pop_front();
  if (when.size() <= actors::crashes_max)
    return;
  set_aside_until_.try_emplace(printer, time_.now() + set_aside_limit);
  if (when.size() > actors::crashes_max + 1)
    counts_.violation("INV-32", printer + " fails again and again");
}

void invariants::check_crashes() {
  for (const auto& [printer, until] : set_aside_until_)
    if (time_.now() > until && host_.up())
      counts_.violation("INV-32", printer + " has failed too often and is not set aside");
}

void invariants::disk_full(bool full) {
  full_since_ = full ? std::optional{time_.now()} : std::nullopt;
}

void invariants::restarted() {
  for (auto& [where, busy] : told_busy_)
    busy = false;
  failures_.clear();
  set_aside_until_.clear();
}

bool invariants::in_transient_state() const {
  return std::ranges::any_of(host_.store().entities(), [](const auto& each) {
    const auto* what = std::get_if<run>(&each.second.state);
    return what && transient(what->state);
  });
}

// -- liveness -------------------------------------------------------------------------------------

std::vector<std::pair<std::string, std::string>> invariants::unrest(size_t waiting) const {
  std::vector<std::pair<std::string, std::string>> found;
  auto* kernel = host_.kernel();
  for (const auto& [entity, known] : host_.store().entities()) {
    if (const auto* where = std::get_if<printer>(&known.state)) {
      const auto live = kernel ? kernel->live().printer(where->id) : std::nullopt;
      if (!live || live->report.link != link_state::online || live->disagreement)
        found.emplace_back("LIV-1", where->setup.name + " is not reconciled");
    } else if (const auto* what = std::get_if<run>(&known.state)) {
      if (transient(what->state) || what->state == run_state::attention)
        found.emplace_back("LIV-2", entity.id + " stays " + std::string{name_of(what->state)});
      if (what->state == run_state::queued || what->state == run_state::approval)
        found.emplace_back("LIV-5", entity.id + " still waits");
    } else if (const auto* guard = std::get_if<breaker>(&known.state)) {
      if (guard->state == breaker_state::open)
        found.emplace_back("LIV-4", "the breaker of " + guard->plan.value + " stays open");
    } else if (const auto* promise = std::get_if<order>(&known.state)) {
      if (is_open(known.state))
        found.emplace_back("LIV-5",
                           promise->id.value + " is still " + std::string{name_of(promise->state)});
    }
  }
  const auto unanswered = std::max(waiting, kernel ? kernel->waiting_callers() : 0);
  if (unanswered > 0)
    found.emplace_back("LIV-3", std::to_string(unanswered) + " requests have no answer");
  return found;
}

bool invariants::at_rest(size_t requests_waiting) const {
  return unrest(requests_waiting).empty();
}

void invariants::rested(size_t requests_waiting, const std::string& oldest) {
  for (const auto* id : {"LIV-1", "LIV-2", "LIV-3", "LIV-4", "LIV-5"})
    counts_.check(id);
  for (const auto& [id, what] : unrest(requests_waiting))
    counts_.violation(id, what + (id == "LIV-3" ? ", the oldest is " + oldest : ""));
}

} // namespace gantry::farm_sim
