// Who may start what where: requirements, gates and the order in which runs are served.
#include "rules/gate.hpp"
#include "rules/schedule.hpp"
#include "tests/rules/expectations.hpp"

#include <functional>

using namespace gantry;
using namespace gantry::test;
using namespace gantry::commands;

namespace {

farm ready(const std::string& printer_class = "open") {
  return farm{}.with_printer("A", printer_class).with_order(2, 2).sliced();
}

rules::dispatch_need need_of(const farm& shop) {
  return {&shop.the_run(), &shop.the_plan(), &shop.get<profile>(ref_of(shop.the_plan().profile))};
}

/// The objection after something about the printer or its report was changed.
std::string objection(const std::function<void(printer&, device_report&)>& change,
                      const std::function<void(plan&)>& change_plan = {}) {
  auto shop = ready();
  auto where = shop.the_printer();
  auto report = shop.idle();
  change(where, report);
  if (change_plan)
    change_plan(shop.edit<plan>(ref_of(shop.the_plan().id)));
  const auto no = rules::objection_to_dispatch(where, report, need_of(shop), settings{});
  if (!no)
    return "none";
  const bool filled = render(no->code, no->params).find("  ") == std::string::npos;
  BOOST_TEST((filled || shop.the_plan().material.empty()));
  return std::string{to_string(no->code)};
}

std::string reserve(farm& shop) {
  return std::string{
      to_string(shop.tell(reserve_run{shop.printers()[0], shop.the_run().id, shop.idle()}).code)};
}

} // namespace

BOOST_AUTO_TEST_CASE(every_requirement_has_an_objection_of_its_own) {
  BOOST_TEST(objection([](auto&, auto&) {}) == "none");
  const std::vector<std::pair<std::function<void(printer&, device_report&)>, std::string>> table{
      {[](auto& p, auto&) { p.mode = printer_mode::maintenance; }, "printer_in_maintenance"},
      {[](auto& p, auto&) { p.mode = printer_mode::retired; }, "printer_retired"},
      {[](auto& p, auto&) { p.mode = printer_mode::quarantined; }, "printer_quarantined"},
      {[](auto& p, auto&) { p.unreconciled = true; }, "printer_unreconciled"},
      {[](auto& p, auto&) { p.ticket.emplace(); }, "printer_busy"},
      {[](auto& p, auto&) { p.ticket.emplace().phase = ticket_phase::attention; },
       "printer_needs_attention"},
      {[](auto& p, auto&) { p.foreign.emplace(); }, "printer_foreign_print"},
      {[](auto& p, auto&) { p.bed = bed_state::occupied; }, "bed_not_clear"},
      {[](auto& p, auto&) { p.bed = bed_state::unknown; }, "bed_unknown"},
      {[](auto&, auto& r) { r = {}; }, "printer_no_report_yet"},
      {[](auto&, auto& r) { r.link = link_state::offline; }, "printer_unreachable"},
      {[](auto&, auto& r) { r.firmware = firmware_state::shutdown; }, "printer_not_ready"},
      {[](auto&, auto& r) { r.print = print_state::printing; }, "printer_foreign_print"},
      {[](auto&, auto& r) { r.print = print_state::paused; }, "printer_foreign_print"},
      {[](auto&, auto& r) { r.is_active = true; }, "printer_foreign_print"},
      {[](auto&, auto& r) { r.is_paused = true; }, "printer_paused_without_print"},
      {[](auto&, auto& r) { r.print = print_state::unknown; }, "printer_no_report_yet"},
      {[](auto&, auto& r) { r.ready_for_ms = 1'999; }, "printer_settling"},
      {[](auto&, auto& r) { r.ready_for_ms = 2'000; }, "none"},
      {[](auto& p, auto&) { p.setup.volume.x_um += 1; }, "profile_mismatch"},
      {[](auto& p, auto&) { p.setup.volume.z_um = 19'999; }, "volume_too_small"},
      {[](auto& p, auto&) { p.setup.slots.clear(); }, "material_mismatch"},
      {[](auto& p, auto&) { p.setup.slots[0].material = "PETG"; }, "material_mismatch"},
      {[](auto& p, auto&) { p.setup.slots[0].material = "pla"; }, "none"},
      {[](auto& p, auto&) { p.setup.slots[0].nozzle_um = 600; }, "nozzle_mismatch"},
      {[](auto& p, auto&) {
         p.setup.slots.insert(p.setup.slots.begin(), {"PLA", "red", 600});
       },
       "none"},
  };
  for (size_t i = 0; i < table.size(); ++i)
    BOOST_TEST_CONTEXT("row " << i) {
      BOOST_TEST(objection(table[i].first) == table[i].second);
    }
}

BOOST_AUTO_TEST_CASE(an_unknown_need_is_an_objection) {
  const auto nothing = [](auto&, auto&) {};
  BOOST_TEST(objection(nothing, [](plan& how) { how.revisions.clear(); }) == "profile_unknown");
  BOOST_TEST(objection(nothing, [](plan& how) { how.material.clear(); }) == "material_mismatch");
}

BOOST_AUTO_TEST_CASE(colours_are_compared_without_case_and_unknown_ones_fit_only_any) {
  using enum colour_match;
  using rules::colour_fits;
  BOOST_TEST(colour_fits({any, {}}, ""));
  BOOST_TEST(colour_fits({exact, {"black"}}, "Black"));
  BOOST_TEST(!colour_fits({exact, {"black"}}, "red"));
  BOOST_TEST(colour_fits({any_of, {"red", "black"}}, "black"));
  BOOST_TEST(!colour_fits({any_of, {}}, "black"));
  BOOST_TEST(colour_fits({none_of, {"red"}}, "black"));
  BOOST_TEST(!colour_fits({none_of, {"red"}}, "RED"));
  for (const auto match : {exact, any_of, none_of})
    BOOST_TEST(!colour_fits({match, {"red"}}, ""));
  BOOST_TEST(objection([](auto&, auto&) {},
                       [](plan& how) {
                         how.colour = {exact, {"red"}};
                       })
             == "colour_mismatch");
}

BOOST_AUTO_TEST_CASE(a_gated_class_asks_a_person_and_the_approval_lets_the_run_through) {
  auto shop = ready("gated");
  BOOST_TEST(reserve(shop) == "ok");
  GANTRY_EXPECT(shop.the_run().state, "approval");
  BOOST_TEST(!shop.the_printer().ticket.has_value());
  const auto asked = shop.the_run().pending_decision;
  auto rejected = shop;
  shop.ask(settle_approval{asked, true, "fine"});
  GANTRY_EXPECT(shop.the_run().state, "queued");
  BOOST_TEST(shop.get<decision>(ref_of(asked)).settled_by == "Kim");
  shop.up_to(ticket_phase::starting);
  BOOST_TEST(shop.starts_sent.size() == 1u);
  GANTRY_ANSWERS(shop.ask(settle_approval{asked, false, {}}), "approval_not_pending");
  rejected.ask(settle_approval{asked, false, "no"});
  GANTRY_EXPECT(rejected.the_run().state, "cancelled");
  GANTRY_EXPECT(rejected.the_plate().state, "held");
  BOOST_TEST(to_string(rejected.the_line().why) == "approval_rejected");
  BOOST_TEST(rejected.the_breaker().failures.empty());
}

BOOST_AUTO_TEST_CASE(an_approval_of_another_revision_is_stale) {
  auto shop = ready("gated");
  reserve(shop);
  shop.ask(settle_approval{shop.the_run().pending_decision, true, {}});
  shop.ask(request_revision{shop.the_plan().id, {}, {}});
  shop.tell(slicing_settled{shop.the_plan().id, shop.revision(), reason::sliced, {}});
  BOOST_TEST(reserve(shop) == "ok");
  GANTRY_EXPECT(shop.the_run().state, "approval");
}

BOOST_AUTO_TEST_CASE(a_class_that_becomes_gated_stops_a_start_that_was_under_way) {
  auto shop = ready().up_to(ticket_phase::uploaded);
  settings rules;
  rules.gated_classes = {"open"};
  shop.with_settings(rules);
  shop.tell(begin_start{shop.printers()[0], 1, shop.idle()});
  GANTRY_EXPECT(shop.the_run().state, "queued");
  BOOST_TEST(to_string(shop.the_run().why) == "approval_required_class");
  BOOST_TEST(shop.starts_sent.empty());
}

BOOST_AUTO_TEST_CASE(long_prints_and_earlier_failures_raise_the_risk) {
  const auto risk = [](int64_t duration_s) {
    auto shop = farm{}.with_printer("A").with_order().sliced(duration_s);
    reserve(shop);
    return shop.the_run().state;
  };
  GANTRY_EXPECT(risk(24 * 3'600 - 1), "reserved");
  GANTRY_EXPECT(risk(24 * 3'600), "approval");
  settings careful;
  careful.approval_from_risk = risk_level::medium;
  auto shop = farm{}.with_settings(careful).with_printer("A").with_order().sliced();
  BOOST_TEST(reserve(shop) == "ok");
  GANTRY_EXPECT(shop.the_run().state, "reserved");
  shop.failed_once();
  reserve(shop);
  GANTRY_EXPECT(shop.the_run().state, "approval");
}

BOOST_AUTO_TEST_CASE(the_dispatch_switch_stops_reservations_and_starts_but_no_print) {
  auto shop = ready();
  auto uploaded = ready().up_to(ticket_phase::uploaded);
  auto printing = ready().up_to(ticket_phase::printing);
  settings off;
  off.dispatch_enabled = false;
  shop.with_settings(off);
  uploaded.with_settings(off);
  printing.with_settings(off);
  BOOST_TEST(reserve(shop) == "dispatch_paused");
  uploaded.tell(begin_start{uploaded.printers()[0], 1, uploaded.idle()});
  GANTRY_EXPECT(uploaded.the_run().state, "queued");
  BOOST_TEST(uploaded.starts_sent.empty());
  printing.printed();
  GANTRY_EXPECT(printing.the_run().state, "inspecting");
}

BOOST_AUTO_TEST_CASE(a_gate_without_facts_denies_and_the_same_facts_give_the_same_decision) {
  const auto shop = ready();
  rules::facts known;
  const rules::gate_question question{"start", shop.printers()[0], shop.the_run().id};
  const auto blind = rules::evaluate_gate(question, known, shop.now());
  GANTRY_EXPECT(blind.answer, "deny");
  GANTRY_EXPECT(rules::deciding_rule(blind).says, "deny");
  for (const auto& [entity, what] : shop.world())
    known.put(entity, what);
  const auto one = rules::evaluate_gate(question, known, shop.now());
  GANTRY_EXPECT(one.answer, "allow");
  BOOST_TEST(one.rules.size() == 5u);
  BOOST_TEST((one == rules::evaluate_gate(question, known, shop.now())));
  BOOST_TEST((one.id != blind.id));
}

BOOST_AUTO_TEST_CASE(urgency_is_priority_then_due_date_then_age_then_id) {
  const auto made = [](int64_t priority, int due_h, int queued_h, std::string id) {
    run what;
    what.priority = priority;
    if (due_h > 0)
      what.due_at = timestamp{std::chrono::hours{due_h}};
    what.queued_at = timestamp{std::chrono::hours{queued_h}};
    what.id.value = std::move(id);
    return what;
  };
  const std::vector<run> in_order{made(0, 0, 9, "z"), made(5, 1, 9, "z"), made(5, 2, 1, "z"),
                                  made(5, 0, 1, "z"), made(5, 0, 2, "a"), made(5, 0, 2, "b")};
  for (size_t i = 0; i < in_order.size(); ++i)
    for (size_t k = 0; k < in_order.size(); ++k)
      BOOST_TEST(rules::more_urgent(in_order[i], in_order[k]) == (i < k));
}

BOOST_AUTO_TEST_CASE(each_printer_takes_one_run_and_every_other_run_is_told_why_it_waits) {
  auto shop =
      farm{}.with_printer("B").with_printer("A").with_printer("C").with_order(6, 2).sliced();
  shop.ask(set_printer_mode{shop.printers()[2], printer_mode::maintenance, {}});
  const auto& slicing = shop.get<profile>(ref_of(shop.the_plan().profile));
  std::vector<rules::dispatch_need> needs;
  for (size_t i = 0; i < 3; ++i)
    needs.push_back({&shop.the_run(i), &shop.the_plan(), &slicing});
  std::vector<rules::candidate> printers;
  for (size_t i = 0; i < 3; ++i)
    printers.push_back({&shop.the_printer(i), shop.idle(), false});
  const auto found = rules::make_schedule(needs, printers, {});
  BOOST_TEST_REQUIRE(found.proposals.size() == 2u);
  BOOST_TEST((found.proposals[0].where == shop.printers()[1])); // A is before B
  BOOST_TEST((found.proposals[1].where == shop.printers()[0]));
  BOOST_TEST_REQUIRE(found.waiting.size() == 1u);
  const auto& why = found.waiting.begin()->second;
  BOOST_TEST_REQUIRE(why.size() == 3u);
  BOOST_TEST(to_string(why[0].why.code) == "printer_busy");
  BOOST_TEST(to_string(why[2].why.code) == "printer_in_maintenance");
  printers[1].cooling_down = true;
  const auto cooler = rules::make_schedule(needs, printers, {});
  BOOST_TEST(cooler.proposals.size() == 1u);
  settings off;
  off.dispatch_enabled = false;
  const auto none = rules::make_schedule(needs, printers, off);
  BOOST_TEST(none.proposals.empty());
  BOOST_TEST(none.waiting.size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_run_that_waits_for_approval_is_explained_but_not_proposed) {
  auto shop = ready("gated");
  reserve(shop);
  const auto found =
      rules::make_schedule({need_of(shop)}, {{&shop.the_printer(), shop.idle(), false}}, {});
  BOOST_TEST(found.proposals.empty());
  BOOST_TEST(to_string(found.waiting.at(shop.the_run().id)[0].why.code) == "printer_suitable");
}

BOOST_AUTO_TEST_CASE(names_and_addresses_of_printers_in_service_are_unique) {
  auto shop = farm{}.with_printer("A").with_printer("B");
  GANTRY_ANSWERS(shop.ask(add_printer{shop.setup_for("A", "open"), {}}), "printer_name_taken");
  auto same = shop.setup_for("D", "open");
  same.address.host = "A.local";
  GANTRY_ANSWERS(shop.ask(add_printer{same, {}}), "printer_address_taken");
  same.address.host = "a b";
  GANTRY_ANSWERS(shop.ask(add_printer{same, {}}), "field_invalid");
  shop.ask(set_printer_mode{shop.printers()[0], printer_mode::retired, {}});
  GANTRY_ANSWERS(shop.ask(add_printer{shop.setup_for("A", "open"), {}}), "ok");
  GANTRY_ANSWERS(shop.ask(set_printer_mode{shop.printers()[0], printer_mode::active, {}}),
                 "printer_not_in_state");
}
