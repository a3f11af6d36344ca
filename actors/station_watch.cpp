#include "actors/station_watch.hpp"

#include "actors/station_core.hpp"
#include "logging/log.hpp"
#include "storage/reader.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <set>

namespace gantry::actors {

namespace {

constexpr std::chrono::seconds watch_pause{2};

struct watch_state {
  static inline constexpr auto name = "station_watch";
  std::set<station_id> stalled;
};

using watch_pointer = station_watch_actor::stateful_pointer<watch_state>;

int64_t seconds_since(hal::mono_time then, hal::mono_time now) {
  return std::chrono::duration_cast<std::chrono::seconds>(now - then).count();
}

/// Says once per standstill in the log that a control loop stands still, and shows it as long as it
/// does. The pumps need nobody to act: their leases run out.
void look(watch_pointer self, services& shared) {
  const auto now = shared.parts.clock->mono();
  for (const auto& [id, beat] : shared.stations.beats()) {
    const bool stalls = now - beat > loop_stall;
    if (shared.live.put_stalled(id, stalls ? seconds_since(beat, now) : 0))
      shared.feed.live_changed(shared.live.revision());
    if (!stalls)
      self->state.stalled.erase(id);
    else if (self->state.stalled.insert(id).second)
      logging::write(
          logging::level::error, "stations",
          render(reason::station_loop_stalled,
                 {{"station", id.value}, {"seconds", std::to_string(seconds_since(beat, now))}}),
          {{"station", id.value}});
  }
}

station_watch_actor::behavior_type watch(watch_pointer self, services* shared) {
  self->delayed_send(self, watch_pause, wake_atom_v);
  return {[self, shared](wake_atom) {
    look(self, *shared);
    self->delayed_send(self, watch_pause, wake_atom_v);
  }};
}

} // namespace

station_watch_actor spawn_station_watch(caf::actor_system& system, services& shared) {
  return system.spawn(watch, &shared);
}

void add_station_checks(std::vector<health_check>& checks, const services& shared) {
  const auto now = shared.parts.clock->mono();
  const auto beats = shared.stations.beats();
  const storage::reader view{*shared.parts.store};
  for (const auto& stored : view.open(entity_kind::station)) {
    const auto decoded = decode_state(entity_kind::station, stored.json);
    if (!decoded)
      continue;
    const auto& where = std::get<station>(*decoded);
    const auto live = shared.live.station(where.id);
    const auto beat = beats.find(where.id);
    const auto delta = beat == beats.end() ? -1 : seconds_since(beat->second, now);
    const bool moves = delta >= 0 && delta <= loop_stall.count();
    const bool guarded = where.setup.pump_bank.empty() || (live && live->facts.pumps.connected);
    std::string detail = where.setup.name + " is " + std::string{name_of(where.state)};
    detail += live && live->facts.fresh ? "; its printer answers" : "; its printer does not answer";
    detail += guarded ? "" : "; its pumps have no guard";
    const bool sound = !live || live->facts.pumps.faults.empty();
    if (!sound)
      detail += "; fault: " + live->facts.pumps.faults.front();
    detail += delta < 0 ? "; its control has not begun yet."
                        : "; its control moved " + std::to_string(delta) + " s ago.";
    checks.push_back({"station:" + where.id.value, moves && guarded && sound, std::move(detail)});
  }
}

} // namespace gantry::actors
