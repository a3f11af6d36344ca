// Goal: a recipe is refused exactly if its pumps would exceed a window at the fastest pace that is
// possible. Method: examples, and drawn recipes against a count of every second.
#include "rules/plan_windows.hpp"
#include "rules/station_change.hpp"
#include "rules/station_checks.hpp"
#include "tests/rules/resin_bench.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <map>
#include <random>

using namespace gantry;

namespace {

/// Delays of 30 s before draining and 5 s after filling; the drain and each filler move 1 ml/s.
station_setup one_ml_per_second(int64_t drain_ml, int64_t fill_ml) {
  auto setup = test::bench_setup();
  for (auto& pump : setup.pumps)
    pump.flow_ul_per_s = 1'000;
  setup.change.drain_volume_ul = drain_ml * 1'000;
  setup.change.fill_volume_ul = fill_ml * 1'000;
  return setup;
}

pump_bank_report lines_with(int64_t limit_s, int64_t window_s) {
  pump_bank_report pumps;
  for (const auto* name : {"a", "b", "c", "drain"})
    pumps.lines.push_back({name, false, 0, limit_s * 1'000, window_s * 1'000, limit_s * 1'000});
  return pumps;
}

/// The most seconds of each pump within a window, counted second by second.
std::map<std::string, int64_t> peaks_of(const station_setup& setup,
                                        const std::vector<recipe_step>& steps, size_t window_s) {
  std::map<std::string, std::vector<int>> seconds;
  size_t now = 0;
  const auto run = [&](const std::string& pump, int64_t volume_ul) {
    auto& line = seconds[pump];
    line.resize(now, 0);
    line.resize(now += static_cast<size_t>(volume_ul / 1'000), 1);
  };
  const auto wait = [&now](int64_t s) { now += static_cast<size_t>(s); };
  for (size_t i = 0; i < steps.size(); ++i) {
    if (i > 0)
      wait(std::max<int64_t>(0, steps[i].layer - steps[i - 1].layer - rules::late_layers_max)
           * rules::layer_ms_min / 1'000);
    wait(setup.change.quiescence_s + setup.change.plate_clear_delay_s);
    run("drain", setup.change.drain_volume_ul);
    run(setup.filler(steps[i].material)->name, setup.change.fill_volume_ul);
    wait(setup.change.settle_delay_s);
  }
  std::map<std::string, int64_t> peaks;
  for (const auto& [pump, line] : seconds)
    for (size_t end = 1; end <= line.size(); ++end) {
      const auto begin = line.begin() + static_cast<ptrdiff_t>(end - std::min(end, window_s));
      const auto used = std::count(begin, line.begin() + static_cast<ptrdiff_t>(end), 1);
      peaks[pump] = std::max<int64_t>(peaks[pump], used);
    }
  return peaks;
}

} // namespace

BOOST_AUTO_TEST_CASE(changes_far_apart_fit_and_the_same_ones_close_together_do_not) {
  const auto setup = one_ml_per_second(70, 40);
  const auto pumps = lines_with(180, 600);
  // A cycle of 145 s and 48 layers of 3 s: a window holds two whole drains and a part of a third.
  BOOST_TEST(rules::window_excesses(setup, {{50, "B"}, {150, "C"}, {250, "B"}, {350, "C"}}, pumps)
                 .empty());
  const auto excesses =
      rules::window_excesses(setup, {{50, "B"}, {51, "C"}, {52, "B"}, {53, "C"}}, pumps);
  BOOST_TEST_REQUIRE(excesses.size() == 1u);
  BOOST_TEST(excesses[0].pump == "drain");
  BOOST_TEST(excesses[0].layer == 52);
  BOOST_TEST(excesses[0].needed_ms == 210'000);
  BOOST_TEST(excesses[0].limit_ms == 180'000);
  BOOST_TEST(excesses[0].window_ms == 600'000);
}

BOOST_AUTO_TEST_CASE(a_single_run_is_no_matter_of_the_plan) {
  BOOST_TEST(rules::window_excesses(one_ml_per_second(200, 40), {{50, "B"}}, lines_with(180, 600))
                 .empty());
}

BOOST_AUTO_TEST_CASE(lines_that_are_not_known_are_left_out) {
  const std::vector<recipe_step> close{{50, "B"}, {51, "C"}, {52, "B"}};
  const auto setup = one_ml_per_second(100, 40);
  BOOST_TEST(rules::window_excesses(setup, close, {}).empty());
  BOOST_TEST(!rules::window_excesses(setup, close, lines_with(180, 600)).empty());
}

BOOST_AUTO_TEST_CASE(drawn_recipes_are_judged_as_a_count_of_every_second_judges) {
  std::mt19937 random{20261128};
  const auto between = [&random](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>{low, high}(random);
  };
  int fit = 0, exceed = 0;
  for (int round = 0; round < 300; ++round) {
    const auto setup = one_ml_per_second(between(5, 90), between(5, 90));
    const auto limit_s = between(90, 240), window_s = between(240, 900);
    std::vector<recipe_step> steps;
    int64_t layer = 0;
    for (auto count = between(1, 8); count > 0; --count)
      steps.push_back(
          {layer += between(1, 60), std::string(1, static_cast<char>('A' + between(0, 2)))});
    const auto found = rules::window_excesses(setup, steps, lines_with(limit_s, window_s));
    for (const auto& [pump, peak_s] : peaks_of(setup, steps, static_cast<size_t>(window_s))) {
      const bool told = std::ranges::count(found, pump, &rules::window_excess::pump) == 1;
      BOOST_TEST(told == (peak_s > limit_s), pump << " in round " << round);
      ++(told ? exceed : fit);
    }
  }
  BOOST_TEST(fit > 100);
  BOOST_TEST(exceed > 100);
}
