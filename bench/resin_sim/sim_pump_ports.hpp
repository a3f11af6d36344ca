// The kernel's side of the simulated guard: what `guard_client` does, without threads and sockets.
#pragma once

#include "bench/farm_sim/sim_links.hpp"
#include "bench/resin_sim/sim_guard.hpp"
#include "hal/pump_port.hpp"

namespace gantry::farm_sim {

/// The pumps of all stations, for one life of the kernel. What the guard says becomes a task of the
/// links, which run on the kernel's own time: a kernel that hangs hears nothing.
class sim_pump_ports final : public hal::pump_port_factory {
public:
  sim_pump_ports(agenda& time, sim_guard& guard, sim_links& links);
  /// Ports that are still there do nothing any more.
  ~sim_pump_ports() override;

  [[nodiscard]] std::vector<std::string> stations() const override;
  [[nodiscard]] std::unique_ptr<hal::pump_port>
  open(const std::string& station, std::shared_ptr<hal::pump_listener> listener) override;
  /// The guard is gone.
  void lose();

private:
  class port;
  struct book;
  std::shared_ptr<book> book_;
};

} // namespace gantry::farm_sim
