#include "bench/farm_sim/watched_store.hpp"

#include "rules/evolve.hpp"
#include "storage/record.hpp"

#include <algorithm>
#include <set>

namespace gantry::farm_sim {

namespace {

using storage::family;

/// The kind whose projections are kept in `where`.
std::optional<entity_kind> kind_in(family where) {
  for (size_t i = 0; i < entity_kinds; ++i)
    if (storage::family_of(static_cast<entity_kind>(i)) == where)
      return static_cast<entity_kind>(i);
  return std::nullopt;
}

} // namespace

std::unique_ptr<storage::snapshot> watched_store::read() const {
  if (!dead_ && on_read && on_read())
    throw storage::storage_error{"injected: the store cannot be read"};
  return inner_.read();
}

const known_entity* watched_store::find(const entity_ref& entity) const {
  const auto found = entities_.find(entity);
  return found == entities_.end() ? nullptr : &found->second;
}

void watched_store::write(const storage::batch& changes, bool synced) {
  if (dead_)
    return;
  auto stories = read_events(changes);
  compare_records(changes, stories);
  for (const auto& change : changes)
    counts_.event("write", change.key + (change.value ? "=" + *change.value : " deleted"));
  const auto what = synced && on_write ? on_write() : fate::written;
  if (what != fate::failed) {
    inner_.write(changes, synced);
    take(std::move(stories));
  }
  if (what != fate::written)
    throw storage::storage_error{"injected: the outcome of a write is not known"};
}

std::vector<watched_store::story> watched_store::read_events(const storage::batch& changes) {
  std::vector<story> stories;
  auto seq = last_seq_;
  for (const auto& change : changes) {
    if (change.where != family::events)
      continue;
    counts_.check("INV-24");
    auto envelope =
        change.value ? decode_envelope(*change.value) : result<event_envelope>{refusal{}};
    if (!envelope) {
      counts_.violation("INV-23", "an event cannot be read");
      continue;
    }
    story each{std::move(*envelope), {}, {}, {}};
    if (each.envelope.seq != ++seq || storage::read_be64(change.key) != seq)
      counts_.violation("INV-24", "event " + std::to_string(each.envelope.seq) + " follows after "
                                      + std::to_string(seq - 1));
    const auto earlier =
        std::find_if(stories.rbegin(), stories.rend(), [&each](const story& other) {
          return other.envelope.entity == each.envelope.entity;
        });
    if (earlier != stories.rend())
      each.before = earlier->after;
    else if (const auto* known = find(each.envelope.entity))
      each.before = *known;
    else
      each.before = {0, blank_state(each.envelope.entity.kind)};
    if (each.envelope.version != each.before.version + 1)
      counts_.violation("INV-24", each.envelope.entity.text() + " goes from version "
                                      + std::to_string(each.before.version) + " to "
                                      + std::to_string(each.envelope.version));
    auto event = decode_event(each.envelope.type, each.envelope.schema, each.envelope.data);
    if (!event) {
      counts_.violation("INV-23", "an event cannot be decoded: " + each.envelope.type);
      continue;
    }
    each.event = std::move(*event);
    each.after = {each.envelope.version,
                  rules::evolve(each.before.state, each.event, each.envelope.at)};
    stories.push_back(std::move(each));
  }
  return stories;
}

/// State and events of a batch must be the same story, complete on both sides.
void watched_store::compare_records(const storage::batch& changes,
                                    const std::vector<story>& stories) {
  std::map<entity_ref, const story*> newest;
  for (const auto& each : stories)
    newest[each.envelope.entity] = &each;
  std::set<entity_ref> recorded;
  for (const auto& change : changes) {
    const auto kind = kind_in(change.where);
    if (!kind)
      continue;
    const entity_ref entity{*kind, change.key};
    recorded.insert(entity);
    const auto told = newest.find(entity);
    counts_.must(told != newest.end(), "INV-25",
                 "the state of " + entity.text() + " is written without an event");
    if (told == newest.end())
      continue;
    // A group may hold several commits of one entity; the last record of it counts.
    const bool last =
        std::none_of(&change + 1, changes.data() + changes.size(), [&](const storage::change& x) {
          return x.where == change.where && x.key == change.key;
        });
    if (!last)
      continue;
    const auto record = change.value ? storage::decode_record(*change.value)
                                     : std::optional<storage::record_view>{};
    counts_.must(record && record->header.version == told->second->after.version, "INV-25",
                 "state and events of " + entity.text() + " have different versions");
    if (record)
      counts_.must(record->json == encode_state(told->second->after.state), "INV-23",
                   "the events of " + entity.text() + " do not lead to its state");
  }
  for (const auto& [entity, told] : newest)
    counts_.must(recorded.contains(entity), "INV-25",
                 "an event of " + entity.text() + " is written without its state");
}

void watched_store::take(std::vector<story> stories) {
  for (const auto& each : stories)
    entities_[each.envelope.entity] = each.after;
  if (!stories.empty())
    last_seq_ = stories.back().envelope.seq;
  if (on_event)
    for (const auto& each : stories)
      on_event({each.envelope, each.event, each.before, each.after});
  if (on_batch && !stories.empty())
    on_batch();
}

} // namespace gantry::farm_sim
