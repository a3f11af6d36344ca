// The journal's promises, one by one, then all together against a model.
#include "storage/idempotency_key.hpp"
#include "storage/reader.hpp"
#include "support.hpp"

#include <boost/test/unit_test.hpp>

using namespace gantry;
using namespace gantry::storage;
using namespace gantry::storage::testing;

namespace {

const entity_ref run_a{entity_kind::run, "run-a"};
const entity_ref run_b{entity_kind::run, "run-b"};
const entity_ref printer_a{entity_kind::printer, "prn-a"};

struct fresh_journal {
  memory_store memory;
  journal log{memory, {}};

  admission_result admit(const std::vector<entity_ref>& entities, const std::string& data = "x",
                         bool open = true) {
    return log.admit(make_commit(log, entities, data, open));
  }
};

commit with_key(commit what, const std::string& key, const std::string& body) {
  what.key = {.principal = "tok-a", .key = key, .body_sha256 = body, .reply = "reply to " + key};
  return what;
}

/// Fills `log` with keyed commits, `step_ms` apart in wall time.
void add_keys(journal& log, store& to, size_t count, int64_t from_ms) {
  for (size_t i = 0; i < count; ++i) {
    auto what = make_commit(log, {run_a}, "x");
    what.writes[0].events[0].at = timestamp{std::chrono::milliseconds{from_ms}};
    const auto key = std::to_string(from_ms) + "/" + std::to_string(i);
    BOOST_REQUIRE(
        (log.admit(with_key(std::move(what), key, "body")).answer == admission::admitted));
  }
  write_all(log, to);
}

} // namespace

BOOST_FIXTURE_TEST_CASE(a_commit_is_numbered_without_gaps, fresh_journal) {
  auto what = make_commit(log, {run_a, printer_a}, "x");
  what.writes[0].events.push_back(make_event("y"));
  BOOST_TEST(log.admit(std::move(what)).last_seq == 3u);
  BOOST_TEST(admit({printer_a}).last_seq == 4u);
  write_all(log, memory);
  std::vector<std::string> seen;
  reader{memory}.events_after(0, [&](uint64_t seq, std::string_view text) {
    const auto envelope = *decode_envelope(text);
    BOOST_TEST(envelope.seq == seq);
    seen.push_back(envelope.entity.text() + ":" + std::to_string(envelope.version));
    return true;
  });
  const std::vector<std::string> expected{"run/run-a:1", "run/run-a:2", "printer/prn-a:1",
                                          "printer/prn-a:2"};
  BOOST_TEST(seen == expected, boost::test_tools::per_element());
}

BOOST_FIXTURE_TEST_CASE(a_commit_sees_versions_that_are_not_durable_yet, fresh_journal) {
  const auto early = make_commit(log, {run_a}, "early");
  BOOST_TEST((admit({run_a}).answer == admission::admitted));
  const auto answer = log.admit(early);
  BOOST_TEST((answer.answer == admission::stale));
  BOOST_TEST((answer.stale_entity == run_a));
  BOOST_TEST(answer.stale_expected == 0u);
  BOOST_TEST(answer.stale_actual == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_stale_requirement_refuses_that_commit_alone, fresh_journal) {
  (void)admit({printer_a});
  auto what = make_commit(log, {run_a, run_b}, "x");
  what.required = {{printer_a, 7}};
  BOOST_TEST((log.admit(what).answer == admission::stale));
  BOOST_TEST(log.load(run_a).version == 0u);
  what.required = {{printer_a, 1}, {run_a, 0}};
  BOOST_TEST((log.admit(what).answer == admission::admitted));
  write_all(log, memory);
  BOOST_TEST(reader{memory}.last_seq() == 3u);
}

BOOST_FIXTURE_TEST_CASE(nothing_is_durable_before_the_group_is_settled, fresh_journal) {
  (void)admit({run_a}, "first");
  const auto group = log.take_group();
  (void)admit({run_a}, "second");
  BOOST_TEST(log.durable_seq() == 0u);
  memory.write(group.changes, true);
  log.settled(group.last_seq);
  BOOST_TEST(log.durable_seq() == 1u);
  BOOST_TEST(log.last_seq() == 2u);
  BOOST_TEST(log.load(run_a).projection == R"(run:2:{"text":"second"})");
  BOOST_TEST(reader{memory}.get(run_a)->json == R"(run:1:{"text":"first"})");
}

BOOST_AUTO_TEST_CASE(a_full_group_is_followed_by_another) {
  memory_store memory;
  journal log{memory, {.group_commits_max = 3}};
  for (size_t i = 0; i < 7; ++i)
    (void)log.admit(make_commit(log, {run_a}, "x"));
  std::vector<size_t> sizes;
  while (log.has_open_group()) {
    const auto group = log.take_group();
    sizes.push_back(group.commits);
    memory.write(group.changes, true);
    log.settled(group.last_seq);
  }
  BOOST_TEST(sizes == (std::vector<size_t>{3, 3, 1}), boost::test_tools::per_element());
  BOOST_TEST(log.take_group().empty());
}

BOOST_FIXTURE_TEST_CASE(groups_are_settled_in_the_order_they_were_taken, fresh_journal) {
  (void)admit({run_a});
  const auto first = log.take_group();
  (void)admit({run_a});
  const auto second = log.take_group();
  BOOST_CHECK_THROW(log.settled(second.last_seq), storage_error);
  log.settled(first.last_seq);
  log.settled(second.last_seq);
  BOOST_TEST(log.durable_seq() == 2u);
}

BOOST_FIXTURE_TEST_CASE(a_repeated_key_gets_the_first_reply, fresh_journal) {
  const auto first = log.admit(with_key(make_commit(log, {run_a}, "x"), "k", "body"));
  for (const auto durable : {false, true}) {
    if (durable)
      write_all(log, memory);
    const auto again = log.admit(with_key(make_commit(log, {run_a}, "x"), "k", "body"));
    BOOST_TEST((again.answer == admission::duplicate));
    BOOST_TEST(again.reply == "reply to k");
    BOOST_TEST(again.reply_seq == first.last_seq);
    BOOST_TEST((log.look_up("tok-a", "k", "other body").answer == admission::key_reused));
    BOOST_TEST((log.look_up("tok-b", "k", "body").answer == admission::admitted));
  }
  BOOST_TEST(log.load(run_a).version == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_stale_commit_leaves_its_key_unused, fresh_journal) {
  auto what = with_key(make_commit(log, {run_a}, "x"), "k", "body");
  what.writes[0].expected = 5;
  BOOST_TEST((log.admit(what).answer == admission::stale));
  BOOST_TEST((log.look_up("tok-a", "k", "body").answer == admission::admitted));
}

BOOST_FIXTURE_TEST_CASE(keys_go_after_their_lifetime_and_not_before, fresh_journal) {
  constexpr int64_t day_ms = 24 * 3'600'000ll;
  add_keys(log, memory, 100, 1'000 * day_ms);
  add_keys(log, memory, 300, 1'006 * day_ms);
  BOOST_TEST(dump_of(memory)[static_cast<size_t>(family::keys)].size() == 400u);
  add_keys(log, memory, 300, 1'008 * day_ms);
  BOOST_TEST(dump_of(memory)[static_cast<size_t>(family::keys)].size() == 600u);
  BOOST_TEST((log.look_up("tok-a", std::to_string(1'000 * day_ms) + "/0", "body").answer
              == admission::admitted));
  BOOST_TEST((log.look_up("tok-a", std::to_string(1'006 * day_ms) + "/0", "body").answer
              == admission::duplicate));
}

BOOST_FIXTURE_TEST_CASE(below_the_floor_only_settling_commits_go_on, fresh_journal) {
  (void)log.admit(with_key(make_commit(log, {run_b}, "x"), "k", "body"));
  memory.set_free_bytes((64ull << 20) - 1);
  // The disk is asked when a group is begun.
  (void)log.take_group();
  BOOST_TEST((admit({run_a}).answer == admission::storage_low));
  auto settling = make_commit(log, {run_a}, "x");
  settling.how = urgency::settle;
  BOOST_TEST((log.admit(settling).answer == admission::admitted));
  const auto again = log.admit(with_key(make_commit(log, {run_b}, "x"), "k", "body"));
  BOOST_TEST((again.answer == admission::duplicate));
  memory.set_free_bytes(64ull << 20);
  (void)log.take_group();
  BOOST_TEST((admit({run_a}).answer == admission::admitted));
}

BOOST_FIXTURE_TEST_CASE(records_and_cursors_are_written_with_the_commit, fresh_journal) {
  auto what = make_commit(log, {run_a}, "x");
  what.records = {{family::customers, "cus-a", "Ada"}, {family::secrets, "printer/prn-a", "code"}};
  (void)log.admit(std::move(what));
  commit without_events;
  without_events.records = {{family::cursors, "hook", "17"}};
  BOOST_TEST((log.admit(without_events).answer == admission::admitted));
  write_all(log, memory);
  BOOST_TEST(reader{memory}.record(family::customers, "cus-a").value() == "Ada");
  BOOST_TEST(reader{memory}.record(family::secrets, "printer/prn-a").value() == "code");
  BOOST_TEST(reader{memory}.cursor("hook") == 17u);
  BOOST_TEST(reader{memory}.cursor("none") == 0u);
  commit erasing;
  erasing.records = {{family::customers, "cus-a", std::nullopt}};
  (void)log.admit(erasing);
  write_all(log, memory);
  BOOST_TEST(!reader{memory}.record(family::customers, "cus-a"));
}

BOOST_FIXTURE_TEST_CASE(a_commit_that_no_caller_may_form_is_a_storage_error, fresh_journal) {
  auto twice = make_commit(log, {run_a, run_a}, "x");
  BOOST_CHECK_THROW((void)log.admit(twice), storage_error);
  auto empty = make_commit(log, {run_a}, "x");
  empty.writes[0].events.clear();
  BOOST_CHECK_THROW((void)log.admit(empty), storage_error);
  commit into_events;
  into_events.records = {{family::events, "a", "b"}};
  BOOST_CHECK_THROW((void)log.admit(into_events), storage_error);
  BOOST_TEST(!log.has_open_group());
}

BOOST_AUTO_TEST_CASE(entities_beyond_the_cache_are_read_again) {
  memory_store memory;
  journal log{memory, {.cached_entities_max = 4}};
  const auto name = [](size_t i) {
    return entity_ref{entity_kind::run, "run-" + std::to_string(i)};
  };
  for (size_t round = 0; round < 3; ++round) {
    for (size_t i = 0; i < 20; ++i)
      BOOST_TEST_REQUIRE(
          (log.admit(make_commit(log, {name(i)}, "x")).answer == admission::admitted));
    for (size_t i = 0; i < 20; ++i)
      BOOST_TEST(log.load(name(i)).version == round + 1);
    write_all(log, memory);
  }
  BOOST_TEST(log.load(name(7)).version == 3u);
}

BOOST_FIXTURE_TEST_CASE(the_index_follows_open_and_closed, fresh_journal) {
  (void)admit({run_a});
  (void)admit({run_b});
  (void)admit({run_a}, "done", false);
  (void)admit({printer_a}, "retired", false);
  write_all(log, memory);
  const reader view{memory};
  BOOST_TEST(view.count_open(entity_kind::run) == 1u);
  BOOST_TEST(view.open(entity_kind::run).at(0).entity.id == "run-b");
  BOOST_TEST(view.count_open(entity_kind::printer) == 0u);
  (void)admit({run_a}, "again", true);
  write_all(log, memory);
  BOOST_TEST(reader{memory}.count_open(entity_kind::run) == 2u);
}
