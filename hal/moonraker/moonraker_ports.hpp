// Makes printer ports that speak Moonraker.
#pragma once

#include "hal/moonraker/connector.hpp"
#include "hal/printer_port.hpp"

namespace gantry::hal {

/// The factory for Klipper machines. Its ports post their calls to the links' thread.
class moonraker_ports final : public printer_port_factory {
public:
  /// `links`, `time` and `chance` outlive this object and every port it made.
  moonraker_ports(link_runtime& links, const clock& time, id_source& chance,
                  connector_settings settings = {});
  /// Tests that still run end with `link_timeout`.
  ~moonraker_ports() override;

  [[nodiscard]] std::unique_ptr<printer_port>
  open(const port_config& config, std::shared_ptr<port_listener> listener) override;
  void probe(const port_config& config, std::function<void(port_answer)> then) override;

private:
  struct open_probes;

  link_runtime& links_;
  const clock& time_;
  id_source& chance_;
  connector_settings settings_;
  std::shared_ptr<open_probes> probes_; ///< Used on the links' thread only.
};

} // namespace gantry::hal
