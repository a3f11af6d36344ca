// Goal: the in-flight protocol of entities. Method: a host of the test's own on the real journal
// and a memory store; it holds commits back, so that the order of commit, memory, action and answer
// can be seen.
#include "actors/entity.hpp"
#include "storage/memory_store.hpp"

#include <boost/test/unit_test.hpp>

using namespace gantry;
using namespace gantry::actors;

namespace {

/// Answers loads at once and commits when the test lets them through.
class held_host final : public entity_host {
public:
  void load(load_request_ptr what, std::function<void(const load_reply&)> then) override {
    ++loads;
    load_reply reply;
    if (what->key) {
      const auto found =
          journal.look_up(what->key->principal, what->key->key, what->key->body_sha256);
      reply.key = found.answer;
      reply.reply = found.reply;
    }
    for (const auto& entity : what->entities) {
      const auto stored = journal.load(entity);
      auto state = stored.version == 0 ? blank_state(entity.kind)
                                       : *decode_state(entity.kind, stored.projection);
      reply.states.push_back(
          {entity, stored.version, std::make_shared<const any_state>(std::move(state))});
    }
    then(reply);
  }

  void commit(commit_request_ptr what, std::function<void(const commit_reply&)> then) override {
    held.emplace_back(std::move(what), std::move(then));
  }

  void ask_gate(rules::gate_question question, const rules::facts& known,
                std::function<void(const decision&)> then) override {
    then(rules::evaluate_gate(question, known, wall()));
  }

  void forward(const command&, const entity_ref& to,
               std::function<void(const command_reply&)> then) override {
    then(refusal_reply(to, reason::not_found));
  }

  timestamp wall() const override { return timestamp{std::chrono::milliseconds{1'000'000}}; }

  /// Lets the oldest held commit through; returns what the journal said.
  storage::admission release() {
    auto [what, then] = std::move(held.front());
    held.erase(held.begin());
    commit_reply reply{journal.admit(what->content)};
    if (const auto group = journal.take_group(); !group.empty()) {
      store.write(group.changes, true);
      journal.settled(group.last_seq);
    }
    then(reply);
    return reply.result.answer;
  }

  storage::memory_store store;
  storage::journal journal{store, {}};
  std::vector<std::pair<commit_request_ptr, std::function<void(const commit_reply&)>>> held;
  int loads = 0;
};

command add_material(const std::string& name, const std::string& key, int64_t density = 1'240) {
  command request;
  request.context.who = {"tok-a", "tester", principal_kind::user, {role::admin}};
  request.context.idempotency_key = key;
  request.context.body_sha256 = name + std::to_string(density);
  request.body = commands::add_material{name, density};
  return request;
}

struct one_material {
  held_host host;
  entity pla{initiator_of(add_material("PLA", "k")), host};
  std::vector<command_reply> replies;

  reply_handler answer() {
    return [this](const command_reply& reply) { replies.push_back(reply); };
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(entity_protocol, one_material)

BOOST_AUTO_TEST_CASE(a_command_is_answered_and_remembered_only_after_its_commit) {
  pla.submit(add_material("PLA", "first"), answer());
  BOOST_TEST(replies.empty());
  BOOST_TEST(pla.version() == 0u);
  BOOST_TEST((host.release() == storage::admission::admitted));
  BOOST_REQUIRE(replies.size() == 1u);
  BOOST_TEST((replies[0].code == reason::ok));
  BOOST_TEST(replies[0].version == 1u);
  BOOST_TEST(pla.as<material>()->name == "PLA");
}

BOOST_AUTO_TEST_CASE(at_most_one_commit_is_in_flight) {
  pla.submit(add_material("PLA", "first"), answer());
  pla.submit(add_material("PLA", "second", 1'300), answer());
  BOOST_TEST(host.held.size() == 1u);
  host.release();
  BOOST_TEST(host.held.size() == 1u);
  host.release();
  BOOST_TEST(pla.as<material>()->density_mg_per_cm3 == 1'300);
  BOOST_TEST(pla.version() == 2u);
}

BOOST_AUTO_TEST_CASE(a_repeated_key_gets_the_first_answer_and_changes_nothing) {
  pla.submit(add_material("PLA", "same"), answer());
  host.release();
  pla.submit(add_material("PLA", "same"), answer());
  BOOST_TEST((host.release() == storage::admission::duplicate));
  BOOST_REQUIRE(replies.size() == 2u);
  BOOST_TEST(replies[1].replayed);
  BOOST_TEST(replies[1].projection == replies[0].projection);
  BOOST_TEST(host.journal.last_seq() == 1u);
}

BOOST_AUTO_TEST_CASE(a_key_with_another_request_is_refused) {
  pla.submit(add_material("PLA", "same"), answer());
  host.release();
  pla.submit(add_material("PLA", "same", 1'300), answer());
  BOOST_TEST((host.release() == storage::admission::key_reused));
  BOOST_REQUIRE(replies.size() == 2u);
  BOOST_TEST((replies[1].code == reason::key_reused));
  BOOST_TEST(pla.version() == 1u);
}

BOOST_AUTO_TEST_CASE(a_repeated_key_gets_the_first_answer_where_the_command_is_refused_now) {
  auto request = add_material("PLA", "same");
  request.context.expected = 0;
  pla.submit(request, answer());
  host.release();
  pla.submit(request, answer());
  BOOST_TEST(host.held.empty());
  BOOST_REQUIRE(replies.size() == 2u);
  BOOST_TEST((replies[1].code == reason::ok));
  BOOST_TEST(replies[1].replayed);
}

BOOST_AUTO_TEST_CASE(a_decision_on_old_facts_is_taken_anew) {
  entity other{pla.ref(), host};
  pla.submit(add_material("PLA", "mine", 1'300), answer());
  other.submit(add_material("PLA", "theirs", 1'200), {});
  std::swap(host.held[0], host.held[1]);
  BOOST_TEST((host.release() == storage::admission::admitted));
  BOOST_TEST((host.release() == storage::admission::stale));
  BOOST_TEST(replies.empty());
  BOOST_TEST((host.release() == storage::admission::admitted));
  BOOST_REQUIRE(replies.size() == 1u);
  BOOST_TEST(replies[0].version == 2u);
}

BOOST_AUTO_TEST_CASE(a_decision_that_is_stale_again_and_again_ends_with_a_reason) {
  entity other{pla.ref(), host};
  pla.submit(add_material("PLA", "mine", 1'300), answer());
  for (int i = 0; i < decision_tries_max; ++i) {
    other.submit(add_material("PLA", "theirs" + std::to_string(i), 1'400 + i), {});
    std::swap(host.held[0], host.held[1]);
    host.release();
    host.release();
  }
  BOOST_REQUIRE(replies.size() == 1u);
  BOOST_TEST((replies[0].code == reason::decision_stale));
  BOOST_TEST(host.held.empty());
}

BOOST_AUTO_TEST_CASE(commands_beyond_the_bound_are_refused_as_busy_and_the_rest_is_served) {
  for (size_t i = 0; i < waiting_commands_max + 2; ++i)
    pla.submit(add_material("PLA", "k" + std::to_string(i), 1'000 + static_cast<int64_t>(i)),
               answer());
  BOOST_REQUIRE(replies.size() == 1u);
  BOOST_TEST((replies[0].code == reason::busy));
  while (!host.held.empty())
    host.release();
  BOOST_TEST(replies.size() == waiting_commands_max + 2);
  BOOST_TEST(!pla.busy());
}

BOOST_AUTO_TEST_CASE(an_older_state_of_another_initiator_is_ignored) {
  pla.submit(add_material("PLA", "first"), answer());
  host.release();
  pla.submit(add_material("PLA", "second", 1'300), answer());
  host.release();
  pla.adopt({pla.ref(), 1, std::make_shared<const any_state>(material{{"mat"}, "old", 1})});
  BOOST_TEST(pla.as<material>()->density_mg_per_cm3 == 1'300);
}

BOOST_AUTO_TEST_CASE(a_refusal_writes_nothing_and_leaves_its_key_unused) {
  command request = add_material("PLA", "key");
  request.context.expected = 7;
  pla.submit(request, answer());
  BOOST_REQUIRE(replies.size() == 1u);
  BOOST_TEST((replies[0].code == reason::precondition_failed));
  BOOST_TEST(host.held.empty());
  pla.submit(add_material("PLA", "key"), answer());
  BOOST_TEST((host.release() == storage::admission::admitted));
}

BOOST_AUTO_TEST_SUITE_END()
