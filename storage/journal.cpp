#include "storage/journal.hpp"

#include "schemas/defect.hpp"
#include "storage/entity_cache.hpp"
#include "storage/idempotency_key.hpp"
#include "storage/record.hpp"

#include <algorithm>
#include <chrono>
#include <deque>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace gantry::storage {

namespace {

/// A request whose commit is admitted but not yet durable.
struct pending_key {
  std::string body_sha256;
  std::string reply;
  uint64_t seq = 0;
};

/// A group and the keys that become findable in the store with it.
struct numbered_group {
  commit_group content;
  std::vector<std::string> keys;
};

/// Expired keys are looked for once in so many keyed commits...
constexpr size_t key_sweep_interval = 64;
/// ...among so many stored keys, which the next sweep goes on from.
constexpr size_t key_sweep_size = 256;

int64_t milliseconds_of(timestamp at) {
  return at.time_since_epoch().count();
}

/// Number and wall time of the newest event in the store.
std::pair<uint64_t, int64_t> newest_event(const snapshot& view) {
  std::pair<uint64_t, int64_t> newest{0, 0};
  view.scan(family::events, {}, {}, true, [&newest](std::string_view key, std::string_view bytes) {
    newest.first = read_be64(key);
    if (const auto envelope = decode_envelope(bytes))
      newest.second = milliseconds_of(envelope->at);
    return false;
  });
  return newest;
}

/// Refuses what no caller may ask for: a bug, not a situation.
void check_form(const commit& what) {
  for (size_t i = 0; i < what.writes.size(); ++i) {
    const auto& entity = what.writes[i].entity;
    if (what.writes[i].events.empty() || entity.id.find('\0') != std::string::npos)
      throw storage_error{"malformed write of " + entity.text()};
    for (size_t j = 0; j < i; ++j)
      if (what.writes[j].entity == entity)
        throw storage_error{"two writes of " + entity.text() + " in one commit"};
  }
  for (const auto& x : what.records) {
    const auto allowed = x.where == family::customers || x.where == family::secrets
                         || x.where == family::cursors
                         || (x.where == family::meta && x.key == "restored");
    if (!allowed)
      throw storage_error{"no records are kept in that family: " + x.key};
  }
}

} // namespace

struct journal::state {
  const store& where;
  journal_options options;
  uint64_t last_seq = 0;
  uint64_t durable_seq = 0;
  int64_t newest_at_ms = 0; ///< Wall time of the newest event.
  entity_cache entities;
  std::unordered_map<std::string, pending_key> pending_keys;
  std::deque<numbered_group> open;  ///< Not yet taken; all but the last are full.
  std::deque<numbered_group> taken; ///< Being written; `changes` have been given away.
  uint64_t free_bytes = 0;          ///< On the disk when the newest group was begun.
  std::string sweep_from;
  size_t keyed_commits = 0;

  state(const store& x, journal_options y) : where{x}, options{y}, entities{y.cached_entities_max} {
    std::tie(last_seq, newest_at_ms) = newest_event(*where.read());
    durable_seq = last_seq;
  }

  /// The newest admitted state; null if the entity does not exist.
  const cached_entity* find(const entity_ref& entity) {
    if (const auto* known = entities.find(entity))
      return known;
    const auto bytes = where.read()->get(family_of(entity.kind), entity.id);
    if (!bytes)
      return nullptr;
    const auto record = decode_record(*bytes);
    if (!record)
      throw storage_error{"unreadable record of " + entity.text()};
    return &entities.put({entity, record->header, std::string{record->json}}, durable_seq);
  }

  entity_version version_of(const entity_ref& entity) {
    const auto* known = find(entity);
    return known != nullptr ? known->header.version : 0;
  }

  bool check_version(const entity_ref& entity, entity_version expected, admission_result& answer) {
    const auto actual = version_of(entity);
    if (actual == expected)
      return true;
    answer.answer = admission::stale;
    answer.stale_entity = entity;
    answer.stale_expected = expected;
    answer.stale_actual = actual;
    return false;
  }

  admission_result look_up(const std::string& stored, const std::string& body_sha256) const {
    const auto answer_of = [&](const std::string& body, const std::string& reply, uint64_t seq) {
      admission_result answer;
      answer.answer = body == body_sha256 ? admission::duplicate : admission::key_reused;
      if (answer.answer == admission::duplicate) {
        answer.reply = reply;
        answer.reply_seq = seq;
      }
      return answer;
    };
    if (GANTRY_DEFECT("INV-21"))
      return {};
    if (const auto position = pending_keys.find(stored); position != pending_keys.end()) {
      const auto& [body, reply, seq] = position->second;
      // A commit without events has the number of the one before, which may be durable already.
      return answer_of(body, reply, std::max(seq, durable_seq + 1));
    }
    const auto bytes = where.read()->get(family::keys, stored);
    const auto record = bytes ? decode_key_record(*bytes) : std::nullopt;
    if (bytes && !record)
      throw storage_error{"unreadable idempotency key"};
    return record ? answer_of(record->body_sha256, record->reply, durable_seq) : admission_result{};
  }

  bool begins_group() const {
    return open.empty() || open.back().content.commits >= options.group_commits_max;
  }

  /// The disk is asked once per group: what one group writes is small beside the floor.
  bool has_room() {
    if (begins_group())
      free_bytes = where.free_bytes();
    return free_bytes >= options.free_bytes_floor;
  }

  numbered_group& group() {
    if (begins_group())
      open.emplace_back();
    return open.back();
  }

  void add_events(entity_write& write, record_header& header, batch& changes) {
    for (auto& event : write.events) {
      event.entity = write.entity;
      event.seq = ++last_seq;
      if (GANTRY_DEFECT("INV-24") && event.seq % 50 == 0)
        ++header.version;
      event.version = ++header.version;
      newest_at_ms = milliseconds_of(event.at);
      changes.push_back({family::events, be64(event.seq), encode_envelope(event)});
      changes.push_back(
          {family::streams, stream_key(write.entity, event.version), be64(event.seq)});
    }
  }

  void add_write(entity_write& write, batch& changes) {
    const auto* before = find(write.entity);
    const auto created = before == nullptr;
    const auto was_open = !created && before->header.open;
    auto header = created ? record_header{} : before->header;
    if (created)
      header.created_seq = last_seq + 1;
    add_events(write, header, changes);
    header.updated_seq = last_seq;
    header.open = write.open;
    header.fold_version = fold_of(options.folds, write.entity.kind);
    if (created)
      changes.push_back(
          {family::index, created_key(write.entity.kind, header.created_seq), write.entity.id});
    if (write.open && !was_open)
      changes.push_back({family::index, open_key(write.entity), be64(header.created_seq)});
    if (!write.open && was_open)
      changes.push_back({family::index, open_key(write.entity), std::nullopt});
    changes.push_back(
        {family_of(write.entity.kind), write.entity.id, encode_record(header, write.projection)});
    entities.put({std::move(write.entity), header, std::move(write.projection)}, durable_seq);
  }

  void add_key(const std::string& stored, idempotency& key, numbered_group& target) {
    target.content.changes.push_back(
        {family::keys, stored, encode_key_record({newest_at_ms, key.body_sha256, key.reply})});
    target.keys.push_back(stored);
    pending_keys[stored] = {std::move(key.body_sha256), std::move(key.reply), last_seq};
    if (++keyed_commits % key_sweep_interval == 0)
      sweep_keys(target.content.changes);
  }

  /// Deletes the expired ones of the next few stored keys.
  void sweep_keys(batch& changes) {
    const auto oldest_ms = newest_at_ms - options.key_lifetime_ms;
    size_t seen = 0;
    std::string next;
    where.read()->scan(family::keys, {}, sweep_from, false,
                       [&](std::string_view key, std::string_view value) {
                         if (++seen > key_sweep_size) {
                           next = key;
                           return false;
                         }
                         const auto record = decode_key_record(value);
                         const std::string name{key};
                         if (record && record->at_ms < oldest_ms && !pending_keys.contains(name))
                           changes.push_back({family::keys, name, std::nullopt});
                         return true;
                       });
    sweep_from = std::move(next);
  }
};

journal::journal(const store& where, journal_options options)
    : state_{std::make_unique<state>(where, options)} {
  // nop
}

journal::~journal() = default;

admission_result journal::look_up(const std::string& principal, const std::string& key,
                                  const std::string& body_sha256) const {
  return state_->look_up(stored_key(principal, key), body_sha256);
}

admission_result journal::admit(commit what) {
  check_form(what);
  std::string stored;
  if (what.key) {
    stored = stored_key(what.key->principal, what.key->key);
    auto known = state_->look_up(stored, what.key->body_sha256);
    if (known.answer != admission::admitted)
      return known;
  }
  admission_result answer;
  const auto has_room = state_->has_room() || GANTRY_DEFECT("INV-34");
  if (what.how == urgency::normal && !has_room) {
    answer.answer = admission::storage_low;
    return answer;
  }
  const auto current = [&](const entity_ref& entity, entity_version expected) {
    return state_->check_version(entity, expected, answer);
  };
  if (!std::ranges::all_of(what.writes, [&](auto& x) { return current(x.entity, x.expected); })
      || !std::ranges::all_of(what.required, [&](auto& x) { return current(x.entity, x.version); }))
    return answer;
  auto& group = state_->group();
  for (auto& x : what.writes)
    state_->add_write(x, group.content.changes);
  for (auto& x : what.records)
    group.content.changes.push_back({x.where, std::move(x.key), std::move(x.value)});
  if (what.key)
    state_->add_key(stored, *what.key, group);
  ++group.content.commits;
  group.content.last_seq = state_->last_seq;
  answer.last_seq = state_->last_seq;
  return answer;
}

bool journal::has_open_group() const {
  return !state_->open.empty();
}

commit_group journal::take_group() {
  if (state_->open.empty())
    return {};
  auto next = std::move(state_->open.front());
  state_->open.pop_front();
  auto content = std::move(next.content);
  next.content = {.changes = {}, .last_seq = content.last_seq, .commits = content.commits};
  state_->taken.push_back(std::move(next));
  return content;
}

void journal::settled(uint64_t last_seq) {
  auto& taken = state_->taken;
  if (taken.empty() || taken.front().content.last_seq != last_seq)
    throw storage_error{"groups were not settled in the order they were taken"};
  for (const auto& key : taken.front().keys)
    state_->pending_keys.erase(key);
  taken.pop_front();
  state_->durable_seq = last_seq;
}

loaded_entity journal::load(const entity_ref& entity) const {
  const auto* known = state_->find(entity);
  if (known == nullptr)
    return {.entity = entity, .version = 0, .projection = {}};
  return {.entity = entity, .version = known->header.version, .projection = known->json};
}

uint64_t journal::last_seq() const {
  return state_->last_seq;
}

uint64_t journal::durable_seq() const {
  return state_->durable_seq;
}

} // namespace gantry::storage
