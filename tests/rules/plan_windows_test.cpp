// Goal: before a print it is known which of its changes would wait for a pump's window. Method:
// examples, and drawn recipes against the checks that a print asks at each change.
#include "rules/plan_windows.hpp"
#include "rules/station_change.hpp"
#include "rules/station_checks.hpp"
#include "tests/rules/resin_bench.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <map>
#include <random>
#include <set>

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
    pumps.lines.push_back(
        {name, false, false, 0, limit_s * 1'000, window_s * 1'000, limit_s * 1'000});
  return pumps;
}

constexpr int64_t layer_ms = 3'000;

/// What each change would be told by the checks that a print asks before it drains, at the time at
/// which it would drain: the pumps for which the first change waits.
std::set<std::string> held_in_a_print(const station_setup& setup,
                                      const std::vector<recipe_step>& steps,
                                      pump_bank_report pumps) {
  std::map<std::string, std::vector<std::pair<int64_t, int64_t>>> charged;
  std::set<std::string> held;
  int64_t now = 0;
  const auto used = [&](const pump_line_report& line) {
    int64_t sum = 0;
    for (const auto& [from, to] : charged[line.pump])
      sum += std::max<int64_t>(0, to - std::max(from, now - line.window_ms));
    return sum;
  };
  for (size_t i = 0; i < steps.size(); ++i) {
    if (i > 0)
      now += std::max<int64_t>(0, steps[i].layer - steps[i - 1].layer - rules::late_layers_max)
             * layer_ms;
    now += (setup.change.quiescence_s + setup.change.plate_clear_delay_s) * 1'000;
    for (auto& line : pumps.lines)
      line.window_used_ms = used(line);
    const std::pair<const station_pump*, int64_t> runs[] = {
        {setup.drain(), setup.change.drain_volume_ul},
        {setup.filler(steps[i].material), setup.change.fill_volume_ul}};
    station_facts live;
    live.pumps = pumps;
    auto clock = now;
    for (const auto& [pump, volume] : runs) {
      const auto ms = rules::duration_ms(volume, pump->flow_ul_per_s);
      for (const auto& check : rules::pump_checks(station{}, *pump, ms, volume, live))
        if (check.id == "window_" + pump->name && check.verdict == check_verdict::fail)
          held.insert(pump->name);
      charged[pump->name].push_back({clock, clock + ms + 100});
      clock += ms;
    }
    now = clock + setup.change.settle_delay_s * 1'000;
  }
  return held;
}

} // namespace

BOOST_AUTO_TEST_CASE(changes_far_apart_fit_and_the_same_ones_close_together_do_not) {
  const auto setup = one_ml_per_second(70, 40);
  const auto pumps = lines_with(180, 600);
  BOOST_TEST(rules::window_excesses(setup, {{50, "B"}, {150, "C"}, {250, "B"}, {350, "C"}}, pumps,
                                    layer_ms)
                 .empty());
  const auto excesses =
      rules::window_excesses(setup, {{50, "B"}, {51, "C"}, {52, "B"}, {53, "C"}}, pumps, layer_ms);
  BOOST_TEST_REQUIRE(excesses.size() == 1u);
  BOOST_TEST(excesses[0].pump == "drain");
  BOOST_TEST(excesses[0].layer == 52);
  // Two drains were charged 0.1 s more than was planned.
  BOOST_TEST(excesses[0].needed_ms == 210'200);
  BOOST_TEST(excesses[0].limit_ms == 180'000);
  BOOST_TEST(excesses[0].window_ms == 600'000);
}

BOOST_AUTO_TEST_CASE(a_valve_that_opens_while_draining_has_a_window_too) {
  auto setup = one_ml_per_second(70, 40);
  auto pumps = lines_with(250, 600);
  pumps.valve_extra_ms = 1'500;
  pumps.lines.push_back({"air", false, true, 0, 214'000, 600'000, 120'000});
  const std::vector<recipe_step> steps{{50, "B"}, {51, "C"}, {52, "B"}};
  BOOST_TEST(rules::window_excesses(setup, steps, pumps, layer_ms).empty());
  setup.valve_during_drain = true;
  const auto excesses = rules::window_excesses(setup, steps, pumps, layer_ms);
  BOOST_TEST_REQUIRE(excesses.size() == 1u);
  BOOST_TEST(excesses[0].pump == "air");
  // Three drains of 70 s, each with 1.5 s more; two were charged 0.1 s beyond that.
  BOOST_TEST(excesses[0].needed_ms == 214'700);
}

BOOST_AUTO_TEST_CASE(slow_layers_make_room) {
  const auto setup = one_ml_per_second(70, 40);
  const std::vector<recipe_step> steps{{50, "B"}, {65, "C"}, {80, "B"}};
  const auto pumps = lines_with(180, 600);
  BOOST_TEST(!rules::window_excesses(setup, steps, pumps, rules::layer_ms_min).empty());
  BOOST_TEST(rules::window_excesses(setup, steps, pumps, rules::layer_ms_max).empty());
}

BOOST_AUTO_TEST_CASE(a_single_run_is_no_matter_of_the_plan) {
  BOOST_TEST(rules::window_excesses(one_ml_per_second(200, 40), {{50, "B"}}, lines_with(180, 600),
                                    layer_ms)
                 .empty());
}

BOOST_AUTO_TEST_CASE(lines_that_are_not_known_are_left_out) {
  const std::vector<recipe_step> close{{50, "B"}, {51, "C"}, {52, "B"}};
  const auto setup = one_ml_per_second(100, 40);
  BOOST_TEST(rules::window_excesses(setup, close, {}, layer_ms).empty());
  BOOST_TEST(!rules::window_excesses(setup, close, lines_with(180, 600), layer_ms).empty());
}

BOOST_AUTO_TEST_CASE(drawn_recipes_are_judged_as_the_changes_of_a_print_are) {
  std::mt19937 random{20261128};
  const auto between = [&random](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>{low, high}(random);
  };
  int fit = 0, wait = 0;
  for (int round = 0; round < 500; ++round) {
    const auto setup = one_ml_per_second(between(5, 90), between(5, 90));
    const auto pumps = lines_with(between(90, 240), between(240, 900));
    std::vector<recipe_step> steps;
    int64_t layer = 0;
    for (auto count = between(1, 8); count > 0; --count)
      steps.push_back(
          {layer += between(1, 60), std::string(1, static_cast<char>('A' + between(0, 2)))});
    const auto found = rules::window_excesses(setup, steps, pumps, layer_ms);
    const auto held = held_in_a_print(setup, steps, pumps);
    for (const auto* pump : {"a", "b", "c", "drain"}) {
      const bool told = std::ranges::count(found, pump, &rules::window_excess::pump) == 1;
      BOOST_TEST(told == held.contains(pump), pump << " in round " << round);
      ++(told ? wait : fit);
    }
  }
  BOOST_TEST(fit > 200);
  BOOST_TEST(wait > 200);
}
