// What the station's own controller records: observations, ends of steps and runs, and what is
// found after a restart. Nothing here refuses a fact; what no longer matters changes nothing.
#include "rules/pump_charge.hpp"
#include "rules/station_checks.hpp"
#include "rules/station_watch.hpp"
#include "schemas/defect.hpp"

#include <algorithm>

namespace gantry::rules {

using namespace commands;
using namespace events;

namespace {

using enum station_answer;

/// How a step's decision is made: on a draft of the station, if it exists.
template <class Decide>
ruling on_draft(const case_file& file, const station_id& id, Decide decide) {
  const auto* where = file.known.find<station>(ref_of(id));
  if (!where)
    return refuse(reason::not_found, {{"kind", "station"}, {"id", id.value}});
  station_draft draft{*where, file.context.at};
  decide(draft);
  return draft.take();
}

/// True if the change's step `attempt` is under way.
bool under_way(const station& now, int64_t attempt) {
  return now.state == station_state::material_change && now.change()
         && now.change()->attempt == attempt;
}

void record_run_end(station_draft& draft, const station_pump_settled& how) {
  const auto run = *draft.now().run;
  const reason_params params{{"pump", run.pump}, {"ms", std::to_string(how.on_time_ms)}};
  draft.because(how.completed ? reason::station_pump_done : reason::station_pump_stopped, params);
  draft.put(station_pump_ended{run.number, run.pump, how.completed, how.why, how.detail,
                               run.planned_ms, how.on_time_ms, run.planned_ul,
                               moved_ul(draft.now().setup, how, run), run.simulation});
}

void settle_pump(station_draft& draft, const station_pump_settled& how) {
  if (!draft.now().run || draft.now().run->number != how.number)
    return;
  const auto run = *draft.now().run;
  if (run.purpose == run_purpose::manual || !draft.now().change()) {
    record_run_end(draft, how);
  } else if (draft.now().state == station_state::material_change) {
    record_run_end(draft, how);
    return after_pump(draft, run, how, how.live);
  } else {
    record_run_end(draft, how);
    end_pump_step(draft, run, how);
  }
  if (draft.now().state == station_state::stop_requested)
    draft.put(station_job_ended{draft.now().ending, draft.now().ending_why});
}

/// A run that nobody watched to its end: it may have lasted as long as its line can, so it is
/// charged in full and never repeated by itself.
void interrupt_run(station_draft& draft) {
  const auto run = *draft.now().run;
  station_pump_settled how;
  how.number = run.number;
  how.started = true;
  how.why = reason::step_interrupted;
  how.detail = "the controller was restarted";
  how.on_time_ms = unseen_on_time_ms(run.planned_ms);
  record_run_end(draft, how);
  const auto state = draft.now().state;
  if (state == station_state::stop_requested)
    return draft.put(station_job_ended{draft.now().ending, draft.now().ending_why});
  if (run.purpose == run_purpose::manual || !draft.now().change())
    return;
  end_pump_step(draft, run, how);
  if (state == station_state::material_change && GANTRY_DEFECT("INV-13/repeat"))
    return begin_step(draft, change_step::wait_plate_clear);
  if (state == station_state::material_change)
    ask_about_step(draft, error_cause::step_interrupted, reason::step_interrupted,
                   {{"step", std::string{name_of(draft.change().step)}},
                    {"detail", "the controller was restarted"}});
}

void settle_start(station_draft& draft, const station_control_settled& x) {
  const auto& now = draft.now();
  if (!now.has_open_job() || now.job->answer != start_answer::pending || !now.job->start_sent)
    return;
  switch (x.outcome) {
  case control_outcome::done:
    return draft.put(station_start_answered{start_answer::acknowledged, x.detail});
  case control_outcome::lost:
    return draft.put(station_start_answered{start_answer::lost, x.detail});
  case control_outcome::refused:
  case control_outcome::not_sent:
    draft.put(station_start_answered{start_answer::refused, x.detail});
    draft.because(reason::start_refused, {{"detail", x.detail}});
    if (now.state == station_state::starting)
      draft.put(station_job_ended{job_end::start_refused, reason::start_refused});
    return;
  }
}

void settle_step(station_draft& draft, const station_control_settled& x) {
  if (!under_way(draft.now(), x.attempt))
    return;
  if (x.outcome == control_outcome::done)
    return draft.put(station_step_accepted{x.attempt});
  // Not sent because nobody answers: the step is taken up again when the printer is back.
  if (x.outcome == control_outcome::not_sent)
    return;
  const auto wanted =
      x.control == resin_control::pause ? resin_state::paused : resin_state::printing;
  if (x.live.fresh && x.live.report.state == wanted)
    return follow(draft, x.live);
  if (x.control == resin_control::resume && x.outcome == control_outcome::refused && x.live.fresh
      && x.live.report.state == resin_state::paused
      && draft.now().job->asked == resin_control::pause) {
    end_step(draft, true, reason::ok, x.elapsed_ms);
    return complete_change(draft);
  }
  end_step(draft, false, reason::command_failed, x.elapsed_ms);
  ask_about_step(draft, error_cause::command_failed, reason::command_failed,
                 {{"command", std::string{name_of(x.control)}}, {"detail", x.detail}});
}

/// A stop that did not reach its printer, or may not have: nothing is changed in a print that a
/// person does not want any more, before they have said so again.
void hold_after_stop(station_draft& draft) {
  const auto& now = draft.now();
  const reason_params params{{"station", now.setup.name}};
  if (!now.has_open_job())
    return;
  // What goes on by itself would forget the stop.
  const bool waits_alone =
      now.state == station_state::error && !now.change()
      && (now.error->question == 0 || now.error->cause == error_cause::start_unconfirmed);
  if (now.state == station_state::monitoring || now.state == station_state::starting || waits_alone)
    return raise_error(draft, error_cause::stop_unconfirmed, reason::resin_stop_unconfirmed, params,
                       {continue_, abort});
  // A change may have begun while the answer was waited for.
  if (now.state != station_state::material_change || !now.change())
    return;
  if (works_on_vat(now.change()->step))
    return end_job(draft, job_end::stopped, reason::resin_print_stopped);
  ask_about_step(draft, error_cause::stop_unconfirmed, reason::resin_stop_unconfirmed, params);
}

/// True if the printer's refusal of a pause says that it will not be paused: it has refused before,
/// and neither stands, is about to, nor is still on its way down from the last pause. The first
/// refusal proves nothing: who asked before may have died before the answer.
bool will_not_pause(const station& now, const station_control_settled& x) {
  const bool stands = x.live.fresh && x.live.report.state == resin_state::paused;
  return x.outcome == control_outcome::refused && now.job->asked_refused && !now.change()
         && !now.job->asked_accepted && !stands && !x.live.resuming;
}

void settle_control(station_draft& draft, const station_control_settled& x) {
  const auto& now = draft.now();
  const bool waits = now.has_open_job() && now.job->asked == x.control;
  const bool given_up = waits && x.control == resin_control::pause && will_not_pause(now, x);
  // What was accepted before is refused because it is being done.
  const bool under_way = waits && now.job->asked_accepted;
  if (x.outcome != control_outcome::done && !under_way)
    draft.because(reason::control_failed,
                  {{"command", std::string{name_of(x.control)}}, {"detail", x.detail}});
  draft.put(station_control_answered{x.control, x.outcome, x.detail});
  if (given_up)
    give_up_wish(draft, resin_control::pause);
  if (x.control != resin_control::stop || x.outcome == control_outcome::done || under_way)
    return;
  hold_after_stop(draft);
  give_up_wish(draft, resin_control::stop);
}

void overdue(station_draft& draft, const station_step_overdue& x) {
  const auto& now = draft.now();
  if (now.state == station_state::starting && now.job && now.job->start_sent && x.attempt == 0)
    return raise_error(draft, error_cause::start_unconfirmed, reason::start_unconfirmed, {},
                       {continue_, abort});
  if (!under_way(now, x.attempt))
    return;
  const auto step = now.change()->step;
  if (step != change_step::request_pause && step != change_step::request_resume)
    return;
  ask_about_step(draft, error_cause::command_timeout, reason::command_timeout,
                 {{"command", step == change_step::request_pause ? "the pause" : "the resume"},
                  {"seconds", std::to_string(x.waited_s)}});
}

} // namespace

ruling decide_station(const case_file& file, const observe_station& x) {
  return on_draft(file, x.id, [&x](station_draft& draft) { follow(draft, x.live); });
}

ruling decide_station(const case_file& file, const wake_station& x) {
  return on_draft(file, x.id, [&x](station_draft& draft) {
    // Whether it was sent, nobody knows; a print is not stopped on that alone.
    if (draft.now().has_open_job() && draft.now().job->asked == resin_control::stop) {
      hold_after_stop(draft);
      give_up_wish(draft, resin_control::stop);
    }
    if (draft.now().run)
      return interrupt_run(draft);
    if (draft.now().state == station_state::stop_requested)
      return draft.put(station_job_ended{draft.now().ending, draft.now().ending_why});
    if (draft.now().state == station_state::material_change && draft.now().change())
      take_up_step(draft, x.live);
  });
}

ruling decide_station(const case_file& file, const begin_station_start& x) {
  return on_draft(file, x.id, [&x](station_draft& draft) {
    const auto& now = draft.now();
    if (now.state != station_state::starting || now.job->number != x.job || now.job->start_sent)
      return;
    const auto state = x.live.report.state;
    const bool ready =
        x.live.fresh && (state == resin_state::stopped || state == resin_state::finished);
    if (!ready) {
      const auto why =
          x.live.fresh ? reason::resin_printer_not_stopped : reason::resin_printer_silent;
      draft.because(why, {{"station", now.setup.name}, {"state", std::string{name_of(state)}}});
      return draft.put(station_job_ended{job_end::start_refused, why});
    }
    draft.put(station_start_intended{});
    draft.act(effects::resin_command{resin_control::start, 0, now.job->internal_file});
  });
}

ruling decide_station(const case_file& file, const station_control_settled& x) {
  return on_draft(file, x.id, [&x](station_draft& draft) {
    if (x.control == resin_control::start)
      return settle_start(draft, x);
    if (x.attempt > 0)
      return settle_step(draft, x);
    settle_control(draft, x);
  });
}

ruling decide_station(const case_file& file, const station_wait_over& x) {
  return on_draft(file, x.id, [&x](station_draft& draft) {
    if (!under_way(draft.now(), x.attempt))
      return;
    const auto step = draft.change().step;
    if (step == change_step::wait_plate_clear) {
      if (draft.change().held != reason::ok)
        return;
      end_step(draft, true, reason::ok, x.elapsed_ms);
      return pump_next(draft, x.live);
    }
    if (step != change_step::settling)
      return;
    end_step(draft, true, reason::ok, x.elapsed_ms);
    if (draft.now().job->asked == resin_control::pause && !GANTRY_DEFECT("PAUSE"))
      return leave_paused(draft);
    begin_step(draft, change_step::request_resume);
  });
}

ruling decide_station(const case_file& file, const station_step_overdue& x) {
  return on_draft(file, x.id, [&x](station_draft& draft) { overdue(draft, x); });
}

ruling decide_station(const case_file& file, const station_pump_settled& x) {
  return on_draft(file, x.id, [&x](station_draft& draft) {
    auto how = x;
    // Nobody knows how long the pump was on after the guard was heard of last.
    if (how.why == reason::pump_guard_lost && draft.now().run && !GANTRY_DEFECT("INV-13/credit")) {
      how.started = true;
      how.on_time_ms = unseen_on_time_ms(draft.now().run->planned_ms);
    }
    settle_pump(draft, how);
  });
}

ruling decide_station(const case_file& file, const station_lock_over& x) {
  return on_draft(file, x.id, [](station_draft& draft) {
    if (draft.now().safety_lock)
      draft.put(station_lock_released{});
  });
}

} // namespace gantry::rules
