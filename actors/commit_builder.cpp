#include "actors/entity.hpp"
#include "rules/evolve.hpp"
#include "schemas/codec.hpp"
#include "schemas/defect.hpp"
#include "schemas/envelope.hpp"

#include <algorithm>

namespace gantry::actors {

namespace {

event_envelope envelope_for(const command_context& context, const rules::ruling& ruling,
                            const entity_ref& entity, const any_event& event, timestamp at) {
  event_envelope envelope;
  envelope.entity = entity;
  envelope.type = type_of(event);
  envelope.schema = current_schema(envelope.type);
  envelope.at = at;
  envelope.who = context.who;
  envelope.via = context.via;
  envelope.correlation = context.correlation;
  envelope.why = ruling.event_reason;
  envelope.why_params = ruling.event_params;
  if (envelope.why == reason::requested)
    envelope.why_params["principal"] = context.who.name;
  envelope.note = context.note;
  envelope.data = encode_event(event);
  return envelope;
}

versioned_state evolved(const rules::entity_events& write, const rules::facts& known,
                        timestamp at) {
  const auto position = known.items().find(write.entity);
  const bool exists = position != known.items().end() && position->second.version > 0;
  auto state = exists ? position->second.state : blank_state(write.entity.kind);
  for (const auto& event : write.events)
    state = rules::evolve(std::move(state), event, at);
  if (auto* what = std::get_if<run>(&state); what && GANTRY_DEFECT("INV-23"))
    ++what->layer;
  return {write.entity, known.version_of(write.entity) + write.events.size(),
          std::make_shared<const any_state>(std::move(state))};
}

/// A change that has begun is brought to its end whatever the disk says.
bool is_settling_station(const any_command& body) {
  using namespace commands;
  return std::holds_alternative<observe_station>(body) || std::holds_alternative<wake_station>(body)
         || std::holds_alternative<station_control_settled>(body)
         || std::holds_alternative<station_wait_over>(body)
         || std::holds_alternative<station_step_overdue>(body)
         || std::holds_alternative<station_pump_settled>(body)
         || std::holds_alternative<station_lock_over>(body)
         || std::holds_alternative<emergency_stop_station>(body)
         || std::holds_alternative<acknowledge_station>(body)
         || std::holds_alternative<control_station>(body)
         || std::holds_alternative<stop_station>(body)
         || std::holds_alternative<stop_station_pump>(body)
         || std::holds_alternative<answer_station>(body);
}

storage::record_write record_for(const rules::record_change& change) {
  if (change.person)
    return {storage::family::customers, change.key, to_json_text(*change.person)};
  if (change.secret && !change.secret->empty())
    return {storage::family::secrets, change.key, *change.secret};
  return {storage::family::secrets, change.key, std::nullopt};
}

} // namespace

bool is_settling(const any_command& body) {
  using namespace commands;
  return std::holds_alternative<upload_settled>(body) || std::holds_alternative<start_settled>(body)
         || std::holds_alternative<start_overdue>(body)
         || std::holds_alternative<fence_settled>(body) || std::holds_alternative<observe>(body)
         || std::holds_alternative<action_settled>(body) || std::holds_alternative<cancel_run>(body)
         || std::holds_alternative<pause_run>(body) || std::holds_alternative<settle_run>(body)
         || std::holds_alternative<quarantine_printer>(body)
         || std::holds_alternative<set_printer_mode>(body) || is_settling_station(body);
}

commit_request build_commit(const command& request, const rules::ruling& ruling,
                            const rules::facts& known, timestamp at) {
  commit_request result;
  for (const auto& write : ruling.writes) {
    result.states.push_back(evolved(write, known, at));
    storage::entity_write entry;
    entry.entity = write.entity;
    entry.expected = known.version_of(write.entity);
    for (const auto& event : write.events)
      entry.events.push_back(envelope_for(request.context, ruling, write.entity, event, at));
    entry.projection = encode_state(*result.states.back().state);
    entry.open = is_open(*result.states.back().state);
    result.content.writes.push_back(std::move(entry));
  }
  for (const auto& entity : ruling.relied_on)
    if (std::ranges::find(ruling.writes, entity, &rules::entity_events::entity)
        == ruling.writes.end())
      result.content.required.push_back({entity, known.version_of(entity)});
  for (const auto& change : ruling.records)
    result.content.records.push_back(record_for(change));
  result.content.how =
      is_settling(request.body) ? storage::urgency::settle : storage::urgency::normal;
  return result;
}

} // namespace gantry::actors
