#include "actors/scheduler.hpp"

#include "actors/end_process.hpp"
#include "logging/log.hpp"
#include "rules/schedule.hpp"
#include "storage/reader.hpp"

#include <algorithm>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <map>
#include <set>

namespace gantry::actors {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Changes within this time are looked at together.
constexpr milliseconds gathering_time{30};
/// While runs wait, the scheduler also looks at this pace: some objections pass by time alone.
constexpr milliseconds waiting_pace{1'000};
/// Pause of a printer after it gave a run back; doubled with each further time.
constexpr seconds cooling_first{5};
constexpr seconds cooling_most{300};

/// A printer's recent luck with dispatches.
struct cooling {
  int failures = 0;
  hal::mono_time until{0};
};

struct scheduler_state {
  static inline constexpr auto name = "scheduler";
  services* shared = nullptr;
  std::map<run_id, run> runs;
  std::map<plan_id, plan> plans;
  std::map<profile_id, profile> profiles;
  std::map<printer_id, printer> printers;
  std::map<printer_id, cooling> cooldowns;
  /// Proposals that are being decided.
  std::map<run_id, printer_id> proposed;
  std::set<run_id> explained;
  uint64_t epoch = 0;
  bool due_soon = false;
};

using scheduler_pointer = scheduler_actor::stateful_pointer<scheduler_state>;

bool waits(const run& x) {
  return x.state == run_state::queued || x.state == run_state::approval;
}

/// Notices whether a printer gave its run back or began to print it.
void judge_luck(scheduler_state& state, const printer& before, const printer& after) {
  auto& luck = state.cooldowns[after.id];
  const bool began = after.ticket && after.ticket->phase == ticket_phase::printing;
  if (began)
    luck = {};
  if (!before.ticket || after.ticket || before.ticket->phase >= ticket_phase::printing)
    return;
  const auto pause =
      std::min<seconds>(cooling_first * (1 << std::min(luck.failures, 6)), cooling_most);
  ++luck.failures;
  luck.until = state.shared->parts.clock->mono() + pause;
}

void take(scheduler_state& state, const any_state& newest) {
  if (const auto* x = std::get_if<run>(&newest)) {
    if (waits(*x))
      state.runs[x->id] = *x;
    else
      state.runs.erase(x->id);
  } else if (const auto* how = std::get_if<plan>(&newest)) {
    if (is_open(newest))
      state.plans[how->id] = *how;
    else
      state.plans.erase(how->id);
  } else if (const auto* slicing = std::get_if<profile>(&newest)) {
    auto& kept = state.profiles[slicing->id];
    kept = *slicing;
    // Texts are long and of no use here.
    kept.versions.clear();
  } else if (const auto* where = std::get_if<printer>(&newest)) {
    judge_luck(state, state.printers[where->id], *where);
    state.printers[where->id] = *where;
    if (where->mode == printer_mode::retired)
      state.printers.erase(where->id);
  }
}

/// Arms the next look; a look that was armed before is void then.
void arm_look(scheduler_pointer self, milliseconds pause) {
  self->delayed_send(self, pause, wake_atom_v, ++self->state.epoch);
}

/// Looks after the gathering time, however many changes ask for it.
void look_soon(scheduler_pointer self) {
  if (std::exchange(self->state.due_soon, true))
    return;
  arm_look(self, gathering_time);
}

std::vector<rules::candidate> candidates(const scheduler_state& state) {
  const auto now = state.shared->parts.clock->mono();
  std::vector<rules::candidate> result;
  for (const auto& [id, where] : state.printers) {
    rules::candidate each{&where, {}, false};
    if (const auto live = state.shared->live.printer(id))
      each.report = live->report_at(now);
    const auto luck = state.cooldowns.find(id);
    each.cooling_down = luck != state.cooldowns.end() && luck->second.until > now;
    result.push_back(std::move(each));
  }
  std::erase_if(result, [&state](const rules::candidate& each) {
    return std::ranges::any_of(state.proposed,
                               [&each](const auto& pair) { return pair.second == each.where->id; });
  });
  return result;
}

std::vector<rules::dispatch_need> needs(const scheduler_state& state) {
  std::vector<rules::dispatch_need> result;
  for (const auto& [id, what] : state.runs) {
    if (state.proposed.contains(id))
      continue;
    rules::dispatch_need need{&what, nullptr, nullptr};
    if (const auto how = state.plans.find(what.plan); how != state.plans.end()) {
      need.how = &how->second;
      if (const auto* revision = how->second.current())
        if (const auto slicing = state.profiles.find(revision->profile);
            slicing != state.profiles.end())
          need.slicing = &slicing->second;
    }
    result.push_back(need);
  }
  return result;
}

void propose(scheduler_pointer self, const rules::proposal& idea) {
  auto& state = self->state;
  state.proposed[idea.what] = idea.where;
  command request;
  request.context.who = kernel_principal("scheduler");
  request.context.via = "scheduler";
  request.context.correlation = idea.what.value;
  commands::reserve_run body{idea.where, idea.what, {}};
  if (const auto live = state.shared->live.printer(idea.where))
    body.report = live->report_at(state.shared->parts.clock->mono());
  request.body = std::move(body);
  const auto settle = [self, idea](const command_reply& reply) {
    auto& now = self->state;
    now.proposed.erase(idea.what);
    if (reply.code != reason::ok) {
      // A refusal that the rules did not foresee would be repeated at once; give it a moment.
      now.cooldowns[idea.where].until =
          now.shared->parts.clock->mono() + std::chrono::nanoseconds{seconds{2}};
      logging::write(logging::level::info, "scheduler", "a printer refused a proposal",
                     {{"run", idea.what.value},
                      {"printer", idea.where.value},
                      {"why", std::string{to_string(reply.code)}}});
    }
    look_soon(self);
  };
  self->request(state.shared->directory, caf::infinite, command_atom_v,
                command_ptr{std::make_shared<const command>(std::move(request))})
      .then([settle](const reply_ptr& reply) { settle(*reply); },
            [settle](const caf::error&) { settle(refusal_reply({}, reason::busy)); });
}

void explain(scheduler_state& state, const rules::schedule& found) {
  std::set<run_id> now;
  for (const auto& [id, objections] : found.waiting) {
    std::vector<rejection> shown;
    for (const auto& each : objections)
      shown.push_back({each.printer, each.name, each.why.code, each.why.params});
    state.shared->live.put_waiting(id, std::move(shown));
    now.insert(id);
  }
  for (const auto& id : state.explained)
    if (!now.contains(id) && !state.proposed.contains(id))
      state.shared->live.put_waiting(id, {});
  state.explained = std::move(now);
  state.shared->feed.live_changed(state.shared->live.revision());
}

void look(scheduler_pointer self) {
  auto& state = self->state;
  state.due_soon = false;
  const auto found =
      rules::make_schedule(needs(state), candidates(state), *state.shared->rules.load());
  explain(state, found);
  for (const auto& idea : found.proposals)
    propose(self, idea);
  if (!state.runs.empty() && !state.due_soon)
    arm_look(self, waiting_pace);
}

void load_open(scheduler_state& state) {
  const storage::reader reader{*state.shared->parts.store};
  for (const auto kind :
       {entity_kind::profile, entity_kind::printer, entity_kind::plan, entity_kind::run})
    for (const auto& stored : reader.open(kind))
      if (const auto decoded = decode_state(kind, stored.json))
        take(state, *decoded);
}

scheduler_actor::behavior_type scheduler(scheduler_pointer self, services* shared,
                                         const io_variant& io) {
  end_process_with(self, "scheduler", io.end);
  self->state.shared = shared;
  load_open(self->state);
  look_soon(self);
  return {
      [self](committed_atom, const committed_ptr& states) {
        for (const auto& each : *states)
          take(self->state, *each.state);
        look_soon(self);
      },
      [self](wake_atom) { look_soon(self); },
      [self](wake_atom, uint64_t epoch) {
        if (epoch == self->state.epoch)
          look(self);
      },
  };
}

} // namespace

scheduler_actor spawn_scheduler(caf::actor_system& system, services& shared, const io_variant& io) {
  return system.spawn(scheduler, &shared, io);
}

} // namespace gantry::actors
