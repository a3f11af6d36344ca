// Goal: the log alone tells every change of a print, with what was planned and what was measured.
// Method: the real rules play prints; what is reconstructed from their events is compared with what
// the state, which is folded separately, has kept.
#include "rules/station_report.hpp"
#include "tests/rules/farm.hpp"
#include "tests/rules/resin_bench.hpp"

#include <boost/test/unit_test.hpp>

using namespace gantry;
using namespace gantry::test;
using namespace gantry::commands;

namespace {

station_id id() {
  return {make_id("stn", 7)};
}

/// A station whose events are kept.
struct logged_station {
  resin_bench bench;
  std::vector<event_envelope> log;
  timestamp at{std::chrono::hours{24 * 365 * 56}};

  void note(const rules::ruling& made) {
    at += std::chrono::seconds{1};
    for (const auto& write : made.writes)
      for (const auto& event : write.events) {
        event_envelope envelope;
        envelope.seq = log.size() + 1;
        envelope.entity = write.entity;
        envelope.type = std::visit([](const auto& x) { return std::string{x.type}; }, event);
        envelope.schema = current_schema(envelope.type);
        envelope.at = at;
        envelope.who.name = "Ben";
        envelope.data = encode_event(event);
        log.push_back(std::move(envelope));
      }
  }

  void start(const std::vector<recipe_step>& recipe, bool dry_run = false) {
    bench.with_recipe(recipe);
    start_station x;
    x.id = id();
    x.file = "vase.pwmb";
    x.internal_file = "3.pwmb";
    x.dry_run = dry_run;
    note(bench.ask(x));
    note(bench.tell(begin_station_start{id(), 1, {}}));
    note(bench.tell(
        station_control_settled{id(), resin_control::start, 0, control_outcome::done, {}, 0, {}}));
    bench.live.report.internal_file = "3.pwmb";
    bench.live.report.layers = 200;
    note(bench.reports(resin_state::printing, 1));
  }

  /// Does whatever the step under way waits for, until the change is over.
  void change_at(int64_t layer) {
    note(bench.reports(resin_state::printing, layer));
    for (int i = 0; i < 30 && bench.state() == "material_change"; ++i) {
      const auto step = bench.step();
      if (step == "request_pause") {
        note(bench.answered(control_outcome::done));
        note(bench.reports(resin_state::paused, layer));
      } else if (step == "draining" || step == "filling") {
        note(bench.pump_ran());
      } else if (step == "request_resume") {
        note(bench.answered(control_outcome::done));
        note(bench.reports(resin_state::printing, layer));
      } else {
        note(bench.wait_over());
      }
    }
    BOOST_REQUIRE(bench.state() == "monitoring");
  }

  void finish() {
    note(bench.reports(resin_state::printing, 200));
    note(bench.reports(resin_state::finished, 200));
    BOOST_REQUIRE(bench.state() == "completed");
  }

  [[nodiscard]] print_report report() const {
    const auto prints = rules::reports_of(log);
    BOOST_REQUIRE(!prints.empty());
    return prints.back();
  }
};

/// A print that is over, with changes that deviate by these shares of their plan.
print_report print_of(job_end end, const std::vector<int64_t>& deviations_permille = {}) {
  print_report made;
  made.end = end;
  for (const auto deviation : deviations_permille) {
    auto& change = made.changes.emplace_back();
    change.settled = true;
    change.record.planned_ms = 10'000;
    change.record.actual_ms = 10'000 + deviation * 10;
  }
  return made;
}

reported_error error_of(int64_t question, bool automatic, int64_t outage_ms = 0) {
  reported_error made;
  made.error.question = question;
  made.error.cause = error_cause::transient_printer_disconnect;
  made.settled = true;
  made.automatic = automatic;
  made.outage_ms = outage_ms;
  return made;
}

} // namespace

BOOST_AUTO_TEST_CASE(every_change_of_a_print_is_reconstructed_from_its_events_alone) {
  logged_station where;
  where.start({{50, "B"}, {120, "C"}});
  where.change_at(50);
  where.change_at(121);
  where.finish();
  const auto report = where.report();
  BOOST_TEST(report.file == "vase.pwmb");
  BOOST_TEST(report.layers == 200);
  BOOST_TEST((report.end == job_end::completed));
  BOOST_TEST((report.plan == where.bench.job().plan));
  BOOST_REQUIRE(report.changes.size() == 2u);
  for (size_t i = 0; i < 2; ++i) {
    auto record = report.changes[i].record;
    auto kept = where.bench.job().changes.at(i);
    BOOST_TEST(record.began_at.has_value());
    BOOST_TEST((record.ended_at > record.began_at));
    record.began_at = record.ended_at = kept.began_at = kept.ended_at = std::nullopt;
    BOOST_TEST((record == kept));
    BOOST_TEST(record.fill_planned_ul == 45'000);
    BOOST_TEST(record.fill_actual_ul > 0);
    BOOST_TEST(report.changes[i].steps.size() == 6u);
    for (const auto& step : report.changes[i].steps)
      BOOST_TEST(step.succeeded);
    BOOST_REQUIRE(report.changes[i].runs.size() == 2u);
    BOOST_TEST((report.changes[i].runs[0].run.purpose == run_purpose::drain));
    BOOST_TEST(report.changes[i].runs[1].completed);
    BOOST_TEST(report.changes[i].runs[1].actual_ul == record.fill_actual_ul);
  }
  BOOST_TEST(report.changes[1].record.at_layer == 121);
}

BOOST_AUTO_TEST_CASE(a_log_that_ends_in_a_change_says_that_it_is_not_over) {
  logged_station where;
  where.start({{50, "B"}});
  where.note(where.bench.reports(resin_state::printing, 50));
  const auto report = where.report();
  BOOST_REQUIRE(report.changes.size() == 1u);
  BOOST_TEST(!report.changes[0].settled);
  BOOST_TEST(!report.changes[0].steps.at(0).ended_at);
  BOOST_TEST((report.end == job_end::running));
  BOOST_TEST(rules::statistics_of(rules::reports_of(where.log)).prints == 0);
}

BOOST_AUTO_TEST_CASE(material_events_are_enough_for_the_whole_report) {
  logged_station where;
  where.start({{50, "B"}, {120, "C"}});
  where.change_at(50);
  where.change_at(120);
  where.finish();
  std::vector<event_envelope> some;
  for (const auto& event : where.log)
    if (is_material_event(event.type))
      some.push_back(event);
  BOOST_TEST(some.size() < where.log.size());
  BOOST_TEST((rules::reports_of(some) == rules::reports_of(where.log)));
}

BOOST_AUTO_TEST_CASE(events_of_a_newer_version_are_passed_over) {
  logged_station where;
  where.start({{50, "B"}});
  const auto before = rules::reports_of(where.log);
  where.log.push_back(where.log.back());
  where.log.back().type = "station.from_the_future";
  where.log.push_back(where.log.front());
  where.log.back().schema = 99;
  BOOST_TEST((rules::reports_of(where.log) == before));
}

BOOST_AUTO_TEST_CASE(success_is_counted_over_the_newest_thirty_prints) {
  std::vector<print_report> prints(10, print_of(job_end::given_up));
  for (int i = 0; i < 28; ++i)
    prints.push_back(print_of(job_end::completed));
  auto troubled = print_of(job_end::completed);
  troubled.errors.push_back(error_of(4, false));
  prints.push_back(troubled);
  const auto figures = rules::statistics_of(prints);
  BOOST_TEST(figures.prints == 30);
  BOOST_TEST(figures.succeeded == 28);
  BOOST_TEST(figures.success_permille == 933);
}

BOOST_AUTO_TEST_CASE(dry_runs_and_prints_that_a_person_ended_by_choice_do_not_count) {
  auto dry = print_of(job_end::given_up);
  dry.simulation = true;
  auto stopped_in_trouble = print_of(job_end::stopped);
  stopped_in_trouble.errors.push_back(error_of(1, false));
  const std::vector<print_report> prints{print_of(job_end::stopped),
                                         print_of(job_end::monitoring_stopped),
                                         dry,
                                         print_of(job_end::running),
                                         stopped_in_trouble,
                                         print_of(job_end::emergency_stopped),
                                         print_of(job_end::completed)};
  const auto figures = rules::statistics_of(prints);
  BOOST_TEST(figures.prints == 3);
  BOOST_TEST(figures.succeeded == 1);
}

BOOST_AUTO_TEST_CASE(deviation_counts_whichever_way_and_skipped_changes_do_not_count) {
  auto print = print_of(job_end::completed, {-20, 70, 150});
  print.changes.push_back(print.changes.back());
  print.changes.back().record.outcome = change_outcome::skipped;
  const auto figures = rules::statistics_of(std::vector{print});
  BOOST_TEST(figures.changes == 3);
  BOOST_TEST(figures.mean_deviation_permille == 80);
  BOOST_TEST(figures.largest_deviation_permille == 150);
  BOOST_TEST(figures.changes_within_bounds == 2);
}

BOOST_AUTO_TEST_CASE(the_time_to_recover_is_that_of_connections_that_came_back_alone) {
  auto print = print_of(job_end::completed);
  print.errors = {error_of(0, true, 40'000), error_of(0, true, 100'000), error_of(7, false, 9'999),
                  error_of(8, true, 1)};
  // What the printer showed after all was no loss of the connection.
  print.errors.back().error.cause = error_cause::command_timeout;
  const auto figures = rules::statistics_of(std::vector{print});
  BOOST_TEST(figures.recoveries == 2);
  BOOST_TEST(figures.mean_recovery_ms == 70'000);
  BOOST_TEST(figures.longest_recovery_ms == 100'000);
  BOOST_TEST(figures.succeeded == 0);
}
