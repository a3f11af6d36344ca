#include "rules/station_report.hpp"

#include "rules/folds.hpp"

#include <algorithm>
#include <cstdlib>

namespace gantry::rules {

using namespace events;

namespace {

/// Follows one station's events.
class report_builder {
public:
  void take(const event_envelope& envelope) {
    const auto decoded = decode_event(envelope.type, envelope.schema, envelope.data);
    if (!decoded)
      return;
    at_ = envelope.at;
    by_ = envelope.who.name;
    std::visit(event_handlers{
                   [this](const station_job_began& x) { begin(x.job); },
                   [this](const station_print_observed& x) { observe(x); },
                   [this](const station_change_began& x) { begin_change(x); },
                   [this](const station_step_began& x) { begin_step(x); },
                   [this](const station_step_ended& x) { end_step(x); },
                   [this](const station_pump_began& x) { begin_run(x.run); },
                   [this](const station_pump_ended& x) { end_run(x); },
                   [this](const station_change_completed& x) { settle_change(x.record); },
                   [this](const station_change_skipped& x) { settle_change(x.record); },
                   [this](const station_error_raised& x) { raise(x.error); },
                   [this](const station_error_settled& x) { settle(x); },
                   [this](const station_job_ended& x) { end(x); },
                   any_other_event{},
               },
               *decoded);
  }

  std::vector<print_report> take_all() { return std::move(prints_); }

private:
  print_report* open() {
    const bool running = !prints_.empty() && prints_.back().end == job_end::running;
    return running ? &prints_.back() : nullptr;
  }

  reported_change* open_change() {
    auto* print = open();
    const bool running = print && !print->changes.empty() && !print->changes.back().settled;
    return running ? &print->changes.back() : nullptr;
  }

  void begin(const station_job& job) {
    print_report made;
    made.number = job.number;
    made.file = job.file;
    made.layers = job.layers;
    made.plan = job.plan;
    made.recipe_revision = job.recipe_revision;
    made.initial_material = job.initial_material;
    made.attached = job.attached;
    made.simulation = job.simulation;
    made.began_at = at_;
    prints_.push_back(std::move(made));
  }

  void observe(const station_print_observed& x) {
    if (auto* print = open())
      print->layers = std::max(print->layers, x.layers);
  }

  void begin_change(const station_change_began& x) {
    auto* print = open();
    if (!print)
      return;
    auto& change = print->changes.emplace_back();
    change.record.index = x.index;
    change.record.layer = x.layer;
    change.record.material = x.material;
    change.record.at_layer = x.at_layer;
    change.record.simulation = print->simulation;
    change.record.began_at = at_;
  }

  void begin_step(const station_step_began& x) {
    auto* change = open_change();
    if (!change)
      return;
    step_record step;
    step.step = x.step;
    step.attempt = x.attempt;
    step.planned_ms = x.planned_ms;
    step.began_at = at_;
    change->steps.push_back(step);
  }

  void end_step(const station_step_ended& x) {
    auto* change = open_change();
    if (!change)
      return;
    const auto step = std::ranges::find(change->steps, x.attempt, &step_record::attempt);
    if (step == change->steps.end())
      return;
    step->ended_at = at_;
    step->succeeded = x.succeeded;
    step->why = x.why;
    step->planned_ms = x.planned_ms;
    step->actual_ms = x.actual_ms;
    step->planned_ul = x.planned_ul;
    step->actual_ul = x.actual_ul;
  }

  void begin_run(const pump_run& run) {
    if (auto* change = open_change(); change && run.purpose != run_purpose::manual) {
      auto& made = change->runs.emplace_back();
      made.run = run;
      made.run.began_at = at_;
    }
  }

  void end_run(const station_pump_ended& x) {
    for (auto& print : prints_)
      for (auto& change : print.changes)
        for (auto& run : change.runs)
          if (run.run.number == x.number && !run.ended) {
            run.ended = true;
            run.completed = x.completed;
            run.why = x.why;
            run.on_time_ms = x.on_time_ms;
            run.actual_ul = x.actual_ul;
          }
  }

  void settle_change(const change_record& record) {
    auto* print = open();
    if (!print)
      return;
    auto* change = open_change();
    // A change that was passed over never began.
    if (!change || change->record.index != record.index)
      change = &print->changes.emplace_back();
    const auto began_at = change->record.began_at;
    change->record = record;
    change->record.began_at = began_at;
    change->record.ended_at = at_;
    change->settled = true;
  }

  void raise(const station_error& error) {
    if (auto* print = open()) {
      auto& made = print->errors.emplace_back();
      made.error = error;
      made.error.since = at_;
    }
  }

  void settle(const station_error_settled& x) {
    if (prints_.empty())
      return;
    for (auto& error : prints_.back().errors)
      if (!error.settled && error.error.question == x.question) {
        error.settled = true;
        error.automatic = x.automatic;
        error.answer = x.automatic ? "" : std::string{name_of(x.answer)};
        error.by = x.automatic ? "" : by_;
        error.outage_ms = x.outage_ms;
        error.settled_at = at_;
      }
  }

  void end(const station_job_ended& x) {
    if (auto* print = open()) {
      print->end = x.end;
      print->why = x.why;
      print->ended_at = at_;
    }
  }

  std::vector<print_report> prints_;
  timestamp at_;
  std::string by_;
};

/// True if a person had to answer an error of this print.
bool needed_a_person(const print_report& print) {
  return std::ranges::any_of(print.errors, [](const reported_error& x) {
    return x.error.question != 0 || (x.settled && !x.automatic);
  });
}

/// A print that a person ended although nothing was wrong says nothing about the system.
bool counts(const print_report& print) {
  if (print.end == job_end::running || print.simulation)
    return false;
  const bool by_choice = print.end == job_end::stopped || print.end == job_end::monitoring_stopped;
  return !by_choice || needed_a_person(print);
}

void count_changes(const print_report& print, station_statistics& into, int64_t& sum) {
  for (const auto& change : print.changes) {
    const auto& record = change.record;
    if (!change.settled || record.outcome != change_outcome::done || record.planned_ms <= 0)
      continue;
    const auto deviation =
        std::abs(record.actual_ms - record.planned_ms) * 1'000 / record.planned_ms;
    ++into.changes;
    sum += deviation;
    into.largest_deviation_permille = std::max(into.largest_deviation_permille, deviation);
    into.changes_within_bounds += deviation <= deviation_permille_max ? 1 : 0;
  }
}

void count_recoveries(const print_report& print, station_statistics& into, int64_t& sum) {
  for (const auto& error : print.errors)
    if (error.settled && error.automatic
        && error.error.cause == error_cause::transient_printer_disconnect) {
      ++into.recoveries;
      sum += error.outage_ms;
      into.longest_recovery_ms = std::max(into.longest_recovery_ms, error.outage_ms);
    }
}

} // namespace

std::vector<print_report> reports_of(std::span<const event_envelope> events) {
  report_builder builder;
  for (const auto& envelope : events)
    builder.take(envelope);
  return builder.take_all();
}

station_statistics statistics_of(std::span<const print_report> prints) {
  station_statistics out;
  int64_t deviations = 0, outages = 0;
  for (auto i = prints.size(); i > 0 && out.prints < static_cast<int64_t>(counted_prints_max);
       --i) {
    const auto& print = prints[i - 1];
    if (!counts(print))
      continue;
    ++out.prints;
    out.succeeded += print.end == job_end::completed && !needed_a_person(print) ? 1 : 0;
    count_changes(print, out, deviations);
    count_recoveries(print, out, outages);
  }
  if (out.prints > 0)
    out.success_permille = out.succeeded * 1'000 / out.prints;
  if (out.changes > 0)
    out.mean_deviation_permille = deviations / out.changes;
  if (out.recoveries > 0)
    out.mean_recovery_ms = outages / out.recoveries;
  return out;
}

} // namespace gantry::rules
