#include "actors/journal_actor.hpp"

#include "actors/end_process.hpp"
#include "actors/state_cache.hpp"
#include "logging/log.hpp"
#include "storage/reader.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>
#include <deque>

namespace gantry::actors {

namespace {

using commit_promise = caf::typed_response_promise<commit_reply_ptr>;

/// A commit that is admitted and waits to become durable.
struct waiting_commit {
  uint64_t number = 0; ///< Durable once that many commits of this life are.
  uint64_t last_seq = 0;
  commit_promise promise;
  commit_reply_ptr reply;
  commit_request_ptr request;
};

struct journal_state {
  static inline constexpr auto name = "journal";
  services* shared = nullptr;
  std::unique_ptr<storage::journal> rules;
  writer_actor writer;
  state_cache cache;
  std::deque<waiting_commit> waiting;
  bool writing = false;
  uint64_t admitted = 0; ///< Commits of this life.
  uint64_t durable = 0;

  versioned_state load(const entity_ref& entity);
  void load_kind(entity_kind kind, std::vector<versioned_state>& out);
};

using journal_pointer = journal_actor::stateful_pointer<journal_state>;

versioned_state decoded(const entity_ref& entity, entity_version version,
                        const std::string& projection) {
  if (version == 0)
    return {entity, 0, std::make_shared<const any_state>(blank_state(entity.kind))};
  auto state = decode_state(entity.kind, projection);
  if (!state) {
    // A projection that cannot be read is never guessed at; doctor rebuilds it from the log.
    logging::write(logging::level::error, "journal", "a stored state cannot be read",
                   {{"entity", entity.text()}, {"why", state.why().text()}});
    return {entity, version, std::make_shared<const any_state>(blank_state(entity.kind))};
  }
  return {entity, version, std::make_shared<const any_state>(std::move(*state))};
}

versioned_state journal_state::load(const entity_ref& entity) {
  if (const auto* known = cache.find(entity))
    return *known;
  const auto stored = rules->load(entity);
  auto result = decoded(entity, stored.version, stored.projection);
  if (result.version > 0)
    cache.put(result);
  return result;
}

void journal_state::load_kind(entity_kind kind, std::vector<versioned_state>& out) {
  // Admitted states that are not durable yet are in the cache; they win over what the store holds.
  for (const auto& state : cache.of_kind(kind))
    out.push_back(state);
  for (const auto& stored : storage::reader{*shared->parts.store}.open(kind))
    if (!cache.find(stored.entity))
      out.push_back(decoded(stored.entity, stored.version, stored.json));
}

load_reply_ptr answer_load(journal_state& state, const load_request& request) {
  auto reply = std::make_shared<load_reply>();
  if (request.key) {
    const auto found =
        state.rules->look_up(request.key->principal, request.key->key, request.key->body_sha256);
    reply->key = found.answer;
    reply->reply = found.reply;
    if (found.answer != storage::admission::admitted)
      return reply;
  }
  for (const auto& entity : request.entities)
    reply->states.push_back(state.load(entity));
  for (const auto kind : request.kinds)
    state.load_kind(kind, reply->states);
  return reply;
}

void deliver_durable(journal_pointer self, uint64_t durable) {
  auto& state = self->state;
  auto newest = std::make_shared<std::vector<versioned_state>>();
  std::vector<waiting_commit> done;
  while (!state.waiting.empty() && state.waiting.front().number <= state.durable) {
    done.push_back(std::move(state.waiting.front()));
    state.waiting.pop_front();
  }
  for (const auto& each : done)
    if (each.request)
      newest->insert(newest->end(), each.request->states.begin(), each.request->states.end());
  state.shared->commits_durable += done.size();
  state.shared->feed.log_grew(durable);
  // Live owners hear of new states before the committer goes on.
  if (!newest->empty()) {
    self->send(state.shared->directory, committed_atom_v, committed_ptr{newest});
    self->send(state.shared->scheduler, committed_atom_v, committed_ptr{newest});
  }
  for (auto& each : done)
    each.promise.deliver(each.reply);
}

void write_next(journal_pointer self) {
  auto& state = self->state;
  if (state.writing)
    return;
  auto group = std::make_shared<storage::commit_group>(state.rules->take_group());
  if (group->empty())
    return;
  state.writing = true;
  self->request(state.writer, caf::infinite, write_atom_v, group_ptr{group})
      .then([self, commits = group->commits](uint64_t durable) {
        self->state.writing = false;
        self->state.durable += commits;
        self->state.rules->settled(durable);
        deliver_durable(self, durable);
        write_next(self);
      });
}

caf::result<commit_reply_ptr> admit(journal_pointer self, const commit_request_ptr& request) {
  auto& state = self->state;
  auto promise = self->make_response_promise<commit_promise>();
  auto reply = std::make_shared<commit_reply>();
  reply->result = state.rules->admit(std::move(request->content));
  state.shared->storage_low = reply->result.answer == storage::admission::storage_low;
  switch (reply->result.answer) {
  case storage::admission::admitted:
    for (const auto& each : request->states)
      state.cache.put(each);
    state.waiting.push_back({++state.admitted, reply->result.last_seq, promise, reply, request});
    write_next(self);
    return promise;
  case storage::admission::duplicate:
    // The first reply may not be durable yet; it is given when it is.
    if (reply->result.reply_seq > state.rules->durable_seq()) {
      const auto seq = reply->result.reply_seq;
      const auto position =
          std::find_if(state.waiting.begin(), state.waiting.end(),
                       [seq](const waiting_commit& each) { return each.last_seq > seq; });
      const auto number =
          position == state.waiting.begin() ? state.durable + 1 : std::prev(position)->number;
      state.waiting.insert(position, {number, seq, promise, reply, nullptr});
      return promise;
    }
    break;
  case storage::admission::stale:
  case storage::admission::key_reused:
  case storage::admission::storage_low:
    break;
  }
  promise.deliver(commit_reply_ptr{reply});
  return promise;
}

journal_actor::behavior_type journal(journal_pointer self, services* shared, const io_variant& io) {
  end_process_with(self, "journal", io.end);
  auto& state = self->state;
  state.shared = shared;
  state.rules =
      std::make_unique<storage::journal>(*shared->parts.store, storage::journal_options{});
  state.writer = spawn_writer(self->system(), *shared->parts.store, io);
  shared->feed.log_grew(state.rules->last_seq());
  return {
      [self](load_atom, const load_request_ptr& request) {
        return answer_load(self->state, *request);
      },
      [self](commit_atom, const commit_request_ptr& request) { return admit(self, request); },
      [self](keep_atom, const loose_batch_ptr& changes) {
        if (!self->state.shared->storage_low)
          self->send(self->state.writer, keep_atom_v, changes);
      },
  };
}

} // namespace

journal_actor spawn_journal(caf::actor_system& system, services& shared, const io_variant& io) {
  return system.spawn(journal, &shared, io);
}

} // namespace gantry::actors
