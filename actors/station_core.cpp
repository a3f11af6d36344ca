#include "actors/station_core.hpp"

#include "schemas/defect.hpp"

#include <algorithm>
#include <utility>

namespace gantry::actors {

using std::chrono::duration_cast;
using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// Missed polls that are tolerated.
constexpr int64_t missed_polls_max = 2;
/// How long the guard may still report the latch after it was acknowledged.
constexpr seconds acknowledge_patience{3};

pump_bank_report report_of(const hal::guard_state& state) {
  pump_bank_report out;
  out.connected = state.connected;
  out.latched = state.latched;
  out.latched_by_input = state.latched_by_input;
  out.epoch = static_cast<int64_t>(state.epoch);
  out.valve_extra_ms = state.valve_extra.count();
  out.simulated = state.simulated;
  out.faults = state.faults;
  for (const auto& x : state.lines)
    out.lines.push_back({x.pump, x.is_on, x.is_valve, x.window_used.count(), x.window_limit.count(),
                         x.window.count(), x.single_limit.count()});
  return out;
}

control_outcome outcome_of(hal::port_outcome outcome) {
  switch (outcome) {
  case hal::port_outcome::done:
    return control_outcome::done;
  case hal::port_outcome::refused:
    return control_outcome::refused;
  case hal::port_outcome::lost:
    return control_outcome::lost;
  case hal::port_outcome::not_sent:
    break;
  }
  return control_outcome::not_sent;
}

int64_t ms(hal::mono_time length) {
  return duration_cast<milliseconds>(length).count();
}

} // namespace

bool station_slot::put(const resin_report& report) {
  const std::lock_guard guard{mutex_};
  const bool empty = !newest_.report && !newest_.guard;
  newest_.report = report;
  return empty;
}

bool station_slot::put(const hal::guard_state& state) {
  const std::lock_guard guard{mutex_};
  const bool empty = !newest_.report && !newest_.guard;
  newest_.guard = state;
  return empty;
}

station_slot::unread station_slot::take() {
  const std::lock_guard guard{mutex_};
  return std::exchange(newest_, unread{});
}

station_core::station_core(entity_ref self, entity_host& host, services& shared,
                           station_hooks hooks)
    : entity{std::move(self), host}, shared_{shared}, hooks_{std::move(hooks)} {
  // nop
}

station_core::~station_core() = default;

void station_core::arm(station_timer timer, milliseconds pause) {
  const auto index = static_cast<size_t>(timer);
  armed_[index] = true;
  hooks_.arm(timer, ++epochs_[index], pause);
}

void station_core::disarm(station_timer timer) {
  const auto index = static_cast<size_t>(timer);
  armed_[index] = false;
  ++epochs_[index];
}

void station_core::submit_internal(any_command body, reply_handler then) {
  submit(internal_command(std::move(body), "station"), std::move(then));
}

/// What is known at this moment; commands are decided on it.
station_facts station_core::facts() const {
  station_facts live;
  live.report = report_;
  live.fresh = reported_ && report_.link == link_state::online
               && report_.missed_polls <= missed_polls_max
               && ms(now() - reported_at_) <= connected_as_.report_patience_ms();
  live.offline_ms = offline_since_ ? ms(now() - *offline_since_) : 0;
  live.outage_ms = outage_ms_;
  live.highest_layer = highest_layer_;
  live.polls_on_layer = polls_on_layer_;
  live.step_ms = ms(now() - step_began_);
  live.asked_attempt = asked_attempt_;
  live.unseen_ms = unseen_ms_;
  const bool paused_lately = pause_asked_at_ && now() - *pause_asked_at_ <= command_patience;
  live.pausing = paused_lately && !pause_refused_;
  live.pause_refused = paused_lately && pause_refused_;
  live.resuming = resume_asked_at_ && now() - *resume_asked_at_ <= command_patience;
  live.pumps = guard_;
  return live;
}

void station_core::on_begin(command& request) {
  std::visit(
      [this](auto& x) {
        if constexpr (requires { x.live.pumps; })
          x.live = facts();
      },
      request.body);
}

void station_core::on_state() {
  const auto* here = where();
  if (!here)
    return;
  // That the station is left alone is recorded as an emergency stop; who acknowledges it undoes it.
  if (!hooks_.may_connect && std::exchange(was_latched_, here->latched) && !here->latched)
    hooks_.may_connect = true;
  keep_connected(*here);
  if (here->retired)
    return;
  if (!armed_[static_cast<size_t>(station_timer::tick)])
    arm(station_timer::tick, station_tick);
  if (!std::exchange(woke_, true)) {
    // An earlier life may have sent one.
    if (here->has_open_job())
      resume_asked_at_ = now();
    // What was on in an earlier life is off, or is switched off now; it is never taken over.
    if (here->run && pumps_)
      pumps_->stop(static_cast<uint64_t>(here->run->number));
    submit_internal(commands::wake_station{here->id, 0, {}});
  }
  if (here->jobs != watched_job_) {
    watched_job_ = here->jobs;
    highest_layer_ = 0;
    polls_on_layer_ = 0;
  }
  // After a rollback that a person has accepted, layers count from where the print is.
  if (here->job && here->state == station_state::monitoring)
    highest_layer_ = std::min(highest_layer_, std::max(here->job->last_layer, report_.layer));
  follow_steps(*here);
  if (here->safety_lock && !armed_[static_cast<size_t>(station_timer::lock)])
    arm(station_timer::lock, safety_lock_time);
  pursue(*here);
  show();
}

void station_core::keep_connected(const station& here) {
  const bool wanted = hooks_.may_connect && !here.retired;
  const bool same = connected_as_.host == here.setup.host && connected_as_.port == here.setup.port
                    && connected_as_.poll_interval_ms == here.setup.poll_interval_ms
                    && connected_as_.reply_timeout_ms == here.setup.reply_timeout_ms
                    && connected_as_.pump_bank == here.setup.pump_bank;
  if (wanted && connected_ && same) {
    connected_as_ = here.setup;
    return;
  }
  sent_.clear();
  printer_.reset();
  pumps_.reset();
  shared_.stations.remove(here.id);
  connected_ = wanted;
  if (!wanted) {
    shared_.live.remove_station(here.id);
    shared_.feed.live_changed(shared_.live.revision());
    return;
  }
  connected_as_ = here.setup;
  hal::resin_config config;
  config.name = here.setup.name;
  config.host = here.setup.host;
  config.port = static_cast<uint16_t>(here.setup.port);
  config.poll_interval = milliseconds{here.setup.poll_interval_ms};
  config.reply_timeout = milliseconds{here.setup.reply_timeout_ms};
  if (shared_.parts.resin_printers)
    printer_ = shared_.parts.resin_printers->open(config, hooks_.printer_listener);
  if (shared_.parts.pumps && !here.setup.pump_bank.empty())
    pumps_ = shared_.parts.pumps->open(here.setup.pump_bank, hooks_.pump_listener);
  shared_.stations.put(here.id, printer_, pumps_);
}

/// Arms what ends the step under way: its planned time, or the patience with the printer.
void station_core::follow_steps(const station& here) {
  const auto* change = here.change();
  const auto attempt = change ? change->attempt : 0;
  if (attempt != step_attempt_) {
    step_attempt_ = attempt;
    step_began_ = now();
  }
  const bool works = here.state == station_state::material_change && change;
  const bool timed =
      works
      && (change->step == change_step::wait_plate_clear || change->step == change_step::settling);
  if (timed && wait_attempt_ != attempt) {
    wait_attempt_ = attempt;
    arm(station_timer::wait, milliseconds{change->steps.back().planned_ms});
  }
  const bool asked = works
                     && (change->step == change_step::request_pause
                         || change->step == change_step::request_resume);
  const bool starting = here.state == station_state::starting && here.job->start_sent;
  if (!asked && !starting) {
    if (overdue_attempt_ >= 0)
      disarm(station_timer::overdue);
    overdue_attempt_ = -1;
    return;
  }
  const auto number = starting ? 0 : attempt;
  if (overdue_attempt_ == number)
    return;
  overdue_attempt_ = number;
  arm(station_timer::overdue,
      starting ? milliseconds{start_patience}
               : milliseconds{command_patience} + seconds{here.setup.change.quiescence_s});
}

/// Looks at the printer before a start; the start itself is decided on what is seen then.
void station_core::pursue(const station& here) {
  if (here.state != station_state::starting || here.job->start_sent || looking_)
    return;
  looking_ = true;
  if (!printer_)
    return take_answer(0, {hal::port_outcome::not_sent, reason::link_closed, {}, 0});
  sent_[next_ticket_] = {resin_control::none, here.job->number, now()};
  printer_->refresh(next_ticket_++);
}

/// A latch that nobody recorded came from the hardware input, or from a stop whose record failed.
/// Not asked while a state is taken over: an acknowledgement reaches the guard only after that.
void station_core::watch_latch(const station& here) {
  if (acknowledged_at_ && (!guard_.latched || now() - *acknowledged_at_ > acknowledge_patience))
    acknowledged_at_.reset();
  if (guard_.latched && !here.latched && !acknowledged_at_ && !here.retired)
    submit_internal(commands::emergency_stop_station{here.id, guard_.latched_by_input, {}});
}

void station_core::take_reports() {
  auto unread = hooks_.slot->take();
  const auto* here = where();
  if (!here || !connected_)
    return;
  if (unread.guard) {
    guard_ = report_of(*unread.guard);
    watch_latch(*here);
  }
  if (unread.report)
    take_report(*unread.report);
  show();
}

void station_core::take_report(const resin_report& report) {
  const bool online = report.link == link_state::online;
  if (!online && !offline_since_)
    offline_since_ = now();
  if (online && offline_since_) {
    outage_ms_ = ms(now() - *offline_since_);
    offline_since_.reset();
  }
  const bool polled = report.observed_at != report_.observed_at;
  const bool prints = report.state == resin_state::printing;
  if (polled && online) {
    polls_on_layer_ = prints && report.layer == report_.layer ? polls_on_layer_ + 1 : 1;
    if (!answered_at_ || report.state != report_.state)
      unseen_ms_ = answered_at_ ? ms(now() - *answered_at_) : -1;
    answered_at_ = now();
  }
  // A pause that was refused on the way down from the last one can be sent now.
  if (!prints || (resume_asked_at_ && pause_refused_))
    pause_asked_at_.reset();
  if (prints)
    resume_asked_at_.reset();
  report_ = report;
  reported_ = true;
  reported_at_ = now();
  observe();
  // Only after it was decided on, so that a step back is seen as one.
  if (online && (prints || report.state == resin_state::paused) && where()->has_open_job())
    highest_layer_ = std::max(highest_layer_, report.layer);
}

/// Submits what is known if a job is open or a pump is on, at most one observation at a time.
void station_core::observe() {
  const auto* here = where();
  observe_again_ = observing_;
  if (!here || observing_ || !reported_ || !(here->has_open_job() || here->run))
    return;
  observing_ = true;
  submit_internal(commands::observe_station{here->id, {}}, [this](const command_reply&) {
    observing_ = false;
    if (std::exchange(observe_again_, false))
      observe();
  });
}

void station_core::show() {
  const auto* here = where();
  if (!here || !connected_)
    return;
  if (shared_.live.put_station(here->id, facts()))
    shared_.feed.live_changed(shared_.live.revision());
}

void station_core::tick() {
  const auto* here = where();
  if (!here || here->retired)
    return;
  arm(station_timer::tick, station_tick);
  shared_.stations.beat(here->id, now());
  if (here->run && pumps_ && !here->run->simulation)
    pumps_->renew(static_cast<uint64_t>(here->run->number));
  const auto* change = here->change();
  if (offline_since_ || (change && change->held != reason::ok))
    observe();
  watch_latch(*here);
  show();
}

void station_core::on_effect(const rules::effect& what) {
  if (const auto* asked = std::get_if<rules::effects::resin_command>(&what))
    return send(*asked);
  if (const auto* wanted = std::get_if<rules::effects::run_pump>(&what))
    return run(wanted->run);
  if (const auto* stop = std::get_if<rules::effects::stop_pump>(&what)) {
    if (armed_[static_cast<size_t>(station_timer::simulation)])
      return end_simulation(false);
    if (pumps_)
      pumps_->stop(static_cast<uint64_t>(stop->number));
    return;
  }
  if (const auto* done = std::get_if<rules::effects::acknowledge_pumps>(&what)) {
    acknowledged_at_ = now();
    if (pumps_)
      pumps_->acknowledge(static_cast<uint64_t>(done->epoch));
    return;
  }
  entity::on_effect(what);
}

void station_core::send(const rules::effects::resin_command& what) {
  if (what.attempt > 0)
    asked_attempt_ = what.attempt;
  if (what.control == resin_control::pause) {
    pause_asked_at_ = now();
    pause_refused_ = false;
  }
  if (what.control == resin_control::resume)
    resume_asked_at_ = now();
  const auto ticket = next_ticket_++;
  sent_[ticket] = {what.control, what.attempt, now()};
  if (!printer_)
    return take_answer(ticket, {hal::port_outcome::not_sent, reason::link_closed, {}, 0});
  switch (what.control) {
  case resin_control::start:
    return printer_->start(ticket, what.internal_file);
  case resin_control::pause:
    return printer_->pause(ticket);
  case resin_control::resume:
    return printer_->resume(ticket);
  case resin_control::stop:
    return printer_->stop(ticket);
  case resin_control::none:
    sent_.erase(ticket);
    return;
  }
}

void station_core::run(const pump_run& what) {
  run_began_ = now();
  if (what.simulation)
    return arm(station_timer::simulation, milliseconds{what.planned_ms});
  const auto number = static_cast<uint64_t>(what.number);
  if (!pumps_) {
    hal::pump_run_result refused;
    refused.why = reason::pumps_unavailable;
    refused.detail = "there is no guard";
    return take_run_end(number, refused);
  }
  hal::pump_run_request request;
  request.pump = what.pump;
  request.direction = what.direction;
  request.duration = milliseconds{what.planned_ms};
  request.lease = pump_lease;
  request.epoch = static_cast<uint64_t>(what.epoch);
  request.with_valve = what.with_valve;
  request.purpose = ref().id + "/" + std::to_string(what.number);
  pumps_->run(number, request);
}

void station_core::end_simulation(bool completed) {
  const auto* here = where();
  disarm(station_timer::simulation);
  if (!here || !here->run)
    return;
  hal::pump_run_result result;
  result.started = true;
  result.completed = completed;
  result.why = completed ? reason::ok : reason::station_pump_stopped;
  result.on_time =
      std::min(milliseconds{here->run->planned_ms}, milliseconds{ms(now() - run_began_)});
  take_run_end(static_cast<uint64_t>(here->run->number), result);
}

void station_core::take_run_end(uint64_t number, const hal::pump_run_result& result) {
  submit_internal(commands::station_pump_settled{station_id{ref().id},
                                                 static_cast<int64_t>(number),
                                                 result.started,
                                                 result.completed,
                                                 result.why,
                                                 result.detail,
                                                 result.on_time.count(),
                                                 {}});
}

void station_core::take_answer(uint64_t ticket, const hal::port_answer& answer) {
  const station_id self{ref().id};
  const auto position = sent_.find(ticket);
  if (position == sent_.end() && ticket != 0)
    return;
  const auto asked = ticket == 0 ? sent_command{} : position->second;
  if (ticket != 0)
    sent_.erase(position);
  if (asked.control == resin_control::none) {
    const auto* here = where();
    looking_ = false;
    if (here && here->job)
      submit_internal(commands::begin_station_start{self, here->job->number, {}});
    return;
  }
  if (asked.control == resin_control::pause) {
    pause_refused_ = answer.outcome == hal::port_outcome::refused;
    if (answer.outcome == hal::port_outcome::not_sent)
      pause_asked_at_.reset();
  }
  // A second one is refused while the first is being carried out.
  if (asked.control == resin_control::resume && answer.outcome == hal::port_outcome::not_sent)
    resume_asked_at_.reset();
  // The machine must not be spoken to while it acts on a pause.
  if (asked.control == resin_control::pause && answer.outcome == hal::port_outcome::done && printer_
      && !GANTRY_DEFECT("QUIET"))
    printer_->keep_silent(seconds{connected_as_.change.quiescence_s});
  const auto detail = answer.detail.empty() ? std::string{to_string(answer.why)} : answer.detail;
  // What was not done is asked for again as soon as the printer shows that it is still to be done,
  // unless this answer leads to something else.
  const bool done = answer.outcome == hal::port_outcome::done;
  const auto forget = [this, attempt = asked.attempt](const command_reply&) {
    if (attempt > 0 && attempt == asked_attempt_)
      asked_attempt_ = 0;
  };
  submit_internal(commands::station_control_settled{self,
                                                    asked.control,
                                                    asked.attempt,
                                                    outcome_of(answer.outcome),
                                                    detail,
                                                    ms(now() - asked.at),
                                                    {}},
                  done ? reply_handler{} : reply_handler{forget});
}

void station_core::take_wake(uint64_t timer, uint64_t epoch) {
  if (timer >= station_timers || epochs_[timer] != epoch)
    return;
  armed_[timer] = false;
  const station_id self{ref().id};
  switch (static_cast<station_timer>(timer)) {
  case station_timer::tick:
    return tick();
  case station_timer::wait:
    return submit_internal(
        commands::station_wait_over{self, wait_attempt_, ms(now() - step_began_), {}});
  case station_timer::overdue: {
    const auto attempt = std::exchange(overdue_attempt_, -1);
    const auto waited = attempt == 0 ? start_patience : command_patience;
    return submit_internal(commands::station_step_overdue{self, attempt, waited.count(), {}});
  }
  case station_timer::lock:
    return submit_internal(commands::station_lock_over{self});
  case station_timer::simulation:
    return end_simulation(true);
  }
}

} // namespace gantry::actors
