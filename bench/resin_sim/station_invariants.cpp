#include "bench/resin_sim/station_invariants.hpp"

#include "rules/pump_charge.hpp"

#include <algorithm>

namespace gantry::farm_sim {

using namespace std::chrono_literals;
using hal::mono_time;

namespace {

/// How exactly times and volumes are compared.
constexpr auto time_slack = 20ms;
constexpr int64_t volume_slack_ul = 100;
/// Time for a decision to be written and done, beyond what is known of the printer.
constexpr auto decision_time = 25s;
/// Two, and the layer at whose end a pause takes effect.
constexpr int64_t late_pause_max = 3;

template <class Event>
const Event* as(const logged_event& what) {
  return std::get_if<Event>(&what.event);
}

std::string seconds(mono_time time) {
  return std::to_string(std::chrono::duration<double>(time).count()) + " s";
}

/// Volumes are rounded to whole milliseconds of a pump.
bool same_levels(const station& before, const station& after) {
  return std::ranges::all_of(after.levels, [&before](const pump_level& level) {
    return std::abs(level.remaining_ul - before.level_of(level.pump)) <= volume_slack_ul;
  });
}

/// The layer of the change under way, or of the first of those that came due with it.
int64_t first_missed(const station_job& job) {
  auto layer = job.change->layer;
  for (auto record = job.changes.rbegin();
       record != job.changes.rend() && record->why == reason::change_superseded; ++record)
    layer = record->layer;
  return layer;
}

} // namespace

const station* station_of(computer& host, const station_rig& rig) {
  const auto& all = host.store().entities();
  for (auto at = all.lower_bound({entity_kind::station, {}});
       at != all.end() && at->first.kind == entity_kind::station; ++at)
    if (const auto* each = std::get_if<station>(&at->second.state);
        each && each->setup.pump_bank == rig.name())
      return each;
  return nullptr;
}

station_invariants::station_invariants(computer& host, sim_guard& guard, station_rigs& rigs,
                                       agenda& time, ledger& counts)
    : host_{host}, guard_{guard}, rigs_{rigs}, time_{time}, counts_{counts} {
  // nop
}

station_rig* station_invariants::rig_of(const std::string& bank) const {
  const auto found =
      std::ranges::find_if(rigs_, [&bank](const auto& each) { return each->name() == bank; });
  return found == rigs_.end() ? nullptr : found->get();
}

/// What is older is not believed any more, so that a motion that began before is known.
mono_time station_invariants::knowledge_limit(const station_rig& rig) const {
  return std::chrono::milliseconds{3 * rig.setup().poll_interval_ms + rig.setup().reply_timeout_ms}
         + decision_time;
}

// -- lines ----------------------------------------------------------------------------------------

void station_invariants::line_changed(station_rig& rig, pump_line& line) {
  const auto name = line.station() + "/" + line.name();
  auto& known = known_[rig.name()];
  known.disobeyed = known.disobeyed || line.disobeys();
  if (!line.run()) {
    const auto& limits = guard_.settings().stations.front().lines.front();
    const auto used = line.on_time(std::chrono::milliseconds{limits.window_ms});
    counts_.must(
        known.disobeyed || used <= std::chrono::milliseconds{limits.window_limit_ms} + time_slack,
        "INV-11", [&] { return name + " was on for " + seconds(used) + " in its window"; });
    return;
  }
  check_exclusion(rig, line);
  check_motion(rig, line);
  check_valve(rig, line);
  counts_.must(!known.stopped, "ESTOP", [&] { return name + " goes on although it is stopped"; });
  counts_.must(++executed_[line.name() + " " + line.run()->purpose] == 1, "INV-13",
               [&] { return "run " + line.run()->purpose + " is done again"; });
}

/// The drain of a change begins with the valve open if that is set up.
void station_invariants::check_valve(station_rig& rig, const pump_line& line) {
  const auto* where = station_of(host_, rig);
  const bool drains =
      line.name() == "drain" && where && where->run && where->run->purpose == run_purpose::drain;
  if (drains)
    counts_.must(!rig.setup().valve_during_drain || rig.valve().run() || rig.valve_sticks(),
                 "INV-10", [&] { return rig.name() + " drains with its valve closed"; });
}

void station_invariants::check_exclusion(const station_rig& rig, const pump_line& line) {
  const bool shared =
      guard_.settings().stations.front().lines.front().bank != rigs_.front()->name();
  for (const auto& other : rigs_)
    for (const auto* each : other->lines())
      counts_.must(each == &line || !each->run() || each->disobeys()
                       || (other.get() != &rig && !shared) || each == &other->valve()
                       || &line == &rig.valve(),
                   "INV-10", [&] {
                     return line.station() + "/" + line.name() + " and " + each->station() + "/"
                            + each->name() + " are on together";
                   });
}

void station_invariants::check_motion(station_rig& rig, const pump_line& line) {
  const auto& moving = rig.printer().moving_since();
  counts_.must(!moving || time_.now() - *moving <= knowledge_limit(rig), "INV-14", [&] {
    return line.station() + "/" + line.name() + " goes on while the printer has moved for "
           + seconds(time_.now() - *moving);
  });
}

void station_invariants::order_arrived(const guard::guard_order& order) {
  if (order.kind == guard::order_kind::acknowledge)
    known_[order.station].stopped = false;
  if (order.kind == guard::order_kind::run)
    if (auto* rig = rig_of(order.station)) {
      const auto limit = guard_.settings().stations.front().lease_limit_ms;
      const auto lease = order.lease_ms > 0 ? std::min(order.lease_ms, limit) : limit;
      std::erase_if(asked_, [this](const auto& each) {
        return !each.second.line->run() && each.second.last_sign + 1min < time_.now();
      });
      asked_[order.ticket] = {&rig->line(order.pump), order.with_valve,
                              std::chrono::milliseconds{lease}, time_.now()};
    }
  if (order.kind == guard::order_kind::renew)
    if (const auto found = asked_.find(order.ticket); found != asked_.end())
      found->second.last_sign = time_.now();
}

mono_time station_invariants::lease_of(const pump_line& line, bool is_valve) const {
  mono_time until{0};
  for (const auto& [ticket, asked] : asked_)
    if (asked.line == &line
        || (is_valve && asked.with_valve && asked.line->station() == line.station()))
      until = std::max(until, asked.last_sign + asked.lease);
  return until;
}

void station_invariants::look() {
  for (const auto& rig : rigs_) {
    for (const auto* each : rig->lines())
      if (each->run())
        counts_.must(each->disobeys() || !guard_.alive()
                         || time_.now() <= lease_of(*each, each == &rig->valve()) + time_slack,
                     "INV-12", [&] {
                       return each->station() + "/" + each->name()
                              + " is on although nobody renews its lease";
                     });
    auto* line = rig->running();
    if (!line)
      continue;
    const auto& moving = rig->printer().moving_since();
    const auto both = moving ? time_.now() - std::max(*moving, line->run()->from) : mono_time{0};
    counts_.must(both <= knowledge_limit(*rig) || line->disobeys(), "INV-14", [&] {
      return line->station() + "/" + line->name() + " stays on while the printer moves for "
             + seconds(both);
    });
  }
}

/// Every moment in which a line was on is charged to its window, whatever died meanwhile.
void station_invariants::notice_leaves(const guard::guard_notice& notice) {
  auto* rig = notice.kind == guard::notice_kind::state ? rig_of(notice.station) : nullptr;
  if (!rig)
    return;
  for (const auto& each : notice.lines) {
    const auto& line = rig->line(each.name);
    const auto window = std::chrono::milliseconds{each.window_ms};
    const auto charged = std::chrono::milliseconds{each.window_used_ms} + time_slack;
    const auto sentence = [&] {
      return notice.station + "/" + each.name + " was on for " + seconds(line.on_time(window))
             + " in its window, and " + std::to_string(each.window_used_ms) + " ms are charged";
    };
    // One that does not obey is charged when it does.
    counts_.must(line.disobeys() || charged >= line.on_time(window, false), "INV-11", sentence);
    counts_.must(line.disobeys() || charged >= line.on_time(window), "INV-13", sentence);
  }
}

void station_invariants::stopped_at_once(station_rig& rig, bool confirmed) {
  if (confirmed)
    known_[rig.name()].stopped = true;
  for (const auto* line : rig.lines())
    counts_.must(!confirmed || !line->run() || line->disobeys(), "ESTOP",
                 [&] { return rig.name() + " is stopped, and " + line->name() + " is on"; });
}

// -- what the kernel commits ----------------------------------------------------------------------

void station_invariants::event_logged(const logged_event& what) {
  const auto* after = std::get_if<station>(&what.after.state);
  const auto* before = std::get_if<station>(&what.before.state);
  if (!after || !before)
    return;
  counts_.event("station",
                after->setup.name + " " + what.envelope.type + ": "
                    + std::string{name_of(after->state)}
                    + (after->change() ? "/" + std::string{name_of(after->change()->step)} : "")
                    + (after->error ? " " + std::string{name_of(after->error->cause)} : ""));
  if (as<events::station_pump_began>(what))
    pump_began(what, *after);
  if (as<events::station_pump_ended>(what))
    pump_ended(what, *before, *after);
  auto& known = known_[after->setup.pump_bank];
  if (as<events::station_change_began>(what)) {
    known.change_began = time_.now();
    known.seen_layer = 0;
  }
  if (const auto* settled = as<events::station_error_settled>(what);
      settled && !settled->automatic) {
    known.seen_layer = rig_of(after->setup.pump_bank)->printer().layer();
    known.runs_of_step.clear();
  }
  if (const auto* set = as<events::station_level_set>(what); set && set->pump == "waste")
    known.disobeyed = false;
  // A print that a person has paused does not go on by itself, whatever is changed in it.
  if (const auto* step = as<events::station_step_began>(what);
      step && step->step == change_step::request_resume)
    counts_.must(!known.paused, "PAUSE", [&] {
      return after->setup.name + " is to be resumed although a person has paused it";
    });
  if (const auto* wanted = as<events::station_control_wanted>(what))
    known.paused = wanted->control == resin_control::pause && after->has_open_job();
  note_end_of_pause(what, *before, known);
}

/// A person's pause ends when the printer stands, has refused it outside a change, or is let go on.
void station_invariants::note_end_of_pause(const logged_event& what, const station& before,
                                           known_station& known) {
  const auto* settled = as<events::station_error_settled>(what);
  const bool skipped = settled && settled->answer == station_answer::skip;
  const auto* ended = as<events::station_control_ended>(what);
  const bool pause_ended = ended && ended->control == resin_control::pause;
  if (skipped || pause_ended || as<events::station_job_ended>(what))
    known.paused = false;
  if (!pause_ended)
    return;
  const auto* rig = rig_of(before.setup.pump_bank);
  const bool by_itself = what.envelope.who.kind != principal_kind::user;
  counts_.must(ended->observed || !before.change() || !by_itself, "PAUSE",
               [&] { return before.setup.name + " forgets a pause during a change"; });
  counts_.must(!ended->observed || !rig->printer().moving_since(), "PAUSE",
               [&] { return before.setup.name + " takes a print that moves for paused"; });
}

/// A step of a change is done once, unless a person has answered.
void station_invariants::pump_began(const logged_event& what, const station& after) {
  const auto& run = as<events::station_pump_began>(what)->run;
  if (run.purpose == run_purpose::manual || !after.change())
    return;
  const auto step = std::to_string(after.job->number) + "/" + std::to_string(after.change()->index)
                    + "/" + std::string{name_of(run.purpose)};
  counts_.must(++known_[after.setup.pump_bank].runs_of_step[step] == 1, "INV-13",
               [&] { return after.setup.name + " repeats " + step + " without a person"; });
  if (run.purpose == run_purpose::drain)
    check_lateness(after, *rig_of(after.setup.pump_bank));
}

/// What is drained more than two layers after its layer, and the one in which the pause took
/// effect, was asked about at that layer. A printer that shows a wrong layer cannot be late for
/// anybody.
void station_invariants::check_lateness(const station& where, const station_rig& rig) {
  const auto& known = known_[where.setup.pump_bank];
  const auto missed = first_missed(*where.job);
  const auto late = rig.printer().layer() - std::max(missed, known.seen_layer);
  counts_.must(
      late <= late_pause_max || rig.printer().has_lied_since(known.change_began), "LATE", [&] {
        return where.setup.name + " drains for layer " + std::to_string(missed) + " at layer "
               + std::to_string(rig.printer().layer()) + " without a person";
      });
}

void station_invariants::pump_ended(const logged_event& what, const station& before,
                                    const station& after) {
  const auto& ended = *as<events::station_pump_ended>(what);
  if (ended.why == reason::step_interrupted)
    counts_.must(ended.on_time_ms == rules::unseen_on_time_ms(ended.planned_ms)
                     && same_levels(before, after),
                 "INV-13", after.setup.name + " charges an interrupted run in part");
  check_volumes(after);
}

/// What is believed to be in a reservoir is there at least, and so is the room in the waste.
void station_invariants::check_volumes(const station& where) {
  auto* rig = rig_of(where.setup.pump_bank);
  auto& known = known_[where.setup.pump_bank];
  for (const auto* line : rig->lines())
    known.disobeyed = known.disobeyed || line->disobeys();
  if (known.disobeyed)
    return;
  rig->flow();
  for (const auto& level : where.levels)
    counts_.must(level.remaining_ul <= rig->reservoir_ul(level.pump) + volume_slack_ul, "INV-13",
                 [&] {
                   return where.setup.name + " believes in " + std::to_string(level.remaining_ul)
                          + " ul for pump " + level.pump + ", and "
                          + std::to_string(rig->reservoir_ul(level.pump)) + " ul are left";
                 });
  counts_.must(where.waste_used_ul + volume_slack_ul >= rig->waste_ul(), "INV-13", [&] {
    return where.setup.name + " believes in " + std::to_string(where.waste_used_ul)
           + " ul of waste, and it is " + std::to_string(rig->waste_ul()) + " ul";
  });
}

// -- what the printers do -------------------------------------------------------------------------

void station_invariants::printer_said(station_rig& rig, const std::string& event) {
  if (event == "goprint") {
    const auto* where = station_of(host_, rig);
    if (where && where->job)
      counts_.must(++known_[rig.name()].starts_of_job[where->jobs] == 1, "INV-01",
                   [&] { return where->setup.name + " sends a start twice"; });
  }
  if (event == "layer" || event == "goresume_accepted" || event == "print_started")
    check_vat(rig, event);
}

/// After an accepted pause the printer hears nothing for a while. A stop always passes, and is then
/// looked after.
void station_invariants::printer_is_told(const resin_printer& where, std::string_view bytes) {
  if (bytes.starts_with("gopause"))
    pause_sent_[&where] = time_.now();
  if (bytes.starts_with("gostop"))
    silent_until_.erase(&where);
  const auto until = silent_until_.find(&where);
  if (until == silent_until_.end())
    return;
  counts_.must(time_.now() + time_slack >= until->second, "QUIET",
               [&] { return where.name() + " is sent " + std::string{bytes} + " in its silence"; });
  if (time_.now() >= until->second)
    silent_until_.erase(until);
}

void station_invariants::printer_is_heard(const resin_printer& where, std::string_view bytes) {
  const bool accepted = bytes.starts_with("gopause,OK,end") || bytes.starts_with("gopause,ok,end");
  const auto rig = std::ranges::find_if(
      rigs_, [&where](const auto& each) { return &each->printer() == &where; });
  if (!accepted || rig == rigs_.end())
    return;
  // A reply that comes too late is taken for lost, and the printer is looked at instead.
  const auto patience = std::chrono::milliseconds{(*rig)->setup().reply_timeout_ms};
  if (time_.now() - pause_sent_[&where] < patience)
    silent_until_[&where] = time_.now() + std::chrono::seconds{(*rig)->setup().change.quiescence_s};
}

/// Nothing is printed over an empty vat, or with what is in it by accident.
void station_invariants::check_vat(station_rig& rig, const std::string& event) {
  rig.flow();
  counts_.must(rig.is_filled() || rig.deceived(), "INV-14", [&] {
    return rig.name() + ": " + event + " with " + std::to_string(rig.vat().volume_ul) + " ul of "
           + (rig.vat().material.empty() ? "nothing" : rig.vat().material) + " in the vat";
  });
  counts_.must(!rig.ran_over() || rig.deceived(), "INV-13", rig.name() + ": the vat ran over");
}

// -- liveness -------------------------------------------------------------------------------------

std::vector<std::pair<std::string, std::string>> station_invariants::unrest() const {
  std::vector<std::pair<std::string, std::string>> found;
  auto* kernel = host_.kernel();
  for (const auto& rig : rigs_) {
    const auto* where = station_of(host_, *rig);
    if (!where) {
      found.emplace_back("LIV-2", rig->name() + " has no station");
      continue;
    }
    const auto live = kernel ? kernel->live().station(where->id) : std::nullopt;
    if (!live || !live->facts.fresh || !live->facts.pumps.connected)
      found.emplace_back("LIV-1", where->setup.name + " is not reconciled");
    const bool rests =
        where->state == station_state::idle || where->state == station_state::completed;
    if (!rests || where->has_open_job() || where->run || rig->running())
      found.emplace_back(
          "LIV-2", where->setup.name + " stays " + std::string{name_of(where->state)}
                       + (where->error ? ": " + std::string{name_of(where->error->cause)} : ""));
  }
  return found;
}

bool station_invariants::at_rest() const {
  return unrest().empty();
}

void station_invariants::rested() {
  counts_.check("LIV-1");
  counts_.check("LIV-2");
  for (const auto& [id, what] : unrest())
    counts_.violation(id, what);
}

} // namespace gantry::farm_sim
