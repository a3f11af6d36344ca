// A resin station from recipe to completed print on the real kernel. The machines' own record is
// the oracle: nothing is printed over an empty vat, pumped while the printer prints, or pumped
// twice.
#include "actors/station_core.hpp"
#include "tests/scenarios/station_kernel.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>

using namespace gantry;
using namespace gantry::test;
using namespace gantry::commands;
using texts = std::vector<std::string>;

namespace {

const std::vector<recipe_step> three_materials{{10, "B"}, {20, "C"}, {30, "A"}};

void expect_clean(const resin_machines& machines) {
  for (const auto& violation : machines.violations())
    BOOST_ERROR(violation);
}

/// What a person who looks into the vat would say.
std::string look_into(const resin_machines& machines) {
  return machines.vat_ul() == 0 ? "empty" : machines.vat_material();
}

/// Answers an interrupted change as a careful person would: the rest of the vat is removed by hand
/// and the change is done again from its fill.
void answer_carefully(station_kernel& kernel, resin_machines& machines) {
  const auto now = kernel.now();
  if (!now.error || now.error->question == 0)
    return;
  answer_station answer;
  answer.id = now.id;
  answer.question = now.error->question;
  const auto* change = now.change();
  BOOST_TEST_REQUIRE(change != nullptr);
  if (change->step == change_step::draining || change->step == change_step::filling) {
    machines.empty_vat_by_hand(0);
    answer.answer =
        change->step == change_step::draining ? station_answer::continue_ : station_answer::redo;
  } else {
    answer.answer = station_answer::redo;
  }
  answer.vat = look_into(machines);
  BOOST_TEST_REQUIRE(kernel.until([&kernel](const station&) {
    const auto live = kernel.kernel().live().station(kernel.id());
    return live && live->facts.fresh && live->facts.report.state == resin_state::paused;
  }));
  BOOST_TEST(kernel.ask(answer) == "ok");
}

} // namespace

BOOST_AUTO_TEST_CASE(three_materials_are_changed_at_their_layers_and_the_print_completes) {
  resin_machines machines;
  station_kernel kernel{machines};
  kernel.set_up(three_materials);
  BOOST_TEST(kernel.start() == "ok");
  BOOST_TEST_REQUIRE(kernel.becomes(station_state::completed));
  expect_clean(machines);
  BOOST_TEST(machines.starts() == 1);
  BOOST_TEST(machines.pauses() == 3);
  BOOST_TEST(machines.resumes() == 3);
  BOOST_TEST(machines.fills().size() == 3u);
  const auto done = kernel.now();
  BOOST_TEST(done.job->changes.size() == 3u);
  for (size_t i = 0; i < done.job->changes.size(); ++i) {
    const auto& change = done.job->changes[i];
    BOOST_TEST(name_of(change.outcome) == "done");
    BOOST_TEST(change.at_layer - change.layer <= 2);
    BOOST_TEST(machines.fills()[i].ends_with(change.material));
  }
  BOOST_TEST(machines.vat_material() == "A");
}

BOOST_AUTO_TEST_CASE(a_print_survives_a_restart_in_every_step_of_a_change) {
  for (const auto step :
       {change_step::request_pause, change_step::wait_plate_clear, change_step::draining,
        change_step::filling, change_step::settling, change_step::request_resume})
    BOOST_TEST_CONTEXT(name_of(step)) {
      resin_machines machines;
      station_kernel kernel{machines};
      kernel.set_up(three_materials);
      BOOST_TEST(kernel.start() == "ok");
      // A step that is over in a moment may have passed; the restart then meets the next one.
      BOOST_TEST_REQUIRE(kernel.until([step](const station& x) {
        return x.job && (x.job->changes.size() > 0 || (x.change() && x.change()->step >= step));
      }));
      kernel.restart();
      BOOST_TEST(!machines.any_pump_on());
      BOOST_TEST_REQUIRE(kernel.until([&kernel, &machines](const station& x) {
        answer_carefully(kernel, machines);
        return x.state == station_state::completed;
      }));
      expect_clean(machines);
      BOOST_TEST(machines.starts() == 1);
      BOOST_TEST(kernel.now().job->changes.size() == 3u);
    }
}

BOOST_AUTO_TEST_CASE(an_emergency_stop_switches_the_pump_off_before_anything_is_recorded) {
  BOOST_TEST((actors::safety_lock_time == std::chrono::seconds{3}));
  resin_machines machines;
  station_kernel kernel{machines};
  kernel.set_up(three_materials);
  kernel.start();
  BOOST_TEST_REQUIRE(kernel.reaches(change_step::draining));
  BOOST_TEST(kernel.kernel().stop_pumps(kernel.id(), std::chrono::seconds{1}).value_or(false));
  BOOST_TEST(!machines.any_pump_on());
  BOOST_TEST(machines.latched());
  emergency_stop_station stop;
  stop.id = kernel.id();
  kernel.ask(stop);
  BOOST_TEST_REQUIRE(kernel.becomes(station_state::aborted));
  const auto resumes = machines.resumes();
  acknowledge_station acknowledge;
  acknowledge.id = kernel.id();
  BOOST_TEST(kernel.ask(acknowledge) == "safety_lock");
  BOOST_TEST_REQUIRE(kernel.until([](const station& x) { return !x.safety_lock; }));
  BOOST_TEST(kernel.ask(acknowledge) == "ok");
  BOOST_TEST_REQUIRE(kernel.becomes(station_state::idle));
  BOOST_TEST(kernel.until([&machines](const station&) { return !machines.latched(); }));
  BOOST_TEST(machines.printer_state() == "paused");
  BOOST_TEST(machines.resumes() == resumes);
  expect_clean(machines);
}

BOOST_AUTO_TEST_CASE(defect_an_acknowledged_stop_came_back_while_the_guard_wrote_it_down) {
  resin_machines machines;
  station_kernel kernel{machines};
  kernel.set_up(three_materials);
  BOOST_TEST(kernel.kernel().stop_pumps(kernel.id(), std::chrono::seconds{1}).value_or(false));
  BOOST_TEST_REQUIRE(kernel.until([](const station& x) { return x.latched && !x.safety_lock; }));
  acknowledge_station acknowledge;
  acknowledge.id = kernel.id();
  BOOST_TEST(kernel.ask(acknowledge) == "ok");
  BOOST_TEST_REQUIRE(kernel.until([&machines](const station&) { return !machines.latched(); }));
  BOOST_TEST(!kernel.now().latched);
  BOOST_TEST(name_of(kernel.now().state) == "idle");
}

BOOST_AUTO_TEST_CASE(a_latch_that_nobody_recorded_is_recorded) {
  resin_machines machines;
  station_kernel kernel{machines};
  kernel.set_up(three_materials);
  kernel.start();
  BOOST_TEST_REQUIRE(kernel.becomes(station_state::monitoring));
  static_cast<void>(kernel.kernel().stop_pumps(kernel.id(), std::chrono::seconds{1}));
  BOOST_TEST(kernel.becomes(station_state::aborted));
}

BOOST_AUTO_TEST_CASE(a_pump_that_fails_is_asked_about_and_the_answer_brings_the_print_on) {
  resin_machines machines;
  station_kernel kernel{machines};
  kernel.set_up(three_materials);
  kernel.start();
  machines.freeze_pump(true);
  BOOST_TEST_REQUIRE(kernel.becomes(station_state::error));
  BOOST_TEST(name_of(kernel.now().error->cause) == "pump_actuation_failure");
  machines.freeze_pump(false);
  answer_carefully(kernel, machines);
  BOOST_TEST_REQUIRE(kernel.becomes(station_state::completed));
  expect_clean(machines);
  BOOST_TEST(kernel.now().past.back().errors == 1);
}

BOOST_AUTO_TEST_CASE(defect_a_pause_that_was_not_sent_waited_for_its_whole_patience) {
  resin_machines machines;
  station_kernel kernel{machines};
  kernel.set_up(three_materials);
  machines.keep_back(2, 2);
  kernel.start();
  BOOST_TEST_REQUIRE(kernel.becomes(station_state::completed));
  expect_clean(machines);
  BOOST_TEST(machines.pauses() == 3);
  BOOST_TEST(machines.resumes() == 3);
  BOOST_TEST(kernel.now().past.back().errors == 0);
}

BOOST_AUTO_TEST_CASE(a_print_that_ends_while_nobody_sees_its_printer_is_not_called_stopped) {
  resin_machines machines{200, 40};
  station_kernel kernel{machines};
  kernel.set_up({{150, "B"}});
  kernel.start();
  BOOST_TEST_REQUIRE(kernel.becomes(station_state::monitoring));
  machines.drop_link(true);
  machines.stop_at_the_machine();
  kernel.restart();
  machines.drop_link(false);
  BOOST_TEST_REQUIRE(kernel.becomes(station_state::idle));
  BOOST_TEST(name_of(kernel.now().job->end) == "unseen");
}

BOOST_AUTO_TEST_CASE(a_lost_printer_becomes_an_error_and_monitoring_goes_on_alone) {
  resin_machines machines{200, 40};
  station_kernel kernel{machines};
  kernel.set_up({{150, "B"}});
  kernel.start();
  BOOST_TEST_REQUIRE(kernel.becomes(station_state::monitoring));
  machines.drop_link(true);
  BOOST_TEST_REQUIRE(kernel.becomes(station_state::error));
  BOOST_TEST(name_of(kernel.now().error->cause) == "transient_printer_disconnect");
  machines.drop_link(false);
  BOOST_TEST(kernel.becomes(station_state::monitoring));
  expect_clean(machines);
}

BOOST_AUTO_TEST_CASE(a_dry_run_switches_nothing_on) {
  resin_machines machines;
  station_kernel kernel{machines};
  auto setup = quick_setup();
  setup.dry_run = true;
  kernel.set_up({{10, "B"}}, setup);
  BOOST_TEST(kernel.start() == "ok");
  BOOST_TEST_REQUIRE(kernel.becomes(station_state::completed));
  BOOST_TEST(machines.fills().empty());
  BOOST_TEST(machines.vat_material() == "A");
  BOOST_TEST(kernel.now().job->changes.at(0).simulation);
}

BOOST_AUTO_TEST_CASE(each_step_stands_in_the_log_with_its_begin_and_its_end) {
  resin_machines machines;
  station_kernel kernel{machines};
  kernel.set_up({{10, "B"}});
  kernel.start();
  BOOST_TEST_REQUIRE(kernel.becomes(station_state::completed));
  const auto events = kernel.events();
  const auto count = [&events](const std::string& type) {
    return std::ranges::count(events, type);
  };
  BOOST_TEST(count("station.step_began") == 6);
  BOOST_TEST(count("station.step_ended") == 6);
  BOOST_TEST(count("station.pump_began") == 2);
  BOOST_TEST(count("station.pump_ended") == 2);
  BOOST_TEST(count("station.change_completed") == 1);
}

BOOST_AUTO_TEST_CASE(defect_a_report_read_the_log_of_every_print_there_ever_was) {
  resin_machines machines{200, 40};
  station_kernel kernel{machines};
  kernel.set_up({{150, "B"}});
  for (int print = 0; print < 3; ++print) {
    BOOST_TEST(kernel.start() == "ok");
    BOOST_TEST_REQUIRE(kernel.becomes(station_state::monitoring));
    machines.stop_at_the_machine();
    BOOST_TEST_REQUIRE(kernel.becomes(station_state::idle));
  }
  const auto numbers = [&kernel](size_t prints_max) {
    std::vector<int64_t> found;
    for (const auto& print : kernel.kernel().report(kernel.id(), prints_max).prints) {
      BOOST_TEST(name_of(print.end) == "stopped");
      found.push_back(print.number);
    }
    return found;
  };
  BOOST_TEST((numbers(2) == std::vector<int64_t>{2, 3}));
  BOOST_TEST((numbers(9) == std::vector<int64_t>{1, 2, 3}));
}

BOOST_AUTO_TEST_CASE(defect_a_wait_was_not_timed_after_a_print_that_was_left_in_the_same_step) {
  resin_machines machines;
  station_kernel kernel{machines};
  auto setup = quick_setup();
  setup.change.plate_clear_delay_s = 1;
  kernel.set_up(three_materials, setup);
  kernel.start();
  BOOST_TEST_REQUIRE(kernel.reaches(change_step::wait_plate_clear));
  BOOST_TEST(kernel.ask(stop_station{kernel.id(), "a mistake"}) == "ok");
  BOOST_TEST(kernel.ask(control_station{kernel.id(), resin_control::stop, "", {}}) == "ok");
  BOOST_TEST_REQUIRE(kernel.until([&kernel](const station&) {
    const auto live = kernel.kernel().live().station(kernel.id());
    return live && live->facts.fresh && live->facts.report.state == resin_state::stopped;
  }));
  BOOST_TEST(kernel.start() == "ok");
  BOOST_TEST_REQUIRE(kernel.becomes(station_state::completed));
  expect_clean(machines);
}

BOOST_AUTO_TEST_CASE(files_of_the_printer_are_listed_and_a_pump_runs_by_hand) {
  resin_machines machines;
  station_kernel kernel{machines};
  kernel.set_up({});
  BOOST_TEST_REQUIRE(kernel.until([&kernel](const station&) {
    const auto live = kernel.kernel().live().station(kernel.id());
    return live && live->facts.fresh && live->facts.pumps.connected;
  }));
  std::vector<hal::resin_file> files;
  kernel.kernel().list_files(kernel.id(),
                             [&files](actors::station_files found) { files = found.files; });
  BOOST_TEST_REQUIRE(files.size() == 1u);
  BOOST_TEST(files[0].internal_name == "3.pwmb");
  run_station_pump run;
  run.id = kernel.id();
  run.pump = "drain";
  run.duration_ms = 500;
  BOOST_TEST(kernel.ask(run) == "ok");
  BOOST_TEST(kernel.until([](const station& x) { return !x.run; }));
  BOOST_TEST(machines.vat_ul() == 0);
  BOOST_TEST(kernel.now().waste_used_ul == 50'000);
}

BOOST_AUTO_TEST_CASE(a_control_that_stands_still_is_unhealthy) {
  BOOST_TEST((actors::loop_stall == std::chrono::seconds{10}));
  resin_machines machines{200, 400};
  station_kernel kernel{machines};
  kernel.set_up({});
  kernel.start();
  const auto line = [&kernel] {
    for (const auto& check : kernel.kernel().health())
      if (check.name == "station:" + kernel.id().value)
        return check;
    return actors::health_check{};
  };
  BOOST_TEST_REQUIRE(kernel.until([&line](const station&) { return line().healthy; }));
  BOOST_TEST(line().detail.find("its printer answers") != std::string::npos);
  machines.hold_pauses(true);
  control_station pause;
  pause.id = kernel.id();
  pause.control = resin_control::pause;
  kernel.submit(pause);
  // What pages hear of: a value that nobody was told of is not shown.
  const auto stalled = [&kernel] {
    const auto live = kernel.kernel().live().station(kernel.id());
    return live && live->stalled_s > 0 && kernel.kernel().feed().position().live >= live->revision;
  };
  const bool noticed = kernel.until([&line](const station&) { return !line().healthy; });
  const bool shown = kernel.until([&stalled](const station&) { return stalled(); });
  machines.hold_pauses(false);
  BOOST_TEST(noticed);
  BOOST_TEST(shown);
  BOOST_TEST(kernel.until([&line](const station&) { return line().healthy; }));
  BOOST_TEST(kernel.until([&stalled](const station&) { return !stalled(); }));
}
