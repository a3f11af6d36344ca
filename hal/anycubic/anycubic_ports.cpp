#include "hal/anycubic/anycubic_ports.hpp"

#include "hal/anycubic/anycubic_probe.hpp"

#include <map>

namespace gantry::hal {

namespace {

constexpr std::chrono::milliseconds probe_limit{3'000};

std::string address_of(const resin_config& config) {
  return config.host + ":" + std::to_string(config.port);
}

/// A connector that lives on the links' thread and is called from any.
class anycubic_port final : public resin_port {
public:
  /// `left` is called on the links' thread when the port is gone.
  anycubic_port(link_runtime& links, std::shared_ptr<anycubic_connector> core,
                std::function<void()> left)
      : links_{links}, core_{std::move(core)}, left_{std::move(left)} {}

  ~anycubic_port() override {
    links_.post([core = std::move(core_), left = std::move(left_)] {
      left();
      core->end();
    });
  }

  void list_files(uint64_t ticket) override {
    links_.post([core = core_, ticket] { core->list_files(ticket); });
  }

  void start(uint64_t ticket, const std::string& internal_name) override {
    links_.post([core = core_, ticket, internal_name] { core->start(ticket, internal_name); });
  }

  void pause(uint64_t ticket) override {
    links_.post([core = core_, ticket] { core->pause(ticket); });
  }

  void resume(uint64_t ticket) override {
    links_.post([core = core_, ticket] { core->resume(ticket); });
  }

  void stop(uint64_t ticket) override {
    links_.post([core = core_, ticket] { core->stop(ticket); });
  }

  void refresh(uint64_t ticket) override {
    links_.post([core = core_, ticket] { core->refresh(ticket); });
  }

  void keep_silent(std::chrono::milliseconds length) override {
    links_.post([core = core_, length] { core->keep_silent(length); });
  }

private:
  link_runtime& links_;
  std::shared_ptr<anycubic_connector> core_;
  std::function<void()> left_;
};

} // namespace

struct anycubic_ports::members {
  std::map<uint64_t, std::shared_ptr<anycubic_probe>> probes;
  std::multimap<std::string, std::shared_ptr<anycubic_connector>> connectors; ///< By address.
  uint64_t last = 0;

  /// The connector that holds the connection to an address; null if there is none.
  [[nodiscard]] anycubic_connector* connected(const std::string& address) const {
    const auto [begin, end] = connectors.equal_range(address);
    for (auto at = begin; at != end; ++at)
      if (at->second->is_online())
        return at->second.get();
    return nullptr;
  }

  void forget(const anycubic_connector* core) {
    std::erase_if(connectors, [core](const auto& item) { return item.second.get() == core; });
  }
};

anycubic_ports::anycubic_ports(link_runtime& links, const clock& time, id_source& chance,
                               anycubic_settings settings)
    : links_{links},
      time_{time},
      chance_{chance},
      settings_{settings},
      members_{std::make_shared<members>()} {}

anycubic_ports::~anycubic_ports() {
  links_.post([all = std::move(members_)] {
    for (const auto& item : all->probes)
      item.second->end();
    all->probes.clear();
  });
}

std::unique_ptr<resin_port> anycubic_ports::open(const resin_config& config,
                                                 std::shared_ptr<resin_listener> listener) {
  auto core =
      std::make_shared<anycubic_connector>(config, std::move(listener), time_, chance_, settings_);
  links_.post([&runtime = links_, all = members_, address = address_of(config), core] {
    all->connectors.emplace(address, core);
    core->begin(runtime.attach(*core));
  });
  auto left = [all = members_, gone = core.get()] { all->forget(gone); };
  return std::make_unique<anycubic_port>(links_, std::move(core), std::move(left));
}

void anycubic_ports::probe(const resin_config& config, std::function<void(port_answer)> then) {
  links_.post([&runtime = links_, &time = time_, all = members_, config, then = std::move(then)] {
    if (auto* core = all->connected(address_of(config)))
      return core->check(probe_limit, [then](const port_answer& verdict) {
        auto answer = verdict;
        const bool good = verdict.outcome == port_outcome::done;
        answer.outcome = good ? port_outcome::done : port_outcome::refused;
        answer.why = good ? reason::link_ok : verdict.why;
        then(answer);
      });
    const auto number = ++all->last;
    const auto test = std::make_shared<anycubic_probe>(
        time, [&runtime, all, number, then](const port_answer& verdict) {
          // Not at once: this is called from inside the test that is to go.
          runtime.post([all, number] { all->probes.erase(number); });
          then(verdict);
        });
    all->probes.emplace(number, test);
    test->begin(runtime.attach(*test), config, probe_limit);
  });
}

} // namespace gantry::hal
