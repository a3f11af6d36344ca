// Goal: what happens to a running print is seen, attributed and followed up, also if it happens
// while nobody looks. Method: real parts, one simulated printer with faults; its own log says what
// was started.
#include "tests/scenarios/enum_printing.hpp"
#include "tests/scenarios/one_printer.hpp"

#include <boost/test/unit_test.hpp>

using namespace gantry;
using namespace gantry::test;

namespace {

struct slow_printer : one_printer {
  slow_printer() { print_slowly(); }

  /// An order whose print is seen to run.
  order_id printing_order() {
    const auto id = order_cube();
    expect(prints(id));
    return id;
  }

  /// Finishes with the machine at full speed; `prints_in_all` counts its starts.
  void ends_well(const order_id& id, size_t prints_in_all) {
    print_fast();
    expect(is_fulfilled(id));
    BOOST_TEST(starts().size() == prints_in_all);
    for (const auto& each : starts())
      BOOST_TEST(each.bed_items == 0);
  }

  /// A kernel that starts while its printer cannot be reached, until `back_in_reach`.
  void restart_out_of_reach() {
    stop_kernel();
    act({{"kind", "refuse_connections"}, {"for_ms", 86'400'000}});
    start_kernel();
  }
  void back_in_reach() { act({{"kind", "clear"}}); }

  bool machine_is(const std::string& state) {
    // Asked of the machine itself, so the kernel need not run.
    for (int tries = 0; tries < 500; ++tries) {
      if (truth_of_machine(port())["print_state"] == state)
        return true;
      std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
    return false;
  }

  std::vector<run_id> runs_of(const order_id& id) {
    return kernel().get<plate>(ref_of(plan_of(id).plates.at(0))).runs;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(print_faults, slow_printer)

BOOST_AUTO_TEST_CASE(a_shutdown_in_mid_print_fails_the_run_by_the_printer_and_queues_another) {
  const auto id = printing_order();
  const auto first = run_of(id)->id;
  act({{"kind", "klippy_shutdown"}});
  BOOST_REQUIRE(run_becomes(id, run_state::queued));
  BOOST_TEST(get(first).state == run_state::failed);
  BOOST_TEST(get(first).attributed_to == attribution::printer);
  BOOST_TEST(get(first).why == reason::run_interrupted_by_shutdown);
  BOOST_TEST(kernel().get<breaker>(ref_of(plan_of(id).breaker)).failures.empty());
  BOOST_TEST(machine().bed == bed_state::occupied);
  act({{"kind", "klippy_restart"}});
  ends_well(id, 2);
}

BOOST_AUTO_TEST_CASE(two_errors_of_a_plan_open_its_breaker_until_a_person_resets_it) {
  const auto id = printing_order();
  act({{"kind", "fail_print"}});
  BOOST_REQUIRE(kernel().wait_until([&] { return runs_of(id).size() == 2; }));
  BOOST_TEST(get(runs_of(id)[0]).attributed_to == attribution::plan);
  BOOST_REQUIRE(prints(id));
  act({{"kind", "fail_print"}});
  BOOST_REQUIRE(kernel().wait_until([&] { return plan_of(id).state == plan_state::review; }));
  const auto guard = plan_of(id).breaker;
  BOOST_TEST(kernel().get<breaker>(ref_of(guard)).state == breaker_state::open);
  BOOST_TEST(get(id).lines[0].why == reason::breaker_open);
  BOOST_TEST(!kernel().operate_until([&] { return starts().size() > 2; }, std::chrono::seconds{2}));
  kernel().order_to(commands::reset_breaker{guard, "checked"});
  ends_well(id, 3);
}

BOOST_AUTO_TEST_CASE(a_cancelled_print_stops_and_counts_against_nobody) {
  const auto id = printing_order();
  kernel().order_to(commands::cancel_run{run_of(id)->id, {}});
  BOOST_REQUIRE(run_becomes(id, run_state::cancelled));
  BOOST_TEST(run_of(id)->why == reason::run_cancelled_by_person);
  BOOST_TEST(machine_is("cancelled"));
  BOOST_TEST(kernel().get<breaker>(ref_of(plan_of(id).breaker)).failures.empty());
  const auto held = plan_of(id).plates.at(0);
  BOOST_TEST(kernel().get<plate>(ref_of(held)).state == plate_state::held);
  BOOST_TEST(get(id).lines[0].state == line_state::held);
  kernel().order_to(commands::reprint_plate{held, {}});
  ends_well(id, 2);
}

BOOST_AUTO_TEST_CASE(defect_a_cancel_was_given_up_because_the_printer_was_out_of_reach) {
  const auto id = printing_order();
  restart_out_of_reach();
  kernel().order_to(commands::cancel_run{run_of(id)->id, {}});
  BOOST_TEST((run_of(id)->state == run_state::cancelling));
  back_in_reach();
  BOOST_REQUIRE(run_becomes(id, run_state::cancelled));
  BOOST_TEST(run_of(id)->why == reason::run_cancelled_by_person);
  BOOST_TEST(machine_is("cancelled"));
}

BOOST_AUTO_TEST_CASE(a_cancel_that_waits_does_not_stop_another_print) {
  const auto id = printing_order();
  restart_out_of_reach();
  kernel().order_to(commands::cancel_run{run_of(id)->id, {}});
  act({{"kind", "screen_cancel"}});
  BOOST_REQUIRE(machine_is("cancelled"));
  start_at_screen();
  BOOST_REQUIRE(machine_is("printing"));
  back_in_reach();
  BOOST_REQUIRE(run_becomes(id, run_state::attention));
  kernel().order_to(commands::settle_run{run_of(id)->id, "it_failed", {}, {}});
  BOOST_REQUIRE(kernel().wait_until([&] { return machine().foreign.has_value(); }));
  BOOST_TEST(commands_given("CANCEL_PRINT") == 0u);
  BOOST_TEST(machine_is("printing"));
}

BOOST_AUTO_TEST_CASE(a_pause_waits_for_a_printer_out_of_reach) {
  const auto id = printing_order();
  restart_out_of_reach();
  kernel().order_to(commands::pause_run{run_of(id)->id, {}});
  BOOST_TEST((run_of(id)->state == run_state::printing));
  back_in_reach();
  BOOST_REQUIRE(run_becomes(id, run_state::paused));
  BOOST_TEST(machine_is("paused"));
}

BOOST_AUTO_TEST_CASE(a_pause_that_waits_is_not_sent_once_it_is_withdrawn) {
  const auto id = printing_order();
  restart_out_of_reach();
  kernel().order_to(commands::pause_run{run_of(id)->id, {}});
  kernel().order_to(commands::resume_run{run_of(id)->id, {}});
  BOOST_TEST((machine().ticket->wanted == wanted_action::none));
  back_in_reach();
  ends_well(id, 1);
  BOOST_TEST(commands_given("PAUSE") == 0u);
}

BOOST_AUTO_TEST_CASE(defect_a_resume_was_carried_out_long_after_it_was_wanted) {
  const auto id = printing_order();
  kernel().order_to(commands::pause_run{run_of(id)->id, {}});
  BOOST_REQUIRE(run_becomes(id, run_state::paused));
  restart_out_of_reach();
  kernel().order_to(commands::resume_run{run_of(id)->id, {}}, "too-early");
  BOOST_REQUIRE(
      kernel().wait_until([&] { return machine().ticket->wanted == wanted_action::none; }));
  back_in_reach();
  BOOST_TEST(kernel().wait_until([&] {
    if (run_of(id)->state == run_state::paused)
      kernel().ask(commands::resume_run{run_of(id)->id, {}});
    return run_of(id)->state == run_state::printing;
  }));
  BOOST_TEST(commands_given("RESUME") == 1u);
  ends_well(id, 1);
}

BOOST_AUTO_TEST_CASE(a_print_cancelled_at_the_machine_is_told_from_one_cancelled_here) {
  const auto id = printing_order();
  act({{"kind", "screen_cancel"}});
  BOOST_REQUIRE(run_becomes(id, run_state::cancelled));
  BOOST_TEST(run_of(id)->why == reason::run_cancelled_at_printer);
}

BOOST_AUTO_TEST_CASE(a_pause_and_a_resume_are_believed_when_the_printer_shows_them) {
  const auto id = printing_order();
  kernel().order_to(commands::pause_run{run_of(id)->id, {}});
  BOOST_REQUIRE(run_becomes(id, run_state::paused));
  BOOST_TEST(machine_is("paused"));
  kernel().order_to(commands::resume_run{run_of(id)->id, {}});
  BOOST_REQUIRE(run_becomes(id, run_state::printing));
  BOOST_TEST(machine_is("printing"));
  ends_well(id, 1);
}

BOOST_AUTO_TEST_CASE(a_pause_at_the_machine_is_seen_and_can_be_ended_from_here) {
  const auto id = printing_order();
  act({{"kind", "runout"}});
  BOOST_REQUIRE(run_becomes(id, run_state::paused));
  kernel().order_to(commands::resume_run{run_of(id)->id, {}});
  BOOST_REQUIRE(run_becomes(id, run_state::printing));
  ends_well(id, 1);
}

BOOST_AUTO_TEST_CASE(a_print_that_ends_while_the_kernel_is_down_is_finished_exactly_once) {
  const auto id = printing_order();
  stop_kernel();
  print_fast();
  BOOST_REQUIRE(machine_is("complete"));
  start_kernel();
  expect(run_becomes(id, run_state::inspecting));
  ends_well(id, 1);
  BOOST_TEST(runs_of(id).size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_print_that_goes_on_while_the_kernel_is_down_is_still_believed) {
  const auto id = printing_order();
  stop_kernel();
  start_kernel();
  BOOST_TEST(run_of(id)->state == run_state::printing);
  ends_well(id, 1);
}

BOOST_AUTO_TEST_CASE(a_print_that_is_gone_after_a_restart_needs_a_person) {
  const auto id = printing_order();
  const auto lost = run_of(id)->id;
  stop_kernel();
  act({{"kind", "klippy_restart"}});
  BOOST_REQUIRE(machine_is("standby"));
  start_kernel();
  BOOST_REQUIRE(run_becomes(id, run_state::attention));
  BOOST_TEST(get(lost).why == reason::run_lost_at_printer);
  BOOST_TEST(!get(lost).believed.empty());
  BOOST_TEST(machine().attention == reason::run_lost_at_printer);

  kernel().order_to(commands::settle_run{lost, "keep_watching", {}, {}});
  BOOST_TEST(run_becomes(id, run_state::starting));
  BOOST_REQUIRE(run_becomes(id, run_state::attention));
  BOOST_TEST(get(lost).why == reason::run_start_not_confirmed);
  BOOST_TEST(starts().size() == 1u);

  kernel().order_to(commands::settle_run{lost, "it_failed", attribution::printer, {}});
  BOOST_TEST(get(lost).state == run_state::failed);
  BOOST_TEST(machine().bed == bed_state::unknown);
  ends_well(id, 2);
}

BOOST_AUTO_TEST_CASE(a_lost_print_that_a_person_found_finished_is_inspected) {
  const auto id = printing_order();
  act({{"kind", "power_cycle"}, {"for_ms", 500}});
  BOOST_REQUIRE(run_becomes(id, run_state::attention));
  kernel().order_to(commands::settle_run{run_of(id)->id, "it_printed", {}, {}});
  BOOST_TEST(run_becomes(id, run_state::inspecting));
  ends_well(id, 1);
}

BOOST_AUTO_TEST_CASE(cancelling_an_order_stops_its_print) {
  const auto id = printing_order();
  kernel().order_to(commands::cancel_order{id, {}});
  BOOST_TEST(becomes(id, order_state::cancelled));
  BOOST_REQUIRE(run_becomes(id, run_state::cancelled));
  BOOST_TEST(machine_is("cancelled"));
  BOOST_TEST(!machine().ticket.has_value());
  BOOST_TEST(!kernel().operate_until([&] { return starts().size() > 1; }, std::chrono::seconds{1}));
}

BOOST_AUTO_TEST_SUITE_END()
