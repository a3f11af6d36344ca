// Goal: whatever happens around a start, a run is physically started at most once, and whoever
// waits is told why. Method: real parts, one simulated printer with faults; its own log says what
// was started.
#include "tests/scenarios/enum_printing.hpp"
#include "tests/scenarios/one_printer.hpp"

#include <boost/test/unit_test.hpp>

using namespace gantry;
using namespace gantry::test;

BOOST_FIXTURE_TEST_SUITE(start_faults, one_printer)

BOOST_AUTO_TEST_CASE(a_start_whose_reply_is_lost_is_seen_to_print_and_is_not_repeated) {
  act({{"kind", "lose_start_replies"}, {"count", 1}});
  const auto id = order_cube();
  expect(is_fulfilled(id));
  BOOST_TEST(starts().size() == 1u);
  BOOST_TEST(!has_event("printer.fence_began"));
}

BOOST_AUTO_TEST_CASE(a_start_whose_connection_breaks_is_seen_to_print_and_is_not_repeated) {
  act({{"kind", "lose_start_replies"}, {"count", 1}, {"reset", true}});
  const auto id = order_cube();
  expect(is_fulfilled(id));
  BOOST_TEST(starts().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_start_that_never_arrives_is_fenced_and_made_again_under_another_name) {
  hooks().before_next("start", [this] {
    act({{"kind", "silent"}, {"for_ms", 2'000}, {"executes", false}});
  });
  const auto id = order_cube();
  expect(is_fulfilled(id));
  BOOST_TEST(has_event("printer.start_fenced"));
  const auto what = run_of(id);
  BOOST_REQUIRE(what);
  BOOST_TEST(what->attempt == 2);
  BOOST_REQUIRE(starts().size() == 1u);
  BOOST_TEST(starts()[0].file == what->file);
}

BOOST_AUTO_TEST_CASE(defect_a_print_that_a_restart_of_the_firmware_ended_unseen_was_made_again) {
  print_slowly();
  hooks().before_next("start", [this] {
    act({{"kind", "silent"}, {"for_ms", 3'000}, {"executes", true}});
  });
  const auto id = order_cube();
  BOOST_REQUIRE(kernel().operate_until([&] { return starts().size() == 1u; }));
  // Its tracker notices the print within a quarter of a second.
  std::this_thread::sleep_for(std::chrono::milliseconds{500});
  act({{"kind", "klippy_restart"}});
  expect(run_becomes(id, run_state::attention));
  BOOST_TEST(run_of(id)->why == reason::run_start_not_confirmed);
  BOOST_TEST(has_event("printer.fence_began"));
  BOOST_TEST(starts().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_start_that_is_slow_to_answer_is_given_the_whole_deadline) {
  // Longer than the lag of a start that nobody answers, shorter than the deadline of one that is
  // still to be answered.
  hooks().before_next("start", [this] {
    act({{"kind", "delay_replies"}, {"min_ms", 2'500}, {"max_ms", 2'500}});
  });
  print_slowly();
  const auto id = order_cube();
  expect(prints(id));
  BOOST_TEST(!has_event("printer.fence_began"));
}

BOOST_AUTO_TEST_CASE(a_late_start_that_runs_while_it_is_fenced_is_adopted) {
  // The machine starts at once but is heard of so late that its file is to be removed by then.
  print_slowly();
  hooks().before_next("start", [this] {
    act({{"kind", "delay_replies"}, {"min_ms", 6'500}, {"max_ms", 6'500}});
  });
  hooks().before_next("remove_file", [this] { act({{"kind", "clear"}}); });
  const auto id = order_cube();
  expect(prints(id));
  BOOST_TEST(has_event("printer.fence_began"));
  print_fast();
  expect(is_fulfilled(id));
  BOOST_TEST(starts().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_run_waits_for_an_unreachable_printer_and_is_printed_when_it_is_back) {
  act({{"kind", "refuse_connections"}, {"for_ms", 4'000}});
  act({{"kind", "drop_connections"}});
  const auto id = order_cube();
  BOOST_TEST(kernel().operate_until([&] { return kernel().waits_for(reason::printer_unreachable); },
                                    std::chrono::seconds{20}));
  BOOST_TEST(starts().empty());
  expect(is_fulfilled(id));
  BOOST_TEST(starts().size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_print_begun_by_hand_right_before_the_start_gives_the_run_back) {
  hooks().before_next("start", [this] { start_at_screen(); });
  const auto id = order_cube();
  BOOST_REQUIRE(kernel().operate_until([&] { return machine().foreign.has_value(); }));
  BOOST_TEST(machine().foreign->file == "by-hand.gcode");
  BOOST_TEST(run_becomes(id, run_state::queued));
  BOOST_TEST(run_of(id)->why == reason::run_start_refused);
  BOOST_TEST(
      kernel().wait_until([&] { return kernel().waits_for(reason::printer_foreign_print); }));

  kernel().order_to(commands::settle_foreign{where(), foreign_verdict::ignored, {}});
  BOOST_TEST(machine().foreign->verdict == foreign_verdict::ignored);
  BOOST_TEST(kernel().waits_for(reason::printer_foreign_print));
  act({{"kind", "screen_cancel"}});
  expect(is_fulfilled(id));
  BOOST_REQUIRE(starts().size() == 2u);
  BOOST_TEST(starts()[0].origin == "screen");
  BOOST_TEST(starts()[1].origin == "api");
  BOOST_TEST(starts()[1].bed_items == 0);
}

BOOST_AUTO_TEST_CASE(a_print_begun_by_hand_before_the_last_look_prevents_the_start) {
  hooks().before_next("refresh", [this] { start_at_screen(); });
  const auto id = order_cube();
  BOOST_REQUIRE(kernel().operate_until([&] { return machine().foreign.has_value(); }));
  BOOST_TEST(run_becomes(id, run_state::queued));
  // The machine's history may tell of the print before its state does.
  const auto why = run_of(id)->why;
  BOOST_TEST((why == reason::printer_foreign_print || why == reason::bed_unknown));
  kernel().order_to(commands::settle_foreign{where(), foreign_verdict::adopted, {}});
  BOOST_TEST(machine().foreign->verdict == foreign_verdict::adopted);
  act({{"kind", "screen_cancel"}});
  expect(is_fulfilled(id));
  BOOST_TEST(starts().size() == 2u);
}

BOOST_AUTO_TEST_CASE(defect_a_start_followed_a_print_from_the_screen_that_nobody_saw) {
  BOOST_REQUIRE(kernel().operate_until([&] { return machine().bed == bed_state::clear; }));
  act({{"kind", "refuse_connections"}, {"for_ms", 3'000}});
  act({{"kind", "drop_connections"}});
  start_at_screen();
  // Its tracker notices the print within a quarter of a second.
  std::this_thread::sleep_for(std::chrono::milliseconds{500});
  act({{"kind", "screen_cancel"}});
  act({{"kind", "klippy_restart"}});
  const auto id = order_cube();
  BOOST_REQUIRE(kernel().wait_until([&] { return kernel().waits_for(reason::bed_unknown); }));
  BOOST_TEST(machine().bed_evidence.how == "print_missed");
  BOOST_TEST(machine().last_print.file == "by-hand.gcode");
  expect(is_fulfilled(id));
  BOOST_REQUIRE(starts().size() == 2u);
  BOOST_TEST(starts()[1].bed_items == 0);
}

BOOST_AUTO_TEST_CASE(a_second_order_waits_for_the_print_and_then_for_the_bed) {
  print_slowly();
  const auto first = order_cube("order-1");
  BOOST_REQUIRE(prints(first));
  const auto second = order_cube("order-2");
  BOOST_TEST(kernel().wait_until([&] { return kernel().waits_for(reason::printer_busy); }));
  print_fast();
  BOOST_TEST(kernel().wait_until([&] { return kernel().waits_for(reason::bed_not_clear); }),
             kernel().story());
  BOOST_TEST(starts().size() == 1u);
  expect(is_fulfilled(second));
  BOOST_TEST(is_fulfilled(first));
  BOOST_REQUIRE(starts().size() == 2u);
  BOOST_TEST(starts()[1].bed_items == 0);
}

BOOST_AUTO_TEST_CASE(a_start_at_a_printer_that_shuts_down_before_it_gives_the_run_back) {
  hooks().before_next("start", [this] { act({{"kind", "klippy_shutdown"}}); });
  const auto id = order_cube();
  BOOST_TEST(kernel().operate_until([&] { return kernel().waits_for(reason::printer_not_ready); },
                                    std::chrono::seconds{20}),
             kernel().story());
  BOOST_TEST(run_of(id)->why == reason::run_start_refused);
  act({{"kind", "klippy_restart"}});
  expect(is_fulfilled(id));
  BOOST_TEST(starts().size() == 1u);
}

BOOST_AUTO_TEST_SUITE_END()
