#include "hal/moonraker/moonraker_ports.hpp"

#include "hal/moonraker/probe.hpp"

namespace gantry::hal {

namespace {

constexpr std::chrono::milliseconds probe_limit{3'000};

/// A connector that lives on the links' thread and is called from any.
class moonraker_port final : public printer_port {
public:
  moonraker_port(link_runtime& links, std::shared_ptr<connector> core)
      : links_{links}, core_{std::move(core)} {
    links_.post([&runtime = links_, core = core_] { core->begin(runtime.attach(*core)); });
  }

  ~moonraker_port() override {
    links_.post([core = std::move(core_)] { core->end(); });
  }

  void upload(uint64_t ticket, const std::string& file, const std::string& sha256,
              const std::string& remote_name) override {
    links_.post([core = core_, ticket, file, sha256, remote_name] {
      core->upload(ticket, file, sha256, remote_name);
    });
  }

  void start(uint64_t ticket, const std::string& remote_name) override {
    links_.post([core = core_, ticket, remote_name] { core->start(ticket, remote_name); });
  }

  void pause(uint64_t ticket) override {
    links_.post([core = core_, ticket] { core->pause(ticket); });
  }

  void resume(uint64_t ticket) override {
    links_.post([core = core_, ticket] { core->resume(ticket); });
  }

  void cancel(uint64_t ticket) override {
    links_.post([core = core_, ticket] { core->cancel(ticket); });
  }

  void remove_file(uint64_t ticket, const std::string& remote_name) override {
    links_.post([core = core_, ticket, remote_name] { core->remove_file(ticket, remote_name); });
  }

  void refresh(uint64_t ticket) override {
    links_.post([core = core_, ticket] { core->refresh(ticket); });
  }

private:
  link_runtime& links_;
  std::shared_ptr<connector> core_;
};

} // namespace

struct moonraker_ports::open_probes {
  std::map<uint64_t, std::shared_ptr<hal::probe>> running;
  uint64_t last = 0;
};

moonraker_ports::moonraker_ports(link_runtime& links, const clock& time, id_source& chance,
                                 connector_settings settings)
    : links_{links},
      time_{time},
      chance_{chance},
      settings_{settings},
      probes_{std::make_shared<open_probes>()} {}

moonraker_ports::~moonraker_ports() {
  links_.post([probes = std::move(probes_)] {
    for (const auto& item : probes->running)
      item.second->end();
    probes->running.clear();
  });
}

std::unique_ptr<printer_port> moonraker_ports::open(const port_config& config,
                                                    std::shared_ptr<port_listener> listener) {
  return std::make_unique<moonraker_port>(
      links_, std::make_shared<connector>(config, std::move(listener), time_, chance_, settings_));
}

void moonraker_ports::probe(const port_config& config, std::function<void(port_answer)> then) {
  links_.post([&runtime = links_, probes = probes_, config, then = std::move(then)] {
    const auto number = ++probes->last;
    const auto test =
        std::make_shared<hal::probe>([&runtime, probes, number, then](const port_answer& verdict) {
          // Not at once: this is called from inside the test that is to go.
          runtime.post([probes, number] { probes->running.erase(number); });
          then(verdict);
        });
    probes->running.emplace(number, test);
    test->begin(runtime.attach(*test), config, probe_limit);
  });
}

} // namespace gantry::hal
