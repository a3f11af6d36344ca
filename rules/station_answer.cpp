// What a person's answer to a station's question leads to. Each answer says what is in the vat
// where that decides whether it is safe.
#include "rules/station_change.hpp"
#include "rules/station_checks.hpp"

#include <algorithm>

namespace gantry::rules {

using namespace events;

namespace {

refusal unfit(std::string detail) {
  return {reason::answer_not_fitting, {{"detail", std::move(detail)}}};
}

/// True for the causes in which the step under way may have happened in part.
bool is_in_doubt(error_cause cause) {
  return cause == error_cause::step_interrupted || cause == error_cause::pump_actuation_failure
         || cause == error_cause::printer_moved;
}

/// True if a pump of the change has run and nobody has said since, by a whole filling or an answer,
/// what the vat holds.
bool left_the_vat_open(const station_job& job) {
  return job.active_material.empty()
         && std::ranges::any_of(job.change->steps, [](const step_record& x) {
              return x.step == change_step::draining || x.step == change_step::filling;
            });
}

/// True if what is in the vat decides which answer is safe.
bool concerns_the_vat(const station_job& job, error_cause cause) {
  return is_in_doubt(cause) || left_the_vat_open(job);
}

/// Why the state of the vat rules an answer out; nothing if it does not.
std::optional<refusal> refuse_vat(const station& now, const commands::answer_station& answer) {
  const auto* change = now.change();
  const auto cause = now.error->cause;
  if (!change || !concerns_the_vat(*now.job, cause) || answer.answer == station_answer::abort)
    return std::nullopt;
  if (answer.vat.empty())
    return unfit("say what is in the vat");
  const bool empty = answer.vat == "empty";
  if (answer.answer == station_answer::skip)
    return empty ? std::optional{unfit("the print cannot go on over an empty vat")} : std::nullopt;
  // Filling a vat that is not empty may make it run over.
  const bool fills_next =
      (change->step == change_step::draining
       && (answer.answer == station_answer::continue_ || !is_in_doubt(cause)))
      || (change->step == change_step::filling && answer.answer == station_answer::redo);
  if (fills_next && !empty && cause != error_cause::printer_moved)
    return unfit("the vat can only be filled when it is empty");
  if (change->step == change_step::filling && answer.answer == station_answer::continue_
      && answer.vat != change->material)
    return unfit("the vat must hold " + change->material + " for the change to go on");
  return std::nullopt;
}

/// Leaving a change out resumes a print that stands, so it must be seen whether it does, or is
/// about to: nobody would resume it later.
std::optional<refusal> refuse_skip(const station& now, const station_facts& live) {
  if (!live.fresh) {
    const auto seen = paused_check(now, live);
    return refusal{seen.why, seen.why_params};
  }
  if (live.pausing && live.report.state == resin_state::printing)
    return unfit("the printer is about to pause; answer when it stands still");
  return std::nullopt;
}

/// Answers that move something need a printer that is seen to stand still.
std::optional<refusal> refuse_unseen(const station& now, const commands::answer_station& answer) {
  if (answer.answer == station_answer::skip)
    return refuse_skip(now, answer.live);
  const auto* change = now.change();
  const bool pumps =
      change && change->step != change_step::request_pause
      && change->step != change_step::request_resume
      && now.error->cause != error_cause::printer_moved
      && (answer.answer == station_answer::redo || answer.answer == station_answer::continue_);
  if (!pumps)
    return std::nullopt;
  const auto seen = paused_check(now, answer.live);
  if (seen.verdict == check_verdict::fail)
    return refusal{seen.why, seen.why_params};
  return std::nullopt;
}

/// Whoever answers so wants the print to go on, whatever they wanted before.
void resume_if_paused(station_draft& draft, const station_facts& live) {
  give_up_wish(draft, resin_control::pause);
  if (live.report.state == resin_state::paused)
    draft.act(effects::resin_command{resin_control::resume, 0, {}});
}

/// Leaves out the steps of the plan that the file does not have.
void drop_beyond(station_draft& draft, int64_t layers) {
  const auto plan = draft.now().job->plan;
  for (size_t i = 0; i < plan.size(); ++i)
    if (plan[i].layer > layers && static_cast<int64_t>(i) >= draft.now().job->next) {
      change_record record;
      record.index = static_cast<int64_t>(i);
      record.layer = plan[i].layer;
      record.material = plan[i].material;
      record.outcome = change_outcome::skipped;
      record.why = reason::change_skipped;
      draft.put(station_change_skipped{record});
    }
}

/// Does the interrupted step again.
void do_again(station_draft& draft, error_cause cause, const station_facts& live) {
  const auto step = draft.change().step;
  if (cause == error_cause::printer_moved || cause == error_cause::change_late
      || step == change_step::request_pause)
    return begin_step(draft, change_step::request_pause);
  if (step == change_step::request_resume)
    give_up_wish(draft, resin_control::pause);
  if (step == change_step::request_resume || step == change_step::settling)
    return begin_step(draft, step);
  if (step == change_step::filling || (step == change_step::draining && !is_in_doubt(cause)))
    return pump_next(draft, live);
  begin_step(draft, change_step::wait_plate_clear);
}

/// Goes on as if the step had been done.
void go_on(station_draft& draft, const station_facts& live) {
  const auto step = draft.change().step;
  if (step == change_step::draining)
    return pump_next(draft, live);
  if (step == change_step::filling)
    return begin_step(draft, change_step::settling);
  // The person has resumed the print; its next report completes the change.
  if (step != change_step::request_resume)
    return;
  give_up_wish(draft, resin_control::pause);
  draft.put(station_step_accepted{draft.change().attempt});
}

} // namespace

std::optional<refusal> apply_answer(station_draft& draft, const commands::answer_station& answer) {
  const auto& error = *draft.now().error;
  if (std::ranges::find(error.choices, answer.answer) == error.choices.end())
    return unfit("it is not one of the choices");
  if (auto no = refuse_vat(draft.now(), answer))
    return no;
  if (auto no = refuse_unseen(draft.now(), answer))
    return no;
  const auto cause = error.cause;
  // Whoever makes a late change agrees to where the print stands now.
  if (cause == error_cause::change_late && answer.answer == station_answer::redo
      && answer.live.report.layer > draft.now().job->last_layer)
    draft.put(station_progressed{answer.live.report.layer});
  draft.put(station_error_settled{error.question, answer.answer, answer.vat, false, 0});
  if (answer.answer == station_answer::abort) {
    end_job(draft, job_end::given_up, reason::given_up_by_person);
    return std::nullopt;
  }
  give_up_wish(draft, resin_control::stop);
  if (answer.answer == station_answer::skip) {
    if (draft.now().change())
      skip_change(draft, reason::change_skipped);
    else if (cause == error_cause::recipe_conflict)
      drop_beyond(draft, draft.now().job->layers);
    resume_if_paused(draft, answer.live);
    return std::nullopt;
  }
  if (!draft.now().change()) {
    // After a rollback the layers count anew from where the print is.
    if (cause == error_cause::layer_rollback && answer.live.report.layer > 0)
      draft.put(station_progressed{answer.live.report.layer});
    return std::nullopt;
  }
  if (answer.answer == station_answer::redo)
    do_again(draft, cause, answer.live);
  else
    go_on(draft, answer.live);
  return std::nullopt;
}

} // namespace gantry::rules
