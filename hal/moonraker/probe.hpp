// Tests an address: is a Moonraker there, and does it let us in?
#pragma once

#include "hal/link.hpp"
#include "hal/printer_port.hpp"

#include <memory>

namespace gantry::hal {

/// One test of one address, a single `GET /server/info`. Lives on the links' thread.
class probe final : public link_listener {
public:
  /// Called once with the verdict.
  using verdict_handler = std::function<void(const port_answer&)>;

  explicit probe(verdict_handler then) : then_{std::move(then)} {}

  /// Asks `config`'s address through `access`, which was attached to this object, for at most
  /// `limit`.
  void begin(std::unique_ptr<link> access, const port_config& config,
             std::chrono::milliseconds limit);
  /// Gives the verdict "no answer" if there is none yet, and drops the link.
  void end();

  void on_open(uint64_t number) override;
  void on_frame(uint64_t number, std::string_view text) override;
  void on_close(uint64_t number, reason why, const std::string& detail) override;
  void on_response(uint64_t number, const link_response& response) override;
  void on_timer() override;

private:
  void decide(reason why, const std::string& detail);

  verdict_handler then_;
  std::unique_ptr<link> link_;
};

} // namespace gantry::hal
