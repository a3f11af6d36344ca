#include "rules/station_watch.hpp"

#include "schemas/defect.hpp"

#include <algorithm>

namespace gantry::rules {

using namespace events;

namespace {

using enum station_answer;

/// Progress is recorded every fiftieth of the print, at least.
int64_t progress_grain(int64_t layers) {
  return std::max<int64_t>(1, layers / 50);
}

bool is_our_file(const station_job& job, const resin_report& report) {
  return report.internal_file.empty() || report.internal_file == job.internal_file;
}

bool active(const resin_report& report) {
  return report.state == resin_state::printing || report.state == resin_state::paused;
}

/// States in which a silent printer stops what is to be done.
bool needs_printer(const station& now) {
  return now.state == station_state::monitoring || now.state == station_state::material_change;
}

void lose_printer(station_draft& draft, const station_facts& live) {
  const auto& now = draft.now();
  if (!needs_printer(now) || now.run || live.report.reconnects_failed < reconnects_min
      || live.offline_ms < now.setup.offline_grace_s * 1'000)
    return;
  raise_error(
      draft, error_cause::transient_printer_disconnect, reason::transient_printer_disconnect,
      {{"station", now.setup.name}, {"count", std::to_string(live.report.reconnects_failed)}}, {});
}

/// The printer answers again, or shows what it was asked for after all: goes on alone. False if
/// the error stays.
bool recover(station_draft& draft, const station_facts& live) {
  const auto& now = draft.now();
  // A person may be working on the vat with a pump; nothing goes on meanwhile.
  if (now.run)
    return false;
  const auto cause = now.error->cause;
  const auto from = now.error->from;
  bool over = cause == error_cause::transient_printer_disconnect;
  // A command can be refused because it was carried out before: its first answer was lost.
  const bool command =
      cause == error_cause::command_timeout || cause == error_cause::command_failed;
  if (command && now.change())
    over = (now.change()->step == change_step::request_pause
            && live.report.state == resin_state::paused)
           || (now.change()->step == change_step::request_resume
               && live.report.state == resin_state::printing);
  if (cause == error_cause::start_unconfirmed)
    over = active(live.report) && is_our_file(*now.job, live.report);
  if (!over)
    return false;
  draft.because(reason::station_recovered,
                {{"station", now.setup.name}, {"seconds", std::to_string(live.outage_ms / 1'000)}});
  draft.put(station_error_settled{now.error->question, continue_, {}, true, live.outage_ms});
  if (cause != error_cause::transient_printer_disconnect || from != station_state::material_change)
    return true;
  // A command that is still to be sent is taken up by who follows its step.
  const auto& change = draft.change();
  const bool asks =
      change.step == change_step::request_pause || change.step == change_step::request_resume;
  if (!asks || live.asked_attempt == change.attempt)
    take_up_step(draft, live);
  return true;
}

void observe_start(station_draft& draft, const resin_report& report) {
  const auto& job = *draft.now().job;
  if (!active(report) || !job.start_sent || report.internal_file != job.internal_file)
    return;
  draft.because(reason::resin_print_observed, {{"file", job.file}});
  draft.put(station_print_observed{report.internal_file, report.layer, report.layers});
}

/// True if step `index` of the plan was made or left out.
bool settled(const station_job& job, size_t index) {
  return std::ranges::any_of(job.changes, [index](const change_record& x) {
    return x.index == static_cast<int64_t>(index);
  });
}

/// A plan that goes beyond the file is refused as soon as the printer tells its layers.
bool refuse_plan(station_draft& draft, const resin_report& report) {
  const auto& job = *draft.now().job;
  if (report.layers > 0 && report.layers != job.layers)
    draft.put(station_print_observed{report.internal_file, report.layer, report.layers});
  const auto last = job.plan.size();
  if (job.layers <= 0 || last == 0 || static_cast<int64_t>(last) <= job.next
      || job.plan.back().layer <= job.layers || settled(job, last - 1))
    return false;
  raise_error(draft, error_cause::recipe_conflict, reason::recipe_conflict,
              {{"detail", "layer " + std::to_string(job.plan.back().layer)
                              + " lies beyond the file's " + std::to_string(job.layers)}},
              {skip, abort});
  draft.act(effects::resin_command{resin_control::pause, 0, {}});
  return true;
}

/// Records the changes of the plan that the print ended without.
void leave_out_rest(station_draft& draft) {
  const auto plan = draft.now().job->plan;
  for (auto i = static_cast<size_t>(draft.now().job->next); i < plan.size(); ++i) {
    if (settled(*draft.now().job, i))
      continue;
    change_record record;
    record.index = static_cast<int64_t>(i);
    record.layer = plan[i].layer;
    record.material = plan[i].material;
    record.outcome = change_outcome::skipped;
    record.why = reason::change_passed;
    draft.put(station_change_skipped{std::move(record)});
  }
}

/// True if the printer went out of sight before it showed its present state: what happened in
/// between, nobody knows.
bool went_unseen(const station& now, const station_facts& live) {
  return live.unseen_ms < 0 || live.unseen_ms > now.setup.report_patience_ms();
}

/// True if the report shows that the print is over; the job is ended then.
bool observe_end(station_draft& draft, const station_facts& live) {
  const auto& job = *draft.now().job;
  const auto state = live.report.state;
  const auto layer = std::max(job.last_layer, live.highest_layer);
  const bool complete = state == resin_state::finished
                        || (state == resin_state::stopped && job.layers > 0 && layer >= job.layers);
  if (complete) {
    leave_out_rest(draft);
    end_job(draft, job_end::completed, reason::resin_print_completed);
    return true;
  }
  if (state != resin_state::stopped && state != resin_state::stopping)
    return false;
  const bool asked_for = draft.now().stop_unconfirmed() || job.asked == resin_control::stop;
  if (state == resin_state::stopped && !asked_for && went_unseen(draft.now(), live))
    end_job(draft, job_end::unseen, reason::resin_print_unseen);
  else
    end_job(draft, job_end::stopped, reason::resin_print_stopped);
  return true;
}

bool observe_other_file(station_draft& draft, const resin_report& report) {
  if (!active(report) || is_our_file(*draft.now().job, report))
    return false;
  raise_error(draft, error_cause::print_replaced, reason::print_replaced,
              {{"station", draft.now().setup.name}, {"file", report.internal_file}}, {abort});
  if (draft.now().run)
    draft.act(effects::stop_pump{draft.now().run->number});
  return true;
}

bool observe_rollback(station_draft& draft, const station_facts& live) {
  const auto& job = *draft.now().job;
  const auto highest = std::max(job.last_layer, live.highest_layer);
  // Some replies leave the layer out, which reads as 0 and says nothing.
  if (live.report.layer <= 0 || highest - live.report.layer <= rollback_layers_max)
    return false;
  raise_error(draft, error_cause::layer_rollback, reason::layer_rollback,
              {{"from", std::to_string(highest)}, {"to", std::to_string(live.report.layer)}},
              {continue_, abort});
  return true;
}

/// The last step of the plan that was reached or passed and is not over; nothing if none is due.
std::optional<size_t> due_step(const station_job& job, int64_t layer) {
  std::optional<size_t> due;
  for (auto i = static_cast<size_t>(job.next); i < job.plan.size(); ++i)
    if (job.plan[i].layer <= layer)
      due = i;
  return due;
}

/// A change is due in a print that goes on although its stop was accepted.
void ask_about_stop(station_draft& draft) {
  raise_error(draft, error_cause::stop_unconfirmed, reason::resin_stop_unconfirmed,
              {{"station", draft.now().setup.name}}, {continue_, abort});
  give_up_wish(draft, resin_control::stop);
}

void watch_layers(station_draft& draft, const station_facts& live) {
  const auto& job = *draft.now().job;
  const auto layer = live.report.layer;
  const auto due = due_step(job, layer);
  if (due && job.asked == resin_control::stop && job.asked_accepted)
    return ask_about_stop(draft);
  // What a person wants comes first: the change would end a pause, and pump before a stop. But a
  // pause that has no effect does not let the print go on in the wrong material unasked.
  const bool late = due && layer - job.plan[static_cast<size_t>(job.next)].layer > late_layers_max;
  if (due && (job.asked == resin_control::none || (job.asked == resin_control::pause && late)))
    return begin_change(draft, *due, layer);
  if (layer - job.last_layer >= progress_grain(job.layers))
    draft.put(station_progressed{layer});
  if (live.polls_on_layer > stagnant_polls_max + stagnant_polls_more
      && job.stagnant_layer != layer) {
    const reason_params params{{"layer", std::to_string(layer)},
                               {"polls", std::to_string(live.polls_on_layer)}};
    draft.because(reason::layer_stagnation, params);
    draft.put(station_warned{reason::layer_stagnation, params, layer});
  }
}

/// Sees to a pause that a person wants: asks again while the printer shows no effect, and no
/// command is on its way.
void pursue_pause(station_draft& draft, const station_facts& live) {
  const auto& now = draft.now();
  if (now.job->asked != resin_control::pause || !is_our_file(*now.job, live.report))
    return;
  // In a change the print stands anyway; what is wanted then is that it is left so. What was told
  // to go on may not do so yet.
  if (live.report.state == resin_state::paused && !now.change() && !live.resuming)
    return draft.put(station_control_ended{resin_control::pause, true});
  if (live.report.state == resin_state::printing && !live.pausing && !live.pause_refused)
    draft.act(effects::resin_command{resin_control::pause, 0, {}});
}

void follow_print(station_draft& draft, const station_facts& live) {
  if (observe_other_file(draft, live.report) || observe_end(draft, live))
    return;
  if (refuse_plan(draft, live.report) || observe_rollback(draft, live))
    return;
  if (live.report.state == resin_state::printing && !draft.now().run)
    watch_layers(draft, live);
  // A change, or a question about it, has asked for a pause of its own.
  if (draft.now().state == station_state::monitoring)
    pursue_pause(draft, live);
}

/// The printer moves although its vat is being worked on.
void stop_for_motion(station_draft& draft, const station_facts& live) {
  const auto& now = draft.now();
  const auto step = draft.change().step;
  if (now.run)
    draft.act(effects::stop_pump{now.run->number});
  else if (step == change_step::wait_plate_clear || step == change_step::settling)
    end_step(draft, false, reason::resin_printer_moved, live.step_ms);
  raise_error(draft, error_cause::printer_moved, reason::resin_printer_moved,
              {{"station", now.setup.name}}, {redo, skip, abort});
  draft.act(effects::resin_command{resin_control::pause, 0, {}});
}

void follow_pausing(station_draft& draft, const station_facts& live) {
  if (live.report.state == resin_state::paused) {
    // Where it stands tells later whether the resume had effect.
    if (live.report.layer > draft.now().job->last_layer)
      draft.put(station_progressed{live.report.layer});
    if (live.report.layer > latest_pause(*draft.now().job) && !GANTRY_DEFECT("LATE"))
      return ask_about_lateness(draft, live.report.layer);
    end_step(draft, true, reason::ok, live.step_ms);
    return begin_step(draft, change_step::wait_plate_clear);
  }
  if (live.asked_attempt != draft.change().attempt)
    take_up_step(draft, live);
}

void follow_resuming(station_draft& draft, const station_facts& live) {
  const auto& job = *draft.now().job;
  // Paused again, by a person: whether it went on in between does not matter.
  if (live.report.state == resin_state::paused && job.asked == resin_control::pause
      && job.asked_accepted && !live.resuming) {
    end_step(draft, true, reason::ok, live.step_ms);
    return leave_paused(draft);
  }
  const auto stood_at = std::max(draft.change().at_layer, draft.now().job->last_layer);
  const bool moved_on = live.report.layer > stood_at + 1;
  if (live.report.state == resin_state::printing
      || (live.report.state == resin_state::paused && moved_on)) {
    end_step(draft, true, reason::ok, live.step_ms);
    return complete_change(draft);
  }
  if (live.asked_attempt != draft.change().attempt && !draft.change().accepted)
    take_up_step(draft, live);
}

void follow_change(station_draft& draft, const station_facts& live) {
  if (observe_other_file(draft, live.report) || observe_end(draft, live))
    return;
  const auto step = draft.change().step;
  if (step == change_step::request_pause)
    return follow_pausing(draft, live);
  if (step == change_step::request_resume)
    return follow_resuming(draft, live);
  if (live.report.state == resin_state::printing)
    return stop_for_motion(draft, live);
  // What was waited for may be there now: the wait itself is over, or the drain is done.
  if (draft.change().held != reason::ok && !draft.now().run)
    pump_next(draft, live);
}

/// True if the print must not go on before a person has answered: its next layers would get the
/// wrong material, or none.
bool must_stand(const station& now) {
  const auto cause = now.error->cause;
  return cause == error_cause::change_late || cause == error_cause::recipe_conflict
         || (now.change() && works_on_vat(now.change()->step))
         || (now.stop_unconfirmed() && now.change()
             && now.change()->step == change_step::request_pause);
}

/// Pauses a print that goes on although a question is open: the pause did not reach the printer, or
/// somebody resumed it at the machine.
void hold_still(station_draft& draft, const station_facts& live) {
  if (draft.now().error->cause != error_cause::print_replaced && !must_stand(draft.now()))
    return pursue_pause(draft, live);
  const bool asked = live.pausing || live.pause_refused;
  if (live.report.state == resin_state::printing && !asked && must_stand(draft.now()))
    draft.act(effects::resin_command{resin_control::pause, 0, {}});
}

/// A pump that a person has switched on goes off as soon as the printer moves.
void stop_by_hand(station_draft& draft, const station_facts& live) {
  const auto& run = draft.now().run;
  if (run && run->purpose == run_purpose::manual && live.fresh
      && live.report.state == resin_state::printing)
    draft.act(effects::stop_pump{run->number});
}

} // namespace

void follow(station_draft& draft, const station_facts& live) {
  stop_by_hand(draft, live);
  if (!draft.now().has_open_job())
    return;
  if (live.report.link != link_state::online)
    return lose_printer(draft, live);
  if (!live.fresh || live.report.state == resin_state::unknown)
    return;
  if (draft.now().state == station_state::error && !recover(draft, live)) {
    // What a person is asked becomes pointless when the print is over; one that was not seen yet
    // may still begin.
    if (draft.now().error->from != station_state::starting && !draft.now().run
        && observe_end(draft, live))
      return;
    return hold_still(draft, live);
  }
  if (draft.now().state == station_state::starting)
    observe_start(draft, live.report);
  if (draft.now().state == station_state::monitoring)
    return follow_print(draft, live);
  if (draft.now().state == station_state::material_change && draft.now().change())
    follow_change(draft, live);
}

} // namespace gantry::rules
