// What people ask of a station: start, attach, stop, control, pumps by hand, answers, and the
// emergency stop.
#include "rules/pump_charge.hpp"
#include "rules/station_change.hpp"
#include "rules/station_checks.hpp"
#include "schemas/defect.hpp"

#include <algorithm>

namespace gantry::rules {

using namespace commands;
using namespace events;

namespace {

/// The station that a command is about, or why nothing is done.
struct station_case {
  station_case(const case_file& file, const station_id& id)
      : where{file.known.find<station>(ref_of(id))} {
    if (!where)
      no = refuse(reason::not_found, {{"kind", "station"}, {"id", id.value}});
    else if (where->retired)
      no = refuse(reason::station_retired, {{"station", where->setup.name}});
  }

  const station* where;
  std::optional<ruling> no;
};

ruling refuse_in_state(const station& where, std::string action) {
  return refuse(reason::station_not_in_state, {{"station", where.setup.name},
                                               {"state", std::string{name_of(where.state)}},
                                               {"action", std::move(action)}});
}

bool is_person(const case_file& file) {
  const auto kind = file.context.who.kind;
  return kind == principal_kind::user || kind == principal_kind::integration;
}

ruling only_a_person() {
  return refuse(reason::only_a_person);
}

station_job job_of(const station& where, std::string initial, bool dry_run) {
  station_job job;
  job.number = where.jobs + 1;
  job.plan = where.recipe;
  job.recipe_revision = where.recipe_revision;
  job.initial_material = initial.empty() ? where.setup.initial_material : std::move(initial);
  job.active_material = job.initial_material;
  // Steps are counted through all prints: a late answer to the last one is none to the next.
  job.attempt = where.job ? where.job->attempt : 0;
  job.simulation = dry_run || where.setup.dry_run;
  return job;
}

/// True while a pump is on, or may be before the printer shows that it was stopped: in a change,
/// and in one that goes on alone as soon as its printer answers.
bool may_pump(const station& where) {
  const bool waits = where.state == station_state::error && where.error->question == 0;
  const bool goes_on = where.state == station_state::material_change || waits;
  return where.run || (goes_on && where.change() && works_on_vat(where.change()->step));
}

/// Why a pump may not be run by hand now; nothing if it may. Unknown is a refusal: a printer that
/// is not seen may be printing.
std::optional<std::string> manual_objection(const station& where, const run_station_pump& x) {
  if (where.state == station_state::starting || where.state == station_state::material_change
      || where.state == station_state::stop_requested)
    return "a print is being started or a material changed";
  if (!x.live.fresh || x.live.report.state == resin_state::unknown) {
    if (where.has_open_job())
      return "the printer does not answer, and a print is on it";
    return x.printer_is_idle ? std::nullopt
                             : std::optional<std::string>{
                                 "the printer does not answer; look at it and say that it is idle"};
  }
  if (x.live.report.state == resin_state::printing && !GANTRY_DEFECT("INV-14"))
    return "the printer is printing";
  if (x.live.report.state == resin_state::stopping)
    return "the printer is still moving";
  return std::nullopt;
}

/// True if a change goes on by itself: it is under way, or waits for its printer or for what it was
/// asked for. Every other question holds it already, and knows better what is safe.
bool goes_on_alone(const station& where) {
  if (!where.error)
    return where.state == station_state::material_change;
  const auto cause = where.error->cause;
  return where.error->question == 0 || cause == error_cause::command_timeout
         || cause == error_cause::command_failed;
}

/// What the stop of its print means for a change. Nobody pumps into a print that is being stopped.
/// One that has not come to the vat yet, or is over it, does not go on before the stop is seen: if
/// it is lost, the print would be paused for a change, and resumed, that nobody wants any more.
void stop_change(station_draft& draft) {
  const auto& now = draft.now();
  if (may_pump(now))
    return end_job(draft, job_end::stopped, reason::resin_print_stopped);
  if (now.change() && goes_on_alone(now))
    ask_about_step(draft, error_cause::stop_unconfirmed, reason::resin_stop_unconfirmed,
                   {{"station", now.setup.name}});
}

pump_run manual_run(const station& where, const station_pump& pump, const run_station_pump& x) {
  pump_run run;
  run.number = where.runs + 1;
  run.pump = pump.name;
  run.direction = x.direction;
  run.planned_ms = x.duration_ms;
  if (x.preset == pump_preset::prime) {
    run.direction = pump.direction;
    run.planned_ms = 10'000;
  } else if (x.preset == pump_preset::clean) {
    run.direction = pump.direction == pump_direction::forward ? pump_direction::reverse
                                                              : pump_direction::forward;
    run.planned_ms = 30'000;
  }
  run.planned_ul = volume_ul(run.planned_ms, pump.flow_ul_per_s);
  run.simulation = where.setup.dry_run;
  run.epoch = where.pump_epoch;
  run.charged_ul = charge_ul(where, pump, run);
  return run;
}

} // namespace

ruling decide_station(const case_file& file, const start_station& x) {
  const station_case at{file, x.id};
  if (at.no)
    return *at.no;
  const auto checks = start_checks(*at.where, x, x.live);
  if (const auto* no = first_failure(checks))
    return refuse(no->why, no->why_params);
  auto job = job_of(*at.where, x.initial_material, x.dry_run);
  job.file = x.file;
  job.internal_file = x.internal_file;
  job.layers = x.layers > 0 ? x.layers : known_layers(*at.where, x.internal_file);
  station_draft draft{*at.where, file.context.at};
  draft.put(station_job_began{std::move(job)});
  return draft.take();
}

ruling decide_station(const case_file& file, const attach_station& x) {
  const station_case at{file, x.id};
  if (at.no)
    return *at.no;
  const auto checks = attach_checks(*at.where, x, x.live);
  if (const auto* no = first_failure(checks))
    return refuse(no->why, no->why_params);
  const auto& report = x.live.report;
  auto job = job_of(*at.where, x.active_material, x.dry_run);
  job.attached = true;
  job.start_sent = true;
  job.answer = start_answer::acknowledged;
  job.file = report.file.empty() ? report.internal_file : report.file;
  job.internal_file = report.internal_file;
  job.layers = report.layers;
  job.last_layer = report.layer;
  station_draft draft{*at.where, file.context.at};
  draft.put(station_job_began{job});
  draft.put(station_print_observed{report.internal_file, report.layer, report.layers});
  for (size_t i = 0; i < job.plan.size() && job.plan[i].layer < report.layer; ++i) {
    change_record record;
    record.index = static_cast<int64_t>(i);
    record.layer = job.plan[i].layer;
    record.material = job.plan[i].material;
    record.outcome = change_outcome::skipped;
    record.why = reason::change_passed;
    draft.put(station_change_skipped{record});
  }
  return draft.take();
}

ruling decide_station(const case_file& file, const stop_station& x) {
  const station_case at{file, x.id};
  if (at.no)
    return *at.no;
  if (!at.where->has_open_job() || at.where->state == station_state::stop_requested)
    return refuse_in_state(*at.where, "stop monitoring");
  station_draft draft{*at.where, file.context.at};
  end_job(draft, job_end::monitoring_stopped, reason::monitoring_stopped);
  return draft.take();
}

ruling decide_station(const case_file& file, const control_station& x) {
  const station_case at{file, x.id};
  if (at.no)
    return *at.no;
  const auto& where = *at.where;
  if (x.control != resin_control::pause && x.control != resin_control::resume
      && x.control != resin_control::stop)
    return refuse(reason::field_invalid,
                  {{"field", "control"}, {"detail", "pause, resume or stop is expected"}});
  if (x.control == resin_control::resume && where.change()
      && where.job->asked == resin_control::pause) {
    // The change itself goes on as it would have.
    station_draft draft{where, file.context.at};
    give_up_wish(draft, resin_control::pause);
    return draft.take();
  }
  if (x.control == resin_control::resume) {
    const auto refuse_resume = [&where](std::string detail) {
      return refuse(reason::resume_refused,
                    {{"station", where.setup.name}, {"detail", std::move(detail)}});
    };
    if (where.latched)
      return refuse_resume("the emergency stop is not acknowledged");
    if (where.run)
      return refuse_resume("pump " + where.run->pump + " is on");
    if (where.state == station_state::material_change)
      return refuse_resume("a material is being changed");
    // Also one that goes on alone as soon as its printer answers: the vat may be empty meanwhile.
    if (where.error && where.change())
      return refuse_resume("a change was interrupted");
    if (where.error && where.error->cause == error_cause::recipe_conflict)
      return refuse_resume("the question about its recipe is open");
  }
  station_draft draft{where, file.context.at};
  draft.put(station_control_wanted{x.control, true});
  draft.act(effects::resin_command{x.control, 0, {}});
  if (x.control == resin_control::stop && where.has_open_job()
      && where.state != station_state::stop_requested)
    stop_change(draft);
  return draft.take();
}

ruling decide_station(const case_file& file, const run_station_pump& x) {
  const station_case at{file, x.id};
  if (at.no)
    return *at.no;
  const auto& where = *at.where;
  const auto* pump = where.setup.pump(x.pump);
  if (!pump)
    return refuse(reason::station_pump_unknown, {{"station", where.setup.name}, {"pump", x.pump}});
  if (where.latched && !GANTRY_DEFECT("ESTOP"))
    return refuse(reason::emergency_stopped, {{"station", where.setup.name}});
  if (where.run)
    return refuse(reason::station_pump_running,
                  {{"station", where.setup.name}, {"pump", where.run->pump}});
  if (auto detail = manual_objection(where, x))
    return refuse(reason::manual_pump_refused,
                  {{"station", where.setup.name}, {"detail", std::move(*detail)}});
  const auto run = manual_run(where, *pump, x);
  std::vector<station_check> checks;
  if (!run.simulation) {
    checks = pump_checks(where, *pump, run.planned_ms, run.planned_ul, x.live);
    if (const auto* no = first_failure(checks))
      return refuse(no->why, no->why_params);
  }
  station_draft draft{where, file.context.at};
  draft.put(station_pump_began{run, std::move(checks)});
  draft.act(effects::run_pump{run});
  return draft.take();
}

ruling decide_station(const case_file& file, const stop_station_pump& x) {
  const station_case at{file, x.id};
  if (at.no)
    return *at.no;
  ruling answer;
  // Off is always allowed, and asking for it twice does no harm.
  if (at.where->run && (x.pump.empty() || at.where->run->pump == x.pump))
    answer.effects.emplace_back(effects::stop_pump{at.where->run->number});
  return answer;
}

ruling decide_station(const case_file& file, const answer_station& x) {
  const station_case at{file, x.id};
  if (at.no)
    return *at.no;
  if (!is_person(file))
    return only_a_person();
  const auto& where = *at.where;
  if (where.state != station_state::error || !where.error || where.error->question != x.question
      || !where.has_open_job())
    return refuse(reason::question_not_open, {{"station", where.setup.name}});
  if (where.run && x.answer != station_answer::abort)
    return refuse(reason::station_pump_running,
                  {{"station", where.setup.name}, {"pump", where.run->pump}});
  station_draft draft{where, file.context.at};
  if (const auto no = apply_answer(draft, x))
    return refuse(no->code, no->params);
  return draft.take();
}

ruling decide_station(const case_file& file, const acknowledge_station& x) {
  const station_case at{file, x.id};
  if (at.no)
    return *at.no;
  if (!is_person(file))
    return only_a_person();
  const auto& where = *at.where;
  station_draft draft{where, file.context.at};
  if (where.state == station_state::aborted) {
    if (where.safety_lock)
      return refuse(reason::safety_lock, {{"station", where.setup.name}});
    if (where.run)
      return refuse(reason::station_pump_running,
                    {{"station", where.setup.name}, {"pump", where.run->pump}});
    const auto epoch = std::max(where.pump_epoch, x.live.pumps.epoch) + 1;
    draft.because(reason::stop_acknowledged);
    draft.put(station_acknowledged{epoch});
    draft.act(effects::acknowledge_pumps{epoch});
  } else if (where.state == station_state::error) {
    end_job(draft, job_end::given_up, reason::given_up_by_person);
  } else if (where.state == station_state::completed) {
    draft.put(station_acknowledged{where.pump_epoch});
  } else {
    return refuse_in_state(where, "be acknowledged");
  }
  return draft.take();
}

ruling decide_station(const case_file& file, const emergency_stop_station& x) {
  const auto* where = file.known.find<station>(ref_of(x.id));
  if (!where)
    return refuse(reason::not_found, {{"kind", "station"}, {"id", x.id.value}});
  station_draft draft{*where, file.context.at};
  if (where->latched)
    return draft.take();
  draft.because(reason::emergency_stopped, {{"station", where->setup.name}});
  draft.put(station_emergency_stopped{x.by_input});
  if (where->has_open_job())
    draft.put(station_job_ended{job_end::emergency_stopped, reason::emergency_stopped});
  return draft.take();
}

} // namespace gantry::rules
