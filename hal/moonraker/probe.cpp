#include "hal/moonraker/probe.hpp"

#include "hal/moonraker/moonraker_wire.hpp"

#include <nlohmann/json.hpp>

namespace gantry::hal {

void probe::begin(std::unique_ptr<link> access, const port_config& config,
                  std::chrono::milliseconds limit) {
  link_ = std::move(access);
  link_request request;
  request.target = "/server/info";
  request.timeout = limit;
  if (!config.api_key.empty())
    request.headers.push_back({"X-Api-Key", config.api_key});
  link_->request({config.host, config.port}, std::move(request));
  link_->wake_after(limit);
}

void probe::end() {
  decide(reason::link_timeout, "the test was given up");
  link_.reset();
}

void probe::on_open(uint64_t) {}

void probe::on_frame(uint64_t, std::string_view) {}

void probe::on_close(uint64_t, reason, const std::string&) {}

void probe::on_response(uint64_t, const link_response& response) {
  if (response.status == 0) {
    // A peer that hangs up without a word of HTTP is no Moonraker.
    const bool hung_up = response.sent && response.why == reason::link_closed;
    return decide(hung_up || response.why == reason::link_protocol ? reason::link_not_klipper
                                                                   : response.why,
                  response.detail);
  }
  if (response.status == 401 || response.status == 403)
    return decide(reason::link_auth, "HTTP " + std::to_string(response.status));
  const auto status = "HTTP " + std::to_string(response.status);
  if (response.status == 502 || response.status == 503 || response.status == 504)
    return decide(reason::link_refused, "a proxy answers " + status);
  const auto body = parse_wire(response.body);
  if (body.is_discarded())
    return decide(reason::link_not_klipper, status + " without JSON");
  if (response.status != 200 || !is_server_info(member(body, "result")))
    return decide(reason::link_not_klipper, status + ", but not Moonraker's answer");
  decide(reason::link_ok, "");
}

void probe::on_timer() {
  decide(reason::link_timeout, "no answer in time");
}

void probe::decide(reason why, const std::string& detail) {
  if (!then_)
    return;
  const auto then = std::exchange(then_, nullptr);
  then({why == reason::link_ok ? port_outcome::done : port_outcome::refused, why, cut(detail, 400),
        0});
}

} // namespace gantry::hal
