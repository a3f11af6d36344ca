#include "rules/station_change.hpp"

#include "rules/pump_charge.hpp"
#include "rules/station_checks.hpp"
#include "schemas/defect.hpp"
#include "schemas/station_shortage.hpp"

namespace gantry::rules {

using namespace events;

namespace {

using enum station_answer;

/// How long a step is planned to last; 0 where the printer decides.
int64_t planned_ms(const station_setup& setup, change_step step) {
  if (step == change_step::wait_plate_clear)
    return setup.change.plate_clear_delay_s * 1'000;
  if (step == change_step::settling)
    return setup.change.settle_delay_s * 1'000;
  return 0;
}

resin_control control_of(change_step step) {
  if (step == change_step::request_pause)
    return resin_control::pause;
  return step == change_step::request_resume ? resin_control::resume : resin_control::none;
}

/// Says why the next pump is not switched on yet; once per check, since what is left of a window
/// changes all the time.
void hold(station_draft& draft, const station_check& why) {
  const auto& change = draft.change();
  const auto said = change.held_params.find("check");
  if (change.held == reason::pumps_waiting && said != change.held_params.end()
      && said->second == why.id)
    return;
  draft.put(station_step_held{reason::pumps_waiting,
                              {{"check", why.id}, {"detail", render(why.why, why.why_params)}}});
}

/// Sends the command of the step under way again, unless the answer to it is still to come. What it
/// is about is recorded already, so the record of the change does not grow.
void ask_again(station_draft& draft, const station_facts& live) {
  const auto& change = draft.change();
  if (live.asked_attempt != change.attempt || change.accepted)
    draft.act(effects::resin_command{control_of(change.step), change.attempt, {}});
}

change_record record_of(const material_change& change, const station_job& job) {
  change_record record;
  record.index = change.index;
  record.layer = change.layer;
  record.material = change.material;
  record.at_layer = change.at_layer;
  record.simulation = job.simulation;
  record.began_at = change.began_at;
  for (const auto& step : change.steps) {
    if (step.planned_ms == 0)
      continue;
    record.planned_ms += step.planned_ms;
    record.actual_ms += step.actual_ms;
    if (step.step == change_step::draining) {
      record.drain_planned_ul += step.planned_ul;
      record.drain_actual_ul += step.actual_ul;
    } else if (step.step == change_step::filling) {
      record.fill_planned_ul += step.planned_ul;
      record.fill_actual_ul += step.actual_ul;
    }
  }
  return record;
}

change_record record_of(const recipe_step& step, size_t index, reason why) {
  change_record record;
  record.index = static_cast<int64_t>(index);
  record.layer = step.layer;
  record.material = step.material;
  record.outcome = change_outcome::skipped;
  record.why = why;
  return record;
}

/// The pump that comes next: the drain once the plate is clear, the filler after the drain or when
/// a filling is repeated.
run_purpose next_purpose(const material_change& change) {
  const bool drained = change.step == change_step::draining || change.step == change_step::filling;
  return drained ? run_purpose::fill : run_purpose::drain;
}

/// Checks for a run of the change. Before draining, the fill must fit as well: a vat is never
/// emptied that could not be filled.
std::vector<station_check> checks_for(const station& now, run_purpose purpose,
                                      const station_facts& live) {
  const auto& setup = now.setup;
  const auto* filler = setup.filler(now.job->change->material);
  const auto* drain = setup.drain();
  if (!filler || !drain)
    return {{"pumps",
             check_verdict::fail,
             reason::config_invalid,
             {{"detail", "material " + now.job->change->material + " or the drain has no pump"}}}};
  const auto fill_ul = setup.change.fill_volume_ul, drain_ul = setup.change.drain_volume_ul;
  std::vector<station_check> found{paused_check(now, live)};
  const auto add = [&found](std::vector<station_check> more) {
    found.insert(found.end(), more.begin(), more.end());
  };
  if (!now.job->simulation) {
    add(pump_checks(now, *filler, duration_ms(fill_ul, filler->flow_ul_per_s), fill_ul, live));
    if (purpose == run_purpose::drain) {
      const auto drain_ms = duration_ms(drain_ul, drain->flow_ul_per_s);
      add(pump_checks(now, *drain, drain_ms, drain_ul, live));
      // Without a guard it is not known what lines there are.
      if (setup.valve_during_drain && live.pumps.connected)
        add(valve_checks(now, drain_ms, live));
    }
    if (now.level_of(filler->name) < fill_ul)
      found.push_back({"reservoir",
                       check_verdict::fail,
                       reason::reservoir_short,
                       {{"pump", filler->name},
                        {"left", millilitres(now.level_of(filler->name))},
                        {"needed", millilitres(fill_ul)}}});
    const auto room = setup.waste_capacity_ul - now.waste_used_ul;
    if (purpose == run_purpose::drain && room < drain_ul)
      found.push_back(
          {"waste",
           check_verdict::fail,
           reason::waste_full,
           {{"left", millilitres(std::max<int64_t>(0, room))}, {"needed", millilitres(drain_ul)}}});
  }
  return found;
}

/// True for what passes by itself: a silent printer, a guard that is starting, a full window.
bool passes_by_itself(const station_check& found, const station_facts& live, const station& now) {
  if (found.id == "printer")
    return true;
  if (found.why == reason::pump_window_short)
    return found.id.starts_with("window_");
  return found.why == reason::pumps_unavailable && !live.pumps.connected
         && !now.setup.pump_bank.empty();
}

void refuse_pump(station_draft& draft, const station_check& why) {
  const bool volume = why.why == reason::reservoir_short || why.why == reason::waste_full;
  const auto cause = volume ? error_cause::reservoir_short : error_cause::config_invalid;
  if (volume)
    return raise_error(draft, cause, why.why, why.why_params, {redo, skip, abort});
  raise_error(draft, cause, reason::config_invalid, {{"detail", render(why.why, why.why_params)}},
              {redo, skip, abort});
}

void switch_on(station_draft& draft, run_purpose purpose, std::vector<station_check> decision) {
  const auto& setup = draft.now().setup;
  const bool drains = purpose == run_purpose::drain;
  const auto& pump = drains ? *setup.drain() : *setup.filler(draft.change().material);
  pump_run run;
  run.number = draft.now().runs + 1;
  run.purpose = purpose;
  run.pump = pump.name;
  run.direction = pump.direction;
  run.planned_ul = drains ? setup.change.drain_volume_ul : setup.change.fill_volume_ul;
  run.planned_ms = duration_ms(run.planned_ul, pump.flow_ul_per_s);
  run.simulation = draft.now().job->simulation;
  run.charged_ul = charge_ul(draft.now(), pump, run);
  run.epoch = draft.now().pump_epoch;
  run.with_valve = drains && setup.valve_during_drain;
  draft.put(station_step_began{drains ? change_step::draining : change_step::filling,
                               draft.now().job->attempt + 1, run.planned_ms});
  draft.put(station_pump_began{run, std::move(decision)});
  draft.act(effects::run_pump{run});
}

/// The first change of those that came due together: layers since then hold the wrong material,
/// whichever is made.
recipe_step first_missed(const material_change& change, const station_job& job) {
  recipe_step missed{change.layer, change.material};
  for (auto record = job.changes.rbegin();
       record != job.changes.rend() && record->why == reason::change_superseded; ++record)
    missed = {record->layer, record->material};
  return missed;
}

} // namespace

void raise_error(station_draft& draft, error_cause cause, reason why, reason_params params,
                 std::vector<station_answer> choices) {
  station_error error;
  error.cause = cause;
  error.why = why;
  error.why_params = std::move(params);
  error.question = choices.empty() ? 0 : draft.now().questions + 1;
  error.choices = std::move(choices);
  error.from = draft.now().state == station_state::error && draft.now().error
                   ? draft.now().error->from
                   : draft.now().state;
  draft.because(why, error.why_params);
  draft.put(station_error_raised{std::move(error)});
}

void begin_step(station_draft& draft, change_step step) {
  const auto attempt = draft.now().job->attempt + 1;
  draft.put(station_step_began{step, attempt, planned_ms(draft.now().setup, step)});
  if (const auto control = control_of(step); control != resin_control::none)
    draft.act(effects::resin_command{control, attempt, {}});
}

void end_step(station_draft& draft, bool succeeded, reason why, int64_t actual_ms) {
  const auto& change = draft.change();
  draft.put(station_step_ended{change.step, change.attempt, succeeded, why,
                               planned_ms(draft.now().setup, change.step), actual_ms});
}

void end_pump_step(station_draft& draft, const pump_run& run,
                   const commands::station_pump_settled& how) {
  const auto& change = draft.change();
  draft.put(station_step_ended{change.step, change.attempt, how.completed,
                               how.completed ? reason::ok : how.why, run.planned_ms, how.on_time_ms,
                               run.planned_ul, moved_ul(draft.now().setup, how, run)});
}

void begin_change(station_draft& draft, size_t index, int64_t at_layer) {
  const auto plan = draft.now().job->plan;
  for (auto i = static_cast<size_t>(draft.now().job->next); i < index; ++i)
    draft.put(station_change_skipped{record_of(plan[i], i, reason::change_superseded)});
  const auto& step = plan[index];
  draft.because(reason::change_due,
                {{"layer", std::to_string(step.layer)}, {"material", step.material}});
  draft.put(station_change_began{static_cast<int64_t>(index), step.layer, step.material, at_layer});
  if (at_layer - first_missed(draft.change(), *draft.now().job).layer <= late_layers_max
      || GANTRY_DEFECT("LATE/begin"))
    return begin_step(draft, change_step::request_pause);
  ask_about_lateness(draft, at_layer);
  draft.act(effects::resin_command{resin_control::pause, 0, {}});
}

int64_t latest_pause(const station_job& job) {
  const auto& change = *job.change;
  const auto due = first_missed(change, job).layer + late_layers_max;
  return std::max(change.at_layer, due) + 1;
}

void ask_about_lateness(station_draft& draft, int64_t at_layer) {
  const auto missed = first_missed(draft.change(), *draft.now().job);
  raise_error(draft, error_cause::change_late, reason::change_late,
              {{"layer", std::to_string(missed.layer)},
               {"material", missed.material},
               {"at", std::to_string(at_layer)}},
              {redo, skip, abort});
}

void pump_next(station_draft& draft, const station_facts& live) {
  const auto purpose = next_purpose(draft.change());
  auto found = checks_for(draft.now(), purpose, live);
  if (const auto* no = first_failure(found)) {
    if (passes_by_itself(*no, live, draft.now()))
      return hold(draft, *no);
    return refuse_pump(draft, *no);
  }
  switch_on(draft, purpose, std::move(found));
}

void after_pump(station_draft& draft, const pump_run& run,
                const commands::station_pump_settled& how, const station_facts& live) {
  end_pump_step(draft, run, how);
  if (!how.completed) {
    const auto detail = how.detail.empty() ? std::string{to_string(how.why)} : how.detail;
    return ask_about_step(draft, error_cause::pump_actuation_failure,
                          reason::pump_actuation_failure, {{"pump", run.pump}, {"detail", detail}});
  }
  if (run.purpose == run_purpose::drain && GANTRY_DEFECT("INV-14/vat"))
    return begin_step(draft, change_step::request_resume);
  if (run.purpose == run_purpose::drain)
    return pump_next(draft, live);
  begin_step(draft, change_step::settling);
}

void complete_change(station_draft& draft) {
  const auto record = record_of(draft.change(), *draft.now().job);
  draft.because(reason::change_completed,
                {{"material", record.material}, {"layer", std::to_string(record.at_layer)}});
  draft.put(station_change_completed{record});
  for (auto& shortage : shortages_of(draft.now()))
    draft.put(station_warned{shortage.code, std::move(shortage.params), 0});
}

void give_up_wish(station_draft& draft, resin_control control) {
  if (draft.now().has_open_job() && draft.now().job->asked == control)
    draft.put(station_control_ended{control, false});
}

void leave_paused(station_draft& draft) {
  draft.put(station_control_ended{resin_control::pause, true});
  complete_change(draft);
}

void skip_change(station_draft& draft, reason why) {
  auto record = record_of(draft.change(), *draft.now().job);
  record.outcome = change_outcome::skipped;
  record.why = why;
  draft.because(why, {{"layer", std::to_string(record.layer)}});
  draft.put(station_change_skipped{record});
}

void ask_about_step(station_draft& draft, error_cause cause, reason why, reason_params params) {
  const auto step = draft.change().step;
  if (step == change_step::draining || step == change_step::filling)
    return raise_error(draft, cause, why, std::move(params), {continue_, redo, skip, abort});
  if (step == change_step::request_resume)
    return raise_error(draft, cause, why, std::move(params), {redo, continue_, abort});
  raise_error(draft, cause, why, std::move(params), {redo, skip, abort});
}

void take_up_step(station_draft& draft, const station_facts& live) {
  const auto& change = draft.change();
  switch (change.step) {
  case change_step::wait_plate_clear:
  case change_step::settling: {
    // How much of the time has passed is not known, so all of it is waited for again.
    const auto step = change.step;
    end_step(draft, false, reason::step_interrupted, 0);
    return begin_step(draft, step);
  }
  case change_step::request_pause:
    if (!live.fresh || live.report.state != resin_state::printing)
      return;
    if (live.report.layer - change.layer > late_layers_max) {
      ask_about_lateness(draft, live.report.layer);
      return draft.act(effects::resin_command{resin_control::pause, 0, {}});
    }
    return ask_again(draft, live);
  case change_step::request_resume:
    if (!live.fresh || live.report.state != resin_state::paused)
      return;
    // The machine shows that the resume had no effect, so it may be sent again.
    if (draft.now().job->asked != resin_control::pause)
      return ask_again(draft, live);
    end_step(draft, true, reason::ok, live.step_ms);
    return complete_change(draft);
  case change_step::draining:
  case change_step::filling:
  case change_step::complete:
    return;
  }
}

void end_job(station_draft& draft, job_end end, reason why) {
  draft.because(why);
  if (draft.now().run) {
    draft.put(station_stop_wanted{end, why});
    return draft.act(effects::stop_pump{draft.now().run->number});
  }
  draft.put(station_job_ended{end, why});
}

} // namespace gantry::rules
