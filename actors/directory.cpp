#include "actors/directory.hpp"

#include "actors/desk.hpp"
#include "actors/printer_actor.hpp"
#include "actors/station_actor.hpp"
#include "logging/log.hpp"
#include "schemas/defect.hpp"

#include <caf/exit_reason.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>
#include <deque>
#include <map>

namespace gantry::actors {

namespace {

using reply_promise = caf::typed_response_promise<reply_ptr>;

/// A live entity.
struct live_entity {
  entity_actor handle;
  hal::mono_time last_used{0};
};

struct directory_state {
  static inline constexpr auto name = "directory";
  services* shared = nullptr;
  std::map<entity_ref, live_entity> live;
  std::map<caf::actor_addr, entity_ref> by_address;
  std::map<entity_ref, std::deque<hal::mono_time>> crashes;
  /// Additions and edits of printers and stations, which must see one another's names and
  /// addresses; one at a time.
  std::deque<std::pair<command_ptr, reply_promise>> set_ups;
  bool setting_up = false;
};

using directory_pointer = directory_actor::stateful_pointer<directory_state>;

/// Unused for so long that no answer can be on its way any more.
constexpr std::chrono::seconds idle_before_leaving{120};

entity_actor spawn_for(directory_pointer self, const entity_ref& entity, bool may_connect) {
  auto& system = self->system();
  auto& shared = *self->state.shared;
  if (entity.kind == entity_kind::printer)
    return caf::actor_cast<entity_actor>(spawn_printer(system, shared, entity, may_connect));
  if (entity.kind == entity_kind::station)
    return caf::actor_cast<entity_actor>(spawn_station(system, shared, entity, may_connect));
  if (entity.kind == entity_kind::plan)
    return spawn_plan(system, shared, entity);
  return spawn_entity(system, shared, entity);
}

/// Stops the longest unused entity without a machine, if there are too many.
void make_room(directory_state& state, directory_pointer self) {
  if (state.live.size() < live_entities_max)
    return;
  const auto now = state.shared->parts.clock->mono();
  auto oldest = state.live.end();
  for (auto position = state.live.begin(); position != state.live.end(); ++position)
    if (position->first.kind != entity_kind::printer && position->first.kind != entity_kind::plan
        && position->first.kind != entity_kind::station
        && (oldest == state.live.end() || position->second.last_used < oldest->second.last_used))
      oldest = position;
  if (oldest == state.live.end() || now - oldest->second.last_used < idle_before_leaving)
    return;
  self->demonitor(oldest->second.handle.address());
  state.by_address.erase(oldest->second.handle.address());
  self->send_exit(oldest->second.handle, caf::exit_reason::normal);
  state.live.erase(oldest);
}

entity_actor& find_or_spawn(directory_pointer self, const entity_ref& entity,
                            bool may_connect = true) {
  auto& state = self->state;
  auto position = state.live.find(entity);
  if (position == state.live.end()) {
    make_room(state, self);
    position =
        state.live.emplace(entity, live_entity{spawn_for(self, entity, may_connect), {}}).first;
    self->monitor(position->second.handle);
    state.by_address[position->second.handle.address()] = entity;
  }
  position->second.last_used = state.shared->parts.clock->mono();
  return position->second.handle;
}

/// True if the entity has something to do by itself, so that its actor must be there.
bool must_live(const any_state& state) {
  if (const auto* where = std::get_if<printer>(&state))
    return where->mode != printer_mode::retired;
  if (const auto* where = std::get_if<station>(&state))
    return !where->retired;
  if (const auto* how = std::get_if<plan>(&state))
    return how->state == plan_state::checking || how->state == plan_state::slicing;
  return false;
}

void pass_on(directory_pointer self, const committed_ptr& states) {
  auto& state = self->state;
  for (const auto& each : *states) {
    if (const auto* changed = std::get_if<settings>(each.state.get()))
      state.shared->rules.store(std::make_shared<const settings>(*changed));
    const auto position = state.live.find(each.entity);
    if (position != state.live.end())
      self->send(position->second.handle, committed_atom_v, states);
    else if (must_live(*each.state))
      find_or_spawn(self, each.entity);
  }
}

void set_up_next(directory_pointer self) {
  auto& state = self->state;
  if (state.setting_up || state.set_ups.empty())
    return;
  state.setting_up = true;
  auto [request, promise] = std::move(state.set_ups.front());
  state.set_ups.pop_front();
  const auto entity = initiator_of(*request);
  auto done = [self, promise = promise](const reply_ptr& reply) mutable {
    self->state.setting_up = false;
    promise.deliver(reply);
    set_up_next(self);
  };
  self->request(find_or_spawn(self, entity), caf::infinite, command_atom_v, request)
      .then(done, [done, entity](const caf::error&) mutable {
        done(reply_ptr{std::make_shared<const command_reply>(
            refusal_reply(entity, reason::busy, {{"entity", entity.text()}}))});
      });
}

bool is_set_up(const any_command& body) {
  return std::holds_alternative<commands::add_printer>(body)
         || std::holds_alternative<commands::edit_printer>(body)
         || std::holds_alternative<commands::add_station>(body)
         || std::holds_alternative<commands::edit_station>(body)
         || std::holds_alternative<commands::take_station_files>(body);
}

caf::result<reply_ptr> route(directory_pointer self, const command_ptr& request,
                             const entity_ref& entity) {
  if (is_set_up(request->body)) {
    auto promise = self->make_response_promise<reply_promise>();
    self->state.set_ups.emplace_back(request, promise);
    set_up_next(self);
    return promise;
  }
  return self->delegate(find_or_spawn(self, entity), command_atom_v, request);
}

/// Counts a crash; returns the pause before the next start, or nothing if the entity has crashed
/// too often.
std::optional<std::chrono::milliseconds> count_crash(directory_state& state,
                                                     const entity_ref& entity) {
  auto& crashes = state.crashes[entity];
  const auto now = state.shared->parts.clock->mono();
  crashes.push_back(now);
  while (!crashes.empty() && now - crashes.front() > crash_period)
    crashes.pop_front();
  if (crashes.size() > crashes_max && !GANTRY_DEFECT("INV-32"))
    return std::nullopt;
  return std::chrono::milliseconds{100} * (1 << (crashes.size() - 1));
}

void set_aside(directory_pointer self, const entity_ref& entity) {
  auto& state = self->state;
  ++state.shared->quarantined;
  const auto failures = static_cast<int64_t>(state.crashes[entity].size());
  state.crashes.erase(entity);
  command request;
  request.context.who = kernel_principal("supervisor");
  request.context.via = "supervisor";
  request.body = commands::quarantine_printer{printer_id{entity.id}, failures};
  caf::anon_send(find_or_spawn(self, entity, false), command_atom_v,
                 command_ptr{std::make_shared<const command>(std::move(request))});
}

/// A station that keeps failing gets an actor without a connection and is stopped as in an
/// emergency: its pumps stay off, its print gets no changes any more, and people are told so. Their
/// acknowledgement gives it a connection again.
void stop_station(directory_pointer self, const entity_ref& entity) {
  auto& state = self->state;
  ++state.shared->quarantined;
  const auto failures = state.crashes[entity].size();
  state.crashes.erase(entity);
  command request;
  request.context.who = kernel_principal("supervisor");
  request.context.via = "supervisor";
  request.context.note = "Its control failed " + std::to_string(failures) + " times within "
                         + std::to_string(crash_period.count()) + " s.";
  request.body = commands::emergency_stop_station{station_id{entity.id}, false, {}};
  caf::anon_send(find_or_spawn(self, entity, false), command_atom_v,
                 command_ptr{std::make_shared<const command>(std::move(request))});
}

void take_down(directory_pointer self, const caf::down_msg& down) {
  auto& state = self->state;
  const auto position = state.by_address.find(down.source);
  if (position == state.by_address.end())
    return;
  const auto entity = position->second;
  state.by_address.erase(position);
  state.live.erase(entity);
  if (down.reason == caf::exit_reason::normal || down.reason == caf::exit_reason::user_shutdown)
    return;
  ++state.shared->entity_failures;
  logging::write(logging::level::error, "supervisor", "an entity's actor failed",
                 {{"entity", entity.text()}, {"why", self->system().render(down.reason)}});
  const auto pause = count_crash(state, entity);
  if (pause)
    self->delayed_send(self, *pause, restart_atom_v, static_cast<uint8_t>(entity.kind), entity.id);
  else if (entity.kind == entity_kind::printer)
    set_aside(self, entity);
  else if (entity.kind == entity_kind::station)
    stop_station(self, entity);
}

void stop_all(directory_pointer self) {
  for (const auto& [entity, live] : self->state.live)
    self->send_exit(live.handle, caf::exit_reason::user_shutdown);
  self->state.live.clear();
}

directory_actor::behavior_type directory(directory_pointer self, services* shared,
                                         const process_end& end) {
  end_process_with(self, "directory", end);
  self->state.shared = shared;
  self->set_down_handler([self](caf::down_msg& down) { take_down(self, down); });
  self->set_exit_handler([self](caf::exit_msg& exit) {
    stop_all(self);
    self->quit(exit.reason);
  });
  return {
      [self](command_atom, const command_ptr& request) {
        return route(self, request, initiator_of(*request));
      },
      [self](command_atom, const command_ptr& request, uint8_t kind, const std::string& id) {
        return route(self, request, {static_cast<entity_kind>(kind), id});
      },
      [self](committed_atom, const committed_ptr& states) { pass_on(self, states); },
      [self](restart_atom, uint8_t kind, const std::string& id) {
        static_cast<void>(find_or_spawn(self, {static_cast<entity_kind>(kind), id}));
      },
  };
}

} // namespace

directory_actor spawn_directory(caf::actor_system& system, services& shared,
                                const process_end& end) {
  return system.spawn(directory, &shared, end);
}

} // namespace gantry::actors
