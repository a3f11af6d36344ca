#include "bench/printer_park.hpp"

#include "bench/http_load.hpp"

#include <algorithm>
#include <stdexcept>

namespace gantry::bench {

printer_park::printer_park(const park_options& options, const std::string& folder)
    : folder_{folder} {
  constexpr auto most = sim::simulator_options::count_max;
  for (size_t first = 0; first < options.printers; first += most) {
    sim::simulator_options wanted;
    wanted.count = std::min(most, options.printers - first);
    wanted.speed = options.speed;
    wanted.sample_ms = options.sample_ms;
    wanted.name = "bench" + std::to_string(first / most);
    wanted.seed = first + 1;
    wanted.log_dir = folder + "/logs";
    wanted.state_dir = folder + "/state";
    if (options.on_frame)
      wanted.on_frame = [hear = options.on_frame, first](size_t index, std::string_view frame) {
        hear(first + index, frame);
      };
    simulators_.push_back(std::make_unique<sim::moonraker_simulator>(wanted));
    for (const auto& [name, port] : simulators_.back()->printers())
      printers_.push_back({name, port});
  }
  for (const auto& each : simulators_)
    threads_.emplace_back([simulator = each.get()] { simulator->run(false); });
}

printer_park::~printer_park() {
  for (const auto& each : simulators_)
    each->stop();
  for (auto& each : threads_)
    each.join();
}

std::string printer_park::log_path(size_t index) const {
  return folder_ + "/logs/" + printers_[index].name + ".jsonl";
}

void printer_park::heat() const {
  for (const auto& each : printers_)
    for (const auto* script : {"M104%20S200", "M140%20S60"}) {
      http_client machine{each.port};
      const auto path = std::string{"/printer/gcode/script?script="} + script;
      if (machine.ask(command_text("POST", path, {}, {}, {})) != 200)
        throw std::runtime_error{"a simulated printer does not heat"};
    }
}

void printer_park::inject(size_t index, const std::string& fault_json) const {
  http_client machine{printers_[index].port};
  if (machine.ask(command_text("POST", "/sim/fault", {}, fault_json, {})) != 200)
    throw std::runtime_error{"a simulated printer refuses a fault"};
}

} // namespace gantry::bench
