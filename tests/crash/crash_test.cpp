// Goal: a kernel may die at any moment without losing what it said, printing twice, or printing on
// an occupied bed. Method: tell three stories, and kill the kernel around every synced write, every
// call to a printer and every answer; start it again, and ask the printers' own logs. Pass: no
// problem at any point, and nearly every point was reached.
#include "tests/crash/crash_case.hpp"
#include "tests/crash/effort.hpp"
#include "tests/scenarios/farm.hpp"

#include <algorithm>
#include <atomic>
#include <boost/test/unit_test.hpp>
#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <random>
#include <thread>

using namespace gantry::test;

namespace {

/// Most of a story is waiting for timers, so a few run at a time.
constexpr unsigned stages_max = 4;
/// Tellings of a story per change; a sweep has them all.
constexpr size_t sample_size = 12;

struct telling {
  std::string start;
  std::vector<kill_point> lives;
  std::string text() const {
    auto text = start;
    for (const auto& each : lives)
      text += " " + each.text();
    return text;
  }
};

const crash_effort& effort() {
  static const auto only = crash_effort::from_environment();
  return only;
}

class theatre {
public:
  explicit theatre(crash_story story) : story_{story} {
    std::vector<std::future<std::unique_ptr<crash_stage>>> built;
    for (unsigned i = 0; i < stages_max; ++i)
      built.push_back(std::async(std::launch::async, [this, i] {
        return std::make_unique<crash_stage>(folder_.path() / std::to_string(i), i, story_);
      }));
    for (auto& each : built)
      stages_.push_back(each.get());
  }

  /// The points around every step of the life that follows `before`.
  std::vector<telling> tellings_after(const std::string& start,
                                      const std::vector<kill_point>& before) {
    const auto counted = stages_[0]->play(start, before);
    BOOST_TEST_REQUIRE(counted.problems.empty(), counted.problems.front());
    BOOST_TEST_REQUIRE(counted.kills == before.size());
    std::vector<telling> tellings;
    for (const auto step : {kill_step::write, kill_step::call, kill_step::answer})
      for (uint64_t n = 1; n <= counted.last_life[static_cast<size_t>(step)]; ++n)
        for (const auto moment : {kill_moment::before, kill_moment::after, kill_moment::later}) {
          auto lives = before;
          lives.push_back({step, moment, n});
          if (step == kill_step::call || moment != kill_moment::later)
            tellings.push_back({start, lives});
        }
    return tellings;
  }

  /// Plays a sample, or all in a sweep; nearly every kill must happen.
  void play(std::vector<telling> tellings) {
    const auto all = tellings.size();
    if (!effort().sweep && all > sample_size) {
      std::ranges::shuffle(tellings, random_);
      tellings.resize(sample_size);
    }
    size_t wanted = 0;
    for (const auto& each : tellings)
      wanted += each.lives.size();
    const auto began = std::chrono::steady_clock::now();
    const auto kills = play_all(tellings);
    std::printf("%s: %zu of %zu kill points, %zu of %zu kills, %.1f s\n", text_of(story_).c_str(),
                tellings.size(), all, kills, wanted,
                std::chrono::duration<double>{std::chrono::steady_clock::now() - began}.count());
    // Where a step comes earlier or later than before, a point may be missed.
    BOOST_TEST(kills >= wanted * 8 / 10);
  }

private:
  size_t play_all(const std::vector<telling>& tellings) {
    std::atomic<size_t> next{0};
    std::atomic<size_t> kills{0};
    std::mutex mutex;
    std::vector<std::string> problems;
    std::vector<std::thread> threads;
    for (auto& stage : stages_)
      threads.emplace_back([&] {
        for (size_t i = next++; i < tellings.size(); i = next++) {
          const auto ended = stage->play(tellings[i].start, tellings[i].lives);
          kills += ended.kills;
          const std::lock_guard guard{mutex};
          for (const auto& problem : ended.problems)
            problems.push_back(tellings[i].text() + ": " + problem);
        }
      });
    for (auto& thread : threads)
      thread.join();
    for (const auto& problem : problems)
      BOOST_ERROR(problem);
    return kills;
  }

  crash_story story_;
  scratch_folder folder_;
  std::vector<std::unique_ptr<crash_stage>> stages_;
  std::mt19937_64 random_{effort().seed};
};

theatre& print_theatre() {
  static theatre only{crash_story::print};
  return only;
}

} // namespace

BOOST_AUTO_TEST_CASE(an_order_survives_a_kill_at_every_step_towards_its_print) {
  const auto tellings = print_theatre().tellings_after("queue", {});
  BOOST_TEST(tellings.size() > 30u);
  print_theatre().play(tellings);
}

BOOST_AUTO_TEST_CASE(a_start_that_was_never_sent_survives_a_second_kill_at_every_step) {
  // The third call is the start; it was recorded, and dies unsent.
  const auto tellings =
      print_theatre().tellings_after("queue", {{kill_step::call, kill_moment::before, 3}});
  BOOST_TEST(tellings.size() > 40u);
  print_theatre().play(tellings);
}

BOOST_AUTO_TEST_CASE(an_order_survives_a_kill_while_its_model_is_checked_and_sliced) {
  std::vector<telling> tellings;
  for (uint64_t n = 1; n <= 5; ++n)
    for (const auto moment : {kill_moment::before, kill_moment::after, kill_moment::later})
      tellings.push_back({"seed", {{kill_step::write, moment, n}}});
  print_theatre().play(tellings);
}

BOOST_AUTO_TEST_CASE(cancels_failures_and_a_breaker_survive_a_kill_at_every_step) {
  theatre stage{crash_story::trouble};
  const auto tellings = stage.tellings_after("queue", {});
  BOOST_TEST(tellings.size() > 80u);
  stage.play(tellings);
}

BOOST_AUTO_TEST_CASE(approvals_and_pauses_at_two_printers_survive_a_kill_at_every_step) {
  theatre stage{crash_story::permits};
  const auto tellings = stage.tellings_after("queue", {});
  BOOST_TEST(tellings.size() > 60u);
  stage.play(tellings);
}

BOOST_AUTO_TEST_CASE(a_cancelled_order_stops_its_print_through_a_kill_at_every_step) {
  theatre stage{crash_story::withdrawn};
  const auto tellings = stage.tellings_after("queue", {});
  BOOST_TEST(tellings.size() > 30u);
  stage.play(tellings);
}
