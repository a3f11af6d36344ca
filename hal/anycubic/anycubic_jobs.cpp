// Requests to the machine: what is sent once, what may be sent again, and how a lost answer is
// settled by reading the state.
#include "hal/anycubic/act_text.hpp"
#include "hal/anycubic/anycubic_connector.hpp"

#include <algorithm>
#include <utility>

namespace gantry::hal {

namespace {

/// Times that the state is read after a start or a stop whose answer was lost.
constexpr int looks_max = 3;
constexpr std::size_t file_bytes_max = 200;

/// True if the machine can be told this name: a comma or a line end would end the request.
bool is_sendable(std::string_view internal_name) {
  return !internal_name.empty() && internal_name.size() <= file_bytes_max
         && internal_name.find_first_of(",\r\n") == std::string_view::npos;
}

/// What the machine's own error codes mean, as far as anybody knows.
std::string error_text(std::string_view command, std::string_view body) {
  const std::string code{trimmed(body).substr(0, 40)};
  if (command == "getfile")
    return code + (code == "ERROR1" ? " (no USB stick)" : code == "ERROR2" ? " (no files)" : "");
  if (command == "goprint")
    return code + (code == "ERROR1" ? " (busy)" : code == "ERROR2" ? " (file not found)" : "");
  return code;
}

} // namespace

// -- from outside -----------------------------------------------------------

void anycubic_connector::list_files(uint64_t ticket) {
  admit({.what = action::list_files, .ticket = ticket});
}

void anycubic_connector::start(uint64_t ticket, const std::string& internal_name) {
  if (!is_sendable(unescaped_bytes(internal_name)))
    return listener_->on_answer(ticket, {port_outcome::refused, reason::printer_command_failed,
                                         "not a name that the machine can be told", 0});
  admit({.what = action::start, .ticket = ticket, .file = internal_name});
}

void anycubic_connector::pause(uint64_t ticket) {
  admit({.what = action::pause, .ticket = ticket});
}

void anycubic_connector::resume(uint64_t ticket) {
  admit({.what = action::resume, .ticket = ticket});
}

void anycubic_connector::stop(uint64_t ticket) {
  silent_until_.reset();
  admit({.what = action::stop, .ticket = ticket});
}

void anycubic_connector::refresh(uint64_t ticket) {
  admit({.what = action::refresh, .ticket = ticket});
}

void anycubic_connector::check(std::chrono::milliseconds limit,
                               std::function<void(const port_answer&)> then) {
  admit({.what = action::refresh, .then = std::move(then), .limit = time_.mono() + limit});
}

void anycubic_connector::admit(job request) {
  const auto now = time_.mono();
  request.number = ++last_job_;
  jobs_.push_back(std::move(request));
  auto& added = jobs_.back();
  if (phase_ == phase::ended)
    return finish(added, port_outcome::not_sent, reason::link_closed, "the port was closed");
  if (phase_ == phase::waiting && !is_silent(now)) {
    // A pause or a stop does not wait for the next attempt to connect; the rest may come again.
    if (!is_pressing(added))
      return finish(added, port_outcome::not_sent, report_.link_reason, report_.link_detail);
    connect();
  }
  if (flight_ && added.what == action::stop)
    flight_->deadline = std::min(flight_->deadline, now + settings_.urgent);
  proceed();
  arm();
}

// -- the queue --------------------------------------------------------------

bool anycubic_connector::is_urgent() const {
  return std::any_of(jobs_.begin(), jobs_.end(), [](const job& item) {
    return item.what == action::stop && item.next == step::act;
  });
}

bool anycubic_connector::is_in_doubt() const {
  return std::any_of(jobs_.begin(), jobs_.end(),
                     [](const job& item) { return item.next == step::look; });
}

anycubic_connector::job* anycubic_connector::find_job(uint64_t number) {
  const auto found = std::find_if(jobs_.begin(), jobs_.end(),
                                  [number](const job& item) { return item.number == number; });
  return found == jobs_.end() ? nullptr : &*found;
}

anycubic_connector::job* anycubic_connector::ready_job(mono_time now) {
  const auto urgent = std::find_if(jobs_.begin(), jobs_.end(),
                                   [](const job& item) { return item.what == action::stop; });
  auto* next = urgent != jobs_.end() ? &*urgent : jobs_.empty() ? nullptr : &jobs_.front();
  return next && (!next->not_before || *next->not_before <= now) ? next : nullptr;
}

void anycubic_connector::send_job(job& next) {
  exchange what{.what = purpose::work, .job = next.number};
  if (next.next == step::look || next.what == action::refresh) {
    what.command = "getstatus";
    what.reads_status = what.is_read = true;
    return send(std::move(what), "getstatus");
  }
  if (next.what == action::list_files) {
    what.command = "getfile";
    what.is_read = true;
    return send(std::move(what), "getfile");
  }
  next.may_have_acted = true;
  ++next.attempts;
  if (!next.limit)
    next.limit = time_.mono() + settings_.doubt_max;
  std::string request;
  switch (next.what) {
  case action::start:
    request = "goprint," + unescaped_bytes(next.file);
    break;
  case action::pause:
    request = "gopause";
    break;
  case action::resume:
    request = "goresume";
    break;
  case action::stop:
    request = "gostop";
    break;
  case action::list_files:
  case action::refresh:
    return;
  }
  what.command = request.substr(0, request.find(','));
  send(std::move(what), request);
}

void anycubic_connector::finish(job& done, port_outcome outcome, reason why, std::string detail) {
  const auto ticket = done.ticket;
  const auto then = std::move(done.then);
  std::erase_if(jobs_, [number = done.number](const job& item) { return item.number == number; });
  const port_answer answer{outcome, why, text_for_people(detail), 0};
  if (then)
    then(answer);
  else
    listener_->on_answer(ticket, answer);
}

void anycubic_connector::expire_jobs(mono_time now) {
  for (auto& item : jobs_)
    if (item.not_before && *item.not_before <= now)
      item.not_before.reset();
  while (true) {
    const auto late = std::find_if(jobs_.begin(), jobs_.end(), [now](const job& item) {
      return item.limit && *item.limit <= now;
    });
    if (late == jobs_.end())
      return;
    if (flight_ && flight_->what == purpose::work && flight_->job == late->number)
      flight_.reset();
    finish(*late, late->may_have_acted ? port_outcome::lost : port_outcome::refused,
           reason::link_timeout, late->doubt.empty() ? "no answer in time" : late->doubt);
  }
}

bool anycubic_connector::is_pressing(const job& item) {
  return item.what == action::stop || item.what == action::pause;
}

void anycubic_connector::fail_waiting_jobs(reason why, const std::string& detail, bool all) {
  while (true) {
    const auto unsent = std::find_if(jobs_.begin(), jobs_.end(), [all](const job& item) {
      return !item.may_have_acted && item.attempts == 0 && (all || !is_pressing(item));
    });
    if (unsent == jobs_.end())
      return;
    finish(*unsent, port_outcome::not_sent, why, detail);
  }
}

// -- answers ----------------------------------------------------------------

void anycubic_connector::job_replied(job& asked, const std::string& body) {
  if (asked.next == step::look)
    return look_shows(asked);
  switch (asked.what) {
  case action::refresh:
    return finish(asked, port_outcome::done, reason::ok,
                  std::to_string(report_.round_trip_ms) + " ms");
  case action::list_files:
    return files_replied(asked, body);
  case action::start:
  case action::pause:
  case action::resume:
  case action::stop:
    return control_replied(asked, body);
  }
}

void anycubic_connector::files_replied(job& asked, const std::string& body) {
  if (verdict_of(body) == act_verdict::error)
    return finish(asked, port_outcome::refused, reason::printer_command_failed,
                  error_text("getfile", body));
  if (!asked.then)
    listener_->on_files(asked.ticket, parse_files(body));
  finish(asked, port_outcome::done, reason::ok);
}

void anycubic_connector::control_replied(job& asked, const std::string& body) {
  const auto now = time_.mono();
  const auto verdict = verdict_of(body);
  if (verdict == act_verdict::unclear)
    return job_lost(asked, "the answer was " + body.substr(0, 40));
  if (verdict == act_verdict::error) {
    const auto command = asked.what == action::start ? "goprint" : "";
    if (asked.attempts == 1)
      return finish(asked, port_outcome::refused, reason::printer_command_failed,
                    error_text(command, body));
    // A repetition may be refused because the first one is being carried out.
    job_lost(asked, "its repetition was refused with " + body.substr(0, 40));
    asked.final_look = true;
    return;
  }
  // What it did shows before long.
  poll_at_ = now + settings_.soon;
  asked.acknowledged = true;
  if (asked.what == action::start) {
    asked.next = step::look;
    return;
  }
  if (asked.what == action::pause)
    keep_silent(settings_.hold_after_pause);
  finish(asked, port_outcome::done, reason::ok);
}

void anycubic_connector::job_lost(job& asked, const std::string& detail) {
  const auto now = time_.mono();
  const bool is_read = asked.what == action::refresh || asked.what == action::list_files;
  if (is_read) {
    if (++asked.attempts >= settings_.read_attempts)
      finish(asked, port_outcome::lost, reason::link_timeout, detail);
    return;
  }
  if (asked.next == step::look)
    return; // It is read again, until the limit.
  asked.doubt = detail;
  asked.next = step::look;
  const auto pause = std::min<std::size_t>(static_cast<std::size_t>(asked.attempts - 1),
                                           settings_.repeat_after.size() - 1);
  asked.not_before = now + settings_.repeat_after.at(pause);
}

// -- looking ----------------------------------------------------------------

void anycubic_connector::look_shows(job& asked) {
  const auto state = report_.state;
  const bool printing = state == resin_state::printing;
  const bool paused = state == resin_state::paused;
  const auto seen = "the machine says " + report_.raw_state;
  ++asked.looks;
  if (asked.what == action::start) {
    const bool runs = (printing || paused) && report_.internal_file == asked.file;
    if (asked.acknowledged || runs)
      return finish(asked, port_outcome::done, reason::ok, seen);
    return look_again(asked);
  }
  if (asked.what == action::stop) {
    if (state == resin_state::stopped || state == resin_state::stopping
        || state == resin_state::finished)
      return finish(asked, port_outcome::done, reason::ok, seen);
    return look_again(asked);
  }
  const bool pausing = asked.what == action::pause;
  if (pausing ? paused : printing) {
    if (pausing)
      keep_silent(settings_.hold_after_pause);
    return finish(asked, port_outcome::done, reason::ok, seen);
  }
  if (!printing && !paused && state != resin_state::unknown)
    return finish(asked, port_outcome::refused, reason::printer_not_in_state, seen);
  // A read showed no effect, and no answer came: only now it may be sent again.
  const auto repeats = static_cast<std::size_t>(asked.attempts - 1);
  if (state != resin_state::unknown && !asked.final_look
      && repeats < settings_.repeat_after.size()) {
    asked.next = step::act;
    return;
  }
  look_again(asked);
}

void anycubic_connector::look_again(job& asked) {
  if (asked.final_look || asked.looks >= looks_max)
    return finish(asked, port_outcome::lost, reason::outcome_unknown,
                  asked.doubt + "; the machine says " + report_.raw_state);
  asked.not_before = time_.mono() + settings_.soon;
}

} // namespace gantry::hal
