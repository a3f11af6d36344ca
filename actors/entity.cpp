#include "actors/entity.hpp"
#include "schemas/defect.hpp"

#include <algorithm>

namespace gantry::actors {

entity::entity(entity_ref self, entity_host& host) : ref_{std::move(self)}, host_{host} {
  // nop
}

void entity::submit(command request, reply_handler then) {
  const bool external = !request.context.idempotency_key.empty();
  if (external && waiting_.size() >= waiting_commands_max && !GANTRY_DEFECT("INV-33")) {
    if (then)
      then(refusal_reply(ref_, reason::busy, {{"entity", ref_.text()}}));
    return;
  }
  waiting_.emplace_back(std::move(request), std::move(then));
  begin_next();
}

void entity::adopt(const versioned_state& newer) {
  if (newer.version <= version_ && state_)
    return;
  version_ = newer.version;
  state_ = newer.state;
  on_state();
}

void entity::load() {
  auto request = std::make_shared<load_request>();
  request->entities.push_back(ref_);
  host_.load(std::move(request), [this](const load_reply& reply) {
    for (const auto& loaded : reply.states)
      if (loaded.entity == ref_)
        adopt(loaded);
  });
}

command entity::internal_command(any_command body, const std::string& part) const {
  command request;
  request.context.who = kernel_principal(part);
  request.context.via = part;
  request.context.correlation = ref_.id;
  request.body = std::move(body);
  return request;
}

void entity::on_effect(const rules::effect& what) {
  if (const auto* forwarded = std::get_if<rules::effects::forward>(&what)) {
    const auto request = internal_command(forwarded->body, "desk");
    host_.forward(request, initiator_of(request), [](const command_reply&) {});
  }
}

void entity::begin_next() {
  if (work_ || waiting_.empty())
    return;
  work begun;
  begun.request = std::move(waiting_.front().first);
  begun.then = std::move(waiting_.front().second);
  work_ = std::move(begun);
  waiting_.pop_front();
  work_->request.context.at = host_.wall();
  on_begin(work_->request);
  if (state_)
    work_->known.put(ref_, {version_, *state_});
  advance();
}

/// Reads until nothing is missing, asks the policy if it must be asked, then decides.
void entity::advance() {
  auto missing = rules::missing_facts(work_->request, ref_, work_->known);
  if (!missing.empty() && work_->rounds < read_rounds_max)
    return read(std::move(missing));
  const auto gate = rules::gate_of(work_->request.body);
  if (gate.empty() || work_->gate)
    return rule();
  rules::gate_question question{gate, printer_id{ref_.id}, {}};
  if (const auto* reserve = std::get_if<commands::reserve_run>(&work_->request.body))
    question.run = reserve->run;
  else if (const auto* where = work_->known.find<printer>(ref_); where && where->ticket)
    question.run = where->ticket->run;
  host_.ask_gate(question, work_->known, [this](const decision& answer) {
    work_->gate = answer;
    rule();
  });
}

void entity::read(rules::read_request missing) {
  ++work_->rounds;
  auto request = std::make_shared<load_request>();
  request->entities = std::move(missing.entities);
  request->kinds = std::move(missing.kinds);
  const auto& context = work_->request.context;
  if (!work_->key_checked && !context.idempotency_key.empty())
    request->key =
        storage::idempotency{context.who.id, context.idempotency_key, context.body_sha256, {}};
  work_->key_checked = true;
  const auto kinds = request->kinds;
  host_.load(std::move(request), [this, kinds](const load_reply& reply) {
    if (finish_known_key(reply))
      return;
    for (const auto kind : kinds)
      work_->known.mark_complete(kind);
    take_facts(reply);
  });
}

void entity::take_facts(const load_reply& reply) {
  for (const auto& loaded : reply.states)
    work_->known.put(loaded.entity, {loaded.version, *loaded.state});
  advance();
}

void entity::rule() {
  auto ruling =
      rules::decide(work_->request, ref_, work_->known, work_->gate ? &*work_->gate : nullptr);
  if (ruling.redirect && *ruling.redirect != ref_) {
    host_.forward(work_->request, *ruling.redirect,
                  [this](const command_reply& answer) { finish(answer); });
    return;
  }
  if (ruling.code != reason::ok)
    return unless_key_is_known([this, ruling = std::move(ruling)] {
      finish(refusal_reply(initiator_of(work_->request), ruling.code, ruling.params));
    });
  // What changes nothing is kept under its key all the same: repeated after the farm has changed,
  // it must not change anything either.
  const bool changes = !ruling.writes.empty() || !ruling.records.empty();
  const bool keyed = !work_->request.context.idempotency_key.empty();
  if (!changes && (!keyed || !ruling.effects.empty()))
    return unless_key_is_known([this, ruling = std::move(ruling)] {
      for (const auto& effect : ruling.effects)
        on_effect(effect);
      finish(answer_for({}));
    });
  commit(std::move(ruling));
}

/// Goes on with what commits nothing. The journal looks the key of a commit up by itself; without a
/// commit it is asked here, because a repeated command gets its first answer even if the farm has
/// changed since.
void entity::unless_key_is_known(std::function<void()> then) {
  const auto& context = work_->request.context;
  if (work_->key_checked || context.idempotency_key.empty())
    return then();
  auto request = std::make_shared<load_request>();
  request->key =
      storage::idempotency{context.who.id, context.idempotency_key, context.body_sha256, {}};
  host_.load(std::move(request), [this, then = std::move(then)](const load_reply& reply) {
    if (!finish_known_key(reply))
      then();
  });
}

/// Answers a command whose key was used before; false if it was not.
bool entity::finish_known_key(const load_reply& reply) {
  if (reply.key == storage::admission::duplicate)
    finish(decode_reply(reply.reply));
  else if (reply.key == storage::admission::key_reused)
    finish(refusal_reply(ref_, reason::key_reused));
  else
    return false;
  return true;
}

void entity::commit(rules::ruling ruling) {
  auto pending = std::make_shared<pending_commit>();
  pending->request = std::make_shared<commit_request>(
      build_commit(work_->request, ruling, work_->known, work_->request.context.at));
  pending->answer = answer_for(pending->request->states);
  if (ruling.writes.empty() && ruling.records.empty())
    pending->request->content.how = storage::urgency::settle;
  pending->effects = std::move(ruling.effects);
  const auto& context = work_->request.context;
  if (!context.idempotency_key.empty())
    pending->request->content.key =
        storage::idempotency{context.who.id, context.idempotency_key, context.body_sha256,
                             encode_reply(pending->answer)};
  host_.commit(pending->request,
               [this, pending](const commit_reply& reply) { take_commit(reply, *pending); });
}

void entity::take_commit(const commit_reply& reply, const pending_commit& pending) {
  switch (reply.result.answer) {
  case storage::admission::admitted:
    break;
  case storage::admission::stale:
    return try_again();
  case storage::admission::duplicate:
    return finish(decode_reply(reply.result.reply));
  case storage::admission::key_reused:
    return finish(refusal_reply(ref_, reason::key_reused));
  case storage::admission::storage_low:
    return finish(refusal_reply(ref_, reason::storage_low));
  }
  for (const auto& state : pending.request->states)
    if (state.entity == ref_)
      adopt(state);
  for (const auto& effect : pending.effects)
    on_effect(effect);
  finish(pending.answer);
}

/// The facts changed between decision and commit: everything is read and decided anew.
void entity::try_again() {
  if (++work_->tries >= decision_tries_max)
    return finish(
        refusal_reply(ref_, reason::decision_stale, {{"count", std::to_string(work_->tries)}}));
  work_->known = {};
  work_->gate.reset();
  work_->rounds = 0;
  advance();
}

void entity::finish(const command_reply& answer) {
  const auto then = std::move(work_->then);
  work_.reset();
  if (then)
    then(answer);
  begin_next();
}

command_reply entity::answer_for(const std::vector<versioned_state>& states) const {
  command_reply answer;
  answer.entity = initiator_of(work_->request);
  // Most of the kernel's own commands have nobody who reads the answer.
  if (!work_->then)
    return answer;
  const auto written = std::ranges::find(states, answer.entity, &versioned_state::entity);
  if (written != states.end()) {
    answer.version = written->version;
    answer.projection = encode_state(*written->state);
  } else if (const auto known = work_->known.items().find(answer.entity);
             known != work_->known.items().end() && known->second.version > 0) {
    answer.version = known->second.version;
    answer.projection = encode_state(known->second.state);
  }
  return answer;
}

} // namespace gantry::actors
