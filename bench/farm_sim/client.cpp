#include "bench/farm_sim/client.hpp"

#include "schemas/codec.hpp"
#include "schemas/digest.hpp"
#include "storage/idempotency_key.hpp"
#include "storage/record.hpp"

namespace gantry::farm_sim {

using namespace std::chrono_literals;

namespace {

constexpr auto all_roles = {role::viewer, role::operator_, role::planner, role::admin};
/// Requests that may wait at one entity: 64, the one that is decided, and some slack for what
/// others asked just before.
constexpr int waiting_max = 80;
/// A client that hears nothing asks again.
constexpr auto patience = 45s;

bool key_stored(computer& host, const std::string& key) {
  return host.store()
      .look()
      ->get(storage::family::keys, storage::stored_key("tok-crew", key))
      .has_value();
}

bool same(const actors::command_reply& one, const actors::command_reply& other) {
  return one.code == other.code && one.entity == other.entity && one.version == other.version
         && one.projection == other.projection;
}

} // namespace

command client_desk::command_of(const request& what, const std::string& variation) const {
  command asked;
  asked.context.who = {"tok-crew", "the crew", principal_kind::user, all_roles};
  asked.context.via = "sim";
  asked.context.idempotency_key = what.key;
  asked.context.body_sha256 = sha256_hex(std::string{name_of(what.body)} + what.key + variation);
  asked.context.expected = what.expected;
  asked.context.at = host_.clock().wall();
  asked.body = what.body;
  return asked;
}

void client_desk::ask(any_command body, outcome_handler then,
                      std::optional<entity_version> expected) {
  const auto number = ++last_;
  auto& made = open_[number];
  made.body = std::move(body);
  made.key = "key-" + std::to_string(number);
  made.expected = expected;
  made.then = std::move(then);
  made.asked_at = time_.now();
  submit(number);
  if (unruly_ && random_.chance(mix_.forgetful)) {
    // The client goes away in the middle; what it asked for may happen or not.
    counts_.fault("F-12");
    open_.erase(number);
  }
}

void client_desk::submit(uint64_t number) {
  const auto found = open_.find(number);
  if (found == open_.end())
    return;
  auto& what = found->second;
  time_.after(patience, [this, number] { submit(number); });
  if (!host_.up())
    return;
  if (what.tries++ > 0)
    counts_.fault("F-15");
  what.life = life_;
  what.in_flight = true;
  counts_.event("ask", what.key + " " + std::string{name_of(what.body)});
  host_.kernel()->submit(command_of(what), [this, number](const actors::command_reply& reply) {
    take(number, reply);
  });
  // A nervous client sends everything twice at once.
  if (unruly_ && random_.chance(mix_.repeat) && open_.contains(number)) {
    counts_.fault("F-15");
    host_.kernel()->submit(command_of(what), [this, number](const actors::command_reply& reply) {
      take(number, reply);
    });
  }
}

void client_desk::take(uint64_t number, const actors::command_reply& reply) {
  const auto found = open_.find(number);
  counts_.event("reply", std::to_string(number) + " " + std::string{to_string(reply.code)} + " "
                             + reply.entity.text() + "@" + std::to_string(reply.version));
  counts_.check("LIV-3");
  if (found == open_.end())
    return;
  found->second.in_flight = false;
  if (reply.code == reason::busy || reply.code == reason::shutting_down
      || reply.code == reason::storage_low || reply.code == reason::decision_stale)
    return; // Asked again when patience ends.
  const auto what = std::move(found->second);
  open_.erase(found);
  if (reply.code == reason::ok && reply.version > 0) {
    journal_.push_back({what.key, reply.entity, reply.version});
    if (unruly_ && random_.chance(mix_.repeat))
      repeat(what, reply);
    if (on_acknowledged)
      on_acknowledged();
  }
  if (what.then)
    what.then(reply);
}

/// The same request again, although it was answered; and another one under its key.
void client_desk::repeat(const request& what, const actors::command_reply& first) {
  counts_.fault("F-15");
  const auto judge = [this, first, key = what.key](const actors::command_reply& reply) {
    if (reply.code == reason::busy || reply.code == reason::shutting_down)
      return;
    // Its life ends by the wall clock, which may have been set ahead.
    if (key_stored(host_, key))
      counts_.must(same(reply, first), "INV-21",
                   "the reply to " + key + " is another one when it is asked for again: "
                       + std::string{to_string(reply.code)} + " " + reply.entity.text() + "@"
                       + std::to_string(reply.version) + " instead of " + first.entity.text() + "@"
                       + std::to_string(first.version));
  };
  host_.kernel()->submit(command_of(what), judge);
  if (!host_.up())
    return;
  host_.kernel()->submit(command_of(what, "another"),
                         [this, key = what.key](const actors::command_reply& reply) {
                           if (key_stored(host_, key))
                             counts_.must(reply.code != reason::ok, "INV-21",
                                          "another request under " + key + " is done as well");
                         });
}

void client_desk::send_malformed(const std::string& text) {
  counts_.fault("F-13");
  const auto before = host_.store().last_seq();
  const auto read = from_json_text<commands::create_order>(text, strictness::request);
  counts_.must(!read && host_.store().last_seq() == before, "INV-35",
               "a malformed order is taken: " + text.substr(0, 200));
}

void client_desk::flood(const std::vector<any_command>& bodies) {
  counts_.fault("F-15");
  for (const auto& body : bodies)
    ask(body);
}

void client_desk::check_bound() {
  if (!host_.up())
    return;
  std::map<entity_ref, int> waiting;
  for (const auto& [number, what] : open_)
    if (what.in_flight)
      ++waiting[initiator_of(command_of(what))];
  for (const auto& [entity, count] : waiting)
    counts_.must(count <= waiting_max, "INV-33",
                 entity.text() + " keeps " + std::to_string(count) + " requests waiting");
}

void client_desk::reconnect() {
  ++life_;
  for (auto& [number, what] : open_)
    what.in_flight = false;
  for (auto& [number, what] : open_)
    time_.after(random_.span(100ms, 20s), [this, number] {
      const auto found = open_.find(number);
      if (found != open_.end() && found->second.life != life_)
        submit(number);
    });
}

std::string client_desk::oldest() const {
  if (open_.empty())
    return "none";
  const auto& [number, what] = *open_.begin();
  return what.key + " " + std::string{name_of(what.body)};
}

void client_desk::check_journal() {
  counts_.check("INV-20", journal_.size());
  const auto view = host_.store().look();
  for (const auto& each : journal_) {
    const auto stored = view->get(storage::family_of(each.entity.kind), each.entity.id);
    const auto record = stored ? storage::decode_record(*stored) : std::nullopt;
    if (!record || record->header.version < each.version)
      counts_.violation("INV-20", "the reply to " + each.key + " is lost: " + each.entity.text()
                                      + "@" + std::to_string(each.version));
  }
}

} // namespace gantry::farm_sim
