// Random commits, groups, repetitions and crashes against a model kept outside the store.
#include "storage/doctor.hpp"
#include "storage/reader.hpp"
#include "support.hpp"

#include <boost/test/unit_test.hpp>
#include <deque>
#include <random>

using namespace gantry;
using namespace gantry::storage;
using namespace gantry::storage::testing;

namespace {

/// What must be true after some commits.
struct model {
  struct entry {
    entity_version version = 0;
    std::string json;
    bool open = true;
  };
  std::map<entity_ref, entry> entities;
  std::map<std::string, std::string> replies; ///< By key.
  uint64_t last_seq = 0;
};

class trial {
public:
  explicit trial(uint64_t seed) : random_{seed} { start(); }

  void step() {
    switch (below(12)) {
    case 0:
      crash();
      break;
    case 1:
    case 2:
      settle_one();
      break;
    case 3:
    case 4:
      take_one();
      break;
    case 5:
      admit_stale();
      break;
    case 6:
      repeat_a_key();
      break;
    default:
      admit();
    }
    const auto entity = any_entity();
    const auto& wanted = newest().entities[entity];
    const auto found = log_->load(entity);
    BOOST_TEST_REQUIRE(found.version == wanted.version);
    BOOST_TEST_REQUIRE(found.projection == wanted.json);
    BOOST_TEST_REQUIRE(log_->last_seq() == newest().last_seq);
    BOOST_TEST_REQUIRE(log_->durable_seq() == durable_.last_seq);
  }

  /// Compares the whole store with what must be durable.
  void verify() {
    const auto report = examine(store_, test_evolve);
    BOOST_TEST_REQUIRE(report.clean());
    const auto& wanted = written_;
    BOOST_TEST_REQUIRE(report.last_seq == wanted.last_seq);
    const reader view{store_};
    for (const auto& [entity, x] : wanted.entities) {
      const auto found = view.get(entity);
      BOOST_TEST_REQUIRE((found ? found->version : 0) == x.version);
      BOOST_TEST_REQUIRE((found ? found->json : "") == x.json);
    }
    for (const auto kind : {entity_kind::run, entity_kind::plate}) {
      const auto open = std::ranges::count_if(wanted.entities, [&](const auto& x) {
        return x.first.kind == kind && x.second.version > 0 && x.second.open;
      });
      BOOST_TEST_REQUIRE(view.count_open(kind) == static_cast<size_t>(open));
    }
  }

  size_t crashes = 0;
  size_t admitted = 0;

private:
  uint64_t below(uint64_t limit) { return random_() % limit; }

  entity_ref any_entity() {
    return {below(2) == 0 ? entity_kind::run : entity_kind::plate,
            "id-" + std::to_string(below(8))};
  }

  model& newest() { return pending_.empty() ? durable_ : pending_.back(); }

  void start() {
    log_ = std::make_unique<journal>(
        store_, journal_options{.group_commits_max = 4, .cached_entities_max = 3});
    pending_.clear();
    taken_.clear();
    durable_ = written_;
  }

  void admit() {
    auto next = newest();
    std::vector<entity_ref> entities{any_entity()};
    if (const auto other = any_entity(); below(2) == 0 && other != entities[0])
      entities.push_back(other);
    const auto open = below(3) != 0;
    auto what = make_commit(*log_, entities, std::to_string(random_()), open);
    const auto required = any_entity();
    what.required = {{required, newest().entities[required].version}};
    for (const auto& x : what.writes) {
      next.entities[x.entity] = {x.expected + 1, x.projection, open};
      ++next.last_seq;
    }
    if (below(2) == 0) {
      const auto key = std::to_string(random_());
      what.key = {.principal = "p", .key = key, .body_sha256 = "b", .reply = "r" + key};
      next.replies[key] = "r" + key;
    }
    const auto answer = log_->admit(std::move(what));
    BOOST_TEST_REQUIRE((answer.answer == admission::admitted));
    BOOST_TEST_REQUIRE(answer.last_seq == next.last_seq);
    pending_.push_back(std::move(next));
    ++admitted;
  }

  void admit_stale() {
    auto what = make_commit(*log_, {any_entity()}, "stale");
    if (below(2) == 0)
      ++what.writes[0].expected;
    else
      what.required = {{any_entity(), 1'000'000}};
    BOOST_TEST_REQUIRE((log_->admit(std::move(what)).answer == admission::stale));
  }

  void repeat_a_key() {
    if (newest().replies.empty())
      return;
    const auto& known = newest().replies;
    const auto& [key, reply] = *std::next(known.begin(), static_cast<long>(below(known.size())));
    const auto found = log_->look_up("p", key, "b");
    BOOST_TEST_REQUIRE((found.answer == admission::duplicate));
    BOOST_TEST_REQUIRE(found.reply == reply);
    BOOST_TEST_REQUIRE((log_->look_up("p", key, "c").answer == admission::key_reused));
  }

  /// Takes a group and writes it, now or never: a crash may come first.
  void take_one() {
    if (!log_->has_open_group())
      return;
    const auto group = log_->take_group();
    const auto before = taken_.empty() ? 0 : taken_.back().first;
    const auto count = before + group.commits;
    if (below(8) == 0) {
      crash();
      return;
    }
    store_.write(group.changes, true);
    written_ = pending_[count - 1];
    taken_.emplace_back(count, group.last_seq);
  }

  void settle_one() {
    if (taken_.empty())
      return;
    const auto [count, last_seq] = taken_.front();
    taken_.pop_front();
    log_->settled(last_seq);
    durable_ = pending_[count - 1];
    pending_.erase(pending_.begin(), pending_.begin() + static_cast<long>(count));
    for (auto& x : taken_)
      x.first -= count;
  }

  void crash() {
    ++crashes;
    log_.reset();
    store_.write({{family::telemetry, "t", "unsynced"}}, false);
    store_.crash(below(2) == 0 ? crash_mode::power_loss : crash_mode::process_kill, random_());
    verify();
    start();
  }

  std::mt19937_64 random_;
  memory_store store_;
  std::unique_ptr<journal> log_;
  model durable_;                                 ///< After the last settled commit.
  model written_;                                 ///< After the last commit in a written group.
  std::deque<model> pending_;                     ///< After each commit that is not settled.
  std::deque<std::pair<size_t, uint64_t>> taken_; ///< Written groups: end in `pending_`, last seq.
};

} // namespace

BOOST_AUTO_TEST_CASE(the_journal_agrees_with_a_model_over_random_commits_and_crashes) {
  size_t crashes = 0;
  size_t admitted = 0;
  for (uint64_t seed = 1; seed <= 20; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      trial x{seed};
      for (size_t i = 0; i < 300; ++i)
        x.step();
      x.verify();
      crashes += x.crashes;
      admitted += x.admitted;
    }
  }
  BOOST_TEST(crashes > 100u);
  BOOST_TEST(admitted > 1'000u);
}
