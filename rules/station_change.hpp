// The material change, step by step: what follows from each observation, and what a person may
// decide when a step did not go as planned. Every step is recorded as begun before anything is
// done, and as ended with what was measured.
#pragma once

#include "rules/station_draft.hpp"

namespace gantry::rules {

/// Layers by which a change may be late and still be made; later a person is asked.
inline constexpr int64_t late_layers_max = 2;

/// True for the steps in which something moves in the vat, or is about to.
constexpr bool works_on_vat(change_step step) {
  return step >= change_step::wait_plate_clear && step <= change_step::settling;
}

/// Stops doing and waits: for a person if `choices` is not empty, otherwise until it goes on alone.
void raise_error(station_draft& draft, error_cause cause, reason why, reason_params params,
                 std::vector<station_answer> choices);

/// Records the end of the step whose pump has run.
void end_pump_step(station_draft& draft, const pump_run& run,
                   const commands::station_pump_settled& how);

/// Makes the change `index` of the plan due; earlier ones that were not made are left out.
void begin_change(station_draft& draft, size_t index, int64_t at_layer);

/// The last layer at which the print may be seen to stand for the change in progress without a
/// question: late by `late_layers_max`, or by what a person has agreed to, and the layer that was
/// under way.
[[nodiscard]] int64_t latest_pause(const station_job& job);

/// Asks whether the change in progress shall still be made at `at_layer`.
void ask_about_lateness(station_draft& draft, int64_t at_layer);

/// Begins a step that the printer or the clock ends.
void begin_step(station_draft& draft, change_step step);

/// Records the end of the step that is under way.
void end_step(station_draft& draft, bool succeeded, reason why, int64_t actual_ms);

/// The plate is clear, or what was waited for is there: switches the next pump on, if everything
/// holds; otherwise waits on, or asks.
void pump_next(station_draft& draft, const station_facts& live);

/// The run of the change's pump has ended and was recorded; goes on, or asks.
void after_pump(station_draft& draft, const pump_run& run,
                const commands::station_pump_settled& how, const station_facts& live);

/// The change is complete: its vat is filled, and the printer prints again or shall stand.
void complete_change(station_draft& draft);

/// Waits no longer for what a person has asked of the printer, if that is `control`.
void give_up_wish(station_draft& draft, resin_control control);

/// The change is complete, and the print is left as it stands, because a person wants it paused.
void leave_paused(station_draft& draft);

/// Leaves the change in progress out.
void skip_change(station_draft& draft, reason why);

/// Takes up the step under way after a restart or after the printer was lost. Nothing that a person
/// has to judge is repeated.
void take_up_step(station_draft& draft, const station_facts& live);

/// Asks a person about a step that may have happened in part.
void ask_about_step(station_draft& draft, error_cause cause, reason why, reason_params params);

/// Ends the job; if a pump is on, as soon as it is off.
void end_job(station_draft& draft, job_end end, reason why);

/// Carries out an answer to the open question; the reason why it does not fit otherwise.
[[nodiscard]] std::optional<refusal> apply_answer(station_draft& draft,
                                                  const commands::answer_station& answer);

} // namespace gantry::rules
