// Makes ports to Anycubic Photon printers.
#pragma once

#include "hal/anycubic/anycubic_connector.hpp"

namespace gantry::hal {

/// The factory for Anycubic Photon printers. Its ports post their calls to the links' thread.
class anycubic_ports final : public resin_port_factory {
public:
  /// `links`, `time` and `chance` outlive this object and every port it made.
  anycubic_ports(link_runtime& links, const clock& time, id_source& chance,
                 anycubic_settings settings = {});
  /// Tests that still run end with `link_timeout`.
  ~anycubic_ports() override;

  [[nodiscard]] std::unique_ptr<resin_port> open(const resin_config& config,
                                                 std::shared_ptr<resin_listener> listener) override;
  /// A machine serves one client at a time, so one that is connected is asked on its connection.
  void probe(const resin_config& config, std::function<void(port_answer)> then) override;

private:
  struct members;

  link_runtime& links_;
  const clock& time_;
  id_source& chance_;
  anycubic_settings settings_;
  std::shared_ptr<members> members_; ///< Used on the links' thread only.
};

} // namespace gantry::hal
