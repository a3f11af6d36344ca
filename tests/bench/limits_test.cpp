// The promises and the lines that are compared with them.
#include "bench/bench.hpp"
#include "bench/measurement.hpp"

#include <algorithm>
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
  "quick": {"limit": 100, "unit": "ms", "better": "less", "level": "must", "about": "a"},
  "many": {"limit": 0.8, "unit": "share", "better": "more", "level": "target", "about": "b"}
})";

} // namespace

BOOST_AUTO_TEST_CASE(limits_name_every_claim_that_is_measured) {
  const auto limits = read_limits(limits_text());
  for (const auto* claim : {"start", "memory", "idle", "writes", "list", "list-p99", "commit"}) {
    const auto found = std::ranges::find(limits, claim, &limit::claim);
    BOOST_REQUIRE_MESSAGE(found != limits.end(), claim);
    BOOST_TEST(found->value > 0);
    BOOST_TEST(!found->unit.empty());
  }
  BOOST_TEST(limits.size() == 7u);
}

BOOST_AUTO_TEST_CASE(a_limit_is_kept_on_the_better_side) {
  const auto limits = read_limits(two_limits);
  const auto& many = limits[0];
  const auto& quick = limits[1];
  BOOST_TEST(keeps(quick, 100));
  BOOST_TEST(!keeps(quick, 100.5));
  BOOST_TEST(keeps(many, 0.8));
  BOOST_TEST(!keeps(many, 0.79));
  BOOST_TEST(quick.must_hold);
  BOOST_TEST(!many.must_hold);
}

BOOST_AUTO_TEST_CASE(a_line_is_json_with_value_limit_and_ratio) {
  const auto quick = read_limits(two_limits)[1];
  const auto line = nlohmann::json::parse(json_line(quick, 70.1499));
  BOOST_TEST(line["claim"] == "quick");
  BOOST_TEST(line["value"].get<double>() == 70.1);
  BOOST_TEST(line["unit"] == "ms");
  BOOST_TEST(line["limit"].get<double>() == 100);
  BOOST_TEST(line["ratio"].get<double>() == 0.701);
  BOOST_TEST(line.size() == 5u);
  BOOST_TEST(nlohmann::json::parse(json_line(quick, 0))["value"].get<double>() == 0);
}

BOOST_AUTO_TEST_CASE(a_table_with_a_word_that_is_not_known_is_refused) {
  std::string text = two_limits;
  text.replace(text.find("target"), 6, "wishes");
  BOOST_CHECK_THROW(static_cast<void>(read_limits(text)), std::runtime_error);
  BOOST_CHECK_THROW(static_cast<void>(read_limits("{\"a\": {}}")), std::runtime_error);
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
