#include "hal/anycubic/anycubic_probe.hpp"

#include "hal/anycubic/act_text.hpp"

#include <utility>

namespace gantry::hal {

void anycubic_probe::begin(std::unique_ptr<link> access, const resin_config& config,
                           std::chrono::milliseconds limit) {
  link_ = std::move(access);
  reader_.expect("getstatus");
  stream_ = link_->open_stream({config.host, config.port});
  link_->wake_after(limit);
}

void anycubic_probe::end() {
  decide(reason::link_timeout, "the test was given up");
  link_.reset();
}

void anycubic_probe::on_open(uint64_t) {
  open_ = true;
  sent_at_ = time_.mono();
  link_->send(stream_, "getstatus,");
}

void anycubic_probe::on_frame(uint64_t, std::string_view) {}

void anycubic_probe::on_response(uint64_t, const link_response&) {}

/// Decides if the answer is there.
bool anycubic_probe::settle(bool quiet) {
  const auto body = reader_.body(quiet);
  if (!body || !parse_status(*body))
    return false;
  const auto round_trip = time_.mono() - sent_at_;
  decide(reason::link_ok, std::to_string(round_trip / std::chrono::milliseconds{1}) + " ms");
  return true;
}

void anycubic_probe::on_bytes(uint64_t, std::string_view bytes) {
  heard_ = true;
  reader_.feed(bytes);
  settle(false);
}

void anycubic_probe::on_close(uint64_t, reason why, const std::string& detail) {
  if (settle(true))
    return;
  // Who hangs up after a question that every such machine answers is none.
  const bool hung_up = open_ && why == reason::link_closed;
  decide(hung_up ? reason::link_protocol : why, hung_up ? "it hung up without an answer" : detail);
}

void anycubic_probe::on_timer() {
  if (settle(true))
    return;
  if (heard_)
    return decide(reason::link_protocol, "it answers, but not as these printers do");
  decide(reason::link_timeout,
         open_ ? "connected, but no answer; another program may be connected" : "no answer");
}

void anycubic_probe::decide(reason why, const std::string& detail) {
  if (!then_)
    return;
  const auto then = std::exchange(then_, nullptr);
  then({why == reason::link_ok ? port_outcome::done : port_outcome::refused, why,
        text_for_people(detail), 0});
}

} // namespace gantry::hal
