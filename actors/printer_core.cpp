#include "actors/printer_core.hpp"

#include "logging/log.hpp"
#include "rules/desync.hpp"
#include "rules/ticket.hpp"
#include "schemas/defect.hpp"
#include "storage/reader.hpp"

namespace gantry::actors {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

/// Pause before a repeatable step is tried again.
constexpr milliseconds retry_pause{2'000};
/// Looks at a silent printer before its run goes back to the queue.
constexpr int looks_max = 5;
/// Uploads of one attempt; each is complete and under the same name.
constexpr int uploads_max = 3;
/// How long a sent pause or cancel may stay without effect before it is sent again, and a resume
/// before it is given up.
constexpr milliseconds wish_pause{30'000};

} // namespace

bool report_slot::put(const device_report& report) {
  const std::lock_guard guard{mutex_};
  const bool empty = !newest_;
  newest_ = report;
  return empty;
}

std::optional<device_report> report_slot::take() {
  const std::lock_guard guard{mutex_};
  return std::exchange(newest_, std::nullopt);
}

printer_core::printer_core(entity_ref self, entity_host& host, services& shared,
                           printer_hooks hooks)
    : entity{std::move(self), host}, shared_{shared}, hooks_{std::move(hooks)} {
  // nop
}

printer_core::~printer_core() = default;

const print_ticket* printer_core::ticket() const {
  const auto* where = as<printer>();
  return where && where->ticket ? &*where->ticket : nullptr;
}

bool printer_core::outstanding(errand what) const {
  for (const auto& [number, request] : sent_)
    if (request.what == what)
      return true;
  return false;
}

uint64_t printer_core::remember(errand what, int64_t attempt, wanted_action action) {
  sent_[next_request_] = {what, attempt, action};
  return next_request_++;
}

void printer_core::arm(printer_timer timer, milliseconds pause) {
  const auto index = static_cast<size_t>(timer);
  if (armed_[index])
    return;
  armed_[index] = true;
  hooks_.arm(timer, ++epochs_[index], pause);
}

void printer_core::disarm(printer_timer timer) {
  const auto index = static_cast<size_t>(timer);
  armed_[index] = false;
  ++epochs_[index];
}

void printer_core::submit_internal(any_command body, reply_handler then) {
  submit(internal_command(std::move(body), "printer"), std::move(then));
}

/// A step that is refused (stale facts, a full disk) would leave the ticket where it is for ever,
/// so it is taken again after a pause.
void printer_core::submit_step(any_command body) {
  submit_internal(std::move(body), [this](const command_reply& reply) {
    if (reply.code == reason::ok)
      return;
    tries_ = 0;
    arm(printer_timer::upload, retry_pause);
  });
}

void printer_core::on_state() {
  const auto* where = as<printer>();
  if (!where)
    return;
  // That the machine is left alone is recorded now: a person can undo it.
  if (where->mode == printer_mode::quarantined)
    hooks_.may_connect = true;
  keep_connected(*where);
  const auto* now = ticket();
  const auto step = now ? std::tuple{now->run.value, now->attempt, now->phase}
                        : std::tuple{std::string{}, int64_t{0}, ticket_phase::reserved};
  if (step != step_) {
    if (std::get<0>(step) != std::get<0>(step_) || std::get<1>(step) != std::get<1>(step_))
      start_sent_ = false;
    step_ = step;
    tries_ = 0;
    sent_wish_ = wanted_action::none;
    step_began_ = shared_.parts.clock->mono();
    for (const auto timer : {printer_timer::upload, printer_timer::start, printer_timer::deadline,
                             printer_timer::fence, printer_timer::action})
      disarm(timer);
  }
  show_disagreement(*where);
  pursue();
}

void printer_core::keep_connected(const printer& where) {
  const bool wanted =
      hooks_.may_connect
      && (where.mode == printer_mode::active || where.mode == printer_mode::maintenance);
  const bool same = connected_as_.address == where.setup.address
                    && connected_as_.poll_interval_s == where.setup.poll_interval_s
                    && connected_as_.name == where.setup.name;
  if (wanted && port_ && same)
    return;
  // Requests of the old connection get no answer here any more; each of their steps has its own way
  // on.
  sent_.clear();
  port_.reset();
  sent_wish_ = wanted_action::none;
  report_ = {};
  reported_ = false;
  if (!wanted) {
    shared_.live.remove_printer(where.id);
    shared_.feed.live_changed(shared_.live.revision());
    return;
  }
  connected_as_ = where.setup;
  hal::port_config config;
  config.printer = where.id;
  config.name = where.setup.name;
  config.host = where.setup.address.host;
  config.port = static_cast<uint16_t>(where.setup.address.port);
  config.poll_interval_s = where.setup.poll_interval_s;
  config.api_key = storage::reader{*shared_.parts.store}
                       .record(storage::family::secrets, ref().text())
                       .value_or(std::string{});
  port_ = shared_.parts.printers->open(config, hooks_.listener);
}

/// Does what the ticket's phase calls for. Called after every change and every report, so each step
/// guards itself against being done twice.
void printer_core::pursue() {
  const auto* now = ticket();
  if (!now || !port_)
    return;
  switch (now->phase) {
  case ticket_phase::reserved:
    if (!armed_[static_cast<size_t>(printer_timer::upload)] && tries_++ == 0)
      submit_step(commands::begin_upload{printer_id{ref().id}, now->attempt});
    return;
  case ticket_phase::uploading:
    return pursue_upload(*now);
  case ticket_phase::uploaded:
    return pursue_start(*now);
  case ticket_phase::starting:
    return watch_start(*now);
  case ticket_phase::fencing:
    return pursue_fence(*now);
  case ticket_phase::printing:
  case ticket_phase::paused:
  case ticket_phase::attention:
    return;
  }
}

void printer_core::pursue_upload(const print_ticket& now) {
  if (outstanding(errand::upload) || armed_[static_cast<size_t>(printer_timer::upload)])
    return;
  const auto path = shared_.parts.artifacts->path_of(now.gcode_sha256);
  port_->upload(remember(errand::upload, now.attempt), path, now.gcode_sha256, now.file);
}

void printer_core::upload_answered(const sent_request& request, const hal::port_answer& answer) {
  const printer_id self{ref().id};
  if (answer.outcome == hal::port_outcome::done) {
    submit_step(
        commands::upload_settled{self, request.attempt, true, reason::ok, {}, answer.size_bytes});
    return;
  }
  const auto deadline = seconds{shared_.rules.load()->upload_deadline_s};
  const bool late = shared_.parts.clock->mono() - step_began_ > deadline;
  if (answer.outcome == hal::port_outcome::not_sent && !late)
    return arm(printer_timer::upload, retry_pause);
  if (answer.outcome == hal::port_outcome::lost && ++tries_ < uploads_max && !late)
    return arm(printer_timer::upload, retry_pause);
  submit_step(commands::upload_settled{
      self, request.attempt, false, answer.why,
      answer.detail.empty() ? std::string{to_string(answer.why)} : answer.detail, 0});
}

void printer_core::pursue_start(const print_ticket& now) {
  if (outstanding(errand::look_before_start) || armed_[static_cast<size_t>(printer_timer::start)]
      || begin_start_asked_)
    return;
  port_->refresh(remember(errand::look_before_start, now.attempt));
}

void printer_core::look_answered(const sent_request& request, const hal::port_answer& answer) {
  const printer_id self{ref().id};
  const bool seen = answer.outcome == hal::port_outcome::done;
  if (request.what == errand::look_after_remove) {
    // What the device says now decides whether the removed start has begun after all.
    submit_internal(commands::fence_settled{self, request.attempt,
                                            seen ? commands::fence_answer::removed
                                                 : commands::fence_answer::failed,
                                            answer.detail, report_});
    if (!seen)
      arm(printer_timer::fence, retry_pause);
    return;
  }
  if (!seen && ++tries_ < looks_max)
    return arm(printer_timer::start, retry_pause);
  begin_start_asked_ = true;
  submit_internal(commands::begin_start{self, request.attempt, report_},
                  [this](const command_reply& reply) {
                    begin_start_asked_ = false;
                    const auto* now = ticket();
                    if (reply.code != reason::ok && now && now->phase == ticket_phase::uploaded)
                      arm(printer_timer::start, retry_pause);
                  });
}

void printer_core::start_answered(const sent_request& request, const hal::port_answer& answer) {
  auto what = start_answer::lost;
  switch (answer.outcome) {
  case hal::port_outcome::done:
    what = start_answer::acknowledged;
    break;
  case hal::port_outcome::refused:
  case hal::port_outcome::not_sent:
    what = start_answer::refused;
    break;
  case hal::port_outcome::lost:
    break;
  }
  submit_internal(
      commands::start_settled{printer_id{ref().id}, request.attempt, what, answer.detail});
}

void printer_core::watch_start(const print_ticket& now) {
  if (GANTRY_DEFECT("LIV-2"))
    return;
  const auto rules = *shared_.rules.load();
  // A start whose answer is still on its way is given the whole deadline; one that nobody will
  // answer any more only the time that a late start can take.
  const bool answer_will_come = now.answer == start_answer::pending && start_sent_;
  const bool wait_long = answer_will_come || now.answer == start_answer::acknowledged;
  arm(printer_timer::deadline, seconds{wait_long ? rules.start_deadline_s : rules.start_lag_s});
}

void printer_core::pursue_fence(const print_ticket& now) {
  if (outstanding(errand::remove) || outstanding(errand::look_after_remove)
      || armed_[static_cast<size_t>(printer_timer::fence)])
    return;
  port_->remove_file(remember(errand::remove, now.attempt), now.file);
}

void printer_core::remove_answered(const sent_request& request, const hal::port_answer& answer) {
  const printer_id self{ref().id};
  switch (answer.outcome) {
  case hal::port_outcome::done:
    port_->refresh(remember(errand::look_after_remove, request.attempt));
    return;
  case hal::port_outcome::refused:
    submit_internal(commands::fence_settled{self, request.attempt, commands::fence_answer::refused,
                                            answer.detail, report_});
    return;
  case hal::port_outcome::lost:
  case hal::port_outcome::not_sent:
    arm(printer_timer::fence, retry_pause);
    return;
  }
}

/// A pause or cancel that was not sent in this life of the actor, or had no effect, is sent (again)
/// as soon as a report shows our print, so that nothing else is stopped. A resume is sent once,
/// when it is wanted: a machine must not set itself in motion later.
void printer_core::pursue_wish() {
  const auto* now = ticket();
  if (!now || !port_ || !rules::believed_on_machine(now->phase)
      || now->wanted == wanted_action::none || now->wanted == sent_wish_
      || outstanding(errand::action))
    return;
  if (now->wanted == wanted_action::resume)
    give_up_resume("the printer was not seen to go on");
  else if (rules::shows_running(*now, report_)
           && (now->wanted == wanted_action::cancel || report_.print == print_state::printing))
    send_action(now->wanted, now->attempt);
}

/// The order of a print that was under way at the start may have been cancelled right before: the
/// request to its print is not durable.
void printer_core::pursue_cancelled_order() {
  const auto* now = ticket();
  if (order_looked_at_ || !now || !rules::believed_on_machine(now->phase)
      || !rules::shows_running(*now, report_))
    return;
  order_looked_at_ = true;
  const storage::reader reader{*shared_.parts.store};
  const auto state = [&reader](const entity_ref& what) {
    const auto stored = reader.get(what);
    return stored ? decode_state(what.kind, stored->json)
                  : result<any_state>{refusal{reason::not_found, {}}};
  };
  const auto printed = state(ref_of(now->run));
  const auto arranged =
      printed ? state(ref_of(std::get<run>(*printed).plate)) : result<any_state>{printed.why()};
  if (arranged && !is_open(*arranged))
    submit_internal(commands::cancel_run{now->run, "its order was cancelled"});
}

void printer_core::begin_action(wanted_action action) {
  const auto* now = ticket();
  if (!now)
    return;
  if (action != wanted_action::none && port_ && rules::shows_running(*now, report_))
    return send_action(action, now->attempt);
  // Another one may have been sent before the printer was lost.
  sent_wish_ = wanted_action::none;
  disarm(printer_timer::action);
  if (action == wanted_action::resume)
    give_up_resume(rules::describe_report(report_));
}

void printer_core::give_up_resume(std::string why) {
  sent_wish_ = wanted_action::resume;
  disarm(printer_timer::action);
  arm(printer_timer::action, wish_pause);
  submit_internal(
      commands::action_settled{printer_id{ref().id}, wanted_action::resume, false, std::move(why)});
}

void printer_core::send_action(wanted_action action, int64_t attempt) {
  sent_wish_ = action;
  disarm(printer_timer::action);
  arm(printer_timer::action, wish_pause);
  const auto number = remember(errand::action, attempt, action);
  switch (action) {
  case wanted_action::pause:
    return port_->pause(number);
  case wanted_action::resume:
    return port_->resume(number);
  case wanted_action::cancel:
    return port_->cancel(number);
  case wanted_action::none:
    sent_.erase(number);
    return;
  }
}

void printer_core::action_answered(const sent_request& request, const hal::port_answer& answer) {
  // A lost answer proves nothing; the report will show what happened, and the timer asks again.
  if (answer.outcome == hal::port_outcome::lost)
    return;
  if (answer.outcome == hal::port_outcome::not_sent && request.action != wanted_action::resume) {
    // The next report tells whether it can be sent.
    sent_wish_ = wanted_action::none;
    return;
  }
  const bool done = answer.outcome == hal::port_outcome::done;
  // A macro may heat for minutes before it answers: its effect is waited for from now on.
  if (const auto* now = ticket();
      done && now && now->attempt == request.attempt && now->wanted == request.action) {
    sent_wish_ = request.action;
    disarm(printer_timer::action);
    arm(printer_timer::action, wish_pause);
  }
  submit_internal(
      commands::action_settled{printer_id{ref().id}, request.action, done, answer.detail});
}

void printer_core::on_effect(const rules::effect& what) {
  if (const auto* start = std::get_if<rules::effects::send_start>(&what)) {
    start_sent_ = true;
    // The state was taken before its effect: the deadline was armed as if nobody would answer.
    disarm(printer_timer::deadline);
    pursue();
    const auto number = remember(errand::start, start->attempt);
    if (port_)
      port_->start(number, start->file);
    else
      take_answer(number, {hal::port_outcome::not_sent, reason::link_closed, "not connected", 0});
    return;
  }
  if (const auto* action = std::get_if<rules::effects::send_action>(&what))
    return begin_action(action->action);
  entity::on_effect(what);
}

void printer_core::take_report() {
  auto newest = hooks_.slot->take();
  const auto* where = as<printer>();
  if (!newest || !where || !port_)
    return;
  const auto settle_ms = shared_.rules.load()->settle_after_ready_s * 1000;
  const auto fitness = [settle_ms](const device_report& x) {
    return std::tuple{x.link,      x.firmware, x.print,    x.is_paused,
                      x.is_active, x.history,  x.last_job, x.ready_for_ms >= settle_ms};
  };
  const bool changed = !reported_ || fitness(*newest) != fitness(report_);
  report_ = std::move(*newest);
  reported_ = true;
  shared_.live.put_report(where->id, report_, shared_.parts.clock->mono());
  show_disagreement(*where);
  shared_.feed.live_changed(shared_.live.revision());
  record();
  observe();
  pursue();
  pursue_wish();
  pursue_cancelled_order();
  if (changed)
    hooks_.wake_scheduler();
}

/// Telemetry is not part of the log: it is thinned out, and a crash may lose its last minutes.
void printer_core::record() {
  auto done = recorder_.take(report_, shared_.parts.clock->mono(), shared_.parts.clock->wall());
  if (recorder_.fresh())
    shared_.live.put_telemetry(printer_id{ref().id}, recorder_.open_block());
  if (done)
    hooks_.keep_block(std::move(*done));
}

/// Submits the report if it may change what is believed, at most one at a time.
void printer_core::observe() {
  const auto* where = as<printer>();
  if (!where || observing_ || !reported_ || report_.link != link_state::online)
    return;
  const auto key = std::to_string(version()) + "|" + std::string{name_of(report_.firmware)} + "|"
                   + std::string{name_of(report_.print)} + "|" + report_.file + "|"
                   + std::string{name_of(report_.history)} + "|" + report_.last_job + "|"
                   + std::to_string(report_.progress_permille / 10) + "|"
                   + std::to_string(report_.print_duration_s / 60);
  if (key == last_observed_)
    return;
  last_observed_ = key;
  observing_ = true;
  submit_internal(commands::observe{where->id, report_}, [this](const command_reply&) {
    observing_ = false;
    observe();
  });
}

void printer_core::show_disagreement(const printer& where) {
  const auto found = rules::find_disagreement(where, report_);
  if (found == disagreement_)
    return;
  disagreement_ = found;
  std::optional<desync> shown;
  if (found)
    shown = desync{shared_.parts.clock->wall(), found->believed, found->observed};
  shared_.live.put_desync(where.id, std::move(shown));
}

void printer_core::take_answer(uint64_t number, const hal::port_answer& answer) {
  const auto position = sent_.find(number);
  if (position == sent_.end())
    return;
  const auto request = position->second;
  sent_.erase(position);
  switch (request.what) {
  case errand::upload:
    return upload_answered(request, answer);
  case errand::look_before_start:
  case errand::look_after_remove:
    return look_answered(request, answer);
  case errand::start:
    return start_answered(request, answer);
  case errand::action:
    return action_answered(request, answer);
  case errand::remove:
    return remove_answered(request, answer);
  }
}

void printer_core::take_wake(uint64_t timer, uint64_t epoch) {
  if (timer >= printer_timers || epochs_[timer] != epoch)
    return;
  armed_[timer] = false;
  const auto* now = ticket();
  if (!now)
    return;
  if (static_cast<printer_timer>(timer) == printer_timer::deadline) {
    if (now->phase == ticket_phase::starting)
      submit_internal(commands::start_overdue{printer_id{ref().id}, now->attempt, report_},
                      [this](const command_reply& reply) {
                        if (reply.code != reason::ok)
                          pursue();
                      });
    return;
  }
  if (static_cast<printer_timer>(timer) == printer_timer::action) {
    sent_wish_ = wanted_action::none;
    pursue_wish();
  }
  pursue();
}

} // namespace gantry::actors
