#include "hal/anycubic/anycubic_connector.hpp"

#include "hal/anycubic/act_text.hpp"

#include <algorithm>
#include <utility>

namespace gantry::hal {

namespace {

constexpr std::size_t detail_bytes_max = 400;

/// Connections in a row that must end after one reply until a machine is taken for one that wants
/// it so.
constexpr int closed_after_reply_min = 2;

} // namespace

anycubic_connector::anycubic_connector(resin_config config,
                                       std::shared_ptr<resin_listener> listener, const clock& time,
                                       id_source& chance, anycubic_settings settings)
    : config_{std::move(config)},
      listener_{std::move(listener)},
      time_{time},
      chance_{chance},
      settings_{settings} {}

void anycubic_connector::begin(std::unique_ptr<link> access) {
  link_ = std::move(access);
  report_.link = link_state::connecting;
  poll_at_ = time_.mono() + poll_pause();
  connect();
  publish();
  arm();
}

void anycubic_connector::end() {
  if (phase_ == phase::ended)
    return;
  phase_ = phase::ended;
  flight_.reset();
  while (!jobs_.empty()) {
    auto& open = jobs_.front();
    finish(open, open.may_have_acted ? port_outcome::lost : port_outcome::not_sent,
           reason::link_closed, "the port was closed");
  }
  link_.reset();
}

// -- connection -------------------------------------------------------------

void anycubic_connector::connect() {
  phase_ = phase::opening;
  reconnect_at_.reset();
  replies_ = 0;
  stream_ = link_->open_stream({config_.host, config_.port});
}

void anycubic_connector::on_open(uint64_t number) {
  if (phase_ == phase::ended || number != stream_)
    return;
  phase_ = one_shot_ ? phase::live : phase::greeting;
  proceed();
  arm();
}

void anycubic_connector::on_frame(uint64_t, std::string_view) {}

void anycubic_connector::on_response(uint64_t, const link_response&) {}

void anycubic_connector::on_close(uint64_t number, reason why, const std::string& detail) {
  if (phase_ == phase::ended || number != stream_)
    return;
  stream_ = 0;
  // The end of the connection is the end of a reply that had no sure one.
  if (flight_)
    if (const auto body = reader_.body(true))
      replied(*body);
  if (replies_ == 1 && flight_ && flight_->what == purpose::poll) {
    one_shot_ = ++closed_after_reply_ >= closed_after_reply_min;
  }
  if (phase_ != phase::resting && phase_ != phase::ended && stream_ == 0)
    lose(why, detail);
  proceed();
  arm();
}

void anycubic_connector::close_link() {
  if (stream_ != 0)
    link_->close(std::exchange(stream_, 0));
  quiet_at_.reset();
}

void anycubic_connector::lose(reason why, const std::string& detail) {
  const auto now = time_.mono();
  const bool attempt =
      phase_ == phase::opening || phase_ == phase::greeting || report_.link != link_state::online;
  close_link();
  phase_ = phase::waiting;
  if (attempt)
    ++report_.reconnects_failed;
  report_.link = link_state::offline;
  report_.link_reason = why;
  report_.link_detail = text_for_people(detail).substr(0, detail_bytes_max);
  // Stations that lost one access point together must not come back in step.
  const int64_t doubled_ms = settings_.backoff_min.count() << std::min(failed_attempts_++, 20);
  const int64_t pause_ms = std::min<int64_t>(settings_.backoff_max.count(), doubled_ms);
  const auto jitter_ms = static_cast<int64_t>(chance_.bits() % (pause_ms / 2 + 1));
  reconnect_at_ = now + std::chrono::milliseconds{pause_ms - jitter_ms};
  // Who wants to pause or to stop does not wait for a connection that only just broke.
  if (!attempt && std::any_of(jobs_.begin(), jobs_.end(), is_pressing))
    reconnect_at_ = now;
  if (is_silent(now))
    reconnect_at_ = std::max(*reconnect_at_, *silent_until_);
  const auto lost = std::exchange(flight_, std::nullopt);
  publish();
  if (lost && lost->what == purpose::work)
    if (auto* asked = find_job(lost->job))
      job_lost(*asked, detail);
  fail_waiting_jobs(why, detail, attempt);
}

// -- sending ----------------------------------------------------------------

std::chrono::milliseconds anycubic_connector::poll_pause() const {
  return std::clamp(config_.poll_interval, std::chrono::milliseconds{1'000},
                    std::chrono::milliseconds{10'000});
}

std::chrono::milliseconds anycubic_connector::reply_limit(const exchange& what) const {
  if (what.what == purpose::greet)
    return settings_.greeting;
  const auto whole = std::max(config_.reply_timeout, std::chrono::milliseconds{1'000});
  // The machine may have accepted the pause and answer late; it must not be spoken to then.
  if (what.command == "gopause")
    return std::max(whole / 2, std::min(whole, settings_.pause_reply_max));
  return whole / 2;
}

void anycubic_connector::send(exchange what, const std::string& request) {
  const auto now = time_.mono();
  what.sent_at = now;
  if (what.first_sent_at == mono_time{})
    what.first_sent_at = now;
  what.deadline = now + reply_limit(what);
  reader_.expect(what.command);
  quiet_at_.reset();
  flight_ = std::move(what);
  // A comma ends a request for every firmware that is known; line ends and `end` do not.
  link_->send(stream_, request + ",");
}

void anycubic_connector::proceed() {
  const auto now = time_.mono();
  if (phase_ == phase::ended || flight_ || is_silent(now))
    return;
  if (phase_ == phase::greeting)
    return send({.what = purpose::greet, .command = "getmode"}, "getmode");
  if (phase_ == phase::live || phase_ == phase::resting)
    send_next();
}

void anycubic_connector::send_next() {
  const auto now = time_.mono();
  auto* next = ready_job(now);
  const bool poll = wants_poll_ || report_.link != link_state::online;
  // Whose outcome is open reads the state before long; nothing comes between.
  if (!next && (is_in_doubt() || (!poll && !wants_system_)))
    return;
  if (phase_ == phase::resting)
    return connect();
  if (next)
    return send_job(*next);
  if (poll) {
    wants_poll_ = false;
    return send(
        {.what = purpose::poll, .command = "getstatus", .reads_status = true, .is_read = true},
        "getstatus");
  }
  wants_system_ = false;
  send({.what = purpose::system, .command = "sysinfo"}, "sysinfo");
}

// -- replies ----------------------------------------------------------------

void anycubic_connector::on_bytes(uint64_t number, std::string_view bytes) {
  // What nobody asked for is somebody else's, or too late to be trusted.
  if (phase_ == phase::ended || number != stream_ || !flight_)
    return;
  reader_.feed(bytes);
  quiet_at_.reset();
  if (const auto body = reader_.body(false))
    replied(*body);
  else if (reader_.is_likely())
    quiet_at_ = time_.mono() + settings_.quiet;
  proceed();
  arm();
}

void anycubic_connector::replied(const std::string& body) {
  auto done = *flight_;
  const auto status = done.reads_status ? parse_status(body) : std::nullopt;
  // A status that makes no sense is none; a better one may still come.
  if (done.reads_status && !status)
    return;
  finish_exchange();
  switch (done.what) {
  case purpose::greet:
    phase_ = phase::live;
    return;
  case purpose::system: {
    if (verdict_of(body) == act_verdict::error)
      return;
    const auto system = parse_system(body);
    report_.model = system.model;
    report_.firmware = system.firmware;
    report_.serial = system.serial;
    return publish();
  }
  case purpose::poll:
    return observe(*status, done.sent_at);
  case purpose::work:
    if (status)
      observe(*status, done.sent_at);
    if (auto* asked = find_job(done.job))
      job_replied(*asked, body);
    return;
  }
}

void anycubic_connector::finish_exchange() {
  flight_.reset();
  quiet_at_.reset();
  ++replies_;
  if (replies_ > 1)
    closed_after_reply_ = 0;
  if (one_shot_ && phase_ == phase::live) {
    close_link();
    phase_ = phase::resting;
  }
}

void anycubic_connector::observe(const act_status& status, mono_time sent_at) {
  const auto now = time_.mono();
  if (report_.link != link_state::online) {
    ++report_.generation;
    wants_system_ = true;
  }
  report_.link = link_state::online;
  report_.link_reason = reason::link_ok;
  report_.link_detail.clear();
  report_.missed_polls = 0;
  report_.reconnects_failed = 0;
  failed_attempts_ = 0;
  report_.state = status.state;
  report_.raw_state = status.word;
  report_.file = status.file;
  report_.internal_file = status.internal_file;
  report_.layer = status.layer;
  report_.layers = status.layers;
  report_.percent = status.percent;
  if (unit_ == elapsed_unit::unknown)
    unit_ = unit_of_model(report_.model);
  unit_ = unit_of_elapsed(status, unit_);
  report_.elapsed_s = status.elapsed * (unit_ == elapsed_unit::minutes ? 60 : 1);
  report_.remaining_s = status.remaining_s;
  report_.resin_ml = status.resin_ml;
  report_.layer_height_um = status.layer_height_um;
  report_.round_trip_ms =
      std::chrono::duration_cast<std::chrono::milliseconds>(now - sent_at).count();
  auto wall = time_.wall();
  // Two observations within a millisecond, or across a small correction of the clock, still follow
  // each other; a large step of the clock is taken over as it is.
  if (report_.observed_at && wall <= *report_.observed_at
      && *report_.observed_at - wall < std::chrono::seconds{1})
    wall = *report_.observed_at + std::chrono::milliseconds{1};
  report_.observed_at = wall;
  wants_poll_ = false;
  poll_at_ = now + poll_pause();
  publish();
}

void anycubic_connector::publish() {
  if (phase_ != phase::ended)
    listener_->on_report(report_);
}

void anycubic_connector::expired() {
  const auto late = *flight_;
  const auto now = time_.mono();
  switch (late.what) {
  case purpose::greet:
    // Some firmwares do not know the question; the state is asked for all the same.
    flight_.reset();
    phase_ = phase::live;
    return;
  case purpose::system:
    flight_.reset();
    return;
  case purpose::poll:
  case purpose::work:
    break;
  }
  if (late.is_read && is_silent(now)) {
    // It is asked again when the silence is over.
    wants_poll_ = wants_poll_ || late.what == purpose::poll;
    return flight_.reset();
  }
  const bool first = late.first_sent_at == late.sent_at;
  if (late.is_read && first && !one_shot_ && !is_urgent())
    return send(late, late.command);
  auto* asked = late.what == purpose::work ? find_job(late.job) : nullptr;
  if (late.is_read || one_shot_ || !asked)
    return lose(reason::link_timeout,
                "no answer within "
                    + std::to_string((now - late.first_sent_at) / std::chrono::seconds{1}) + " s");
  flight_.reset();
  job_lost(*asked, "no answer to " + late.command);
}

// -- time -------------------------------------------------------------------

void anycubic_connector::keep_silent(std::chrono::milliseconds length) {
  const auto now = time_.mono();
  const auto until = now + std::max(length, std::chrono::milliseconds{0});
  silent_until_ = std::max(until, silent_until_.value_or(until));
  if (phase_ == phase::waiting && reconnect_at_)
    reconnect_at_ = std::max(*reconnect_at_, *silent_until_);
  arm();
}

void anycubic_connector::poll_fell_due(mono_time now) {
  if (is_silent(now)) {
    poll_at_ = *silent_until_;
    return;
  }
  if (flight_ && flight_->first_sent_at + poll_pause() > now) {
    poll_at_ = flight_->first_sent_at + poll_pause();
    return;
  }
  poll_at_ = now + poll_pause();
  const bool sends = !flight_ && (phase_ == phase::live || phase_ == phase::resting);
  if (!sends) {
    ++report_.missed_polls;
    if (report_.link == link_state::online) {
      report_.link_reason = reason::link_timeout;
      report_.link_detail = "polls stay without an answer";
    }
    publish();
  }
  wants_poll_ = true;
}

std::optional<mono_time> anycubic_connector::next_deadline() const {
  std::optional<mono_time> next;
  const auto consider = [&next](std::optional<mono_time> when) {
    if (when && (!next || *when < *next))
      next = when;
  };
  consider(reconnect_at_);
  consider(poll_at_);
  consider(quiet_at_);
  consider(silent_until_);
  if (flight_)
    consider(flight_->deadline);
  for (const auto& item : jobs_) {
    consider(item.not_before);
    consider(item.limit);
  }
  return next;
}

void anycubic_connector::arm() {
  if (phase_ == phase::ended)
    return;
  const auto next = next_deadline();
  // A timer that fires too early does no harm, and deadlines move with every reply.
  if (!next || (armed_for_ && *armed_for_ <= *next))
    return;
  armed_for_ = next;
  const auto pause = std::chrono::ceil<std::chrono::milliseconds>(*next - time_.mono());
  link_->wake_after(std::max(pause, std::chrono::milliseconds{1}));
}

void anycubic_connector::on_timer() {
  if (phase_ == phase::ended)
    return;
  armed_for_.reset();
  run_deadlines(time_.mono());
  if (phase_ == phase::ended)
    return;
  proceed();
  arm();
}

void anycubic_connector::run_deadlines(mono_time now) {
  const auto is_due = [now](std::optional<mono_time>& when) {
    const bool due = when && *when <= now;
    if (due)
      when.reset();
    return due;
  };
  is_due(silent_until_);
  if (is_due(quiet_at_) && flight_)
    if (const auto body = reader_.body(true))
      replied(*body);
  if (flight_ && flight_->deadline <= now)
    expired();
  expire_jobs(now);
  if (is_due(reconnect_at_))
    connect();
  if (poll_at_ && *poll_at_ <= now)
    poll_fell_due(now);
}

} // namespace gantry::hal
