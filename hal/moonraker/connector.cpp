#include "hal/moonraker/connector.hpp"
#include "schemas/defect.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace gantry::hal {

namespace {

using nlohmann::json;

constexpr std::size_t frame_bytes_max = 4U << 20U;
constexpr int bad_frames_max = 5;
constexpr std::size_t objects_max = 1'000;
constexpr std::size_t job_id_bytes_max = 40;

/// True if both reports tell people and rules the same news; numbers that move all the time are no
/// news.
bool same_news(const device_report& one, const device_report& other) {
  return one.link == other.link && one.link_reason == other.link_reason
         && one.firmware == other.firmware && one.print == other.print && one.file == other.file
         && one.is_active == other.is_active && one.is_paused == other.is_paused
         && one.history == other.history && one.last_job == other.last_job
         && one.generation == other.generation;
}

/// True if `next` has nothing to tell after `last`. How often the machine was asked is told with
/// the next observation.
bool repeats(device_report next, const device_report& last) {
  if (next.observed_at != last.observed_at)
    return false;
  next.requests_total = last.requests_total;
  next.requests_last_minute = last.requests_last_minute;
  return next == last;
}

/// True for what Moonraker sends each second: a sign of life that says nothing else. A farm gets so
/// many of them that they are not parsed; in another notation such a frame is parsed, and ignored.
bool is_heartbeat(std::string_view frame) {
  return frame.starts_with(R"({"jsonrpc": "2.0", "method": "notify_proc_stat_update")")
         || frame.starts_with(R"({"jsonrpc":"2.0","method":"notify_proc_stat_update")");
}

/// True while a file is being printed or is paused.
bool runs(print_state state) {
  return state == print_state::printing || state == print_state::paused;
}

} // namespace

connector::connector(port_config config, std::shared_ptr<port_listener> listener, const clock& time,
                     id_source& chance, connector_settings settings)
    : config_{std::move(config)},
      listener_{std::move(listener)},
      time_{time},
      chance_{chance},
      settings_{settings} {}

connector::~connector() = default;

void connector::begin(std::unique_ptr<link> access) {
  link_ = std::move(access);
  link_state_ = link_state::connecting;
  connect();
  publish(true);
  arm();
}

void connector::end() {
  if (phase_ == phase::ended)
    return;
  phase_ = phase::ended;
  for (auto* open : {&rpc_calls_, &http_calls_}) {
    for (const auto& item : *open)
      answer(item.second.ticket, port_outcome::lost, reason::link_closed, "the port was closed");
    open->clear();
  }
  link_.reset();
}

// -- connection -------------------------------------------------------------

void connector::connect() {
  phase_ = phase::opening;
  polling_ = false;
  reconnect_at_.reset();
  websocket_ = link_->open_websocket(address(), "/websocket", credentials());
}

void connector::on_open(uint64_t number) {
  if (phase_ == phase::ended || number != websocket_)
    return;
  ++generation_;
  awaits_snapshot_ = true;
  bad_frames_ = 0;
  last_frame_at_ = time_.mono();
  phase_ = phase::greeting;
  ask(purpose::identify, {.method = "server.connection.identify"});
  arm();
}

void connector::poll_instead() {
  ++generation_;
  awaits_snapshot_ = true;
  polling_ = true;
  phase_ = phase::greeting;
  websocket_retry_at_ = time_.mono() + settings_.websocket_retry;
  ask_info();
}

void connector::on_close(uint64_t number, reason why, const std::string& detail) {
  if (phase_ == phase::ended || number != websocket_)
    return;
  websocket_ = 0;
  const bool declined = why == reason::link_not_klipper || why == reason::link_protocol;
  if (phase_ == phase::opening && declined)
    poll_instead();
  else
    lose(why, detail);
  arm();
}

void connector::lose(reason why, const std::string& detail) {
  const auto now = time_.mono();
  if (websocket_ != 0)
    link_->close(websocket_);
  websocket_ = 0;
  websocket_retry_at_.reset();
  // A machine that accepts and drops at once must not be asked once a second for ever.
  if (is_online() && now - online_since_ >= settings_.heartbeat)
    failed_attempts_ = 0;
  phase_ = phase::waiting;
  drop_calls(why, detail);
  link_state_ = link_state::offline;
  link_reason_ = why;
  link_detail_ = cut(detail, 400);
  awaits_snapshot_ = false;
  klippy_gone();
  firmware_ = firmware_state::unknown;
  // A farm's printers that went down together must not come back in step.
  const int64_t doubled_ms = settings_.backoff_min.count() << std::min(failed_attempts_++, 20);
  const int64_t pause_ms = std::min<int64_t>(settings_.backoff_max.count(), doubled_ms);
  const auto jitter_ms = static_cast<int64_t>(chance_.bits() % (pause_ms / 2 + 1));
  if (!GANTRY_DEFECT("LIV-1"))
    reconnect_at_ = now + std::chrono::milliseconds{pause_ms - jitter_ms};
  publish(true);
}

void connector::drop_calls(reason why, const std::string& detail) {
  const auto lost = std::exchange(rpc_calls_, {});
  for (const auto& item : lost)
    answer(item.second.ticket, port_outcome::lost, why, detail);
  // Requests with a ticket run on connections of their own and get their own answers.
  std::erase_if(http_calls_, [](const auto& item) { return item.second.ticket == 0; });
}

void connector::klippy_gone() {
  ++sequence_;
  status_ = {};
  span_.reset();
  metadata_asked_for_.clear();
  firmware_detail_.clear();
  other_queue_.clear();
  history_ = history_state::unknown;
  last_job_.clear();
  last_job_file_.clear();
  history_moved_ = false;
  ready_since_.reset();
  ready_for_ms_ = 0;
  info_at_.reset();
  queue_at_.reset();
}

void connector::firmware_became(firmware_state state) {
  firmware_ = state;
  if (state == firmware_state::ready) {
    firmware_detail_.clear();
    info_at_.reset();
    if (!ready_since_)
      ready_since_ = time_.mono();
    return;
  }
  ready_since_.reset();
  // There is no notification of everything that ends such a state, so it is asked for as well.
  info_at_ = time_.mono() + (polling_ ? settings_.poll_min : settings_.info_poll);
}

void connector::load() {
  phase_ = phase::loading;
  ++sequence_;
  info_at_.reset();
  ask(purpose::list, {.method = "printer.objects.list"});
}

void connector::on_frame(uint64_t number, std::string_view text) {
  if (phase_ == phase::ended || number != websocket_)
    return;
  last_frame_at_ = time_.mono();
  if (is_heartbeat(text)) {
    bad_frames_ = 0;
    return arm();
  }
  auto frame = text.size() > frame_bytes_max ? json{} : parse_wire(text);
  if (frame.is_object()) {
    bad_frames_ = 0;
    handle_frame(frame);
  } else if (++bad_frames_ == bad_frames_max) {
    lose(reason::link_protocol, "several frames in a row are no JSON objects");
  }
  arm();
}

void connector::handle_frame(const json& frame) {
  if (const auto method = text_of(member(frame, "method"), 100); !method.empty())
    return handle_notification(method, member(frame, "params"));
  const auto id = integer_of(member(frame, "id"), 1, 0, int64_t{1} << 53U);
  const auto found = id ? rpc_calls_.find(static_cast<uint64_t>(*id)) : rpc_calls_.end();
  if (found == rpc_calls_.end())
    return;
  const auto done = std::move(found->second);
  rpc_calls_.erase(found);
  answered(done, verdict_of(frame), member(frame, "result"));
}

void connector::handle_notification(const std::string& method, const json& params) {
  if (method == "notify_status_update") {
    // While the objects are loaded anew, deltas are older than the snapshot to come.
    if (phase_ == phase::live && params.is_array() && !params.empty())
      fold(params.front());
  } else if (method == "notify_klippy_ready") {
    if (phase_ == phase::greeting)
      return;
    // All subscriptions died with the old Klippy.
    klippy_gone();
    firmware_ = firmware_state::startup;
    phase_ = phase::not_ready;
    observe();
    ask_info();
    publish();
  } else if (method == "notify_klippy_disconnected") {
    if (phase_ == phase::greeting)
      return;
    klippy_gone();
    phase_ = phase::not_ready;
    firmware_became(firmware_state::disconnected);
    observe();
    publish();
  } else if (method == "notify_klippy_shutdown") {
    if (phase_ == phase::greeting)
      return;
    firmware_became(firmware_state::shutdown);
    observe();
    publish();
  } else if (method == "notify_job_queue_changed") {
    if (phase_ == phase::live)
      ask_queue();
  } else if (method == "notify_history_changed") {
    if (phase_ == phase::live)
      ask_newest_job();
  }
}

void connector::fold(const json& status) {
  const bool printed = runs(status_.print());
  if (!status_.merge(status))
    return;
  // Not every machine announces its history; after the end of a print it has an entry.
  if (printed && !runs(status_.print()))
    ask_newest_job();
  observe();
  if (const auto said = status_.firmware(); said && *said != firmware_) {
    firmware_became(*said);
    // Becoming ready inside of one Klippy is not announced reliably; a fresh snapshot is safe.
    if (*said == firmware_state::ready && !polling_)
      return load();
  }
  ask_metadata();
  publish();
}

// -- answers ----------------------------------------------------------------

void connector::answered(const call& done, const wire_answer& verdict, const json& result) {
  if (is_unauthorized(verdict) && done.ticket == 0 && done.what != purpose::queue
      && done.what != purpose::metadata)
    return lose(reason::link_auth, "the API key is missing or wrong");
  const bool stale = done.sequence != sequence_;
  switch (done.what) {
  case purpose::identify:
    // Old versions do not know the method, and some say "already identified".
    return ask_info();
  case purpose::info:
    return info_answered(done, verdict, result);
  case purpose::firmware_words:
    if (!stale && verdict.ok && firmware_ != firmware_state::ready) {
      firmware_detail_ = text_of(member(result, "state_message"), 1'000);
      publish(true);
    }
    return;
  case purpose::list:
    return stale ? void() : list_answered(result);
  case purpose::snapshot:
    return stale ? void() : snapshot_answered(verdict, result);
  case purpose::query:
    return query_answered(done, verdict, result);
  case purpose::metadata:
    return stale || !verdict.ok ? void() : metadata_answered(done, result);
  case purpose::queue:
    return stale ? void() : queue_answered(verdict, result);
  case purpose::newest_job:
    return newest_job_answered(done, verdict, result);
  case purpose::start:
  case purpose::pause:
  case purpose::resume:
  case purpose::cancel:
    return action_answered(done, verdict);
  case purpose::start_check:
    return start_check_answered(done, verdict, result);
  case purpose::upload:
    return upload_answered(done, verdict, result);
  case purpose::upload_size:
    return upload_size_answered(done, verdict, result);
  case purpose::remove:
    return remove_answered(done, verdict);
  case purpose::remove_check:
    return remove_check_answered(done, verdict, result);
  case purpose::history:
    return history_answered(done, verdict, result);
  }
}

void connector::info_answered(const call& done, const wire_answer& verdict, const json& result) {
  if (!verdict.ok && !is_missing_method(verdict)) {
    answer(done.ticket, port_outcome::refused, reason::printer_command_failed, verdict.text);
    if (phase_ == phase::greeting)
      return lose(reason::link_protocol, verdict.text);
    info_at_ = time_.mono() + settings_.info_poll;
    return;
  }
  if (!is_server_info(result)) {
    answer(done.ticket, port_outcome::refused, reason::link_not_klipper);
    return lose(reason::link_not_klipper, "it does not answer server.info as Moonraker does");
  }
  if (!is_online())
    online_since_ = time_.mono();
  link_state_ = link_state::online;
  link_reason_ = reason::link_ok;
  link_detail_ = polling_ ? "without a WebSocket: the printer is polled" : "";
  const auto& version = member(result, "api_version");
  takes_checksum_ =
      version.is_array() && !version.empty() && number_of(version.front()).value_or(0) >= 1;
  const auto word = firmware_of(text_of(member(result, "klippy_state"), 20));
  const bool connected =
      truth_of(member(result, "klippy_connected")).value_or(word != firmware_state::disconnected);
  const auto state = connected ? word : firmware_state::disconnected;
  if (state == firmware_state::ready) {
    const bool settled = phase_ == phase::live && firmware_ == firmware_state::ready;
    if (!settled && phase_ != phase::loading)
      load();
  } else {
    if (state == firmware_state::disconnected || phase_ == phase::loading)
      klippy_gone();
    if (phase_ != phase::live || state == firmware_state::disconnected)
      phase_ = phase::not_ready;
    const bool news = state != firmware_ || firmware_detail_.empty();
    firmware_became(state);
    observe();
    awaits_snapshot_ = false;
    if (connected && news && !is_asking(purpose::firmware_words))
      ask(purpose::firmware_words, {.method = "printer.info"});
    publish(done.ticket != 0);
  }
  if (done.ticket != 0 && state == firmware_state::ready) {
    observe();
    publish(true);
  }
  answer(done.ticket, port_outcome::done, reason::ok);
}

void connector::list_answered(const json& result) {
  // Without a list the usual objects are asked for: look-alikes may not have the method, and right
  // after a boot the next question fails as well.
  objects_.clear();
  if (const auto& names = member(result, "objects"); names.is_array())
    for (const auto& name : names)
      if (objects_.size() < objects_max && name.is_string())
        objects_.push_back(text_of(name, 200));
  const auto wanted = klipper_status::wanted(objects_);
  ask(purpose::snapshot,
      {.method = polling_ ? "printer.objects.query" : "printer.objects.subscribe",
       .objects = &wanted});
}

void connector::snapshot_answered(const wire_answer& verdict, const json& result) {
  const auto& status = member(result, "status");
  if (!verdict.ok || !status.is_object()) {
    // Right after a boot the method is not there yet, whatever server.info said.
    phase_ = phase::not_ready;
    firmware_became(firmware_state::startup);
    firmware_detail_ = verdict.text;
    observe();
    awaits_snapshot_ = false;
    return publish(true);
  }
  status_ = {};
  status_.merge(status);
  phase_ = phase::live;
  firmware_became(status_.firmware().value_or(firmware_state::ready));
  observe();
  awaits_snapshot_ = false;
  ask_newest_job();
  ask_queue();
  ask_metadata();
  publish(true);
}

void connector::query_answered(const call& done, const wire_answer& verdict, const json& result) {
  if (!verdict.ok) {
    answer(done.ticket, port_outcome::refused, reason::printer_command_failed, verdict.text);
    return ask_info();
  }
  if (done.sequence != sequence_ || phase_ != phase::live)
    return answer(done.ticket, port_outcome::refused, reason::printer_not_ready);
  fold(member(result, "status"));
  observe();
  publish(done.ticket != 0);
  answer(done.ticket, port_outcome::done, reason::ok);
}

void connector::metadata_answered(const call& done, const json& result) {
  gcode_span span;
  span.file = done.file;
  constexpr int64_t bytes_max = int64_t{1} << 50U;
  span.start_byte = integer_of(member(result, "gcode_start_byte"), 1, 0, bytes_max).value_or(0);
  span.end_byte = integer_of(member(result, "gcode_end_byte"), 1, 0, bytes_max).value_or(0);
  span_ = span;
  publish();
}

void connector::queue_answered(const wire_answer& verdict, const json& result) {
  // Old and stripped machines have no queue; that is fine.
  other_queue_.clear();
  if (!verdict.ok)
    return;
  const auto& jobs = member(result, "queued_jobs");
  if (jobs.is_array() && !jobs.empty())
    other_queue_ = std::to_string(jobs.size()) + " in the printer's own queue ("
                   + text_of(member(result, "queue_state"), 20) + ")";
  publish();
}

void connector::newest_job_answered(const call& done, const wire_answer& verdict,
                                    const json& result) {
  const bool stale = done.sequence != sequence_ || phase_ != phase::live;
  const auto& jobs = member(result, "jobs");
  // What it says now is older than the snapshot to come.
  if (stale)
    return answer(done.ticket, port_outcome::refused, reason::printer_not_ready);
  history_ = history_state::unknown;
  if (is_missing_method(verdict))
    history_ = history_state::absent;
  if (verdict.ok && jobs.is_array()) {
    history_ = history_state::read;
    const json none;
    const auto& newest = jobs.empty() ? none : jobs.front();
    last_job_ = text_of(member(newest, "job_id"), job_id_bytes_max);
    last_job_file_ = text_of(member(newest, "filename"), remote_name_bytes_max);
  }
  if (std::exchange(history_moved_, false))
    ask_newest_job();
  if (done.ticket != 0)
    ask_query(done.ticket);
  publish();
}

// -- reports and time -------------------------------------------------------

bool connector::is_online() const {
  return link_state_ == link_state::online;
}

void connector::observe() {
  const auto now = time_.mono();
  last_klipper_at_ = now;
  auto wall = time_.wall();
  // Two observations within a millisecond, or across a small correction of the clock, still follow
  // each other; a large step of the clock is taken over as it is.
  if (observed_at_ && wall <= *observed_at_ && *observed_at_ - wall < std::chrono::seconds{1})
    wall = *observed_at_ + std::chrono::milliseconds{1};
  observed_at_ = wall;
  ready_for_ms_ =
      ready_since_
          ? std::chrono::duration_cast<std::chrono::milliseconds>(now - *ready_since_).count()
          : 0;
}

device_report connector::report() const {
  device_report report;
  report.link = link_state_;
  report.link_reason = link_reason_;
  report.link_detail = link_detail_;
  report.firmware = firmware_;
  const bool ready = firmware_ == firmware_state::ready;
  if (!ready)
    report.firmware_detail =
        firmware_detail_.empty() ? status_.firmware_message() : firmware_detail_;
  status_.describe(report, ready, span_);
  report.other_queue = other_queue_;
  report.history = history_;
  report.last_job = last_job_;
  report.last_job_file = last_job_file_;
  report.observed_at = observed_at_;
  report.ready_for_ms = ready_for_ms_;
  report.generation = generation_;
  report.requests_total = meter_.total();
  report.requests_last_minute = meter_.last_minute(time_.mono());
  return report;
}

void connector::publish(bool at_once) {
  // The first report of a generation is its snapshot.
  if (awaits_snapshot_ || phase_ == phase::ended)
    return;
  const auto now = time_.mono();
  auto next = report();
  // An answer without news must not hold back the observation that follows it.
  if (!at_once && repeats(next, last_report_))
    return;
  const bool due = !last_report_at_ || now - *last_report_at_ >= settings_.report_pause;
  if (!at_once && !due && same_news(next, last_report_)) {
    report_at_ = *last_report_at_ + settings_.report_pause;
    return;
  }
  report_at_.reset();
  last_report_at_ = now;
  last_report_ = std::move(next);
  listener_->on_report(last_report_);
}

std::chrono::milliseconds connector::poll_pause() const {
  const auto wanted = std::chrono::seconds{std::clamp<int64_t>(config_.poll_interval_s, 1, 3'600)};
  return std::max<std::chrono::milliseconds>(wanted, settings_.poll_min);
}

std::optional<mono_time> connector::next_deadline() const {
  std::optional<mono_time> next;
  const auto consider = [&next](std::optional<mono_time> when) {
    if (when && (!next || *when < *next))
      next = when;
  };
  consider(reconnect_at_);
  consider(info_at_);
  consider(queue_at_);
  consider(report_at_);
  if (polling_)
    consider(websocket_retry_at_);
  for (const auto& item : rpc_calls_)
    consider(item.second.deadline);
  if (websocket_ != 0 && phase_ != phase::opening) {
    consider(last_frame_at_ + settings_.heartbeat);
    if (!is_asking(purpose::info))
      consider(last_frame_at_ + settings_.heartbeat / 2);
  }
  if (phase_ == phase::live && !is_asking(purpose::query))
    consider(last_klipper_at_ + poll_pause());
  return next;
}

void connector::arm() {
  if (phase_ == phase::ended)
    return;
  const auto next = next_deadline();
  // A timer that fires too early does no harm, and deadlines move with every frame.
  if (!next || (armed_for_ && *armed_for_ <= *next))
    return;
  armed_for_ = next;
  const auto pause = std::chrono::ceil<std::chrono::milliseconds>(*next - time_.mono());
  link_->wake_after(std::max(pause, std::chrono::milliseconds{1}));
}

void connector::on_timer() {
  if (phase_ == phase::ended)
    return;
  armed_for_.reset();
  run_deadlines(time_.mono());
  arm();
}

void connector::run_deadlines(mono_time now) {
  const auto is_due = [now](std::optional<mono_time>& when) {
    const bool due = when && *when <= now;
    if (due)
      when.reset();
    return due;
  };
  if (is_due(reconnect_at_))
    return connect();
  expire_calls(now);
  keep_alive(now);
  if (phase_ == phase::waiting || phase_ == phase::opening)
    return;
  if (polling_ && is_due(websocket_retry_at_)) {
    drop_calls(reason::link_closed, "");
    return connect();
  }
  if (is_due(info_at_))
    ask_info();
  if (is_due(queue_at_) && phase_ == phase::live)
    ask_queue();
  if (phase_ == phase::live && !is_asking(purpose::query) && now - last_klipper_at_ >= poll_pause())
    ask_query();
  if (is_due(report_at_))
    publish(true);
}

void connector::expire_calls(mono_time now) {
  std::vector<call> expired;
  std::erase_if(rpc_calls_, [&](const auto& item) {
    if (item.second.deadline <= now)
      expired.push_back(item.second);
    return item.second.deadline <= now;
  });
  bool silent = false;
  for (const auto& item : expired) {
    answer(item.ticket, port_outcome::lost, reason::link_timeout, "no answer in time");
    // Commands may wait behind g-code, but questions are answered at once by a machine that works.
    silent = silent || item.ticket == 0;
  }
  if (silent)
    lose(reason::link_timeout, "the printer no longer answers");
}

void connector::keep_alive(mono_time now) {
  if (websocket_ == 0 || phase_ == phase::opening || phase_ == phase::waiting)
    return;
  if (now - last_frame_at_ >= settings_.heartbeat)
    return lose(reason::link_timeout, "nothing was heard of the printer");
  // A working Moonraker says something each second; look-alikes are asked.
  if (now - last_frame_at_ >= settings_.heartbeat / 2 && !is_asking(purpose::info))
    ask_info();
}

} // namespace gantry::hal
