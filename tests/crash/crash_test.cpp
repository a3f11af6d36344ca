// Goal: a kernel may die at any moment without losing what it said, printing twice, or printing on
// an occupied bed. Method: kill it around every synced write, every call to the printer and every
// answer, start it again, and ask the printer's own log. Pass: no problem at any point, and nearly
// every point was reached.
#include "tests/crash/crash_case.hpp"
#include "tests/scenarios/farm.hpp"

#include <atomic>
#include <boost/test/unit_test.hpp>
#include <mutex>
#include <thread>

using namespace gantry::test;

namespace {

/// Most of a story is waiting for timers, so a few run at a time.
constexpr unsigned stages_max = 4;

struct story {
  std::string start;
  std::vector<kill_point> lives;
  std::string text() const {
    auto text = start;
    for (const auto& each : lives)
      text += " " + each.text();
    return text;
  }
};

struct theatre {
  scratch_folder folder;
  std::vector<crash_stage> stages;

  theatre() {
    for (unsigned i = 0; i < stages_max; ++i)
      stages.emplace_back(folder.path() / std::to_string(i), i);
  }

  /// The points around every step of the life that follows `before`.
  std::vector<story> stories_after(const std::string& start,
                                   const std::vector<kill_point>& before) {
    const auto counted = stages[0].play(start, before);
    BOOST_TEST_REQUIRE(counted.problems.empty(), counted.problems.front());
    BOOST_TEST_REQUIRE(counted.kills == before.size());
    std::vector<story> stories;
    for (const auto step : {kill_step::write, kill_step::call, kill_step::answer})
      for (uint64_t n = 1; n <= counted.last_life[static_cast<size_t>(step)]; ++n)
        for (const auto moment : {kill_moment::before, kill_moment::after, kill_moment::later}) {
          auto lives = before;
          lives.push_back({step, moment, n});
          if (step == kill_step::call || moment != kill_moment::later)
            stories.push_back({start, lives});
        }
    return stories;
  }

  /// Plays all; returns the number of kills.
  size_t play(const std::vector<story>& stories) {
    std::atomic<size_t> next{0};
    std::atomic<size_t> kills{0};
    std::mutex mutex;
    std::vector<std::string> problems;
    std::vector<std::thread> threads;
    for (auto& stage : stages)
      threads.emplace_back([&] {
        for (size_t i = next++; i < stories.size(); i = next++) {
          const auto ended = stage.play(stories[i].start, stories[i].lives);
          kills += ended.kills;
          const std::lock_guard guard{mutex};
          for (const auto& problem : ended.problems)
            problems.push_back(stories[i].text() + ": " + problem);
        }
      });
    for (auto& thread : threads)
      thread.join();
    for (const auto& problem : problems)
      BOOST_ERROR(problem);
    BOOST_TEST_MESSAGE(stories.size() << " stories, " << kills << " kills");
    return kills;
  }
};

theatre& shared_theatre() {
  static theatre only;
  return only;
}

} // namespace

BOOST_AUTO_TEST_CASE(an_order_survives_a_kill_at_every_step_towards_its_print) {
  const auto stories = shared_theatre().stories_after("queue", {});
  BOOST_TEST(stories.size() > 30u);
  BOOST_TEST(shared_theatre().play(stories) > stories.size() * 9 / 10);
}

BOOST_AUTO_TEST_CASE(a_start_that_was_never_sent_survives_a_second_kill_at_every_step) {
  // The third call is the start; it was recorded, and dies unsent.
  const auto stories =
      shared_theatre().stories_after("queue", {{kill_step::call, kill_moment::before, 3}});
  BOOST_TEST(stories.size() > 40u);
  BOOST_TEST(shared_theatre().play(stories) > stories.size() * 2 * 8 / 10);
}

BOOST_AUTO_TEST_CASE(an_order_survives_a_kill_while_its_model_is_checked_and_sliced) {
  std::vector<story> stories;
  for (uint64_t n = 1; n <= 5; ++n)
    for (const auto moment : {kill_moment::before, kill_moment::after, kill_moment::later})
      stories.push_back({"seed", {{kill_step::write, moment, n}}});
  BOOST_TEST(shared_theatre().play(stories) == stories.size());
}
