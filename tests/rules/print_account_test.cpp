// What machines printed while nobody watched, and what it means for their beds.
#include "tests/rules/expectations.hpp"
#include "tests/rules/farm.hpp"

namespace {

using namespace gantry;
using namespace gantry::commands;
using namespace gantry::test;

const std::string by_hand = "vase.gcode";

/// An order that waits for the only printer, whose newest job `J1` is known and whose bed is clear.
farm ready() {
  farm shop;
  shop.with_printer("left").with_order().sliced();
  auto report = shop.idle();
  report.last_job = "J1";
  report.last_job_file = "earlier.gcode";
  shop.reports(report);
  shop.ask(confirm_bed_clear{shop.printers().front(), "seen", {}});
  return shop;
}

/// `report` of a machine whose newest job is `job`.
device_report with_job(device_report report, std::string job, std::string file) {
  report.last_job = std::move(job);
  report.last_job_file = std::move(file);
  return report;
}

/// Nothing but the history tells: after a restart of the firmware.
device_report restarted(const farm& shop, const std::string& job, const std::string& file) {
  return with_job(shop.idle(), job, file);
}

device_report without_history(device_report report) {
  report.history = history_state::absent;
  return report;
}

rules::ruling reserve(farm& shop, const device_report& report) {
  return shop.tell(reserve_run{shop.printers().front(), shop.the_run().id, report});
}

} // namespace

BOOST_AUTO_TEST_CASE(defect_a_print_that_nobody_saw_left_the_bed_clear) {
  auto shop = ready();
  const auto report = restarted(shop, "J2", by_hand);
  const auto answer = shop.reports(report);
  BOOST_TEST(to_string(answer.event_reason) == "printer_print_missed");
  GANTRY_EXPECT(shop.the_printer().bed, "unknown");
  BOOST_TEST(shop.the_printer().bed_evidence.how == "print_missed");
  GANTRY_ANSWERS(reserve(shop, report), "bed_unknown");
}

BOOST_AUTO_TEST_CASE(defect_a_start_followed_on_a_bed_that_a_print_from_the_screen_had_left_full) {
  // Its answer was lost, somebody printed from the screen, and a restart of the firmware hid that.
  auto shop = ready();
  shop.up_to(ticket_phase::fencing);
  const auto report = restarted(shop, "J2", by_hand);
  shop.reports(report);
  shop.tell(fence_settled{shop.printers().front(), 1, fence_answer::removed, {}, report});
  GANTRY_EXPECT(shop.the_ticket().phase, "reserved");
  const auto begun = shop.starts_sent.size();
  shop.tell(begin_upload{shop.printers().front(), 1});
  shop.tell(upload_settled{
      shop.printers().front(), 2, true, reason::ok, {}, shop.the_ticket().gcode_size_bytes});
  shop.tell(begin_start{shop.printers().front(), 2, report});
  BOOST_TEST(!shop.the_printer().ticket.has_value());
  BOOST_TEST(to_string(shop.the_run().why) == "bed_unknown");
  BOOST_TEST(shop.starts_sent.size() == begun);
}

BOOST_AUTO_TEST_CASE(a_person_who_looked_after_a_missed_print_is_believed) {
  auto shop = ready();
  const auto report = restarted(shop, "J2", by_hand);
  shop.reports(report);
  shop.ask(confirm_bed_clear{shop.printers().front(), "seen", {}});
  BOOST_TEST(shop.reports(report).writes.empty());
  GANTRY_ANSWERS(reserve(shop, report), "ok");
}

BOOST_AUTO_TEST_CASE(a_bed_that_was_confirmed_during_an_outage_is_asked_for_again) {
  // Whether the person looked before the print or after it cannot be told.
  auto shop = ready();
  auto away = shop.idle();
  away.link = link_state::offline;
  shop.reports(away);
  shop.ask(confirm_bed_clear{shop.printers().front(), "seen", {}});
  shop.reports(restarted(shop, "J2", by_hand));
  GANTRY_EXPECT(shop.the_printer().bed, "unknown");
}

BOOST_AUTO_TEST_CASE(no_run_is_reserved_before_the_machine_said_what_it_printed_last) {
  auto shop = ready();
  auto report = restarted(shop, "J2", by_hand);
  GANTRY_ANSWERS(reserve(shop, report), "printer_history_unread");
  report.history = history_state::unknown;
  BOOST_TEST(shop.reports(report).writes.empty());
  GANTRY_ANSWERS(reserve(shop, report), "printer_history_unread");
  GANTRY_ANSWERS(reserve(shop, restarted(shop, "J1", "earlier.gcode")), "ok");
}

BOOST_AUTO_TEST_CASE(a_start_waits_for_the_account_and_then_gives_the_run_back) {
  auto shop = ready();
  shop.up_to(ticket_phase::reserved);
  shop.reports(restarted(shop, "J1", "earlier.gcode"));
  shop.up_to(ticket_phase::uploaded);
  const auto report = restarted(shop, "J2", by_hand);
  const auto start = begin_start{shop.printers().front(), 1, report};
  GANTRY_ANSWERS(shop.tell(start), "printer_history_unread");
  BOOST_TEST(shop.the_printer().ticket.has_value());
  shop.reports(report);
  shop.tell(start);
  BOOST_TEST(!shop.the_printer().ticket.has_value());
  BOOST_TEST(to_string(shop.the_run().why) == "bed_unknown");
  BOOST_TEST(shop.starts_sent.empty());
}

BOOST_AUTO_TEST_CASE(the_job_of_our_own_print_is_expected) {
  auto shop = ready();
  shop.up_to(ticket_phase::printing);
  const auto file = shop.the_ticket().file;
  shop.reports(with_job(shop.shows(print_state::printing), "J2", file));
  BOOST_TEST(shop.the_printer().last_print.job == "J2");
  shop.reports(with_job(shop.shows(print_state::complete), "J2", file));
  shop.ask(confirm_bed_clear{shop.printers().front(), "seen", {}});
  BOOST_TEST(
      shop.reports(with_job(shop.shows(print_state::complete, file), "J2", file)).writes.empty());
  GANTRY_EXPECT(shop.the_printer().bed, "clear");
}

BOOST_AUTO_TEST_CASE(a_job_without_a_name_is_that_of_the_print_that_was_seen) {
  auto shop = ready();
  shop.up_to(ticket_phase::printing);
  const auto answer = shop.reports(with_job(shop.shows(print_state::printing), "J2", ""));
  BOOST_TEST(to_string(answer.event_reason) == "system_rule");
  BOOST_TEST(shop.the_printer().last_print.job == "J2");
}

BOOST_AUTO_TEST_CASE(a_print_of_ours_that_was_seen_only_at_its_end_is_expected_too) {
  for (const auto end : {print_state::complete, print_state::cancelled, print_state::error}) {
    auto shop = ready();
    shop.up_to(ticket_phase::uploaded);
    const auto file = shop.the_ticket().file;
    auto before = restarted(shop, "J1", "earlier.gcode");
    shop.tell(begin_start{shop.printers().front(), 1, before});
    const auto report = with_job(shop.shows(end), "J2", file);
    shop.reports(report);
    GANTRY_EXPECT(shop.the_printer().bed, "occupied");
    BOOST_TEST(to_string(shop.reports(report).event_reason) == "system_rule");
    BOOST_TEST(shop.the_printer().last_print.job == "J2");
  }
}

BOOST_AUTO_TEST_CASE(a_second_print_of_our_file_from_the_screen_is_missed) {
  auto shop = ready();
  shop.up_to(ticket_phase::printing);
  const auto file = shop.the_ticket().file;
  shop.reports(with_job(shop.shows(print_state::printing), "J2", file));
  shop.reports(with_job(shop.shows(print_state::complete), "J2", file));
  shop.ask(confirm_bed_clear{shop.printers().front(), "seen", {}});
  shop.reports(with_job(shop.shows(print_state::complete, file), "J3", file));
  GANTRY_EXPECT(shop.the_printer().bed, "unknown");
}

BOOST_AUTO_TEST_CASE(a_foreign_print_that_was_watched_needs_one_confirmation) {
  auto shop = ready();
  shop.reports(with_job(shop.shows(print_state::printing, by_hand), "J1", "earlier.gcode"));
  GANTRY_EXPECT(shop.the_printer().bed, "occupied");
  shop.reports(with_job(shop.shows(print_state::printing, by_hand), "J2", by_hand));
  const auto ended = with_job(shop.shows(print_state::complete, by_hand), "J2", by_hand);
  shop.reports(ended);
  shop.ask(confirm_bed_clear{shop.printers().front(), "seen", {}});
  BOOST_TEST(shop.reports(ended).writes.empty());
  GANTRY_EXPECT(shop.the_printer().bed, "clear");
}

BOOST_AUTO_TEST_CASE(a_print_that_the_history_does_not_know_is_read_from_what_the_machine_shows) {
  auto shop = ready();
  const auto shown = with_job(shop.shows(print_state::complete, by_hand), "J1", "earlier.gcode");
  shop.reports(shown);
  GANTRY_EXPECT(shop.the_printer().bed, "unknown");
  BOOST_TEST(shop.the_printer().last_print.job == "J1");
  BOOST_TEST(shop.reports(shown).writes.empty());
}

BOOST_AUTO_TEST_CASE(a_machine_without_history_is_judged_by_the_print_that_it_names) {
  auto shop = ready();
  shop.up_to(ticket_phase::printing);
  const auto file = shop.the_ticket().file;
  const auto ended = without_history(shop.shows(print_state::complete));
  shop.reports(ended);
  shop.ask(confirm_bed_clear{shop.printers().front(), "seen", {}});
  BOOST_TEST(shop.reports(without_history(shop.shows(print_state::complete, file))).writes.empty());
  shop.reports(without_history(shop.shows(print_state::cancelled, by_hand)));
  GANTRY_EXPECT(shop.the_printer().bed, "unknown");
}

BOOST_AUTO_TEST_CASE(a_machine_without_history_that_forgot_its_print_may_have_printed_another) {
  auto shop = ready();
  shop.reports(without_history(shop.shows(print_state::complete, by_hand)));
  shop.ask(confirm_bed_clear{shop.printers().front(), "seen", {}});
  const auto forgetful = without_history(shop.idle());
  shop.reports(forgetful);
  GANTRY_EXPECT(shop.the_printer().bed, "unknown");
  shop.ask(confirm_bed_clear{shop.printers().front(), "seen", {}});
  BOOST_TEST(shop.reports(forgetful).writes.empty());
  GANTRY_EXPECT(shop.the_printer().bed, "clear");
}

BOOST_AUTO_TEST_CASE(a_machine_whose_history_was_deleted_has_printed_nothing_new) {
  auto shop = ready();
  BOOST_TEST(shop.reports(restarted(shop, "", "")).writes.empty());
  GANTRY_EXPECT(shop.the_printer().bed, "clear");
}

BOOST_AUTO_TEST_CASE(a_machine_that_cannot_be_believed_tells_nothing_of_its_prints) {
  auto shop = ready();
  auto report = restarted(shop, "J2", by_hand);
  report.firmware = firmware_state::startup;
  BOOST_TEST(shop.reports(report).writes.empty());
  report.firmware = firmware_state::ready;
  report.link = link_state::offline;
  BOOST_TEST(shop.reports(report).writes.empty());
  GANTRY_EXPECT(shop.the_printer().bed, "clear");
}
