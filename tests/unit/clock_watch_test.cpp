// Goal: a step of the wall clock is noticed, said once, and forgotten when it has become the time.
// Method: a clock that is set by hand.
#include "actors/clock_watch.hpp"

#include <boost/test/unit_test.hpp>

using namespace gantry;
using namespace std::chrono_literals;

namespace {

class set_clock final : public hal::clock {
public:
  hal::mono_time mono() const override { return mono_now; }
  timestamp wall() const override { return wall_now; }
  std::string boot_id() const override { return "boot"; }
  clock_sync sync() const override { return clock_sync::synchronised; }

  void pass(std::chrono::milliseconds time) {
    mono_now += time;
    wall_now += time;
  }

  hal::mono_time mono_now = 100h;
  timestamp wall_now{500'000h};
};

} // namespace

BOOST_AUTO_TEST_CASE(a_clock_that_moves_as_time_passes_agrees) {
  set_clock time;
  actors::clock_watch watch{time};
  time.pass(72h);
  const auto report = watch.look({});
  BOOST_TEST(report.drift_ms == 0);
  BOOST_TEST((report.verdict.code == reason::clock_agrees));
  BOOST_TEST(!actors::clock_check(report).warning);
}

BOOST_AUTO_TEST_CASE(a_step_is_a_warning_for_an_hour) {
  set_clock time;
  actors::clock_watch watch{time};
  time.pass(5min);
  time.wall_now -= 90s;
  for (int minute = 0; minute < 60; ++minute) {
    const auto report = watch.look({});
    BOOST_TEST(report.drift_ms == -90'000);
    BOOST_TEST(actors::clock_check(report).warning);
    BOOST_TEST(actors::clock_check(report).healthy);
    time.pass(1min);
  }
  BOOST_TEST(watch.look({}).drift_ms == 0);
  time.wall_now += 61s;
  BOOST_TEST(actors::clock_check(watch.look({})).warning);
}

BOOST_AUTO_TEST_CASE(who_asks_is_told_how_far_ahead_the_own_clock_is) {
  set_clock time;
  actors::clock_watch watch{time};
  BOOST_TEST(!watch.look({}).offset_ms);
  const auto report = watch.look(time.wall_now + 75s);
  BOOST_TEST(report.offset_ms.value() == 75'000);
  BOOST_TEST((report.offset_verdict.code == reason::clock_browser_differs));
  BOOST_TEST((watch.look(time.wall_now - 5s).offset_verdict.code == reason::clock_agrees));
}
