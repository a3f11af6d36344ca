// From a queued run to at most one physical start, and to its end.
#include "tests/rules/expectations.hpp"

using namespace gantry;
using namespace gantry::test;
using namespace gantry::commands;

namespace {

farm ready() {
  return farm{}.with_printer("A").with_order(2, 2).sliced();
}

farm at(ticket_phase phase) {
  return ready().up_to(phase);
}

printer_id first(const farm& shop) {
  return shop.printers().front();
}

} // namespace

BOOST_AUTO_TEST_CASE(an_order_goes_all_the_way_to_fulfilled) {
  auto shop = farm{}.with_printer("A").with_order(2, 2);
  GANTRY_EXPECT(shop.the_order().state, "accepted");
  GANTRY_EXPECT(shop.the_plan().state, "checking");
  shop.sliced();
  GANTRY_EXPECT(shop.the_order().state, "producing");
  GANTRY_EXPECT(shop.the_plan().state, "ready");
  GANTRY_EXPECT(shop.the_plate().state, "waiting");
  GANTRY_EXPECT(shop.the_run().state, "queued");
  shop.up_to(ticket_phase::starting);
  BOOST_TEST(shop.starts_sent.size() == 1u);
  BOOST_TEST(shop.starts_sent[0].file == shop.the_run().file);
  shop.up_to(ticket_phase::printing);
  GANTRY_EXPECT(shop.the_run().state, "printing");
  GANTRY_EXPECT(shop.the_plate().state, "printing");
  GANTRY_EXPECT(shop.the_printer().bed, "occupied");
  shop.reports(shop.shows(print_state::complete));
  GANTRY_EXPECT(shop.the_run().state, "inspecting");
  GANTRY_EXPECT(shop.the_printer().bed, "occupied");
  BOOST_TEST(!shop.the_printer().ticket.has_value());
  shop.inspected(item_outcome::good);
  GANTRY_EXPECT(shop.the_run().state, "passed");
  GANTRY_EXPECT(shop.the_plate().state, "passed");
  GANTRY_EXPECT(shop.the_plan().state, "done");
  GANTRY_EXPECT(shop.the_order().state, "fulfilled");
  BOOST_TEST(shop.the_line().pieces_good == 2);
  BOOST_TEST(shop.starts_sent.size() == 1u);
  GANTRY_WHOLE(shop);
}

BOOST_AUTO_TEST_CASE(a_start_without_an_answer_is_fenced_and_tried_again_under_a_new_name) {
  auto shop = at(ticket_phase::fencing);
  const auto first_file = shop.the_ticket().file;
  BOOST_TEST(shop.starts_sent.size() == 1u);
  GANTRY_ANSWERS(shop.tell(begin_upload{first(shop), 1}), "printer_not_in_state");
  shop.tell(fence_settled{first(shop), 1, fence_answer::removed, {}, shop.idle()});
  GANTRY_EXPECT(shop.the_ticket().phase, "reserved");
  shop.up_to(ticket_phase::starting);
  BOOST_TEST(shop.the_ticket().attempt == 2);
  BOOST_TEST(shop.the_ticket().file != first_file);
  BOOST_TEST(shop.starts_sent.size() == 2u);
  GANTRY_WHOLE(shop);
}

BOOST_AUTO_TEST_CASE(after_three_fenced_attempts_the_run_goes_back_to_the_queue) {
  auto shop = ready();
  for (int64_t attempt = 1; attempt <= 3; ++attempt) {
    shop.up_to(ticket_phase::fencing);
    shop.tell(fence_settled{first(shop), attempt, fence_answer::removed, {}, shop.idle()});
  }
  shop.tell(begin_upload{first(shop), 3});
  GANTRY_EXPECT(shop.the_run().state, "queued");
  BOOST_TEST(!shop.the_printer().ticket.has_value());
  BOOST_TEST(shop.starts_sent.size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_file_that_may_not_be_removed_is_in_use_so_the_start_is_awaited) {
  auto shop = at(ticket_phase::fencing);
  shop.tell(fence_settled{first(shop), 1, fence_answer::refused, "file in use", shop.idle()});
  GANTRY_EXPECT(shop.the_ticket().phase, "starting");
  GANTRY_EXPECT(shop.the_ticket().answer, "acknowledged");
  shop.reports(shop.shows(print_state::printing));
  GANTRY_EXPECT(shop.the_run().state, "printing");
  BOOST_TEST(shop.starts_sent.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_fence_that_failed_changes_nothing) {
  auto shop = at(ticket_phase::fencing);
  GANTRY_ANSWERS(shop.tell(fence_settled{first(shop), 1, fence_answer::failed, {}, shop.idle()}),
                 "printer_command_failed");
  GANTRY_EXPECT(shop.the_ticket().phase, "fencing");
}

BOOST_AUTO_TEST_CASE(a_start_that_shows_up_while_its_file_is_removed_is_adopted) {
  auto shop = at(ticket_phase::fencing);
  shop.tell(
      fence_settled{first(shop), 1, fence_answer::removed, {}, shop.shows(print_state::printing)});
  GANTRY_EXPECT(shop.the_run().state, "printing");
  auto other = at(ticket_phase::fencing);
  other.reports(other.shows(print_state::printing));
  GANTRY_EXPECT(other.the_run().state, "printing");
  GANTRY_ANSWERS(other.tell(fence_settled{first(other), 1, fence_answer::removed, {}, {}}),
                 "printer_not_in_state");
  BOOST_TEST(other.starts_sent.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_ghost_of_a_fenced_attempt_keeps_the_next_one_from_starting) {
  auto shop = at(ticket_phase::fencing);
  const auto ghost = shop.the_ticket().file;
  shop.tell(fence_settled{first(shop), 1, fence_answer::removed, {}, shop.idle()});
  shop.up_to(ticket_phase::uploaded);
  shop.tell(begin_start{first(shop), 2, shop.shows(print_state::printing, ghost)});
  GANTRY_EXPECT(shop.the_run().state, "queued");
  BOOST_TEST(to_string(shop.the_run().why) == "printer_foreign_print");
  BOOST_TEST(shop.starts_sent.size() == 1u);
  shop.reports(shop.shows(print_state::printing, ghost));
  BOOST_TEST(shop.the_printer().foreign->file == ghost);
}

BOOST_AUTO_TEST_CASE(a_refused_start_gives_the_run_back_and_leaves_the_bed_clear) {
  auto shop = at(ticket_phase::starting);
  shop.tell(start_settled{first(shop), 1, start_answer::refused, "not ready"});
  GANTRY_EXPECT(shop.the_run().state, "queued");
  BOOST_TEST(to_string(shop.the_run().why) == "run_start_refused");
  GANTRY_EXPECT(shop.the_printer().bed, "clear");
  const auto before = shop.starts_sent.front().file;
  shop.up_to(ticket_phase::starting);
  BOOST_TEST(shop.starts_sent.back().file != before);
}

BOOST_AUTO_TEST_CASE(a_start_that_was_acknowledged_but_never_shown_asks_a_person) {
  auto shop = at(ticket_phase::starting);
  shop.tell(start_settled{first(shop), 1, start_answer::acknowledged, {}});
  shop.tell(start_overdue{first(shop), 1, shop.idle()});
  GANTRY_EXPECT(shop.the_run().state, "attention");
  BOOST_TEST(to_string(shop.the_printer().attention) == "run_start_not_confirmed");
  BOOST_TEST(shop.starts_sent.size() == 1u);
  auto printed = shop;
  printed.ask(settle_run{printed.the_run().id, "it_printed", {}, {}});
  GANTRY_EXPECT(printed.the_run().state, "inspecting");
  GANTRY_EXPECT(printed.the_printer().bed, "occupied");
  auto failed = shop;
  failed.ask(settle_run{failed.the_run().id, "it_failed", attribution::printer, {}});
  GANTRY_EXPECT(failed.first_run().state, "failed");
  GANTRY_EXPECT(failed.the_run().state, "queued");
  GANTRY_EXPECT(failed.the_printer().bed, "unknown");
  auto watched = shop;
  watched.ask(settle_run{watched.the_run().id, "keep_watching", {}, {}});
  GANTRY_EXPECT(watched.the_ticket().phase, "starting");
  watched.tell(start_overdue{first(watched), 1, watched.idle()});
  GANTRY_EXPECT(watched.the_ticket().phase, "attention");
  GANTRY_WHOLE(printed);
  GANTRY_WHOLE(failed);
  GANTRY_WHOLE(watched);
}

BOOST_AUTO_TEST_CASE(answers_of_other_attempts_are_ignored) {
  auto shop = at(ticket_phase::starting);
  for (const int64_t attempt : {0, 2, 3}) {
    GANTRY_ANSWERS(shop.tell(start_settled{first(shop), attempt, start_answer::refused, {}}),
                   "printer_not_in_state");
    GANTRY_ANSWERS(shop.tell(start_overdue{first(shop), attempt, shop.idle()}),
                   "printer_not_in_state");
  }
  GANTRY_EXPECT(shop.the_ticket().phase, "starting");
  shop.tell(start_settled{first(shop), 1, start_answer::acknowledged, {}});
  GANTRY_ANSWERS(shop.tell(start_settled{first(shop), 1, start_answer::refused, {}}),
                 "printer_not_in_state");
  GANTRY_ANSWERS(shop.tell(begin_start{first(shop), 1, shop.idle()}), "printer_not_in_state");
  BOOST_TEST(shop.starts_sent.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_cancel_before_the_start_ends_the_ticket_at_once) {
  for (const auto phase :
       {ticket_phase::reserved, ticket_phase::uploading, ticket_phase::uploaded}) {
    auto shop = at(phase);
    shop.ask(cancel_run{shop.the_run().id, {}});
    GANTRY_EXPECT(shop.the_run().state, "cancelled");
    GANTRY_EXPECT(shop.the_printer().bed, "clear");
    GANTRY_EXPECT(shop.the_plate().state, "held");
    BOOST_TEST(shop.starts_sent.empty());
    BOOST_TEST(shop.actions_sent.empty());
    GANTRY_WHOLE(shop);
  }
}

BOOST_AUTO_TEST_CASE(a_cancel_during_the_start_waits_until_the_print_is_seen) {
  auto shop = at(ticket_phase::starting);
  shop.ask(cancel_run{shop.the_run().id, {}});
  GANTRY_EXPECT(shop.the_run().state, "cancelling");
  BOOST_TEST(shop.actions_sent.empty());
  auto seen = shop;
  seen.reports(seen.shows(print_state::printing));
  BOOST_TEST(seen.actions_sent.size() == 1u);
  seen.reports(seen.shows(print_state::cancelled));
  GANTRY_EXPECT(seen.the_run().state, "cancelled");
  GANTRY_EXPECT(seen.the_printer().bed, "occupied");
  auto never = shop;
  never.tell(start_settled{first(never), 1, start_answer::lost, {}});
  never.tell(start_overdue{first(never), 1, never.idle()});
  never.tell(fence_settled{first(never), 1, fence_answer::removed, {}, never.idle()});
  GANTRY_EXPECT(never.the_run().state, "cancelled");
  auto refused = shop;
  refused.tell(start_settled{first(refused), 1, start_answer::refused, {}});
  GANTRY_EXPECT(refused.the_run().state, "cancelled");
  for (const auto* each : {&seen, &never, &refused}) {
    BOOST_TEST(each->starts_sent.size() == 1u);
    GANTRY_WHOLE(*each);
  }
}

BOOST_AUTO_TEST_CASE(a_running_print_is_cancelled_when_the_printer_says_so_and_only_asked_once) {
  for (const auto phase : {ticket_phase::printing, ticket_phase::paused}) {
    auto shop = at(phase);
    shop.ask(cancel_run{shop.the_run().id, {}});
    shop.ask(cancel_run{shop.the_run().id, {}});
    BOOST_TEST(shop.actions_sent.size() == 1u);
    GANTRY_EXPECT(shop.the_run().state, "cancelling");
    shop.reports(shop.shows(print_state::cancelled));
    GANTRY_EXPECT(shop.the_run().state, "cancelled");
    BOOST_TEST(to_string(shop.the_run().why) == "run_cancelled_by_person");
    BOOST_TEST(shop.the_breaker().failures.empty());
  }
}

BOOST_AUTO_TEST_CASE(a_print_in_attention_is_settled_before_it_is_cancelled) {
  auto shop = at(ticket_phase::attention);
  GANTRY_ANSWERS(shop.ask(cancel_run{shop.the_run().id, {}}), "run_not_in_state");
}

BOOST_AUTO_TEST_CASE(defect_a_refused_cancel_of_a_paused_print_leaves_it_paused) {
  auto shop = at(ticket_phase::paused);
  shop.ask(cancel_run{shop.the_run().id, {}});
  shop.tell(action_settled{first(shop), wanted_action::cancel, false, {}});
  GANTRY_EXPECT(shop.the_run().state, "paused");
  GANTRY_EXPECT(shop.the_ticket().phase, "paused");
  GANTRY_EXPECT(shop.the_ticket().wanted, "none");
}

BOOST_AUTO_TEST_CASE(defect_the_late_answer_to_an_earlier_cancel_leaves_a_start_alone) {
  auto shop = at(ticket_phase::starting);
  shop.ask(cancel_run{shop.the_run().id, {}});
  shop.tell(action_settled{first(shop), wanted_action::cancel, false, {}});
  GANTRY_EXPECT(shop.the_run().state, "cancelling");
  GANTRY_EXPECT(shop.the_ticket().wanted, "cancel");
}

BOOST_AUTO_TEST_CASE(pause_and_resume_are_believed_when_the_printer_shows_them) {
  auto shop = at(ticket_phase::printing);
  const auto what = shop.the_run().id;
  GANTRY_ANSWERS(shop.ask(resume_run{what, {}}), "run_not_in_state");
  shop.ask(pause_run{what, {}});
  GANTRY_EXPECT(shop.the_run().state, "printing");
  shop.reports(shop.shows(print_state::paused));
  GANTRY_EXPECT(shop.the_run().state, "paused");
  GANTRY_ANSWERS(shop.ask(pause_run{what, {}}), "run_not_in_state");
  shop.ask(resume_run{what, {}});
  GANTRY_EXPECT(shop.the_run().state, "paused");
  shop.reports(shop.shows(print_state::printing));
  GANTRY_EXPECT(shop.the_run().state, "printing");
  BOOST_TEST(shop.actions_sent.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_pause_that_waits_for_its_printer_can_be_withdrawn) {
  auto shop = at(ticket_phase::printing);
  const auto what = shop.the_run().id;
  shop.ask(pause_run{what, {}});
  GANTRY_EXPECT(shop.the_ticket().wanted, "pause");
  GANTRY_ANSWERS(shop.ask(resume_run{what, {}}), "ok");
  GANTRY_EXPECT(shop.the_ticket().wanted, "none");
  GANTRY_EXPECT(shop.the_run().state, "printing");
  // It was on its way all the same: that is seen, and can be ended.
  shop.reports(shop.shows(print_state::paused));
  GANTRY_EXPECT(shop.the_run().state, "paused");
  GANTRY_ANSWERS(shop.ask(resume_run{what, {}}), "ok");
}

BOOST_AUTO_TEST_CASE(a_firmware_shutdown_in_mid_print_fails_the_run_and_blames_the_printer) {
  auto shop = at(ticket_phase::printing);
  auto report = shop.shows(print_state::printing);
  report.firmware = firmware_state::shutdown;
  shop.reports(report);
  GANTRY_EXPECT(shop.first_run().state, "failed");
  GANTRY_EXPECT(shop.first_run().attributed_to, "printer");
  GANTRY_EXPECT(shop.the_run().state, "queued");
  GANTRY_EXPECT(shop.the_printer().bed, "occupied");
  BOOST_TEST(shop.the_breaker().failures.empty());
}

BOOST_AUTO_TEST_CASE(a_silent_printer_changes_nothing_and_a_lost_file_asks_a_person) {
  auto shop = at(ticket_phase::printing);
  auto silent = shop.idle();
  silent.link = link_state::offline;
  BOOST_TEST(shop.reports(silent).writes.empty());
  auto starting_up = shop.idle();
  starting_up.firmware = firmware_state::startup;
  BOOST_TEST(shop.reports(starting_up).writes.empty());
  shop.reports(shop.idle());
  GANTRY_EXPECT(shop.the_run().state, "attention");
  BOOST_TEST(shop.the_run().believed.starts_with("printing gantry/"));
  BOOST_TEST(shop.the_run().observed == "standby");
  shop.reports(shop.shows(print_state::printing));
  GANTRY_EXPECT(shop.the_run().state, "printing");
  BOOST_TEST(to_string(shop.the_printer().attention) == "ok");
}

BOOST_AUTO_TEST_CASE(a_print_of_unknown_origin_is_seen_settled_and_ended) {
  auto shop = ready();
  GANTRY_ANSWERS(shop.ask(settle_foreign{first(shop), foreign_verdict::adopted, {}}),
                 "printer_has_no_foreign_print");
  shop.reports(shop.shows(print_state::printing, "vase.gcode"));
  BOOST_TEST(shop.the_printer().foreign->file == "vase.gcode");
  GANTRY_EXPECT(shop.the_printer().bed, "occupied");
  GANTRY_ANSWERS(shop.tell(reserve_run{first(shop), shop.the_run().id, shop.idle()}),
                 "printer_foreign_print");
  GANTRY_ANSWERS(shop.ask(confirm_bed_clear{first(shop), "seen", {}}), "printer_not_in_state");
  GANTRY_ANSWERS(shop.ask(settle_foreign{first(shop), foreign_verdict::pending, {}}),
                 "field_invalid");
  for (const auto verdict : {foreign_verdict::adopted, foreign_verdict::ignored}) {
    shop.ask(settle_foreign{first(shop), verdict, {}});
    BOOST_TEST((shop.the_printer().foreign->verdict == verdict));
  }
  BOOST_TEST(shop.reports(shop.shows(print_state::unknown, "vase.gcode")).writes.empty());
  shop.reports(shop.shows(print_state::complete, "vase.gcode"));
  BOOST_TEST(!shop.the_printer().foreign.has_value());
  GANTRY_EXPECT(shop.the_printer().bed, "occupied");
}

BOOST_AUTO_TEST_CASE(only_people_and_their_programs_confirm_a_bed) {
  auto shop = ready().up_to(ticket_phase::printing);
  shop.reports(shop.shows(print_state::complete));
  for (const auto kind : {principal_kind::device, principal_kind::policy, principal_kind::timer}) {
    auto who = a_person();
    who.kind = kind;
    GANTRY_ANSWERS(shop.submit(confirm_bed_clear{first(shop), "seen", {}}, who),
                   "printer_not_in_state");
  }
  GANTRY_EXPECT(shop.the_printer().bed, "occupied");
  shop.ask(confirm_bed_clear{first(shop), "photo", {}});
  GANTRY_EXPECT(shop.the_printer().bed, "clear");
  BOOST_TEST(shop.the_printer().bed_evidence.how == "photo");
}

BOOST_AUTO_TEST_CASE(an_upload_that_failed_or_has_another_size_starts_nothing) {
  for (const bool uploaded : {false, true}) {
    auto shop = at(ticket_phase::uploading);
    shop.tell(upload_settled{first(shop), 1, uploaded, {}, "cut", 1});
    GANTRY_EXPECT(shop.the_run().state, "queued");
    BOOST_TEST(to_string(shop.the_run().why)
               == (uploaded ? "run_upload_mismatch" : "run_upload_failed"));
    BOOST_TEST(shop.starts_sent.empty());
  }
}

BOOST_AUTO_TEST_CASE(a_restored_printer_takes_no_work_until_a_person_confirmed_it) {
  auto shop = ready();
  shop.tell(mark_unreconciled{first(shop)});
  GANTRY_ANSWERS(shop.tell(reserve_run{first(shop), shop.the_run().id, shop.idle()}),
                 "printer_unreconciled");
  shop.ask(confirm_printer{first(shop), {}});
  GANTRY_ANSWERS(shop.tell(reserve_run{first(shop), shop.the_run().id, shop.idle()}),
                 "bed_unknown");
}

BOOST_AUTO_TEST_CASE(defect_a_printer_that_returns_to_service_no_longer_asks_for_attention) {
  auto shop = ready();
  shop.tell(quarantine_printer{first(shop), 5});
  BOOST_TEST(to_string(shop.the_printer().attention) == "printer_quarantined");
  shop.ask(set_printer_mode{first(shop), printer_mode::active, {}});
  BOOST_TEST(to_string(shop.the_printer().attention) == "ok");
}

BOOST_AUTO_TEST_CASE(defect_setting_a_printer_aside_keeps_the_question_about_its_run) {
  auto shop = at(ticket_phase::attention);
  shop.tell(quarantine_printer{first(shop), 5});
  BOOST_TEST(to_string(shop.the_printer().attention) == "run_lost_at_printer");
  shop.ask(set_printer_mode{first(shop), printer_mode::active, {}});
  BOOST_TEST(to_string(shop.the_printer().attention) == "run_lost_at_printer");
}
