// Goal: the guard switches on only what it may, and everything that is on ends by itself. Method:
// the core on a bench with virtual time; what was on is read from the lines' own log.
#include "tests/guard/core_bench.hpp"

#include <boost/test/unit_test.hpp>

using namespace gantry;
using namespace gantry::test;
using namespace gantry::guard;
using namespace std::chrono_literals;

namespace {

/// Two stations with a shared bank between `one/c` and `two/c`; the first has a valve.
const std::string two_stations = R"({"version": 1, "stations": [
  {"name": "one", "lines": [
    {"name": "a", "driver": {"kind": "simulated"}},
    {"name": "c", "bank": "shared", "driver": {"kind": "simulated"}},
    {"name": "relay", "driver": {"kind": "gpio", "chip": "/dev/gpiochip0", "line": 4}},
    {"name": "valve", "role": "valve", "driver": {"kind": "simulated"}}]},
  {"name": "two", "lines": [
    {"name": "a", "driver": {"kind": "simulated"}},
    {"name": "c", "bank": "shared", "driver": {"kind": "simulated"}}]}]})";

constexpr size_t a = 0, c = 1, relay = 2, valve = 3, other_a = 4;

struct bench : core_bench {
  bench() : core_bench{two_stations} {}

  [[nodiscard]] reason why(uint64_t ticket) const {
    const auto end = end_of(ticket);
    BOOST_REQUIRE(end.has_value());
    return end->why;
  }
  [[nodiscard]] mono_time measured(uint64_t ticket) const {
    return std::chrono::microseconds{end_of(ticket)->on_time_us};
  }
  void emergency_stop(const std::string& station = "one") {
    order({.kind = order_kind::emergency_stop, .station = station});
  }
  void acknowledge(uint64_t epoch) {
    order({.kind = order_kind::acknowledge, .station = "one", .epoch = epoch});
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(core, bench)

BOOST_AUTO_TEST_CASE(a_run_lasts_exactly_as_long_as_planned) {
  const auto ticket = run("a", 9s);
  BOOST_TEST(is_on(a));
  pass(8999ms);
  BOOST_TEST(is_on(a));
  pass(1ms);
  BOOST_TEST(!is_on(a));
  BOOST_TEST((why(ticket) == reason::ok));
  BOOST_TEST(end_of(ticket)->completed);
  BOOST_TEST((measured(ticket) == 9s));
  BOOST_TEST(state().lines[a].window_used_ms == 9000);
}

BOOST_AUTO_TEST_CASE(one_pump_is_on_at_a_time_in_a_station_and_in_a_bank) {
  const auto first = run("c", 5s);
  BOOST_TEST((why(run("a", 1s)) == reason::pump_busy));
  BOOST_TEST((why(run("valve", 1s)) == reason::pump_busy));
  BOOST_TEST((why(run("c", 1s, {.station = "two"})) == reason::pump_busy));
  // Another station's own bank has nothing to do with it.
  run("a", 1s, {.station = "two"});
  BOOST_TEST(is_on(other_a));
  pass(5s);
  BOOST_TEST((why(first) == reason::ok));
  run("a", 1s);
  BOOST_TEST(is_on(a));
}

BOOST_AUTO_TEST_CASE(a_run_that_waits_for_the_disk_excludes_others_already) {
  slow_disk = true;
  run("c", 5s);
  BOOST_TEST(!is_on(c));
  BOOST_TEST((why(run("a", 1s)) == reason::pump_busy));
  BOOST_TEST((why(run("c", 1s, {.station = "two"})) == reason::pump_busy));
  write_out();
  BOOST_TEST(is_on(c));
}

BOOST_AUTO_TEST_CASE(nothing_is_switched_on_before_its_charge_is_durable) {
  slow_disk = true;
  const auto ticket = run("a", 5s);
  BOOST_TEST(!is_on(a));
  disk_fault = "no space left";
  write_out();
  BOOST_TEST(!is_on(a));
  BOOST_TEST((why(ticket) == reason::pump_ledger_failed));
  BOOST_TEST(!end_of(ticket)->started);
  BOOST_TEST(state().lines[a].window_used_ms == 0);
  BOOST_TEST(!state().faults.empty());
}

BOOST_AUTO_TEST_CASE(defect_a_disk_that_failed_once_kept_the_pumps_off_for_ever) {
  disk_fault = "no space left";
  run("a", 5s);
  BOOST_TEST(!is_on(a));
  pass(10s);
  BOOST_TEST(!state().faults.empty());
  disk_fault.clear();
  pass(2s);
  BOOST_TEST(state().faults.empty());
  run("a", 5s);
  BOOST_TEST(is_on(a));
}

BOOST_AUTO_TEST_CASE(a_single_run_has_a_limit) {
  BOOST_TEST((why(run("a", 120'001ms)) == reason::pump_single_limit));
  BOOST_TEST((why(run("a", 0ms)) == reason::pump_duration_invalid));
  run("a", 120s);
  BOOST_TEST(is_on(a));
}

BOOST_AUTO_TEST_CASE(a_window_is_spent_and_comes_back_as_it_rolls) {
  run("a", 100s);
  pass(100s);
  BOOST_TEST((why(run("a", 81s)) == reason::pump_window_spent));
  const auto rest = run("a", 80s);
  pass(80s);
  BOOST_TEST((why(rest) == reason::ok));
  BOOST_TEST((why(run("a", 1s)) == reason::pump_window_spent));
  // 600 s after the first second was pumped, a second is free again when a run ends.
  pass(420s - 1ms);
  BOOST_TEST((why(run("a", 1s)) == reason::ok) == false);
  pass(1ms);
  run("a", 1s);
  BOOST_TEST(is_on(a));
}

BOOST_AUTO_TEST_CASE(a_lease_that_nobody_renews_ends_the_run) {
  const auto ticket = run("a", 60s, {.lease_ms = 2000});
  pass(1500ms);
  order({.kind = order_kind::renew, .ticket = ticket});
  pass(1999ms);
  BOOST_TEST(is_on(a));
  pass(1ms);
  BOOST_TEST(!is_on(a));
  BOOST_TEST((why(ticket) == reason::pump_lease_expired));
  BOOST_TEST(!end_of(ticket)->completed);
  BOOST_TEST((measured(ticket) == 3500ms));
}

BOOST_AUTO_TEST_CASE(everything_goes_off_when_the_kernel_is_gone) {
  run("a", 60s, {.with_valve = true});
  pass(1s);
  BOOST_TEST(is_on(a));
  BOOST_TEST(is_on(valve));
  lose_kernel();
  BOOST_TEST(!is_on(a));
  BOOST_TEST(!is_on(valve));
  join_kernel();
  run("a", 1s);
  BOOST_TEST(is_on(a));
}

BOOST_AUTO_TEST_CASE(the_valve_opens_before_the_pump_and_closes_after_it) {
  const auto ticket = run("a", 10s, {.with_valve = true});
  BOOST_TEST(is_on(valve));
  BOOST_TEST(!is_on(a));
  pass(500ms);
  BOOST_TEST(is_on(a));
  pass(10s);
  BOOST_TEST(!is_on(a));
  BOOST_TEST(is_on(valve));
  BOOST_TEST(!end_of(ticket).has_value());
  pass(1s);
  BOOST_TEST(!is_on(valve));
  BOOST_TEST((measured(ticket) == 10s));
  BOOST_TEST(state().lines[valve].window_used_ms == 11'500);
}

BOOST_AUTO_TEST_CASE(a_stop_ends_a_run_and_an_unknown_ticket_ends_nothing) {
  const auto ticket = run("a", 10s);
  pass(2s);
  order({.kind = order_kind::stop, .ticket = ticket + 7});
  BOOST_TEST(is_on(a));
  order({.kind = order_kind::stop, .ticket = ticket});
  BOOST_TEST(!is_on(a));
  BOOST_TEST((why(ticket) == reason::pump_stopped));
  BOOST_TEST((measured(ticket) == 2s));
  BOOST_TEST(state().lines[a].window_used_ms == 2000);
}

BOOST_AUTO_TEST_CASE(an_emergency_stop_latches_until_a_newer_epoch_is_durable) {
  const auto ticket = run("a", 10s, {.with_valve = true});
  pass(1s);
  emergency_stop();
  BOOST_TEST(!is_on(a));
  BOOST_TEST(!is_on(valve));
  BOOST_TEST(answers == 1);
  BOOST_TEST((why(ticket) == reason::pump_emergency_stopped));
  BOOST_TEST((why(run("a", 1s)) == reason::pump_latched));
  emergency_stop();
  BOOST_TEST(answers == 2);
  acknowledge(0);
  BOOST_TEST((why(run("a", 1s)) == reason::pump_latched));
  slow_disk = true;
  acknowledge(3);
  BOOST_TEST((why(run("a", 1s)) == reason::pump_latched));
  write_out();
  slow_disk = false;
  BOOST_TEST(!state().latched);
  BOOST_TEST(state().epoch == 3u);
  BOOST_TEST((why(run("a", 1s, {.epoch = 2})) == reason::pump_epoch_old));
  run("a", 1s, {.epoch = 3});
  BOOST_TEST(is_on(a));
  // The other station was never meant.
  BOOST_TEST(!state("two").latched);
}

BOOST_AUTO_TEST_CASE(a_stop_beats_an_acknowledgement_that_is_being_written) {
  emergency_stop();
  slow_disk = true;
  acknowledge(1);
  emergency_stop();
  write_out();
  BOOST_TEST(state().latched);
  BOOST_TEST((why(run("a", 1s, {.epoch = 1})) == reason::pump_latched));
}

BOOST_AUTO_TEST_CASE(a_latch_and_an_epoch_survive_the_guard) {
  emergency_stop();
  acknowledge(4);
  emergency_stop();
  kill();
  start();
  BOOST_TEST(state().latched);
  BOOST_TEST(state().epoch == 4u);
  reboot(30s);
  BOOST_TEST(state().latched);
  BOOST_TEST((why(run("a", 1s, {.epoch = 4})) == reason::pump_latched));
}

BOOST_AUTO_TEST_CASE(the_button_stops_a_run_and_holds_while_it_is_pressed) {
  const auto ticket = run("a", 10s);
  pass(1s);
  press_button(true);
  BOOST_TEST(!is_on(a));
  BOOST_TEST((why(ticket) == reason::pump_emergency_stopped));
  BOOST_TEST(state().latched_by_input);
  BOOST_TEST((why(run("a", 1s)) == reason::guard_stop_input));
  acknowledge(1);
  BOOST_TEST(state().latched);
  press_button(false);
  BOOST_TEST((why(run("a", 1s)) == reason::pump_latched));
  acknowledge(1);
  BOOST_TEST(!state().latched);
}

BOOST_AUTO_TEST_CASE(a_line_that_fails_to_go_on_is_ordered_off_and_charged) {
  on_fault[a] = "no acknowledgement";
  const auto ticket = run("a", 10s);
  BOOST_TEST(!is_on(a));
  BOOST_TEST((why(ticket) == reason::pump_actuation_failed));
  BOOST_TEST(end_of(ticket)->started);
}

BOOST_AUTO_TEST_CASE(a_line_that_does_not_go_off_latches_and_is_ordered_off_again_until_it_does) {
  const auto ticket = run("a", 1s);
  off_fault[a] = "the bus hangs";
  pass(1s);
  BOOST_TEST(is_on(a));
  BOOST_TEST((why(ticket) == reason::pump_not_off));
  BOOST_TEST(state().latched);
  BOOST_TEST(state().lines[a].is_on);
  emergency_stop();
  BOOST_TEST(answers == 0);
  acknowledge(1);
  BOOST_TEST(state().latched);
  pass(3s);
  BOOST_TEST(is_on(a));
  off_fault.clear();
  pass(100ms);
  BOOST_TEST(!is_on(a));
  // What really ran is charged, not what was planned.
  BOOST_TEST(state().lines[a].window_used_ms == 4100);
  acknowledge(1);
  BOOST_TEST(!state().latched);
}

BOOST_AUTO_TEST_CASE(requests_that_cannot_be_are_refused_and_change_nothing) {
  BOOST_TEST((why(run("z", 1s)) == reason::pump_unknown));
  BOOST_TEST((why(run("a", 1s, {.station = "three"})) == reason::pump_station_unknown));
  BOOST_TEST((why(run("relay", 1s, {.direction = pump_direction::reverse}))
              == reason::pump_direction_impossible));
  BOOST_TEST((why(run("valve", 1s, {.with_valve = true})) == reason::pump_valve_missing));
  BOOST_TEST(
      (why(run("a", 1s, {.station = "two", .with_valve = true})) == reason::pump_valve_missing));
  for (size_t i = 0; i < logs.size(); ++i)
    BOOST_TEST(logs[i].runs.empty());
  BOOST_TEST(!is_on(relay));
}

BOOST_AUTO_TEST_CASE(defect_a_valve_beside_a_pump_keeps_its_own_single_limit) {
  BOOST_TEST((why(run("a", 119s, {.with_valve = true})) == reason::pump_single_limit));
  run("a", 118s, {.with_valve = true});
  BOOST_TEST(is_on(valve));
}

BOOST_AUTO_TEST_CASE(nothing_begins_while_the_guard_is_being_stopped) {
  core().stop_accepting();
  BOOST_TEST((why(run("a", 1s)) == reason::pump_guard_stopping));
}

BOOST_AUTO_TEST_CASE(every_boot_begins_with_every_line_off) {
  run("a", 60s);
  pass(1s);
  kill();
  pass(5s);
  BOOST_TEST(is_on(a)); // the residual hazard: nobody is there
  start();
  BOOST_TEST(!is_on(a));
}

BOOST_AUTO_TEST_CASE(an_interrupted_run_is_charged_in_full_after_a_reboot) {
  run("a", 100s);
  pass(1s);
  reboot(20s);
  BOOST_TEST(state().lines[a].window_used_ms == 100'000);
  BOOST_TEST((why(run("a", 90s)) == reason::pump_window_spent));
  pass(580s);
  run("a", 90s);
  BOOST_TEST(is_on(a));
}

BOOST_AUTO_TEST_CASE(defect_runs_that_a_reboot_moves_together_were_charged_once) {
  run("a", 50s);
  pass(51s);
  run("a", 60s);
  pass(1s);
  reboot(1s);
  BOOST_TEST(state().lines[a].window_used_ms == 110'000);
}

BOOST_AUTO_TEST_CASE(a_guard_that_was_away_charges_for_all_that_time) {
  run("a", 10s);
  pass(1s);
  kill();
  pass(200s);
  start();
  BOOST_TEST(state().lines[a].window_used_ms == 201'000);
  BOOST_TEST((why(run("a", 1s)) == reason::pump_window_spent));
}

BOOST_AUTO_TEST_CASE(a_boot_without_a_name_lets_no_time_pass) {
  run("a", 100s);
  pass(100s);
  auto kept = *disk;
  kept.boot.clear();
  const auto carried = carried_over(kept, "", now() + 10h);
  BOOST_TEST(carried.lines[a].runs[0].to_us - kept.lines[a].runs[0].to_us == 36'000'000'000);
}

BOOST_AUTO_TEST_SUITE_END()
