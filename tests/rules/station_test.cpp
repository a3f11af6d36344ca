// The resin station's decisions, one behaviour per test: start, trigger, change, errors, answers,
// pumps by hand, emergency stop.
#include "rules/station_checks.hpp"
#include "schemas/station_report.hpp"
#include "tests/rules/farm.hpp"
#include "tests/rules/resin_bench.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <set>

using namespace gantry;
using namespace gantry::test;
using namespace gantry::commands;
using texts = std::vector<std::string>;

namespace {

#define ANSWERS(ruling, expected) BOOST_TEST(to_string((ruling).code) == std::string_view{expected})

station_id id() {
  return {make_id("stn", 7)};
}

start_station a_start() {
  start_station x;
  x.id = id();
  x.file = "vase.pwmb";
  x.internal_file = "3.pwmb";
  return x;
}

run_station_pump by_hand(const std::string& pump, int64_t duration_ms = 5'000) {
  run_station_pump x;
  x.id = id();
  x.pump = pump;
  x.duration_ms = duration_ms;
  return x;
}

/// Whether a check is there with this verdict.
bool has_check(const std::vector<station_check>& checks, const std::string& name,
               check_verdict verdict) {
  return std::ranges::any_of(checks, [&name, verdict](const station_check& x) {
    return x.id == name && x.verdict == verdict;
  });
}

/// What came back for a command of a person.
void settled(resin_bench& bench, resin_control control, control_outcome outcome) {
  if (control == resin_control::pause && outcome != control_outcome::done) {
    bench.live.pausing = bench.live.pausing && outcome == control_outcome::lost;
    bench.live.pause_refused = outcome == control_outcome::refused;
  }
  bench.tell(station_control_settled{id(), control, 0, outcome, {}, 0, {}});
}

} // namespace

// -- recipe and start ---------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_recipe_has_rising_layers_from_one_and_materials_from_a_to_d) {
  resin_bench bench;
  ANSWERS(bench.ask(set_recipe{id(), {{50, "A"}, {120, "B"}, {200, "C"}}, {}}), "ok");
  BOOST_TEST(bench.now().recipe_revision == 1);
  ANSWERS(bench.ask(set_recipe{id(), {{0, "A"}}, {}}), "recipe_layer_invalid");
  ANSWERS(bench.ask(set_recipe{id(), {{5, "A"}, {5, "B"}}, {}}), "recipe_layer_duplicate");
  ANSWERS(bench.ask(set_recipe{id(), {{9, "A"}, {5, "B"}}, {}}), "recipe_order_wrong");
  ANSWERS(bench.ask(set_recipe{id(), {{9, "E"}}, {}}), "recipe_material_unknown");
  BOOST_TEST(bench.now().recipe.size() == 3u);
  BOOST_TEST(bench.now().recipe_revision == 1);
}

BOOST_AUTO_TEST_CASE(a_start_is_committed_before_it_is_sent_and_sent_once) {
  resin_bench bench;
  bench.with_recipe({{50, "B"}});
  ANSWERS(bench.ask(a_start()), "ok");
  BOOST_TEST(bench.state() == "starting");
  BOOST_TEST(bench.sent() == texts{}, boost::test_tools::per_element());
  bench.tell(begin_station_start{id(), 1, {}});
  BOOST_TEST(bench.sent() == texts{"start"}, boost::test_tools::per_element());
  bench.tell(begin_station_start{id(), 1, {}});
  BOOST_TEST(bench.sent().empty());
  bench.tell(
      station_control_settled{id(), resin_control::start, 0, control_outcome::lost, {}, 0, {}});
  BOOST_TEST(bench.sent().empty());
  bench.live.report.internal_file = "3.pwmb";
  bench.live.report.layers = 200;
  bench.reports(resin_state::printing, 1);
  BOOST_TEST(bench.state() == "monitoring");
  BOOST_TEST(bench.job().active_material == "A");
}

BOOST_AUTO_TEST_CASE(a_start_that_stays_unconfirmed_is_asked_about_and_never_repeated) {
  resin_bench bench;
  bench.with_recipe({{50, "B"}});
  bench.ask(a_start());
  bench.tell(begin_station_start{id(), 1, {}});
  static_cast<void>(bench.sent());
  bench.tell(station_step_overdue{id(), 0, 60, {}});
  BOOST_TEST(bench.cause() == "start_unconfirmed");
  bench.reports(resin_state::stopped, 0);
  BOOST_TEST(bench.cause() == "start_unconfirmed");
  bench.live.report.internal_file = "3.pwmb";
  bench.reports(resin_state::printing, 1);
  BOOST_TEST(bench.state() == "monitoring");
  BOOST_TEST(bench.sent().empty());
}

BOOST_AUTO_TEST_CASE(a_start_refuses_a_material_without_its_own_fill_pump) {
  resin_bench bench;
  bench.with_recipe({{50, "D"}});
  ANSWERS(bench.ask(a_start()), "recipe_conflict");
  BOOST_TEST(bench.state() == "idle");
}

BOOST_AUTO_TEST_CASE(a_start_refuses_layers_beyond_the_file) {
  resin_bench bench;
  bench.with_recipe({{50, "B"}, {250, "C"}});
  auto start = a_start();
  start.layers = 200;
  ANSWERS(bench.ask(start), "recipe_conflict");
  // A file that was printed before is known, so nothing has to be said.
  bench.edit().files.push_back({"3.pwmb", 200});
  ANSWERS(bench.ask(a_start()), "recipe_conflict");
}

BOOST_AUTO_TEST_CASE(a_plan_beyond_an_unknown_file_is_refused_when_the_printer_tells_its_layers) {
  resin_bench bench;
  bench.with_recipe({{50, "B"}, {250, "C"}}).printing(1);
  BOOST_TEST(bench.cause() == "recipe_conflict");
  bench.reports(resin_state::paused, 1);
  ANSWERS(bench.answers(station_answer::skip), "ok");
  BOOST_TEST(bench.state() == "monitoring");
  bench.reports(resin_state::printing, 50);
  BOOST_TEST(bench.step() == "request_pause");
}

BOOST_AUTO_TEST_CASE(a_start_refuses_what_reservoirs_waste_or_limits_do_not_allow) {
  resin_bench bench;
  bench.with_recipe({{50, "B"}, {60, "C"}, {70, "B"}, {80, "C"}, {90, "B"}});
  bench.ask(set_level{id(), "b", 134'000, {}});
  ANSWERS(bench.ask(a_start()), "reservoir_short");
  bench.ask(set_level{id(), "b", 135'000, {}});
  bench.ask(set_level{id(), "waste", 751'000, {}});
  ANSWERS(bench.ask(a_start()), "waste_full");
  bench.ask(set_level{id(), "waste", 750'000, {}});
  bench.live.pumps.lines[3].single_limit_ms = 9'999;
  ANSWERS(bench.ask(a_start()), "pump_window_short");
  bench.live.pumps.lines[3].single_limit_ms = 10'000;
  bench.live.pumps.lines[1].window_limit_ms = 8'999;
  ANSWERS(bench.ask(a_start()), "pump_window_short");
  // Alone each of its three runs fits; two were charged a little more than planned.
  bench.live.pumps.lines[1].window_limit_ms = 27'199;
  bench.live.pumps.lines[1].window_ms = 3'600'000;
  ANSWERS(bench.ask(a_start()), "recipe_conflict");
  bench.live.pumps.lines[1].window_limit_ms = 27'200;
  ANSWERS(bench.ask(a_start()), "ok");
}

BOOST_AUTO_TEST_CASE(a_start_refuses_changes_that_lie_too_close_for_a_pump) {
  resin_bench bench;
  bench.with_recipe({{50, "B"}, {51, "C"}, {52, "B"}});
  bench.edit().setup.pumps.back().flow_ul_per_s = 700; // 71 s for a drain
  ANSWERS(bench.ask(a_start()), "recipe_conflict");
  BOOST_TEST(bench.state() == "idle");
  const auto checks = rules::start_checks(bench.now(), a_start(), bench.live);
  BOOST_TEST(has_check(checks, "windows_drain", check_verdict::fail));
  // Whether these have to wait depends on how long a layer takes.
  bench.with_recipe({{50, "B"}, {65, "C"}, {80, "B"}});
  BOOST_TEST(has_check(rules::start_checks(bench.now(), a_start(), bench.live), "windows_drain",
                       check_verdict::warn));
  ANSWERS(bench.ask(a_start()), "ok");
}

BOOST_AUTO_TEST_CASE(a_print_that_runs_is_attached_to_although_its_changes_will_wait) {
  resin_bench bench;
  bench.with_recipe({{50, "B"}, {51, "C"}, {52, "B"}});
  bench.edit().setup.pumps.back().flow_ul_per_s = 700;
  bench.live.report.state = resin_state::printing;
  bench.live.report.layer = 10;
  const auto checks = rules::attach_checks(bench.now(), {}, bench.live);
  BOOST_TEST(has_check(checks, "windows_drain", check_verdict::warn));
  BOOST_TEST(rules::first_failure(checks) == nullptr);
}

BOOST_AUTO_TEST_CASE(defect_a_start_passed_without_the_valve_that_its_drain_opens) {
  start_station start;
  start.id = id();
  start.internal_file = "3.pwmb";
  const auto answer_with = [&start](int64_t limit_ms, bool with_valve) {
    resin_bench bench;
    bench.with_recipe({{50, "B"}});
    bench.edit().setup.valve_during_drain = true;
    bench.live.pumps.valve_extra_ms = 1'500;
    if (with_valve)
      bench.live.pumps.lines.push_back({"air", false, true, 0, limit_ms, limit_ms, limit_ms});
    return bench.ask(start);
  };
  resin_bench plain;
  plain.with_recipe({{50, "B"}});
  const auto drain_ms = rules::duration_ms(plain.now().setup.change.drain_volume_ul,
                                           plain.now().setup.drain()->flow_ul_per_s);
  ANSWERS(answer_with(60'000, false), "pump_valve_missing");
  ANSWERS(answer_with(drain_ms + 1'499, true), "pump_window_short");
  ANSWERS(answer_with(drain_ms + 1'500, true), "ok");
}

BOOST_AUTO_TEST_CASE(a_pump_that_the_guard_calls_a_valve_is_none) {
  resin_bench bench;
  bench.with_recipe({{50, "B"}});
  bench.live.pumps.lines[1].is_valve = true;
  start_station start;
  start.id = id();
  start.internal_file = "3.pwmb";
  ANSWERS(bench.ask(start), "pumps_unavailable");
}

BOOST_AUTO_TEST_CASE(a_drain_waits_for_the_window_of_its_valve_and_asks_if_the_valve_is_gone) {
  resin_bench bench;
  bench.with_recipe({{50, "B"}});
  bench.edit().setup.valve_during_drain = true;
  bench.live.pumps.valve_extra_ms = 1'500;
  bench.live.pumps.lines.push_back({"air", false, true, 0, 60'000, 600'000, 60'000});
  bench.changing(change_step::wait_plate_clear);
  auto gone = bench;
  bench.live.pumps.lines.back().window_used_ms = 55'000;
  bench.wait_over();
  BOOST_TEST(bench.pumped().empty());
  BOOST_TEST(to_string(bench.change().held) == "pumps_waiting");
  bench.live.pumps.lines.back().window_used_ms = 0;
  bench.reports(resin_state::paused, 50);
  BOOST_TEST(bench.pumped().size() == 1u);
  BOOST_TEST(bench.now().run->with_valve);
  // Somebody has changed the guard's file since the start.
  gone.live.pumps.lines.pop_back();
  gone.wait_over();
  BOOST_TEST(gone.pumped().empty());
  BOOST_TEST(gone.cause() == "config_invalid");
}

BOOST_AUTO_TEST_CASE(a_start_needs_a_printer_that_is_seen_to_be_stopped_and_pumps_that_are_there) {
  resin_bench bench;
  bench.with_recipe({{50, "B"}});
  bench.live.report.state = resin_state::printing;
  ANSWERS(bench.ask(a_start()), "resin_printer_not_stopped");
  bench.live.report.state = resin_state::stopped;
  bench.live.fresh = false;
  ANSWERS(bench.ask(a_start()), "resin_printer_silent");
  bench.live.fresh = true;
  bench.live.pumps.connected = false;
  ANSWERS(bench.ask(a_start()), "pumps_unavailable");
  bench.live.pumps.connected = true;
  bench.edit().setup.pumps.back().direction_confirmed = false;
  ANSWERS(bench.ask(a_start()), "drain_direction_unconfirmed");
}

BOOST_AUTO_TEST_CASE(every_check_is_listed_with_its_verdict) {
  resin_bench bench;
  bench.with_recipe({{50, "D"}});
  bench.live.fresh = false;
  const auto checks = rules::start_checks(bench.now(), a_start(), bench.live);
  BOOST_TEST(has_check(checks, "station", check_verdict::pass));
  BOOST_TEST(has_check(checks, "printer", check_verdict::fail));
  BOOST_TEST(has_check(checks, "recipe", check_verdict::fail));
  BOOST_TEST(has_check(checks, "layers", check_verdict::warn));
  BOOST_TEST(has_check(checks, "guard", check_verdict::pass));
  BOOST_TEST(has_check(checks, "waste", check_verdict::pass));
}

BOOST_AUTO_TEST_CASE(a_refused_start_leaves_the_station_idle) {
  resin_bench bench;
  bench.with_recipe({{50, "B"}});
  bench.ask(a_start());
  bench.tell(begin_station_start{id(), 1, {}});
  bench.tell(station_control_settled{
      id(), resin_control::start, 0, control_outcome::refused, "ERROR1", 0, {}});
  BOOST_TEST(bench.state() == "idle");
  BOOST_TEST(name_of(bench.job().end) == "start_refused");
}

BOOST_AUTO_TEST_CASE(attaching_takes_the_print_that_runs_and_leaves_out_what_it_has_passed) {
  resin_bench bench;
  bench.with_recipe({{50, "B"}, {120, "C"}});
  ANSWERS(bench.ask(attach_station{id(), "B", false, {}, {}}), "resin_printer_not_printing");
  bench.live.report.internal_file = "9.pwmb";
  bench.live.report.layers = 200;
  bench.live.report.layer = 80;
  bench.live.report.state = resin_state::printing;
  ANSWERS(bench.ask(attach_station{id(), "B", false, {}, {}}), "ok");
  BOOST_TEST(bench.state() == "monitoring");
  BOOST_TEST(bench.job().changes.size() == 1u);
  BOOST_TEST(to_string(bench.job().changes[0].why) == "change_passed");
  bench.reports(resin_state::printing, 120);
  BOOST_TEST(bench.change().material == "C");
}

BOOST_AUTO_TEST_CASE(what_the_files_say_is_taken_over_with_their_versions_in_one_decision) {
  resin_bench bench;
  auto setup = bench.now().setup;
  setup.host = "10.0.0.7";
  take_station_files x{id(), setup, std::vector<recipe_step>{{9, "B"}}, {{"recipe.txt", 3, "ab"}}};
  const auto made = bench.ask(x);
  ANSWERS(made, "ok");
  BOOST_TEST(made.writes.at(0).events.size() == 3u);
  BOOST_TEST(bench.now().setup.host == "10.0.0.7");
  BOOST_TEST(bench.now().recipe.at(0).layer == 9);
  BOOST_TEST(bench.now().settings_files.at(0).revision == 3);
  BOOST_TEST(bench.ask(x).writes.empty());
  x.files[0].revision = 4;
  x.files.push_back({"pump_profiles.json", 1, "cd"});
  ANSWERS(bench.ask(x), "ok");
  BOOST_TEST(bench.now().settings_files.size() == 2u);
  BOOST_TEST(bench.now().settings_files.at(0).revision == 4);
}

BOOST_AUTO_TEST_CASE(files_that_are_wrong_or_come_during_a_print_change_nothing) {
  resin_bench bench;
  auto setup = bench.now().setup;
  setup.host = "two words";
  ANSWERS(bench.ask(take_station_files{id(), setup, {}, {{"n", 1, ""}}}), "field_invalid");
  ANSWERS(bench.ask(take_station_files{id(), {}, std::vector<recipe_step>{{9, "E"}}, {}}),
          "recipe_material_unknown");
  BOOST_TEST(bench.now().settings_files.empty());
  bench.printing(10);
  setup.host = "10.0.0.7";
  ANSWERS(bench.ask(take_station_files{id(), setup, {}, {}}), "station_not_in_state");
  // A recipe is for the next print.
  const auto made = bench.ask(take_station_files{id(), {}, std::vector<recipe_step>{{9, "B"}}, {}});
  ANSWERS(made, "ok");
  BOOST_TEST(to_string(made.event_reason) == "recipe_in_use");
}

BOOST_AUTO_TEST_CASE(the_plan_of_a_print_does_not_change_with_the_recipe) {
  resin_bench bench;
  bench.printing(10);
  const auto plan = bench.job().plan;
  const auto edited = bench.ask(set_recipe{id(), {{11, "C"}}, {}});
  BOOST_TEST(to_string(edited.event_reason) == "recipe_in_use");
  BOOST_TEST((bench.job().plan == plan));
  bench.reports(resin_state::printing, 11);
  BOOST_TEST(bench.state() == "monitoring");
}

// -- trigger --------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_change_begins_when_its_layer_is_reached) {
  resin_bench bench;
  bench.printing(10).reports(resin_state::printing, 49);
  BOOST_TEST(bench.state() == "monitoring");
  bench.reports(resin_state::printing, 50);
  BOOST_TEST(bench.state() == "material_change");
  BOOST_TEST(bench.step() == "request_pause");
  BOOST_TEST(bench.sent() == texts{"pause"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_change_is_made_up_to_two_layers_late_and_asked_about_beyond) {
  for (const int64_t late : {1, 2}) {
    resin_bench bench;
    bench.printing(10).reports(resin_state::printing, 50 + late);
    BOOST_TEST(bench.state() == "material_change");
  }
  resin_bench bench;
  bench.printing(10).reports(resin_state::printing, 53);
  BOOST_TEST(bench.cause() == "change_late");
  BOOST_TEST(bench.sent() == texts{"pause"}, boost::test_tools::per_element());
  bench.reports(resin_state::paused, 53);
  BOOST_TEST(bench.cause() == "change_late");
  BOOST_TEST(bench.pumped().empty());
  ANSWERS(bench.answers(station_answer::redo), "ok");
  BOOST_TEST(bench.step() == "request_pause");
}

BOOST_AUTO_TEST_CASE(defect_a_pause_that_took_effect_late_let_the_change_be_made_unasked) {
  for (const int64_t stands_at : {50, 53}) {
    resin_bench bench;
    bench.changing(change_step::request_pause);
    bench.reports(resin_state::paused, stands_at);
    BOOST_TEST(bench.step() == "wait_plate_clear");
  }
  resin_bench bench;
  bench.changing(change_step::request_pause);
  bench.reports(resin_state::paused, 54);
  BOOST_TEST(bench.cause() == "change_late");
  BOOST_TEST(bench.now().error->why_params.at("at") == "54");
  static_cast<void>(bench.sent());
  ANSWERS(bench.answers(station_answer::redo), "ok");
  // The person has agreed to this layer, so it is not asked about again.
  bench.reports(resin_state::paused, 54);
  BOOST_TEST(bench.step() == "wait_plate_clear");
  BOOST_TEST(bench.change().at_layer == 54);
}

BOOST_AUTO_TEST_CASE(a_late_change_that_a_person_wants_is_made_where_the_print_stands) {
  resin_bench bench;
  bench.printing(10).reports(resin_state::printing, 53);
  bench.reports(resin_state::paused, 57);
  ANSWERS(bench.answers(station_answer::redo), "ok");
  bench.reports(resin_state::paused, 57);
  BOOST_TEST(bench.step() == "wait_plate_clear");
  BOOST_TEST(bench.change().at_layer == 57);
}

BOOST_AUTO_TEST_CASE(a_layer_is_changed_once) {
  resin_bench bench;
  bench.changing(change_step::complete);
  BOOST_TEST(bench.state() == "monitoring");
  for (const int64_t layer : {50, 50, 49, 51, 50})
    bench.reports(resin_state::printing, layer);
  BOOST_TEST(bench.state() == "monitoring");
  BOOST_TEST(bench.job().changes.size() == 1u);
}

BOOST_AUTO_TEST_CASE(of_two_changes_that_are_due_together_the_last_one_is_made) {
  resin_bench bench;
  bench.with_recipe({{50, "B"}, {51, "C"}}).printing(10).reports(resin_state::printing, 51);
  BOOST_TEST(bench.change().material == "C");
  BOOST_TEST(to_string(bench.job().changes.at(0).why) == "change_superseded");
}

BOOST_AUTO_TEST_CASE(
    defect_a_change_that_was_missed_was_left_out_silently_if_the_next_one_was_due) {
  resin_bench bench;
  bench.with_recipe({{50, "B"}, {60, "C"}}).printing(10).reports(resin_state::printing, 60);
  BOOST_TEST(bench.cause() == "change_late");
  BOOST_TEST(bench.now().error->why_params.at("material") == "B");
  BOOST_TEST(bench.sent() == texts{"pause"}, boost::test_tools::per_element());
  bench.reports(resin_state::paused, 60);
  ANSWERS(bench.answers(station_answer::redo), "ok");
  BOOST_TEST(bench.change().material == "C");
}

BOOST_AUTO_TEST_CASE(no_change_begins_while_a_person_has_paused_the_print) {
  resin_bench bench;
  bench.printing(10).reports(resin_state::paused, 50);
  BOOST_TEST(bench.state() == "monitoring");
  bench.reports(resin_state::printing, 50);
  BOOST_TEST(bench.state() == "material_change");
}

// -- the sequence ---------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_change_pauses_waits_drains_fills_settles_and_resumes_in_this_order) {
  resin_bench bench;
  bench.changing(change_step::request_pause);
  bench.answered(control_outcome::done);
  BOOST_TEST(bench.step() == "request_pause");
  bench.reports(resin_state::paused, 50);
  BOOST_TEST(bench.step() == "wait_plate_clear");
  BOOST_TEST(bench.change().steps.back().planned_ms == 20'000);
  bench.wait_over();
  BOOST_TEST(bench.step() == "draining");
  BOOST_TEST(bench.pumped() == texts{"drain 10000"}, boost::test_tools::per_element());
  bench.pump_ran();
  BOOST_TEST(bench.step() == "filling");
  BOOST_TEST(bench.pumped() == texts{"b 9000"}, boost::test_tools::per_element());
  bench.pump_ran();
  BOOST_TEST(bench.step() == "settling");
  BOOST_TEST(bench.job().active_material == "B");
  static_cast<void>(bench.sent());
  bench.wait_over();
  BOOST_TEST(bench.step() == "request_resume");
  BOOST_TEST(bench.sent() == texts{"resume"}, boost::test_tools::per_element());
  bench.answered(control_outcome::done);
  bench.reports(resin_state::printing, 50);
  BOOST_TEST(bench.state() == "monitoring");
  const auto& done = bench.job().changes.at(0);
  BOOST_TEST(name_of(done.outcome) == "done");
  BOOST_TEST(done.drain_actual_ul == 50'000);
  BOOST_TEST(done.fill_actual_ul == 45'000);
}

BOOST_AUTO_TEST_CASE(the_plate_clear_time_begins_with_the_observed_pause) {
  resin_bench bench;
  bench.changing(change_step::request_pause);
  bench.answered(control_outcome::done);
  bench.tell(station_wait_over{id(), bench.change().attempt, 99'000, {}});
  BOOST_TEST(bench.step() == "request_pause");
  bench.reports(resin_state::printing, 50);
  BOOST_TEST(bench.step() == "request_pause");
  bench.reports(resin_state::paused, 50);
  BOOST_TEST(bench.step() == "wait_plate_clear");
}

BOOST_AUTO_TEST_CASE(every_step_is_recorded_with_its_begin_and_its_measured_end) {
  resin_bench bench;
  bench.changing(change_step::request_resume);
  texts steps;
  for (const auto& step : bench.change().steps) {
    steps.emplace_back(name_of(step.step));
    BOOST_TEST(step.began_at.has_value());
    if (step.step != change_step::request_resume) {
      BOOST_TEST(step.ended_at.has_value());
      BOOST_TEST(step.succeeded);
    }
  }
  BOOST_TEST((steps
              == texts{"request_pause", "wait_plate_clear", "draining", "filling", "settling",
                       "request_resume"}));
}

BOOST_AUTO_TEST_CASE(a_vat_is_not_drained_unless_the_fill_fits_as_well) {
  resin_bench bench;
  bench.changing(change_step::wait_plate_clear);
  bench.live.pumps.lines[1].window_used_ms = 172'000;
  bench.wait_over();
  BOOST_TEST(bench.pumped().empty());
  BOOST_TEST(to_string(bench.change().held) == "pumps_waiting");
  bench.live.pumps.lines[1].window_used_ms = 171'000;
  bench.reports(resin_state::paused, 50);
  BOOST_TEST(bench.pumped() == texts{"drain 10000"}, boost::test_tools::per_element());
  resin_bench poor;
  poor.changing(change_step::wait_plate_clear);
  poor.edit().levels[1].remaining_ul = 44'999;
  poor.wait_over();
  BOOST_TEST(poor.cause() == "reservoir_short");
  BOOST_TEST(poor.pumped().empty());
  poor.ask(set_level{id(), "b", 200'000, {}});
  ANSWERS(poor.answers(station_answer::redo), "ok");
  BOOST_TEST(poor.step() == "wait_plate_clear");
}

BOOST_AUTO_TEST_CASE(defect_a_wait_for_a_window_was_recorded_with_every_look_at_it) {
  resin_bench bench;
  bench.changing(change_step::wait_plate_clear);
  bench.live.pumps.lines[1].window_used_ms = 178'000;
  bench.wait_over();
  BOOST_TEST(to_string(bench.change().held) == "pumps_waiting");
  for (int64_t second = 1; second < 6; ++second) {
    bench.live.pumps.lines[1].window_used_ms -= 900;
    BOOST_TEST(bench.reports(resin_state::paused, 50).writes.empty());
  }
  bench.live.fresh = false;
  bench.reports(resin_state::paused, 50);
  bench.live.pumps.lines[1].window_used_ms = 0;
  bench.reports(resin_state::paused, 50);
  BOOST_TEST(bench.pumped() == texts{"drain 10000"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(no_pump_runs_unless_the_printer_is_seen_paused_now) {
  resin_bench bench;
  bench.changing(change_step::wait_plate_clear);
  bench.live.fresh = false;
  bench.wait_over();
  BOOST_TEST(bench.pumped().empty());
  BOOST_TEST(bench.step() == "wait_plate_clear");
  bench.reports(resin_state::paused, 50);
  BOOST_TEST(bench.pumped() == texts{"drain 10000"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_run_is_charged_before_it_begins_and_credited_by_what_was_measured) {
  resin_bench bench;
  bench.changing(change_step::filling);
  BOOST_TEST(bench.now().level_of("b") == 153'500);
  BOOST_TEST(bench.now().waste_used_ul == 50'000);
  bench.pump_failed(3'000);
  BOOST_TEST(bench.now().level_of("b") == 185'000);
}

BOOST_AUTO_TEST_CASE(reservoirs_and_waste_warn_before_they_run_out) {
  const auto warnings_after = [](int64_t next_reservoir_ul, int64_t waste_used_ul) {
    resin_bench bench;
    bench.changing(change_step::request_resume);
    bench.edit().levels[2].remaining_ul = next_reservoir_ul;
    bench.edit().waste_used_ul = waste_used_ul;
    bench.answered(control_outcome::done);
    const auto resumed = bench.reports(resin_state::printing, 50);
    std::vector<std::string> found;
    for (const auto& event : resumed.writes.at(0).events)
      if (const auto* x = std::get_if<events::station_warned>(&event))
        found.emplace_back(to_string(x->why));
    return found;
  };
  // One change is left; it needs 45 ml of material C, and room for 50 ml.
  BOOST_TEST(warnings_after(45'000, 950'000).empty());
  BOOST_TEST(warnings_after(44'000, 950'000) == std::vector<std::string>{"reservoir_low"},
             boost::test_tools::per_element());
  BOOST_TEST(warnings_after(45'000, 951'000) == std::vector<std::string>{"waste_nearly_full"},
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_dry_run_marks_everything_and_books_nothing) {
  resin_bench bench;
  bench.edit().setup.dry_run = true;
  bench.live.pumps.connected = false;
  bench.changing(change_step::complete);
  BOOST_TEST(bench.job().simulation);
  BOOST_TEST(bench.job().changes.at(0).simulation);
  BOOST_TEST(bench.now().level_of("b") == 200'000);
  BOOST_TEST(bench.now().waste_used_ul == 0);
}

BOOST_AUTO_TEST_CASE(every_material_event_of_a_dry_run_says_that_it_is_one) {
  resin_bench bench;
  bench.edit().setup.dry_run = true;
  bench.live.pumps.connected = false;
  bench.changing(change_step::request_resume);
  bench.reports(resin_state::printing, 51);
  bench.reports(resin_state::printing, 40); // A rollback, which raises an error.
  bench.ask(emergency_stop_station{id(), false, {}});
  std::set<std::string> types;
  for (const auto& event : bench.recorded()) {
    const std::string type{type_of(event)};
    if (!is_material_event(type))
      continue;
    types.insert(type);
    BOOST_TEST(encode_event(event).find(R"("simulation":true)") != std::string::npos, type);
  }
  for (const auto* each :
       {"job_began", "print_observed", "change_began", "step_began", "step_accepted", "step_ended",
        "pump_began", "pump_ended", "error_raised", "emergency_stopped", "job_ended"})
    BOOST_TEST(types.contains("station." + std::string{each}), each);
}

BOOST_AUTO_TEST_CASE(defect_a_real_run_by_hand_in_a_dry_run_was_recorded_as_simulated) {
  resin_bench bench;
  bench.printing();
  bench.edit().job->simulation = true;
  bench.reports(resin_state::paused, 5);
  ANSWERS(bench.ask(by_hand("a")), "ok");
  bench.pump_ran();
  const auto told = bench.recorded();
  const auto* ended = std::get_if<events::station_pump_ended>(&told.back());
  BOOST_TEST_REQUIRE(ended != nullptr);
  BOOST_TEST(!ended->simulation);
}

// -- errors and answers ---------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_rollback_of_more_than_two_layers_is_an_error) {
  resin_bench bench;
  bench.printing(40).reports(resin_state::printing, 38);
  BOOST_TEST(bench.state() == "monitoring");
  bench.reports(resin_state::printing, 0);
  BOOST_TEST(bench.state() == "monitoring");
  bench.reports(resin_state::printing, 37);
  BOOST_TEST(bench.cause() == "layer_rollback");
  ANSWERS(bench.answers(station_answer::continue_), "ok");
  bench.live.highest_layer = 37;
  bench.reports(resin_state::printing, 38);
  BOOST_TEST(bench.state() == "monitoring");
}

BOOST_AUTO_TEST_CASE(a_standstill_warns_after_five_polls_and_two_more_and_monitoring_goes_on) {
  resin_bench bench;
  bench.printing(10);
  size_t warnings = 0;
  int first = 0;
  for (int poll = 1; poll <= 20; ++poll)
    for (const auto& write : bench.reports(resin_state::printing, 11).writes)
      for (const auto& event : write.events)
        if (std::holds_alternative<events::station_warned>(event) && ++warnings == 1)
          first = poll;
  BOOST_TEST(first == 8);
  BOOST_TEST(warnings == 1u);
  BOOST_TEST(bench.state() == "monitoring");
}

BOOST_AUTO_TEST_CASE(a_lost_printer_is_an_error_after_three_reconnects_and_the_grace_only) {
  resin_bench bench;
  bench.printing(10).silent_for(60, 2);
  BOOST_TEST(bench.state() == "monitoring");
  bench.silent_for(29, 9);
  BOOST_TEST(bench.state() == "monitoring");
  bench.silent_for(30, 3);
  BOOST_TEST(bench.cause() == "transient_printer_disconnect");
  BOOST_TEST(bench.now().error->question == 0);
  const auto back = bench.reports(resin_state::printing, 20);
  BOOST_TEST(bench.state() == "monitoring");
  BOOST_TEST(to_string(back.event_reason) == "station_recovered");
}

BOOST_AUTO_TEST_CASE(a_change_that_was_missed_while_the_printer_was_silent_is_made_or_asked_about) {
  resin_bench soon, late;
  soon.printing(49).silent_for(60, 4);
  soon.reports(resin_state::printing, 52);
  BOOST_TEST(soon.state() == "material_change");
  late.printing(49).silent_for(60, 4);
  late.reports(resin_state::printing, 53);
  BOOST_TEST(late.cause() == "change_late");
}

BOOST_AUTO_TEST_CASE(a_pause_that_the_printer_does_not_take_is_an_error_and_nothing_is_pumped) {
  resin_bench bench;
  bench.changing(change_step::request_pause);
  bench.answered(control_outcome::refused, "ERROR1");
  BOOST_TEST(bench.cause() == "command_failed");
  BOOST_TEST(bench.pumped().empty());
  ANSWERS(bench.answers(station_answer::redo), "ok");
  BOOST_TEST(bench.step() == "request_pause");
}

BOOST_AUTO_TEST_CASE(defect_a_pause_that_was_refused_because_it_was_done_asked_for_ever) {
  resin_bench bench;
  bench.changing(change_step::request_pause);
  bench.answered(control_outcome::refused, "ERROR1");
  BOOST_TEST(bench.cause() == "command_failed");
  bench.reports(resin_state::printing, 50);
  BOOST_TEST(bench.cause() == "command_failed");
  bench.reports(resin_state::paused, 50);
  BOOST_TEST(bench.step() == "wait_plate_clear");
}

BOOST_AUTO_TEST_CASE(an_acknowledged_pause_that_does_not_show_is_a_timeout_that_heals_itself) {
  resin_bench bench;
  bench.changing(change_step::request_pause);
  bench.answered(control_outcome::done);
  bench.tell(station_step_overdue{id(), bench.change().attempt, 80, {}});
  BOOST_TEST(bench.cause() == "command_timeout");
  bench.reports(resin_state::paused, 50);
  BOOST_TEST(bench.step() == "wait_plate_clear");
}

BOOST_AUTO_TEST_CASE(a_pump_that_fails_is_never_repeated_without_a_person_who_saw_the_vat) {
  resin_bench bench;
  bench.changing(change_step::filling);
  static_cast<void>(bench.pumped());
  bench.pump_failed(3'000);
  BOOST_TEST(bench.cause() == "pump_actuation_failure");
  bench.reports(resin_state::paused, 50);
  bench.wakes();
  BOOST_TEST(bench.pumped().empty());
  ANSWERS(bench.answers(station_answer::redo), "answer_not_fitting");
  ANSWERS(bench.answers(station_answer::redo, "B"), "answer_not_fitting");
  ANSWERS(bench.answers(station_answer::continue_, "empty"), "answer_not_fitting");
  ANSWERS(bench.answers(station_answer::redo, "empty"), "ok");
  BOOST_TEST(bench.pumped() == texts{"b 9000"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(defect_a_run_whose_guard_was_lost_was_charged_in_part) {
  for (const bool started : {false, true}) {
    resin_bench bench;
    bench.changing(change_step::draining);
    bench.pump_failed(1'000, started, reason::pump_guard_lost);
    BOOST_TEST(bench.cause() == "pump_actuation_failure");
    BOOST_TEST(bench.now().waste_used_ul == 51'500);
  }
}

BOOST_AUTO_TEST_CASE(an_interrupted_drain_is_charged_in_full_and_asked_about) {
  resin_bench bench;
  bench.changing(change_step::draining);
  static_cast<void>(bench.pumped());
  bench.wakes();
  BOOST_TEST(bench.cause() == "step_interrupted");
  BOOST_TEST(bench.now().waste_used_ul == 51'500);
  BOOST_TEST(!bench.now().run.has_value());
  BOOST_TEST(bench.job().active_material == "");
  ANSWERS(bench.answers(station_answer::continue_, "A"), "answer_not_fitting");
  ANSWERS(bench.answers(station_answer::skip, "empty"), "answer_not_fitting");
  ANSWERS(bench.answers(station_answer::continue_, "empty"), "ok");
  BOOST_TEST(bench.pumped() == texts{"b 9000"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(
    defect_a_line_that_stayed_on_after_its_guard_died_was_not_charged_to_the_waste) {
  // A master relay drops 300 ms after the last heartbeat; the drain moves 5 ml/s.
  resin_bench by_hand_run;
  ANSWERS(by_hand_run.ask(by_hand("drain", 2'000)), "ok");
  BOOST_TEST(by_hand_run.now().waste_used_ul == 11'500);
  by_hand_run.pump_failed(1'870, true, reason::pump_guard_lost);
  BOOST_TEST(by_hand_run.now().waste_used_ul == 11'500);
  // What is known to be less is given back, and a reservoir gives no more than it holds.
  resin_bench measured;
  measured.ask(by_hand("drain", 2'000));
  measured.pump_ran();
  BOOST_TEST(measured.now().waste_used_ul == 10'000);
  resin_bench poor;
  poor.ask(set_level{id(), "a", 3'000, {}});
  poor.ask(by_hand("a", 600));
  BOOST_TEST(poor.now().level_of("a") == 0);
  poor.wakes();
  BOOST_TEST(poor.now().level_of("a") == 0);
}

BOOST_AUTO_TEST_CASE(a_timed_step_is_waited_for_again_in_full_after_a_restart) {
  for (const auto step : {change_step::wait_plate_clear, change_step::settling}) {
    resin_bench bench;
    bench.changing(step);
    const auto before = bench.change().attempt;
    bench.wakes();
    BOOST_TEST(bench.step() == name_of(step));
    BOOST_TEST(bench.change().attempt == before + 1);
    bench.tell(station_wait_over{id(), before, 20'000, {}});
    BOOST_TEST(bench.step() == name_of(step));
  }
}

BOOST_AUTO_TEST_CASE(
    a_pause_or_resume_is_sent_again_after_a_restart_only_if_a_report_shows_no_effect) {
  resin_bench done, open;
  done.changing(change_step::request_pause);
  static_cast<void>(done.sent());
  done.live.fresh = false;
  done.wakes();
  BOOST_TEST(done.sent().empty());
  done.reports(resin_state::paused, 50);
  BOOST_TEST(done.step() == "wait_plate_clear");
  BOOST_TEST(done.sent().empty());
  open.changing(change_step::request_resume);
  static_cast<void>(open.sent());
  open.wakes();
  BOOST_TEST(open.sent() == texts{"resume"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(defect_a_pause_or_resume_that_could_not_be_sent_was_forgotten) {
  for (const auto step : {change_step::request_pause, change_step::request_resume}) {
    resin_bench bench;
    bench.changing(step);
    const auto before =
        step == change_step::request_pause ? resin_state::printing : resin_state::paused;
    const auto sent = bench.sent();
    const auto steps = bench.change().steps.size();
    for (int time = 0; time < 5; ++time) {
      bench.answered(control_outcome::not_sent);
      bench.silent_for(2, 1);
      BOOST_TEST(bench.sent().empty());
      bench.reports(before, 50);
      BOOST_TEST(bench.sent() == texts{sent.back()}, boost::test_tools::per_element());
      bench.reports(before, 50);
      BOOST_TEST(bench.sent().empty());
    }
    // What is sent again is the step that was recorded; its record does not grow.
    BOOST_TEST(bench.change().steps.size() == steps);
    bench.answered(control_outcome::done);
    bench.reports(step == change_step::request_pause ? resin_state::paused : resin_state::printing,
                  50);
    BOOST_TEST(bench.step() == (step == change_step::request_pause ? "wait_plate_clear" : ""));
  }
}

BOOST_AUTO_TEST_CASE(defect_a_resume_was_taken_for_done_because_the_pause_had_come_late) {
  resin_bench bench;
  bench.changing(change_step::request_pause);
  bench.answered(control_outcome::done);
  // The layer that was under way, and the machine's own time to react.
  bench.reports(resin_state::paused, 52);
  bench.wait_over();
  bench.pump_ran();
  bench.pump_ran();
  bench.wait_over();
  BOOST_TEST(bench.step() == "request_resume");
  bench.reports(resin_state::paused, 52);
  BOOST_TEST(bench.step() == "request_resume");
  // Two layers on it was resumed, and somebody has paused it since.
  bench.reports(resin_state::paused, 54);
  BOOST_TEST(bench.state() == "monitoring");
}

BOOST_AUTO_TEST_CASE(a_change_that_became_late_while_its_printer_was_lost_asks_for_one_pause) {
  resin_bench bench;
  bench.changing(change_step::request_pause);
  static_cast<void>(bench.sent());
  bench.silent_for(40, 3);
  bench.live.pausing = false;
  bench.reports(resin_state::printing, 58);
  BOOST_TEST(bench.cause() == "change_late");
  BOOST_TEST(bench.sent() == texts{"pause"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_pause_that_is_on_its_way_is_not_sent_twice_after_the_printer_was_lost) {
  resin_bench bench;
  bench.changing(change_step::request_pause);
  static_cast<void>(bench.sent());
  bench.silent_for(40, 3);
  BOOST_TEST(bench.cause() == "transient_printer_disconnect");
  bench.reports(resin_state::printing, 50);
  BOOST_TEST(bench.step() == "request_pause");
  BOOST_TEST(bench.sent().empty());
}

BOOST_AUTO_TEST_CASE(
    defect_a_command_that_was_lost_together_with_its_printer_waited_for_its_whole_patience) {
  for (const auto step : {change_step::request_pause, change_step::request_resume}) {
    resin_bench bench;
    bench.changing(step);
    const auto before =
        step == change_step::request_pause ? resin_state::printing : resin_state::paused;
    const auto sent = bench.sent();
    bench.silent_for(40, 3);
    BOOST_TEST(bench.cause() == "transient_printer_disconnect");
    bench.answered(control_outcome::lost);
    BOOST_TEST(bench.sent().empty());
    // The printer shows that it had no effect.
    bench.reports(before, 50);
    BOOST_TEST(bench.state() == "material_change");
    BOOST_TEST(bench.sent() == texts{sent.back()}, boost::test_tools::per_element());
  }
}

BOOST_AUTO_TEST_CASE(defect_a_print_went_on_over_a_vat_about_which_a_question_was_open) {
  resin_bench vat, late, pausing;
  vat.changing(change_step::filling).pump_failed(100);
  static_cast<void>(vat.sent());
  vat.reports(resin_state::printing, 50);
  vat.reports(resin_state::printing, 51);
  BOOST_TEST(vat.sent() == texts{"pause"}, boost::test_tools::per_element());
  late.printing(40).reports(resin_state::printing, 54);
  BOOST_TEST(late.cause() == "change_late");
  static_cast<void>(late.sent());
  late.reports(resin_state::printing, 54);
  BOOST_TEST(late.sent().empty());
  late.wakes();
  late.reports(resin_state::printing, 55);
  BOOST_TEST(late.sent() == texts{"pause"}, boost::test_tools::per_element());
  // A pause that the printer refuses is not repeated without a person.
  pausing.changing(change_step::request_pause);
  pausing.answered(control_outcome::refused, "ERROR1");
  static_cast<void>(pausing.sent());
  pausing.live.pause_refused = false;
  pausing.reports(resin_state::printing, 50);
  BOOST_TEST(pausing.cause() == "command_failed");
  BOOST_TEST(pausing.sent().empty());
}

BOOST_AUTO_TEST_CASE(defect_a_change_was_left_out_over_a_vat_that_was_drained_for_it) {
  resin_bench bench;
  bench.changing(change_step::draining);
  bench.live.pumps.faults = {"b: the line does not answer"};
  bench.pump_ran();
  BOOST_TEST(bench.cause() == "config_invalid");
  bench.live.pumps.faults.clear();
  static_cast<void>(bench.sent());
  static_cast<void>(bench.pumped());
  ANSWERS(bench.answers(station_answer::skip), "answer_not_fitting");
  ANSWERS(bench.answers(station_answer::skip, "empty"), "answer_not_fitting");
  ANSWERS(bench.answers(station_answer::redo, "A"), "answer_not_fitting");
  BOOST_TEST(bench.sent().empty());
  BOOST_TEST(bench.pumped().empty());
  auto poured = bench;
  ANSWERS(poured.answers(station_answer::skip, "B"), "ok");
  BOOST_TEST(poured.sent() == texts{"resume"}, boost::test_tools::per_element());
  ANSWERS(bench.answers(station_answer::redo, "empty"), "ok");
  BOOST_TEST(bench.pumped() == texts{"b 9000"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(defect_a_change_was_left_out_over_a_vat_whose_drain_was_to_be_made_again) {
  resin_bench bench;
  bench.changing(change_step::draining).pump_failed(4'000);
  ANSWERS(bench.answers(station_answer::redo, "unknown"), "ok");
  BOOST_TEST(bench.step() == "wait_plate_clear");
  bench.live.pumps.faults = {"b: the line does not answer"};
  bench.wait_over();
  BOOST_TEST(bench.cause() == "config_invalid");
  static_cast<void>(bench.sent());
  ANSWERS(bench.answers(station_answer::skip), "answer_not_fitting");
  ANSWERS(bench.answers(station_answer::skip, "empty"), "answer_not_fitting");
  BOOST_TEST(bench.sent().empty());
  ANSWERS(bench.answers(station_answer::skip, "A"), "ok");
  BOOST_TEST(bench.sent() == texts{"resume"}, boost::test_tools::per_element());
  // Before the first pump the vat holds what it held.
  resin_bench untouched;
  untouched.changing(change_step::wait_plate_clear);
  untouched.live.pumps.faults = {"b: the line does not answer"};
  untouched.wait_over();
  ANSWERS(untouched.answers(station_answer::skip), "ok");
}

BOOST_AUTO_TEST_CASE(a_change_can_be_left_out_on_a_printer_that_refuses_to_pause) {
  resin_bench bench;
  bench.printing(40).reports(resin_state::printing, 54);
  bench.live.pausing = false;
  bench.live.pause_refused = true;
  static_cast<void>(bench.sent());
  bench.reports(resin_state::printing, 55);
  BOOST_TEST(bench.sent().empty());
  ANSWERS(bench.answers(station_answer::skip), "ok");
  BOOST_TEST(bench.state() == "monitoring");
  BOOST_TEST(bench.sent().empty());
}

BOOST_AUTO_TEST_CASE(defect_a_print_stayed_paused_for_ever_after_an_answer_that_came_too_early) {
  resin_bench bench;
  bench.printing(40).reports(resin_state::printing, 54);
  BOOST_TEST(bench.cause() == "change_late");
  static_cast<void>(bench.sent());
  // The pause is on its way; nobody would resume the print when it takes effect.
  ANSWERS(bench.answers(station_answer::skip), "answer_not_fitting");
  bench.reports(resin_state::paused, 54);
  bench.live.fresh = false;
  ANSWERS(bench.answers(station_answer::skip), "resin_printer_silent");
  bench.live.fresh = true;
  ANSWERS(bench.answers(station_answer::skip), "ok");
  BOOST_TEST(bench.sent() == texts{"resume"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(
    defect_a_print_could_be_resumed_over_a_drained_vat_while_its_printer_was_lost) {
  resin_bench bench;
  bench.changing(change_step::draining);
  bench.live.pumps.connected = false;
  bench.pump_ran();
  BOOST_TEST(to_string(bench.change().held) == "pumps_waiting");
  bench.silent_for(40, 3);
  BOOST_TEST(bench.cause() == "transient_printer_disconnect");
  static_cast<void>(bench.sent());
  ANSWERS(bench.ask(control_station{id(), resin_control::resume, {}, {}}), "resume_refused");
  BOOST_TEST(bench.sent().empty());
}

BOOST_AUTO_TEST_CASE(a_printer_that_moves_during_a_change_stops_the_pump_and_asks) {
  resin_bench bench;
  bench.changing(change_step::draining);
  static_cast<void>(bench.sent());
  bench.reports(resin_state::printing, 50);
  BOOST_TEST(bench.cause() == "printer_moved");
  BOOST_TEST(bench.stops() == 1u);
  BOOST_TEST(bench.sent() == texts{"pause"}, boost::test_tools::per_element());
  bench.pump_failed(1'000);
  BOOST_TEST(bench.cause() == "printer_moved");
}

BOOST_AUTO_TEST_CASE(a_person_can_leave_a_change_out_or_give_the_print_up) {
  resin_bench skipped, given_up;
  skipped.changing(change_step::draining).pump_failed(0, false);
  static_cast<void>(skipped.sent());
  ANSWERS(skipped.answers(station_answer::skip, "A"), "ok");
  BOOST_TEST(skipped.state() == "monitoring");
  BOOST_TEST(skipped.sent() == texts{"resume"}, boost::test_tools::per_element());
  BOOST_TEST(skipped.job().active_material == "A");
  given_up.changing(change_step::draining).pump_failed(0, false);
  static_cast<void>(given_up.sent());
  ANSWERS(given_up.answers(station_answer::abort), "ok");
  BOOST_TEST(given_up.state() == "idle");
  BOOST_TEST(given_up.sent().empty());
}

BOOST_AUTO_TEST_CASE(an_answer_to_an_older_question_changes_nothing) {
  resin_bench bench;
  bench.changing(change_step::draining).pump_failed(100);
  ANSWERS(bench.ask(answer_station{id(), 99, station_answer::abort, {}, {}, {}}),
          "question_not_open");
  ANSWERS(bench.tell(answer_station{id(), 1, station_answer::abort, {}, {}, {}}), "only_a_person");
  BOOST_TEST(bench.state() == "error");
}

BOOST_AUTO_TEST_CASE(acknowledging_an_error_gives_the_print_up_and_leads_to_idle) {
  resin_bench bench;
  bench.printing(40).reports(resin_state::printing, 30);
  ANSWERS(bench.ask(acknowledge_station{id(), {}, {}}), "ok");
  BOOST_TEST(bench.state() == "idle");
  BOOST_TEST(bench.now().past.size() == 1u);
}

// -- end of the print and control -----------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_finished_print_is_completed_also_if_only_its_stop_is_seen) {
  resin_bench finished, stopped, early;
  finished.printing(10).reports(resin_state::finished, 200);
  BOOST_TEST(finished.state() == "completed");
  stopped.with_recipe({{50, "B"}}).changing(change_step::complete);
  stopped.reports(resin_state::printing, 200);
  stopped.reports(resin_state::stopped, 0);
  BOOST_TEST(stopped.state() == "completed");
  early.printing(10).reports(resin_state::stopped, 0);
  BOOST_TEST(early.state() == "idle");
  BOOST_TEST(name_of(early.job().end) == "stopped");
}

BOOST_AUTO_TEST_CASE(defect_a_print_that_ended_unseen_was_recorded_as_stopped) {
  for (const int64_t unseen_ms : {int64_t{19'001}, int64_t{-1}}) {
    resin_bench bench;
    bench.printing(10);
    bench.live.unseen_ms = unseen_ms;
    const auto seen = bench.reports(resin_state::stopped, 0);
    BOOST_TEST(bench.state() == "idle");
    BOOST_TEST(name_of(bench.job().end) == "unseen");
    BOOST_TEST(to_string(seen.event_reason) == "resin_print_unseen");
  }
  resin_bench finished, watched;
  finished.printing(199).reports(resin_state::printing, 200);
  finished.live.unseen_ms = 60'000;
  finished.reports(resin_state::stopped, 0);
  BOOST_TEST(finished.state() == "completed");
  watched.printing(10);
  watched.live.unseen_ms = 19'000;
  watched.reports(resin_state::stopped, 0);
  BOOST_TEST(name_of(watched.job().end) == "stopped");
  // A stop that is seen under way is one.
  resin_bench stopping;
  stopping.printing(10);
  stopping.live.unseen_ms = 60'000;
  stopping.reports(resin_state::stopping, 0);
  BOOST_TEST(name_of(stopping.job().end) == "stopped");
}

BOOST_AUTO_TEST_CASE(defect_a_vat_was_drained_after_the_stop_of_the_print_was_asked_for) {
  resin_bench waiting, settling;
  waiting.changing(change_step::wait_plate_clear);
  const auto attempt = waiting.change().attempt;
  ANSWERS(waiting.ask(control_station{id(), resin_control::stop, {}, {}}), "ok");
  BOOST_TEST(waiting.state() == "idle");
  waiting.tell(station_wait_over{id(), attempt, 20'000, {}});
  waiting.reports(resin_state::paused, 50);
  BOOST_TEST(waiting.pumped().empty());
  settling.changing(change_step::settling);
  settling.ask(control_station{id(), resin_control::stop, {}, {}});
  BOOST_TEST(name_of(settling.job().end) == "stopped");
  // Nor when a printer that was lost is found again.
  resin_bench lost;
  lost.changing(change_step::wait_plate_clear);
  lost.silent_for(40, 3);
  BOOST_TEST(lost.cause() == "transient_printer_disconnect");
  ANSWERS(lost.ask(control_station{id(), resin_control::stop, {}, {}}), "ok");
  BOOST_TEST(name_of(lost.job().end) == "stopped");
  lost.reports(resin_state::paused, 50);
  BOOST_TEST(lost.state() == "idle");
  // A print that only prints ends when its printer says so.
  resin_bench printing;
  printing.printing(10).ask(control_station{id(), resin_control::stop, {}, {}});
  BOOST_TEST(printing.state() == "monitoring");
}

BOOST_AUTO_TEST_CASE(defect_a_change_went_on_although_the_stop_of_its_print_was_lost) {
  for (const auto step : {change_step::request_pause, change_step::request_resume})
    BOOST_TEST_CONTEXT(name_of(step)) {
      resin_bench bench;
      bench.changing(step);
      static_cast<void>(bench.sent());
      static_cast<void>(bench.pumped());
      ANSWERS(bench.ask(control_station{id(), resin_control::stop, {}, {}}), "ok");
      BOOST_TEST(bench.cause() == "stop_unconfirmed");
      const auto question = bench.now().error->question;
      bench.reports(resin_state::paused, 50);
      bench.reports(resin_state::paused, 50);
      bench.wakes();
      BOOST_TEST(bench.cause() == "stop_unconfirmed");
      // Asked for once more it is sent once more, and the question stays the same.
      bench.ask(control_station{id(), resin_control::stop, {}, {}});
      BOOST_TEST(bench.now().error->question == question);
      BOOST_TEST(bench.sent() == (texts{"stop", "stop"}), boost::test_tools::per_element());
      BOOST_TEST(bench.pumped().empty());
      // It ends as asked for as soon as it is seen, also after an outage.
      auto seen = bench;
      seen.live.unseen_ms = 60'000;
      seen.reports(resin_state::stopped, 0);
      BOOST_TEST(name_of(seen.job().end) == "stopped");
      // A person who thinks better of it goes on with the change.
      ANSWERS(bench.answers(station_answer::redo), "ok");
      BOOST_TEST(bench.step() == name_of(step));
    }
  // Nor does it go on by itself when a printer that was lost shows the pause.
  resin_bench late;
  late.changing(change_step::request_pause);
  late.silent_for(40, 3);
  BOOST_TEST(late.cause() == "transient_printer_disconnect");
  late.ask(control_station{id(), resin_control::stop, {}, {}});
  late.reports(resin_state::paused, 50);
  BOOST_TEST(late.cause() == "stop_unconfirmed");
}

BOOST_AUTO_TEST_CASE(a_stop_leaves_a_question_that_holds_the_change_already_as_it_is) {
  size_t held = 0;
  for (const auto& stage : station_stages()) {
    const auto& error = stage.bench.now().error;
    if (!error || error->question == 0 || stage.bench.now().run
        || error->cause == error_cause::command_timeout
        || error->cause == error_cause::command_failed)
      continue;
    auto bench = stage.bench;
    BOOST_TEST_CONTEXT(stage.name) {
      ANSWERS(bench.ask(control_station{id(), resin_control::stop, {}, {}}), "ok");
      BOOST_TEST((bench.now().error == error));
    }
    ++held;
  }
  BOOST_TEST(held >= 4u);
}

BOOST_AUTO_TEST_CASE(a_print_that_goes_on_after_its_pause_and_its_stop_were_lost_is_paused_again) {
  resin_bench bench;
  bench.changing(change_step::request_pause);
  bench.ask(control_station{id(), resin_control::stop, {}, {}});
  bench.live.pausing = false;
  static_cast<void>(bench.sent());
  bench.reports(resin_state::printing, 51);
  BOOST_TEST(bench.sent() == texts{"pause"}, boost::test_tools::per_element());
  BOOST_TEST(bench.cause() == "stop_unconfirmed");
}

BOOST_AUTO_TEST_CASE(defect_a_change_began_in_a_print_whose_stop_was_lost_before_it) {
  for (const auto outcome :
       {control_outcome::lost, control_outcome::refused, control_outcome::not_sent})
    BOOST_TEST_CONTEXT(name_of(outcome)) {
      resin_bench bench;
      bench.with_recipe({{50, "B"}}).printing(49);
      bench.ask(control_station{id(), resin_control::stop, {}, {}});
      bench.tell(
          station_control_settled{id(), resin_control::stop, 0, outcome, "no answer", 0, {}});
      BOOST_TEST(bench.cause() == "stop_unconfirmed");
      static_cast<void>(bench.sent());
      bench.reports(resin_state::printing, 50);
      BOOST_TEST(bench.sent().empty());
      auto seen = bench;
      seen.reports(resin_state::stopped, 0);
      BOOST_TEST(name_of(seen.job().end) == "stopped");
      // Whoever lets it print on has its changes made.
      ANSWERS(bench.answers(station_answer::continue_), "ok");
      bench.reports(resin_state::printing, 50);
      BOOST_TEST(bench.step() == "request_pause");
    }
  // While the answer is waited for, none begins.
  resin_bench waited;
  waited.with_recipe({{50, "B"}}).printing(49);
  waited.ask(control_station{id(), resin_control::stop, {}, {}});
  waited.reports(resin_state::printing, 50);
  BOOST_TEST(waited.state() == "monitoring");
  waited.tell(
      station_control_settled{id(), resin_control::stop, 0, control_outcome::lost, {}, 0, {}});
  BOOST_TEST(waited.cause() == "stop_unconfirmed");
  waited.reports(resin_state::paused, 50);
  BOOST_TEST(waited.cause() == "stop_unconfirmed");
  // A stop that arrived asks nobody.
  resin_bench done;
  done.with_recipe({{50, "B"}}).printing(10);
  done.ask(control_station{id(), resin_control::stop, {}, {}});
  done.tell(
      station_control_settled{id(), resin_control::stop, 0, control_outcome::done, {}, 0, {}});
  BOOST_TEST(done.state() == "monitoring");
}

BOOST_AUTO_TEST_CASE(a_stop_that_was_accepted_and_has_no_effect_is_asked_about_before_a_change) {
  resin_bench bench;
  bench.with_recipe({{50, "B"}}).printing(48);
  bench.ask(control_station{id(), resin_control::stop, {}, {}});
  settled(bench, resin_control::stop, control_outcome::done);
  bench.reports(resin_state::printing, 49);
  BOOST_TEST(bench.state() == "monitoring");
  bench.reports(resin_state::printing, 50);
  BOOST_TEST(bench.cause() == "stop_unconfirmed");
  ANSWERS(bench.answers(station_answer::continue_), "ok");
  bench.reports(resin_state::printing, 50);
  BOOST_TEST(bench.step() == "request_pause");
}

BOOST_AUTO_TEST_CASE(defect_a_stop_that_died_with_the_kernel_was_forgotten) {
  resin_bench bench;
  bench.printing(10);
  bench.ask(control_station{id(), resin_control::stop, {}, {}});
  bench.wakes();
  BOOST_TEST(bench.cause() == "stop_unconfirmed");
  BOOST_TEST((bench.job().asked == resin_control::none));
}

BOOST_AUTO_TEST_CASE(defect_a_pause_that_did_not_reach_its_printer_was_forgotten) {
  for (const bool restarted : {false, true})
    BOOST_TEST_CONTEXT((restarted ? "restarted" : "not sent")) {
      resin_bench bench;
      bench.printing(10);
      bench.silent_for(5, 1);
      bench.ask(control_station{id(), resin_control::pause, {}, {}});
      static_cast<void>(bench.sent());
      if (restarted)
        bench.wakes();
      else
        settled(bench, resin_control::pause, control_outcome::not_sent);
      bench.reports(resin_state::printing, 11);
      BOOST_TEST(bench.sent() == texts{"pause"}, boost::test_tools::per_element());
      // It is on its way now; only what shows no effect is asked for again.
      bench.reports(resin_state::printing, 12);
      BOOST_TEST(bench.sent().empty());
      bench.reports(resin_state::paused, 12);
      BOOST_TEST((bench.job().asked == resin_control::none));
      // Somebody resumes it at the printer: that is not undone.
      bench.reports(resin_state::printing, 13);
      BOOST_TEST(bench.sent().empty());
    }
}

BOOST_AUTO_TEST_CASE(a_pause_is_not_asked_for_again_once_it_is_refused_or_a_person_resumes) {
  resin_bench refused;
  refused.printing(10);
  refused.ask(control_station{id(), resin_control::pause, {}, {}});
  settled(refused, resin_control::pause, control_outcome::refused);
  BOOST_TEST((refused.job().asked == resin_control::pause));
  refused.reports(resin_state::printing, 10);
  settled(refused, resin_control::pause, control_outcome::refused);
  BOOST_TEST((refused.job().asked == resin_control::none));
  resin_bench resumed;
  resumed.printing(10);
  resumed.silent_for(5, 1);
  resumed.ask(control_station{id(), resin_control::pause, {}, {}});
  settled(resumed, resin_control::pause, control_outcome::not_sent);
  ANSWERS(resumed.ask(control_station{id(), resin_control::resume, {}, {}}), "ok");
  static_cast<void>(resumed.sent());
  resumed.reports(resin_state::printing, 11);
  BOOST_TEST(resumed.sent().empty());
  resin_bench other;
  other.printing(10);
  other.silent_for(5, 1);
  other.ask(control_station{id(), resin_control::pause, {}, {}});
  settled(other, resin_control::pause, control_outcome::not_sent);
  static_cast<void>(other.sent());
  other.live.report.internal_file = "7.pwmb";
  other.reports(resin_state::printing, 3);
  other.reports(resin_state::printing, 4);
  BOOST_TEST(other.cause() == "print_replaced");
  BOOST_TEST(other.sent().empty());
  // Nor is it sent to another print while something else is asked.
  resin_bench asked;
  asked.printing(20);
  asked.reports(resin_state::printing, 10);
  BOOST_TEST(asked.cause() == "layer_rollback");
  asked.ask(control_station{id(), resin_control::pause, {}, {}});
  settled(asked, resin_control::pause, control_outcome::not_sent);
  static_cast<void>(asked.sent());
  asked.live.report.internal_file = "7.pwmb";
  asked.reports(resin_state::printing, 11);
  BOOST_TEST(asked.sent().empty());
  asked.live.report.internal_file = "3.pwmb";
  asked.reports(resin_state::printing, 11);
  BOOST_TEST(asked.sent() == texts{"pause"}, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(defect_a_change_that_became_due_undid_the_pause_of_a_person) {
  resin_bench bench;
  bench.with_recipe({{50, "B"}}).printing(49);
  bench.ask(control_station{id(), resin_control::pause, {}, {}});
  static_cast<void>(bench.sent());
  bench.reports(resin_state::printing, 50);
  BOOST_TEST(bench.state() == "monitoring");
  bench.reports(resin_state::paused, 50);
  BOOST_TEST(bench.state() == "monitoring");
  // As soon as it goes on, the change is made.
  ANSWERS(bench.ask(control_station{id(), resin_control::resume, {}, {}}), "ok");
  bench.reports(resin_state::printing, 50);
  BOOST_TEST(bench.step() == "request_pause");
}

BOOST_AUTO_TEST_CASE(defect_a_print_went_on_after_a_change_in_which_a_person_had_paused_it) {
  for (const auto step : {change_step::wait_plate_clear, change_step::draining,
                          change_step::filling, change_step::settling})
    BOOST_TEST_CONTEXT(name_of(step)) {
      resin_bench bench;
      bench.with_recipe({{50, "B"}}).changing(step);
      bench.ask(control_station{id(), resin_control::pause, {}, {}});
      // The printer stands already, and says so.
      settled(bench, resin_control::pause, control_outcome::refused);
      static_cast<void>(bench.sent());
      bench.reports(resin_state::paused, 50);
      if (step == change_step::wait_plate_clear)
        bench.wait_over();
      if (step <= change_step::draining)
        bench.pump_ran();
      if (step <= change_step::filling)
        bench.pump_ran();
      bench.wait_over();
      BOOST_TEST(bench.state() == "monitoring");
      BOOST_TEST(bench.sent().empty());
      BOOST_TEST(bench.job().active_material == "B");
      BOOST_TEST_REQUIRE(bench.job().changes.size() == 1u);
      BOOST_TEST(name_of(bench.job().changes.back().outcome) == "done");
      ANSWERS(bench.ask(control_station{id(), resin_control::resume, {}, {}}), "ok");
      BOOST_TEST(bench.sent() == texts{"resume"}, boost::test_tools::per_element());
    }
  // One that is lost with the resume of the change: the printer stands, and is left so.
  resin_bench lost;
  lost.with_recipe({{50, "B"}}).changing(change_step::request_resume);
  lost.ask(control_station{id(), resin_control::pause, {}, {}});
  static_cast<void>(lost.sent());
  lost.wakes();
  lost.reports(resin_state::paused, 50);
  BOOST_TEST(lost.state() == "monitoring");
  BOOST_TEST(lost.sent().empty());
}

BOOST_AUTO_TEST_CASE(an_answer_that_lets_the_print_go_on_ends_the_pause_of_a_person) {
  resin_bench bench;
  bench.with_recipe({{50, "B"}}).changing(change_step::wait_plate_clear);
  bench.ask(control_station{id(), resin_control::pause, {}, {}});
  bench.reports(resin_state::printing, 50);
  BOOST_TEST(bench.cause() == "printer_moved");
  bench.reports(resin_state::paused, 50);
  BOOST_TEST((bench.job().asked == resin_control::pause));
  static_cast<void>(bench.sent());
  ANSWERS(bench.answers(station_answer::skip, "A"), "ok");
  BOOST_TEST(bench.sent() == texts{"resume"}, boost::test_tools::per_element());
  BOOST_TEST((bench.job().asked == resin_control::none));
  // The same for a resume that a person wants again.
  resin_bench again;
  again.with_recipe({{50, "B"}}).changing(change_step::request_resume);
  again.tell(station_step_overdue{id(), again.change().attempt, 100, {}});
  BOOST_TEST(again.cause() == "command_timeout");
  again.ask(control_station{id(), resin_control::pause, {}, {}});
  ANSWERS(again.answers(station_answer::redo, "B"), "ok");
  BOOST_TEST((again.job().asked == resin_control::none));
  BOOST_TEST(again.step() == "request_resume");
}

BOOST_AUTO_TEST_CASE(a_pause_in_a_change_can_be_withdrawn) {
  resin_bench bench;
  bench.with_recipe({{50, "B"}}).changing(change_step::settling);
  bench.ask(control_station{id(), resin_control::pause, {}, {}});
  static_cast<void>(bench.sent());
  ANSWERS(bench.ask(control_station{id(), resin_control::resume, {}, {}}), "ok");
  BOOST_TEST(bench.sent().empty());
  BOOST_TEST(bench.step() == "settling");
  bench.wait_over();
  BOOST_TEST(bench.step() == "request_resume");
}

BOOST_AUTO_TEST_CASE(a_refusal_does_not_end_a_pause_while_the_printer_is_about_to_stand) {
  // Pressed while the change's own pause takes effect: the printer refuses the second one.
  resin_bench changing;
  changing.with_recipe({{50, "B"}}).changing(change_step::request_pause);
  changing.answered(control_outcome::done);
  changing.ask(control_station{id(), resin_control::pause, {}, {}});
  settled(changing, resin_control::pause, control_outcome::refused);
  BOOST_TEST((changing.job().asked == resin_control::pause));
  // Pressed twice: the first one was accepted.
  resin_bench twice;
  twice.printing(10);
  for (const auto outcome :
       {control_outcome::done, control_outcome::refused, control_outcome::refused}) {
    twice.ask(control_station{id(), resin_control::pause, {}, {}});
    settled(twice, resin_control::pause, outcome);
  }
  BOOST_TEST((twice.job().asked == resin_control::pause));
  // Pressed while it is still on its way down after a resume.
  resin_bench lowering;
  lowering.printing(10);
  lowering.reports(resin_state::paused, 10);
  lowering.ask(control_station{id(), resin_control::resume, {}, {}});
  settled(lowering, resin_control::resume, control_outcome::done);
  lowering.ask(control_station{id(), resin_control::pause, {}, {}});
  settled(lowering, resin_control::pause, control_outcome::refused);
  lowering.reports(resin_state::paused, 10);
  BOOST_TEST((lowering.job().asked == resin_control::pause));
  static_cast<void>(lowering.sent());
  // Whoever is down again is asked at once, although it refused a moment ago.
  lowering.live.pause_refused = false;
  lowering.reports(resin_state::printing, 10);
  BOOST_TEST(lowering.sent() == texts{"pause"}, boost::test_tools::per_element());
  lowering.reports(resin_state::paused, 10);
  BOOST_TEST((lowering.job().asked == resin_control::none));
}

BOOST_AUTO_TEST_CASE(a_pause_that_follows_the_resume_of_a_change_leaves_the_print_as_it_stands) {
  resin_bench accepted;
  accepted.with_recipe({{50, "B"}}).changing(change_step::request_resume);
  accepted.answered(control_outcome::done);
  accepted.ask(control_station{id(), resin_control::pause, {}, {}});
  settled(accepted, resin_control::pause, control_outcome::done);
  // It may not have gone on yet.
  accepted.reports(resin_state::paused, 50);
  BOOST_TEST(accepted.step() == "request_resume");
  accepted.live.resuming = false;
  accepted.reports(resin_state::paused, 51);
  BOOST_TEST(accepted.state() == "monitoring");
  BOOST_TEST((accepted.job().asked == resin_control::none));
  resin_bench refused;
  refused.with_recipe({{50, "B"}}).changing(change_step::request_resume);
  refused.ask(control_station{id(), resin_control::pause, {}, {}});
  refused.answered(control_outcome::refused);
  BOOST_TEST(refused.state() == "monitoring");
  BOOST_TEST((refused.job().asked == resin_control::pause));
}

BOOST_AUTO_TEST_CASE(a_pause_without_effect_does_not_let_the_print_go_on_in_the_wrong_material) {
  resin_bench bench;
  bench.with_recipe({{50, "B"}}).printing(49);
  bench.ask(control_station{id(), resin_control::pause, {}, {}});
  settled(bench, resin_control::pause, control_outcome::done);
  bench.reports(resin_state::printing, 52);
  BOOST_TEST(bench.state() == "monitoring");
  bench.live.pausing = false;
  static_cast<void>(bench.sent());
  bench.reports(resin_state::printing, 53);
  BOOST_TEST(bench.cause() == "change_late");
  // It is asked for once, although two things want it.
  BOOST_TEST(bench.sent() == texts{"pause"}, boost::test_tools::per_element());
  BOOST_TEST((bench.job().asked == resin_control::pause));
}

BOOST_AUTO_TEST_CASE(defect_a_stop_was_forgotten_while_the_printer_was_lost_or_its_start_unseen) {
  resin_bench lost;
  lost.with_recipe({{50, "B"}}).printing(40);
  lost.silent_for(60, 3);
  BOOST_TEST(lost.cause() == "transient_printer_disconnect");
  lost.ask(control_station{id(), resin_control::stop, {}, {}});
  settled(lost, resin_control::stop, control_outcome::not_sent);
  BOOST_TEST(lost.cause() == "stop_unconfirmed");
  lost.reports(resin_state::printing, 50);
  BOOST_TEST(lost.cause() == "stop_unconfirmed");
  ANSWERS(lost.answers(station_answer::continue_), "ok");
  BOOST_TEST(lost.state() == "monitoring");
  resin_bench starting;
  starting.with_recipe({{50, "B"}});
  start_station start;
  start.id = id();
  start.internal_file = "3.pwmb";
  starting.ask(start);
  starting.tell(begin_station_start{id(), 1, {}});
  auto unseen = starting;
  unseen.tell(station_step_overdue{id(), 0, 60, {}});
  BOOST_TEST(unseen.cause() == "start_unconfirmed");
  unseen.ask(control_station{id(), resin_control::stop, {}, {}});
  settled(unseen, resin_control::stop, control_outcome::not_sent);
  BOOST_TEST(unseen.cause() == "stop_unconfirmed");
  unseen.live.report.internal_file = "3.pwmb";
  unseen.reports(resin_state::printing, 50);
  BOOST_TEST(unseen.cause() == "stop_unconfirmed");
  starting.ask(control_station{id(), resin_control::stop, {}, {}});
  settled(starting, resin_control::stop, control_outcome::refused);
  BOOST_TEST(starting.cause() == "stop_unconfirmed");
  // The end of the print before is not that of this one.
  starting.reports(resin_state::finished, 0);
  BOOST_TEST(starting.now().has_open_job());
  ANSWERS(starting.answers(station_answer::continue_), "ok");
  BOOST_TEST(starting.state() == "starting");
}

BOOST_AUTO_TEST_CASE(an_answer_ends_the_stop_that_it_was_about) {
  resin_bench bench;
  bench.with_recipe({{50, "B"}}).changing(change_step::request_pause);
  bench.ask(control_station{id(), resin_control::stop, {}, {}});
  settled(bench, resin_control::stop, control_outcome::done);
  BOOST_TEST(bench.cause() == "stop_unconfirmed");
  ANSWERS(bench.answers(station_answer::redo, "A"), "ok");
  BOOST_TEST((bench.job().asked == resin_control::none));
  bench.wakes();
  BOOST_TEST(bench.now().has_open_job());
}

BOOST_AUTO_TEST_CASE(a_stop_that_was_accepted_and_is_seen_late_is_a_stop) {
  resin_bench bench;
  bench.printing(10);
  bench.ask(control_station{id(), resin_control::stop, {}, {}});
  settled(bench, resin_control::stop, control_outcome::done);
  bench.live.unseen_ms = 600'000;
  bench.reports(resin_state::stopped, 0);
  BOOST_TEST(name_of(bench.job().end) == "stopped");
}

BOOST_AUTO_TEST_CASE(defect_an_answer_to_the_last_print_was_taken_for_one_to_the_next) {
  resin_bench bench;
  bench.changing(change_step::request_pause);
  const auto asked = bench.change().attempt;
  bench.reports(resin_state::stopped, 0);
  bench.changing(change_step::request_pause);
  BOOST_TEST(bench.change().attempt > asked);
  station_control_settled late;
  late.id = id();
  late.control = resin_control::pause;
  late.attempt = asked;
  late.outcome = control_outcome::done;
  bench.tell(late);
  BOOST_TEST(!bench.change().accepted);
}

BOOST_AUTO_TEST_CASE(stopping_the_monitoring_leaves_the_printer_alone) {
  resin_bench bench;
  bench.printing(10);
  ANSWERS(bench.ask(stop_station{id(), {}}), "ok");
  BOOST_TEST(bench.state() == "idle");
  BOOST_TEST(bench.sent().empty());
  bench.reports(resin_state::printing, 50);
  BOOST_TEST(bench.state() == "idle");
}

BOOST_AUTO_TEST_CASE(stopping_the_monitoring_with_a_pump_on_ends_when_the_pump_is_off) {
  resin_bench bench;
  bench.changing(change_step::draining);
  bench.ask(stop_station{id(), {}});
  BOOST_TEST(bench.state() == "stop_requested");
  BOOST_TEST(bench.stops() == 1u);
  bench.pump_failed(2'000);
  BOOST_TEST(bench.state() == "idle");
  BOOST_TEST(bench.pumped().size() == 1u);
}

BOOST_AUTO_TEST_CASE(pause_and_stop_always_pass_and_resume_waits_for_pumps_and_answers) {
  for (const auto& stage : station_stages()) {
    if (stage.name == "retired")
      continue;
    for (const auto control : {resin_control::pause, resin_control::stop}) {
      auto bench = stage.bench;
      static_cast<void>(bench.sent());
      BOOST_TEST_CONTEXT(stage.name << " " << name_of(control)) {
        ANSWERS(bench.ask(control_station{id(), control, {}, {}}), "ok");
        BOOST_TEST(bench.sent() == texts{std::string{name_of(control)}},
                   boost::test_tools::per_element());
      }
    }
    auto bench = stage.bench;
    const bool busy = bench.now().state == station_state::material_change || bench.now().run
                      || bench.now().latched;
    const auto& job = bench.now().job;
    // What withdraws a pause that waits is no resume.
    const bool withdraws = job && job->asked == resin_control::pause;
    static_cast<void>(bench.sent());
    if (busy)
      BOOST_TEST_CONTEXT(stage.name) {
        ANSWERS(bench.ask(control_station{id(), resin_control::resume, {}, {}}),
                withdraws ? "ok" : "resume_refused");
        BOOST_TEST(bench.sent().empty());
      }
  }
  resin_bench idle;
  ANSWERS(idle.ask(control_station{id(), resin_control::resume, {}, {}}), "ok");
}

// -- pumps by hand --------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(a_pump_runs_by_hand_for_its_time_and_only_one_at_once) {
  resin_bench bench;
  ANSWERS(bench.ask(by_hand("a")), "ok");
  BOOST_TEST(bench.pumped() == texts{"a 5000"}, boost::test_tools::per_element());
  ANSWERS(bench.ask(by_hand("b")), "station_pump_running");
  bench.pump_ran();
  ANSWERS(bench.ask(by_hand("b")), "ok");
  ANSWERS(bench.ask(by_hand("nozzle")), "station_pump_unknown");
}

BOOST_AUTO_TEST_CASE(presets_prime_for_ten_seconds_and_clean_for_thirty_in_reverse) {
  resin_bench bench;
  auto run = by_hand("a");
  run.preset = pump_preset::prime;
  bench.ask(run);
  BOOST_TEST(bench.pumped() == texts{"a 10000"}, boost::test_tools::per_element());
  bench.pump_ran();
  run.preset = pump_preset::clean;
  bench.ask(run);
  BOOST_TEST(bench.now().run->planned_ms == 30'000);
  BOOST_TEST(name_of(bench.now().run->direction) == "reverse");
}

BOOST_AUTO_TEST_CASE(pumps_by_hand_are_refused_while_the_printer_prints_or_is_not_seen) {
  resin_bench bench;
  bench.printing(10);
  ANSWERS(bench.ask(by_hand("a")), "manual_pump_refused");
  resin_bench unseen;
  unseen.live.fresh = false;
  ANSWERS(unseen.ask(by_hand("a")), "manual_pump_refused");
  auto seen = by_hand("a");
  seen.printer_is_idle = true;
  ANSWERS(unseen.ask(seen), "ok");
  BOOST_TEST(bench.pumped().empty());
}

BOOST_AUTO_TEST_CASE(defect_a_pump_by_hand_is_stopped_when_the_printer_moves) {
  resin_bench idle, paused;
  idle.ask(by_hand("a"));
  idle.reports(resin_state::printing, 1);
  BOOST_TEST(idle.stops() == 1u);
  paused.printing(10).reports(resin_state::paused, 10);
  ANSWERS(paused.ask(by_hand("a")), "ok");
  paused.reports(resin_state::printing, 50);
  BOOST_TEST(paused.stops() == 1u);
  BOOST_TEST(paused.state() == "monitoring");
  paused.pump_failed(500);
  paused.reports(resin_state::printing, 51);
  BOOST_TEST(paused.state() == "material_change");
}

BOOST_AUTO_TEST_CASE(defect_an_error_does_not_heal_itself_while_a_pump_is_on) {
  resin_bench bench;
  bench.changing(change_step::request_pause);
  bench.tell(station_step_overdue{id(), bench.change().attempt, 80, {}});
  bench.live.report.state = resin_state::paused;
  ANSWERS(bench.ask(by_hand("drain")), "ok");
  bench.reports(resin_state::paused, 50);
  BOOST_TEST(bench.cause() == "command_timeout");
  bench.pump_ran();
  bench.reports(resin_state::paused, 50);
  BOOST_TEST(bench.step() == "wait_plate_clear");
}

BOOST_AUTO_TEST_CASE(a_run_by_hand_that_would_exceed_the_window_is_refused) {
  resin_bench bench;
  bench.live.pumps.lines[0].window_used_ms = 175'001;
  ANSWERS(bench.ask(by_hand("a")), "pump_window_short");
  bench.live.pumps.lines[0].window_used_ms = 175'000;
  ANSWERS(bench.ask(by_hand("a")), "ok");
}

BOOST_AUTO_TEST_CASE(calibration_fits_the_flow_to_the_runs_and_warns_of_a_spread) {
  resin_bench bench;
  ANSWERS(bench.ask(calibrate_pump{id(),
                                   "a",
                                   {{5'000, 24'000}, {10'000, 48'000}, {15'000, 72'000}},
                                   pump_direction::reverse,
                                   {}}),
          "ok");
  BOOST_TEST(bench.now().setup.pump("a")->flow_ul_per_s == 4'800);
  BOOST_TEST(name_of(bench.now().setup.pump("a")->direction) == "reverse");
  const auto spread = bench.ask(
      calibrate_pump{id(), "b", {{5'000, 20'000}, {10'000, 55'000}}, pump_direction::forward, {}});
  BOOST_TEST(spread.writes.at(0).events.size() == 2u);
}

// -- emergency stop -------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(an_emergency_stop_aborts_from_every_state_and_never_touches_the_printer) {
  for (const auto& stage : station_stages())
    BOOST_TEST_CONTEXT(stage.name) {
      auto bench = stage.bench;
      static_cast<void>(bench.sent());
      static_cast<void>(bench.pumped());
      ANSWERS(bench.ask(emergency_stop_station{id(), false, {}}), "ok");
      BOOST_TEST(bench.state() == "aborted");
      ANSWERS(bench.ask(emergency_stop_station{id(), false, {}}), "ok");
      if (bench.now().run)
        bench.pump_failed(10);
      bench.reports(resin_state::paused, 50);
      bench.reports(resin_state::printing, 51);
      bench.wakes();
      BOOST_TEST(bench.state() == "aborted");
      BOOST_TEST(bench.sent().empty());
      BOOST_TEST(bench.pumped().empty());
    }
}

BOOST_AUTO_TEST_CASE(
    an_emergency_stop_is_locked_first_and_acknowledged_by_a_person_with_a_new_epoch) {
  resin_bench bench;
  bench.changing(change_step::draining).ask(emergency_stop_station{id(), false, {}});
  bench.pump_failed(700);
  ANSWERS(bench.ask(acknowledge_station{id(), {}, {}}), "safety_lock");
  bench.tell(station_lock_over{id()});
  ANSWERS(bench.tell(acknowledge_station{id(), {}, {}}), "only_a_person");
  bench.live.pumps.epoch = 41;
  ANSWERS(bench.ask(acknowledge_station{id(), {}, {}}), "ok");
  BOOST_TEST(bench.now().pump_epoch == 42);
  BOOST_TEST(bench.state() == "idle");
  ANSWERS(bench.ask(by_hand("a")), "ok");
  BOOST_TEST(bench.now().run->epoch == 42);
}

BOOST_AUTO_TEST_CASE(a_latched_station_starts_nothing) {
  resin_bench bench;
  bench.with_recipe({{50, "B"}}).ask(emergency_stop_station{id(), true, {}});
  ANSWERS(bench.ask(a_start()), "emergency_stopped");
  ANSWERS(bench.ask(by_hand("a")), "emergency_stopped");
  ANSWERS(bench.ask(control_station{id(), resin_control::resume, {}, {}}), "resume_refused");
}

// -- totality -------------------------------------------------------------------------------------

BOOST_AUTO_TEST_CASE(the_stages_of_a_station_hold_every_state_and_every_step) {
  std::vector<bool> states(names_of(station_state{}).size()), steps(names_of(change_step{}).size());
  for (const auto& stage : station_stages()) {
    states[static_cast<size_t>(stage.bench.now().state)] = true;
    if (stage.bench.now().change())
      steps[static_cast<size_t>(stage.bench.change().step)] = true;
    for (const auto& fault : station_faults(stage.bench.now()))
      BOOST_ERROR(stage.name << ": " << fault);
  }
  BOOST_TEST(std::ranges::count(states, false) == 0);
  // A change that is complete is no change in progress any more.
  BOOST_TEST(std::ranges::count(steps, false) == 1);
}

BOOST_AUTO_TEST_CASE(every_command_in_every_state_of_a_station_is_answered_and_keeps_it_whole) {
  size_t tried = 0;
  for (const auto& stage : station_stages())
    for (const auto& trial : station_trials(stage.bench)) {
      auto bench = stage.bench;
      const auto answer = trial.by_person ? bench.ask(trial.body) : bench.tell(trial.body);
      BOOST_TEST_CONTEXT(stage.name << ", " << trial.name) {
        if (answer.code != reason::ok)
          BOOST_TEST(entry_of(answer.code).http_status >= 400);
        for (const auto& fault : station_faults(bench.now()))
          BOOST_ERROR(fault);
      }
      ++tried;
      for (const auto& next : station_trials(bench)) {
        auto later = bench;
        static_cast<void>(next.by_person ? later.ask(next.body) : later.tell(next.body));
        const auto faults = station_faults(later.now());
        if (!faults.empty())
          BOOST_ERROR(stage.name << ", " << trial.name << ", " << next.name << ": "
                                 << faults.front());
      }
    }
  BOOST_TEST(tried > 1'500u);
}

BOOST_AUTO_TEST_CASE(the_trials_of_a_station_hold_every_command_about_stations) {
  std::vector<bool> seen(std::variant_size_v<any_command::alternatives>);
  for (const auto& trial : station_trials(resin_bench{}))
    seen[trial.body.index()] = true;
  for (auto i = any_command{add_station{}}.index(); i < seen.size(); ++i)
    BOOST_TEST(seen[i]);
}

BOOST_AUTO_TEST_CASE(the_arithmetic_of_volumes_and_times_keeps_within_half_a_millisecond) {
  BOOST_TEST(rules::duration_ms(45'000, 5'100) == 8'824);
  BOOST_TEST(rules::duration_ms(50'000, 5'000) == 10'000);
  BOOST_TEST(rules::duration_ms(45'000, 0) == 1);
  BOOST_TEST(rules::volume_ul(8'824, 5'100) == 45'002);
  BOOST_TEST(rules::millilitres(45'050) == "45.1");
}

BOOST_AUTO_TEST_CASE(a_set_up_that_lost_its_pumps_is_a_configuration_error) {
  resin_bench bench;
  bench.changing(change_step::wait_plate_clear);
  bench.live.pumps.lines.pop_back();
  bench.wait_over();
  BOOST_TEST(bench.cause() == "config_invalid");
  BOOST_TEST(bench.pumped().empty());
}
