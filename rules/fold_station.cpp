#include "rules/folds.hpp"

#include <algorithm>

namespace gantry::rules {

using namespace events;

namespace {

constexpr size_t past_jobs_max = 30;
constexpr size_t known_files_max = 50;

int64_t& level(station& state, const std::string& pump) {
  const auto position = std::ranges::find(state.levels, pump, &pump_level::pump);
  return position != state.levels.end() ? position->remaining_ul
                                        : state.levels.emplace_back(pump, 0).remaining_ul;
}

/// One level per filling pump; what is known of one that stays is kept.
void fit_levels(station& state) {
  std::vector<pump_level> levels;
  for (const auto& x : state.setup.pumps)
    if (x.role == pump_role::fill)
      levels.push_back({x.name, state.level_of(x.name)});
  state.levels = std::move(levels);
}

/// Books `volume_ul` out of the reservoir of a run's pump, or into the waste.
void charge(station& state, const pump_run& run, int64_t volume_ul) {
  const auto* pump = state.setup.pump(run.pump);
  if (!pump)
    return;
  if (pump->role == pump_role::drain)
    state.waste_used_ul = std::max<int64_t>(0, state.waste_used_ul + volume_ul);
  else
    level(state, run.pump) = std::max<int64_t>(0, state.level_of(run.pump) - volume_ul);
}

void remember_file(station& state, const std::string& internal_file, int64_t layers) {
  if (internal_file.empty() || layers <= 0)
    return;
  std::erase_if(state.files, [&](const known_file& x) { return x.internal_file == internal_file; });
  if (state.files.size() >= known_files_max)
    state.files.erase(state.files.begin());
  state.files.push_back({internal_file, layers});
}

void ask(station_job& job, resin_control control) {
  job.asked = control;
  job.asked_accepted = job.asked_refused = false;
}

/// A resume ends what was wanted before. What is wanted twice keeps its answers.
void want(station& state, const station_control_wanted& x) {
  const auto wanted = x.control == resin_control::resume ? resin_control::none : x.control;
  if (state.has_open_job() && x.lasting && state.job->asked != wanted)
    ask(*state.job, wanted);
}

void take_answer(station& state, const station_control_answered& x) {
  if (!state.job || state.job->asked != x.control)
    return;
  auto& job = *state.job;
  job.asked_accepted = job.asked_accepted || x.outcome == control_outcome::done;
  job.asked_refused = job.asked_refused || x.outcome == control_outcome::refused;
}

void begin_job(station& state, const station_job& job, timestamp at) {
  state.job = job;
  state.job->began_at = at;
  state.jobs = job.number;
  state.errors = 0;
  state.error.reset();
  state.ending = job_end::running;
  state.ending_why = reason::ok;
  state.state = job.attached ? station_state::monitoring : station_state::starting;
}

void end_job(station& state, const station_job_ended& x, timestamp at) {
  state.error.reset();
  state.ending = job_end::running;
  state.ending_why = reason::ok;
  state.state = x.end == job_end::completed ? station_state::completed : station_state::idle;
  if (!state.job)
    return;
  auto& job = *state.job;
  ask(job, resin_control::none);
  job.end = x.end;
  job.why = x.why;
  job.ended_at = at;
  job.change.reset();
  if (state.past.size() >= past_jobs_max)
    state.past.erase(state.past.begin());
  const auto done = std::ranges::count(job.changes, change_outcome::done, &change_record::outcome);
  state.past.push_back({job.number, job.file, x.end, x.why, done,
                        static_cast<int64_t>(job.plan.size()), state.errors, job.simulation,
                        job.began_at, at});
}

void begin_step(station& state, const station_step_began& x, timestamp at) {
  if (!state.job || !state.job->change)
    return;
  auto& change = *state.job->change;
  state.job->attempt = x.attempt;
  change.step = x.step;
  change.attempt = x.attempt;
  change.accepted = false;
  change.held = reason::ok;
  change.held_params.clear();
  change.steps.push_back({.step = x.step,
                          .attempt = x.attempt,
                          .began_at = at,
                          .ended_at = {},
                          .succeeded = false,
                          .why = reason::ok,
                          .planned_ms = x.planned_ms,
                          .actual_ms = 0,
                          .planned_ul = 0,
                          .actual_ul = 0});
}

void end_step(station& state, const station_step_ended& x, timestamp at) {
  if (!state.job || !state.job->change)
    return;
  for (auto& step : state.job->change->steps)
    if (step.attempt == x.attempt) {
      step.ended_at = at;
      step.succeeded = x.succeeded;
      step.why = x.why;
      step.planned_ms = x.planned_ms;
      step.actual_ms = x.actual_ms;
      step.planned_ul = x.planned_ul;
      step.actual_ul = x.actual_ul;
    }
}

void begin_run(station& state, const station_pump_began& x, timestamp at) {
  state.run = x.run;
  state.run->began_at = at;
  state.runs = x.run.number;
  charge(state, x.run, x.run.charged_ul);
  // From now on the vat holds neither the old material nor the new one for sure.
  if (state.job && x.run.purpose != run_purpose::manual)
    state.job->active_material.clear();
}

void end_run(station& state, const station_pump_ended& x) {
  if (!state.run || state.run->number != x.number)
    return;
  const auto run = *state.run;
  charge(state, run, std::min(x.actual_ul, run.charged_ul) - run.charged_ul);
  state.run.reset();
  if (state.job && x.completed && run.purpose == run_purpose::fill && state.job->change)
    state.job->active_material = state.job->change->material;
}

void settle_change(station& state, const change_record& record, timestamp at) {
  if (!state.job)
    return;
  state.job->changes.push_back(record);
  state.job->changes.back().ended_at = at;
  // Steps beyond the file are left out before those that come first.
  if (record.index == state.job->next)
    ++state.job->next;
  if (state.job->change && state.job->change->index == record.index) {
    state.job->change.reset();
    if (state.state == station_state::material_change)
      state.state = station_state::monitoring;
  }
}

void raise(station& state, const station_error& error, timestamp at) {
  state.error = error;
  state.error->since = at;
  state.state = station_state::error;
  if (error.question > 0) {
    state.questions = error.question;
    ++state.errors;
  }
}

void settle_error(station& state, const station_error_settled& x) {
  if (state.error)
    state.state = state.error->from;
  const bool late_is_fine = state.error && state.error->cause == error_cause::change_late
                            && x.answer == station_answer::redo;
  if (late_is_fine && state.job && state.job->change)
    state.job->change->at_layer = std::max(state.job->change->at_layer, state.job->last_layer);
  state.error.reset();
  if (!x.vat.empty() && state.job)
    state.job->active_material = x.vat == "unknown" || x.vat == "empty" ? std::string{} : x.vat;
}

void stop(station& state) {
  state.latched = true;
  state.safety_lock = true;
  state.error.reset();
  state.state = station_state::aborted;
}

void acknowledge(station& state, const station_acknowledged& x) {
  state.pump_epoch = x.epoch;
  state.latched = false;
  state.safety_lock = false;
  state.state = station_state::idle;
}

void take_files(station& state, const station_files_taken& x) {
  for (const auto& each : x.files) {
    const auto position = std::ranges::find(state.settings_files, each.name, &settings_file::name);
    if (position != state.settings_files.end())
      *position = each;
    else
      state.settings_files.push_back(each);
  }
}

void fold_setup(station& state, const any_event& event) {
  std::visit(event_handlers{
                 [&](const station_added& x) {
                   state.id = x.id;
                   state.setup = x.setup;
                   fit_levels(state);
                 },
                 [&](const station_edited& x) {
                   state.setup = x.setup;
                   fit_levels(state);
                 },
                 [&](const station_retired&) { state.retired = true; },
                 [&](const station_recipe_changed& x) {
                   state.recipe = x.steps;
                   state.recipe_revision = x.revision;
                 },
                 [&](const station_files_taken& x) { take_files(state, x); },
                 [&](const station_level_set& x) {
                   if (x.pump == "waste")
                     state.waste_used_ul = x.volume_ul;
                   else
                     level(state, x.pump) = x.volume_ul;
                 },
                 [&](const station_calibrated& x) {
                   for (auto& pump : state.setup.pumps)
                     if (pump.name == x.pump) {
                       pump.flow_ul_per_s = x.flow_ul_per_s;
                       pump.direction = x.direction;
                       pump.direction_confirmed = true;
                     }
                 },
                 any_other_event{},
             },
             event);
}

void fold_job(station& state, const any_event& event, timestamp at) {
  std::visit(event_handlers{
                 [&](const station_job_began& x) { begin_job(state, x.job, at); },
                 [&](const station_start_intended&) {
                   if (state.job)
                     state.job->start_sent = true;
                 },
                 [&](const station_start_answered& x) {
                   if (state.job)
                     state.job->answer = x.answer;
                 },
                 [&](const station_print_observed& x) {
                   remember_file(state, x.internal_file, x.layers);
                   if (!state.job)
                     return;
                   state.job->layers = x.layers > 0 ? x.layers : state.job->layers;
                   state.job->last_layer = std::max(state.job->last_layer, x.layer);
                   if (state.state == station_state::starting)
                     state.state = station_state::monitoring;
                 },
                 [&](const station_progressed& x) {
                   if (state.job)
                     state.job->last_layer = x.layer;
                 },
                 [&](const station_warned& x) {
                   if (state.job && x.why == reason::layer_stagnation)
                     state.job->stagnant_layer = x.layer;
                 },
                 [&](const station_control_wanted& x) { want(state, x); },
                 [&](const station_control_answered& x) { take_answer(state, x); },
                 [&](const station_control_ended& x) {
                   if (state.job && state.job->asked == x.control)
                     ask(*state.job, resin_control::none);
                 },
                 [&](const station_stop_wanted& x) {
                   state.error.reset();
                   state.state = station_state::stop_requested;
                   state.ending = x.end;
                   state.ending_why = x.why;
                 },
                 [&](const station_job_ended& x) {
                   const bool aborted = state.state == station_state::aborted;
                   end_job(state, x, at);
                   if (aborted)
                     state.state = station_state::aborted;
                 },
                 any_other_event{},
             },
             event);
}

void fold_change(station& state, const any_event& event, timestamp at) {
  std::visit(event_handlers{
                 [&](const station_change_began& x) {
                   if (!state.job)
                     return;
                   state.job->change.emplace();
                   state.job->change->index = x.index;
                   state.job->change->layer = x.layer;
                   state.job->change->material = x.material;
                   state.job->change->at_layer = x.at_layer;
                   state.job->change->began_at = at;
                   state.job->last_layer = std::max(state.job->last_layer, x.at_layer);
                   // Once per layer: whatever becomes of it, it is not due again.
                   state.job->next = x.index + 1;
                   state.state = station_state::material_change;
                 },
                 [&](const station_step_began& x) { begin_step(state, x, at); },
                 [&](const station_step_accepted& x) {
                   if (state.job && state.job->change && state.job->change->attempt == x.attempt)
                     state.job->change->accepted = true;
                 },
                 [&](const station_step_held& x) {
                   if (state.job && state.job->change) {
                     state.job->change->held = x.why;
                     state.job->change->held_params = x.why_params;
                   }
                 },
                 [&](const station_step_ended& x) { end_step(state, x, at); },
                 [&](const station_change_completed& x) { settle_change(state, x.record, at); },
                 [&](const station_change_skipped& x) { settle_change(state, x.record, at); },
                 any_other_event{},
             },
             event);
}

} // namespace

void fold(station& state, const any_event& event, timestamp at) {
  fold_setup(state, event);
  fold_job(state, event, at);
  fold_change(state, event, at);
  std::visit(event_handlers{
                 [&](const station_pump_began& x) { begin_run(state, x, at); },
                 [&](const station_pump_ended& x) { end_run(state, x); },
                 [&](const station_error_raised& x) { raise(state, x.error, at); },
                 [&](const station_error_settled& x) { settle_error(state, x); },
                 [&](const station_emergency_stopped&) { stop(state); },
                 [&](const station_lock_released&) { state.safety_lock = false; },
                 [&](const station_acknowledged& x) { acknowledge(state, x); },
                 any_other_event{},
             },
             event);
}

} // namespace gantry::rules
