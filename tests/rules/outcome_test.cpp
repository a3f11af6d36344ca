// What follows from inspections, failures, reviews and cancellations.
#include "tests/rules/expectations.hpp"

using namespace gantry;
using namespace gantry::test;
using namespace gantry::commands;

namespace {

farm ready() {
  return farm{}.with_printer("A").with_order(2, 2).sliced();
}

} // namespace

BOOST_AUTO_TEST_CASE(two_failures_of_the_plan_open_its_breaker_and_hold_the_plate) {
  auto shop = ready().failed_once();
  GANTRY_EXPECT(shop.the_breaker().state, "closed");
  GANTRY_EXPECT(shop.the_plate().state, "waiting");
  shop.failed_once();
  GANTRY_EXPECT(shop.the_breaker().state, "open");
  GANTRY_EXPECT(shop.the_plan().state, "review");
  GANTRY_EXPECT(shop.the_plate().state, "held");
  GANTRY_EXPECT(shop.the_order().state, "held");
  BOOST_TEST(shop.the_plate().runs.size() == 2u);
  GANTRY_WHOLE(shop);
}

BOOST_AUTO_TEST_CASE(failures_that_are_not_the_plans_never_count) {
  for (const auto to :
       {attribution::unknown, attribution::printer, attribution::person, attribution::material}) {
    auto shop = ready().failed_once(to).failed_once(to);
    BOOST_TEST(shop.the_breaker().failures.empty());
    GANTRY_EXPECT(shop.the_plan().state, "ready");
    BOOST_TEST(shop.the_plate().runs.size() == 3u);
  }
}

BOOST_AUTO_TEST_CASE(a_persons_cancel_never_counts) {
  auto shop = ready();
  for (int i = 0; i < 5; ++i) {
    shop.up_to(ticket_phase::printing);
    shop.ask(cancel_run{shop.the_run().id, {}});
    shop.reports(shop.shows(print_state::cancelled));
    GANTRY_EXPECT(shop.the_plate().state, "held");
    shop.ask(confirm_bed_clear{shop.printers()[0], "seen", {}});
    shop.ask(reprint_plate{shop.the_plate().id, {}});
    GANTRY_EXPECT(shop.the_plate().state, "waiting");
  }
  BOOST_TEST(shop.the_breaker().failures.empty());
}

BOOST_AUTO_TEST_CASE(an_error_in_the_g_code_blames_the_plan_and_a_heater_the_printer) {
  for (const auto& [message, to] : {std::pair{"Move out of range: 300 0 0", "plan"},
                                    std::pair{"Heater extruder not heating", "printer"}}) {
    auto shop = ready().up_to(ticket_phase::printing);
    auto report = shop.shows(print_state::error);
    report.message = message;
    shop.reports(report);
    GANTRY_EXPECT(shop.first_run().attributed_to, to);
  }
}

BOOST_AUTO_TEST_CASE(a_reset_queues_the_held_plates_again_and_forgets_the_failures) {
  auto shop = ready().failed_once().failed_once();
  shop.ask(reset_breaker{shop.the_breaker().id, "checked"});
  GANTRY_EXPECT(shop.the_breaker().state, "closed");
  BOOST_TEST(shop.the_breaker().failures.empty());
  BOOST_TEST(shop.the_breaker().resets == 1);
  GANTRY_EXPECT(shop.the_plan().state, "ready");
  GANTRY_EXPECT(shop.the_plate().state, "waiting");
  GANTRY_EXPECT(shop.the_run().state, "queued");
  GANTRY_EXPECT(shop.the_order().state, "producing");
  GANTRY_ANSWERS(shop.ask(reset_breaker{shop.the_breaker().id, {}}), "breaker_closed_already");
  GANTRY_WHOLE(shop);
}

BOOST_AUTO_TEST_CASE(an_open_breaker_keeps_other_plates_of_the_plan_from_starting) {
  auto shop = farm{}.with_printer("A").with_printer("B").with_order(4, 2).sliced();
  shop.up_to(ticket_phase::uploaded, 1, 1);
  shop.failed_once().failed_once();
  shop.tell(begin_start{shop.printers()[1], 1, shop.idle()});
  GANTRY_EXPECT(shop.the_run(1).state, "queued");
  BOOST_TEST(shop.starts_sent.size() == 2u);
  const auto refused = shop.tell(reserve_run{shop.printers()[1], shop.the_run(1).id, shop.idle()});
  GANTRY_ANSWERS(refused, "plan_not_in_state");
}

BOOST_AUTO_TEST_CASE(a_new_revision_during_a_review_waits_for_the_reset_and_is_then_printed) {
  auto shop = ready().failed_once().failed_once();
  GANTRY_EXPECT(shop.the_plan().state, "review");
  BOOST_TEST((shop.ask(request_revision{shop.the_plan().id, {}, {}}).code == reason::ok));
  auto revision = *shop.the_plan().current();
  shop.tell(slicing_settled{shop.the_plan().id, revision, reason::sliced, {}});
  GANTRY_EXPECT(shop.the_plan().state, "review");
  GANTRY_EXPECT(shop.the_order().state, "held");
  shop.ask(reset_breaker{shop.the_breaker().id, {}});
  GANTRY_EXPECT(shop.the_plan().state, "ready");
  GANTRY_EXPECT(shop.the_plate().state, "waiting");
  shop.up_to(ticket_phase::starting);
  BOOST_TEST(shop.the_run().revision == 2);
}

BOOST_AUTO_TEST_CASE(defect_a_reset_does_not_queue_a_plate_that_a_person_has_cancelled) {
  auto shop = farm{}.with_printer("A").with_order(4, 2).sliced();
  shop.ask(cancel_run{shop.the_run(1).id, {}});
  shop.failed_once().failed_once();
  shop.ask(reset_breaker{shop.the_breaker().id, {}});
  GANTRY_EXPECT(shop.the_plate(0).state, "waiting");
  GANTRY_EXPECT(shop.the_plate(1).state, "held");
}

BOOST_AUTO_TEST_CASE(defect_a_print_that_a_person_settles_keeps_its_recorded_durations) {
  auto shop = ready().up_to(ticket_phase::printing);
  auto report = shop.shows(print_state::printing);
  report.print_duration_s = 600;
  report.progress_permille = 500;
  shop.reports(report);
  shop.reports(shop.idle());
  GANTRY_EXPECT(shop.the_run().state, "attention");
  shop.ask(settle_run{shop.the_run().id, "it_printed", attribution::unknown, {}});
  GANTRY_EXPECT(shop.the_run().state, "inspecting");
  BOOST_TEST(shop.the_run().print_duration_s == 600);
}

BOOST_AUTO_TEST_CASE(a_plate_is_held_at_the_reprint_ceiling) {
  settings rules;
  rules.reprint_ceiling = 2;
  auto shop = farm{}.with_settings(rules).with_printer("A").with_order(2, 2).sliced();
  shop.failed_once(attribution::printer);
  GANTRY_EXPECT(shop.the_plate().state, "waiting");
  shop.failed_once(attribution::printer);
  GANTRY_EXPECT(shop.the_plate().state, "held");
  GANTRY_EXPECT(shop.the_plan().state, "ready");
  shop.ask(reprint_plate{shop.the_plate().id, {}});
  BOOST_TEST(shop.the_plate().runs.size() == 3u);
}

BOOST_AUTO_TEST_CASE(defect_a_plate_held_at_the_ceiling_says_what_the_last_failure_was) {
  auto shop = ready();
  for (int i = 0; i < 3; ++i) {
    shop.up_to(ticket_phase::printing);
    auto report = shop.shows(print_state::error);
    report.message = "Heater extruder not heating at rate " + std::to_string(i);
    shop.reports(report);
    shop.ask(confirm_bed_clear{shop.printers()[0], "seen", {}});
  }
  GANTRY_EXPECT(shop.the_plate().state, "held");
  BOOST_TEST(shop.the_line().why_params.at("detail") == "Heater extruder not heating at rate 2");
}

BOOST_AUTO_TEST_CASE(good_pieces_stay_good_and_the_order_counts_each_once) {
  using enum item_outcome;
  auto shop = ready().up_to(ticket_phase::printing).printed();
  shop.ask(inspect_run{shop.the_run().id, {good, failed}, attribution::printer, {}});
  BOOST_TEST(shop.the_line().pieces_good == 1);
  GANTRY_EXPECT(shop.the_plate().state, "waiting");
  shop.up_to(ticket_phase::printing).printed();
  // The second run's first piece failed, but one that is good is there already.
  shop.ask(inspect_run{shop.the_run().id, {failed, good}, attribution::printer, {}});
  BOOST_TEST(shop.the_line().pieces_good == 2);
  GANTRY_EXPECT(shop.the_plate().state, "passed");
  GANTRY_EXPECT(shop.the_order().state, "fulfilled");
  GANTRY_WHOLE(shop);
}

BOOST_AUTO_TEST_CASE(an_inspection_names_every_piece_and_happens_once) {
  using enum item_outcome;
  auto shop = ready().up_to(ticket_phase::printing).printed();
  const auto what = shop.the_run().id;
  GANTRY_ANSWERS(shop.ask(inspect_run{what, {good}, {}, {}}), "run_inspection_incomplete");
  GANTRY_ANSWERS(shop.ask(inspect_run{what, {good, pending}, {}, {}}), "run_inspection_incomplete");
  GANTRY_ANSWERS(shop.ask(inspect_run{what, {good, good}, {}, {}}), "ok");
  GANTRY_ANSWERS(shop.ask(inspect_run{what, {good, good}, {}, {}}), "run_not_in_state");
  BOOST_TEST(shop.the_line().pieces_good == 2);
}

BOOST_AUTO_TEST_CASE(an_order_is_cancelled_in_every_open_state_and_prints_are_asked_to_stop) {
  for (size_t i = 0; i < names_of(ticket_phase{}).size(); ++i) {
    const auto phase = static_cast<ticket_phase>(i);
    BOOST_TEST_CONTEXT(name_of(phase)) {
      auto shop = ready().up_to(phase);
      shop.ask(cancel_order{shop.the_order().id, {}});
      GANTRY_EXPECT(shop.the_order().state, "cancelled");
      GANTRY_EXPECT(shop.the_plan().state, "cancelled");
      GANTRY_EXPECT(shop.the_plate().state, "cancelled");
      BOOST_TEST(shop.forwarded.size() == 1u);
      shop.settle_forwarded();
      GANTRY_EXPECT(shop.the_order().state, "cancelled");
      BOOST_TEST(shop.the_breaker().failures.empty());
      GANTRY_WHOLE(shop);
      GANTRY_ANSWERS(shop.ask(cancel_order{shop.the_order().id, {}}), "order_not_in_state");
    }
  }
}

BOOST_AUTO_TEST_CASE(defect_a_run_of_a_cancelled_order_that_is_given_back_is_not_queued) {
  auto shop = ready().up_to(ticket_phase::uploading);
  shop.ask(cancel_order{shop.the_order().id, {}});
  // The upload ends before the cancellation reaches the printer.
  shop.tell(upload_settled{shop.printers()[0], 1, false, {}, "cut", 0});
  GANTRY_EXPECT(shop.the_run().state, "cancelled");
  shop.settle_forwarded();
  GANTRY_EXPECT(shop.the_order().state, "cancelled");
  GANTRY_WHOLE(shop);
}

BOOST_AUTO_TEST_CASE(defect_the_approval_of_a_cancelled_order_lapses) {
  auto shop = farm{}.with_printer("A", "gated").with_order().sliced();
  shop.tell(reserve_run{shop.printers()[0], shop.the_run().id, shop.idle()});
  const auto asked = shop.the_run().pending_decision;
  shop.ask(cancel_order{shop.the_order().id, {}});
  GANTRY_EXPECT(shop.get<decision>(ref_of(asked)).approval, "lapsed");
  GANTRY_ANSWERS(shop.ask(settle_approval{asked, true, {}}), "approval_not_pending");
  GANTRY_EXPECT(shop.the_run().state, "cancelled");
}

BOOST_AUTO_TEST_CASE(defect_failures_after_a_cancellation_bring_no_plan_back) {
  auto shop = farm{}.with_printer("A").with_order(4, 2).sliced();
  shop.up_to(ticket_phase::printing, 0).printed();
  shop.up_to(ticket_phase::printing, 1).printed();
  shop.ask(cancel_order{shop.the_order().id, {}});
  shop.inspected(item_outcome::failed, attribution::plan, 0);
  shop.inspected(item_outcome::failed, attribution::plan, 1);
  GANTRY_EXPECT(shop.the_breaker().state, "open");
  GANTRY_EXPECT(shop.the_plan().state, "cancelled");
  shop.ask(reset_breaker{shop.the_breaker().id, {}});
  GANTRY_EXPECT(shop.the_order().state, "cancelled");
  GANTRY_WHOLE(shop);
}

BOOST_AUTO_TEST_CASE(defect_a_line_of_no_pieces_per_plate_is_refused) {
  farm shop;
  GANTRY_ANSWERS(shop.ask(shop.order_for(2, 0)), "order_line_not_divisible");
  GANTRY_ANSWERS(shop.ask(shop.order_for(0, 1)), "order_line_not_divisible");
  GANTRY_ANSWERS(shop.ask(shop.order_for(3, 2)), "order_line_not_divisible");
}

BOOST_AUTO_TEST_CASE(an_order_names_what_exists) {
  farm shop;
  auto body = shop.order_for(2, 2);
  body.lines[0].material = "PEEK";
  GANTRY_ANSWERS(shop.ask(body), "material_unknown");
  body = shop.order_for(2, 2);
  body.lines[0].model = artifact_id{make_id("art", 1)};
  GANTRY_ANSWERS(shop.ask(body), "artifact_unknown");
  body = shop.order_for(2, 2);
  body.lines[0].profile = profile_id{make_id("prf", 1)};
  GANTRY_ANSWERS(shop.ask(body), "profile_unknown");
  body.lines.clear();
  GANTRY_ANSWERS(shop.ask(body), "field_invalid");
}

BOOST_AUTO_TEST_CASE(a_due_date_lies_ahead_in_a_known_zone_and_keeps_its_text) {
  farm shop;
  const auto due = [&shop](const std::string& text, const std::string& zone) {
    auto body = shop.order_for(2, 2);
    body.due = due_date{text, zone, {}};
    return shop.ask(body);
  };
  GANTRY_ANSWERS(due("2020-01-01", "UTC"), "due_in_the_past");
  GANTRY_ANSWERS(due("2099-01-01", "Mars/Olympus"), "zone_unknown");
  GANTRY_ANSWERS(due("soon", "UTC"), "field_invalid");
  const auto accepted = due("2030-07-01", "Europe/Berlin");
  GANTRY_ANSWERS(accepted, "ok");
  const auto& promise = shop.get<order>(accepted.writes.front().entity);
  BOOST_TEST(promise.due->text == "2030-07-01");
  BOOST_TEST(format_timestamp(*promise.due->at) == "2030-07-01T21:59:59.000Z");
}

BOOST_AUTO_TEST_CASE(a_failed_check_or_slicing_holds_the_line_with_its_reason) {
  auto shop = farm{}.with_order();
  auto sliced = shop;
  check holes;
  holes.verdict = check_verdict::fail;
  holes.why = reason::mesh_open;
  shop.tell(model_checked{shop.the_plan().id, {holes}, {}});
  GANTRY_EXPECT(shop.the_plan().state, "rejected");
  BOOST_TEST(to_string(shop.the_line().why) == "mesh_open");
  sliced.tell(model_checked{sliced.the_plan().id, {}, {}});
  sliced.tell(slicing_settled{sliced.the_plan().id, {}, reason::slicer_hung, {{"seconds", "60"}}});
  GANTRY_EXPECT(sliced.the_plan().state, "failed");
  GANTRY_EXPECT(sliced.the_order().state, "held");
  sliced.ask(request_revision{sliced.the_plan().id, {}, {}});
  GANTRY_EXPECT(sliced.the_plan().state, "slicing");
  sliced.tell(slicing_settled{sliced.the_plan().id, sliced.revision(), reason::sliced, {}});
  GANTRY_EXPECT(sliced.the_order().state, "producing");
  GANTRY_WHOLE(sliced);
}
