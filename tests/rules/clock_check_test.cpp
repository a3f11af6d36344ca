// Goal: a clock that cannot be trusted is named. Method: a table around the bound of 60 s.
#include "rules/clock_check.hpp"

#include <boost/test/unit_test.hpp>

using namespace gantry;
using namespace gantry::rules;

BOOST_AUTO_TEST_CASE(a_clock_that_moved_by_more_than_a_minute_is_called_stepped) {
  for (const auto sync :
       {clock_sync::unknown, clock_sync::synchronised, clock_sync::unsynchronised})
    for (const int64_t drift : {60'001, -60'001, 3'600'000}) {
      const auto verdict = judge_clock(sync, drift);
      BOOST_TEST((verdict.code == reason::clock_stepped));
      BOOST_TEST(verdict.params.at("seconds") == std::to_string(drift / 1'000));
    }
}

BOOST_AUTO_TEST_CASE(a_clock_that_keeps_pace_agrees_only_if_something_keeps_it_right) {
  for (const int64_t drift : {0, 60'000, -60'000}) {
    BOOST_TEST((judge_clock(clock_sync::synchronised, drift).code == reason::clock_agrees));
    for (const auto sync : {clock_sync::unknown, clock_sync::unsynchronised})
      BOOST_TEST((judge_clock(sync, drift).code == reason::clock_unsynchronised));
  }
}

BOOST_AUTO_TEST_CASE(a_browser_may_differ_by_a_minute) {
  BOOST_TEST((judge_browser_clock(60'000).code == reason::clock_agrees));
  BOOST_TEST((judge_browser_clock(-60'001).code == reason::clock_browser_differs));
}
