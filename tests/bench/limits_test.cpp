// The promises and the lines that are compared with them.
#include "bench/bench.hpp"
#include "bench/measurement.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

using namespace gantry::bench;

namespace {

int run(std::vector<std::string> words) {
  words.insert(words.begin(), "bench");
  std::vector<char*> argv;
  for (auto& word : words)
    argv.push_back(word.data());
  return bench_main(static_cast<int>(argv.size()), argv.data());
}

constexpr const char* two_limits = R"({
  "speed": {"about": "a", "figures": {
    "start": {"goal": 100, "unit": "ms", "better": "less", "level": "must", "judged": "time"},
    "share": {"goal": 0.8, "unit": "1/s", "better": "more", "level": "must", "judged": "ratio"}}},
  "losses": {"about": "b", "figures": {
    "lost": {"goal": 0, "unit": "commands", "better": "less", "level": "target",
             "judged": "count"}}}
})";

} // namespace

BOOST_AUTO_TEST_CASE(every_claim_has_a_unit_and_a_sentence) {
  const auto limits = read_limits(limits_text());
  BOOST_TEST(limits.size() >= 6u);
  for (const auto& each : limits) {
    BOOST_TEST(!each.about.empty(), each.claim);
    for (const auto& promised : each.goals)
      BOOST_TEST(!promised.unit.empty(), each.claim + ": " + promised.figure);
  }
}

BOOST_AUTO_TEST_CASE(a_goal_is_kept_on_the_better_side) {
  const auto limits = read_limits(two_limits);
  const auto& start = limits[0].goals[0];
  const auto& share = limits[0].goals[1];
  const auto& lost = limits[1].goals[0];
  BOOST_TEST(keeps(start, plain_figure("start", 100)));
  BOOST_TEST(!keeps(start, plain_figure("start", 100.5)));
  BOOST_TEST(keeps(share, limited_figure("share", 80, 100)));
  BOOST_TEST(!keeps(share, limited_figure("share", 79, 100)));
  BOOST_TEST(keeps(lost, plain_figure("lost", 0)));
  BOOST_TEST(!keeps(lost, plain_figure("lost", 1)));
  BOOST_CHECK_THROW(static_cast<void>(keeps(share, plain_figure("share", 1))), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(without_a_gate_of_their_own_only_ratios_and_counts_that_must_hold_are_gates) {
  const auto limits = read_limits(two_limits);
  BOOST_TEST(has_gate(limits[0]));
  BOOST_TEST(!has_gate(limits[1]));
  const auto late =
      judge(limits[0], {plain_figure("start", 900), limited_figure("share", 9, 10)}, false);
  BOOST_TEST(passes(late));
  BOOST_TEST(!late[0].kept);
  const auto slow =
      judge(limits[0], {plain_figure("start", 9), limited_figure("share", 1, 10)}, false);
  BOOST_TEST(!passes(slow));
}

BOOST_AUTO_TEST_CASE(a_wide_gate_lets_a_missed_goal_pass_and_makes_a_time_a_gate) {
  std::string text = two_limits;
  text.replace(text.find("100,"), 4, "100, \"gate\": 500,");
  text.replace(text.find("0.8,"), 4, "0.8, \"gate\": 0.5,");
  const auto speed = read_limits(text)[0];
  const auto passes_with = [&speed](double start_ms, double share) {
    return passes(judge(
        speed, {plain_figure("start", start_ms), limited_figure("share", share, 1)}, false));
  };
  BOOST_TEST(passes_with(500, 0.5));
  BOOST_TEST(!passes_with(501, 0.5));
  BOOST_TEST(!passes_with(500, 0.4));
  BOOST_TEST(!keeps(speed.goals[0], plain_figure("start", 500)));
}

BOOST_AUTO_TEST_CASE(a_gate_that_is_narrower_than_its_goal_or_of_a_target_is_refused) {
  const auto refused = [](const std::string& old_text, const std::string& new_text) {
    std::string text = two_limits;
    text.replace(text.find(old_text), old_text.size(), new_text);
    BOOST_CHECK_THROW(static_cast<void>(read_limits(text)), std::runtime_error);
  };
  refused("100,", "100, \"gate\": 99,");
  refused("0.8,", "0.8, \"gate\": 0.9,");
  refused("\"goal\": 0,", "\"goal\": 0, \"gate\": 1,");
}

BOOST_AUTO_TEST_CASE(figures_and_goals_belong_together) {
  const auto speed = read_limits(two_limits)[0];
  const auto start = plain_figure("start", 70);
  BOOST_CHECK_THROW(static_cast<void>(judge(speed, {start}, false)), std::runtime_error);
  BOOST_TEST(judge(speed, {start}, true).size() == 1u);
  BOOST_CHECK_THROW(static_cast<void>(judge(speed, {start, plain_figure("other", 1)}, true)),
                    std::runtime_error);
  BOOST_CHECK_THROW(static_cast<void>(judge(speed, {}, true)), std::runtime_error);
}

BOOST_AUTO_TEST_CASE(a_line_is_json_and_begins_with_the_figure_that_is_farthest_from_its_goal) {
  const auto speed = read_limits(two_limits)[0];
  const auto verdicts =
      judge(speed, {plain_figure("start", 70.1499), limited_figure("share", 40, 100)}, false);
  const auto line = nlohmann::json::parse(json_line("speed", verdicts, true));
  BOOST_TEST(line["claim"] == "speed");
  BOOST_TEST(line["value"].get<double>() == 40);
  BOOST_TEST(line["unit"] == "1/s");
  BOOST_TEST(line["limit"].get<double>() == 100);
  BOOST_TEST(line["ratio"].get<double>() == 0.4);
  BOOST_TEST(line["goal"].get<double>() == 0.8);
  BOOST_TEST(line["kept"] == false);
  BOOST_TEST(line["figures"].size() == 2u);
  BOOST_TEST(line["figures"][0]["value"].get<double>() == 70.1);
  BOOST_TEST(line["figures"][0]["limit"].is_null());
  BOOST_TEST(line["figures"][0]["ratio"].is_null());
}

BOOST_AUTO_TEST_CASE(a_table_with_a_word_that_is_not_known_is_refused) {
  std::string text = two_limits;
  text.replace(text.find("target"), 6, "wishes");
  BOOST_CHECK_THROW(static_cast<void>(read_limits(text)), std::runtime_error);
  BOOST_CHECK_THROW(static_cast<void>(read_limits("{\"a\": {}}")), std::runtime_error);
  BOOST_CHECK_THROW(static_cast<void>(read_limits(R"({"a": {"about": "", "figures": {}}})")),
                    std::runtime_error);
}

BOOST_AUTO_TEST_CASE(the_middle_and_the_tail_of_values_are_found) {
  BOOST_TEST(median({3, 1, 2}) == 2);
  BOOST_TEST(median({4, 1, 2, 3}) == 2.5);
  BOOST_TEST(quantile({5, 1, 4, 2, 3}, 0.99) == 5);
  BOOST_TEST(quantile({5, 1, 4, 2, 3}, 0) == 1);
}

BOOST_AUTO_TEST_CASE(an_unknown_claim_or_option_is_refused) {
  BOOST_TEST(run({}) == 2);
  BOOST_TEST(run({"miracles"}) == 2);
  BOOST_TEST(run({"start", "--fast"}) == 2);
  BOOST_TEST(run({"--help"}) == 0);
}
