#include "tests/crash/killing_ports.hpp"

namespace gantry::test {

namespace {

class killing_listener final : public hal::port_listener {
public:
  killing_listener(std::shared_ptr<hal::port_listener> inner, executioner& killer)
      : inner_{std::move(inner)}, killer_{killer} {
    // nop
  }

  void on_report(const device_report& report) override { inner_->on_report(report); }

  void on_answer(uint64_t ticket, const hal::port_answer& answer) override {
    const auto number = killer_.begin(kill_step::answer);
    inner_->on_answer(ticket, answer);
    killer_.end(kill_step::answer, number);
  }

private:
  std::shared_ptr<hal::port_listener> inner_;
  executioner& killer_;
};

class killing_port final : public hal::printer_port {
public:
  killing_port(std::unique_ptr<hal::printer_port> inner, executioner& killer)
      : inner_{std::move(inner)}, killer_{killer} {
    // nop
  }

  void upload(uint64_t ticket, const std::string& file, const std::string& sha256,
              const std::string& remote_name) override {
    around([&] { inner_->upload(ticket, file, sha256, remote_name); });
  }
  void start(uint64_t ticket, const std::string& remote_name) override {
    around([&] { inner_->start(ticket, remote_name); });
  }
  void pause(uint64_t ticket) override {
    around([&] { inner_->pause(ticket); });
  }
  void resume(uint64_t ticket) override {
    around([&] { inner_->resume(ticket); });
  }
  void cancel(uint64_t ticket) override {
    around([&] { inner_->cancel(ticket); });
  }
  void remove_file(uint64_t ticket, const std::string& remote_name) override {
    around([&] { inner_->remove_file(ticket, remote_name); });
  }
  void refresh(uint64_t ticket) override {
    around([&] { inner_->refresh(ticket); });
  }

private:
  template <class Call>
  void around(const Call& call) {
    const auto number = killer_.begin(kill_step::call);
    call();
    killer_.end(kill_step::call, number);
  }

  std::unique_ptr<hal::printer_port> inner_;
  executioner& killer_;
};

class killing_ports final : public hal::printer_port_factory {
public:
  killing_ports(hal::printer_port_factory& inner, executioner& killer)
      : inner_{inner}, killer_{killer} {
    // nop
  }

  [[nodiscard]] std::unique_ptr<hal::printer_port>
  open(const hal::port_config& config, std::shared_ptr<hal::port_listener> listener) override {
    auto heard = std::make_shared<killing_listener>(std::move(listener), killer_);
    return std::make_unique<killing_port>(inner_.open(config, std::move(heard)), killer_);
  }

  void probe(const hal::port_config& config, std::function<void(hal::port_answer)> then) override {
    inner_.probe(config, std::move(then));
  }

private:
  hal::printer_port_factory& inner_;
  executioner& killer_;
};

} // namespace

std::unique_ptr<hal::printer_port_factory> make_killing_ports(hal::printer_port_factory& inner,
                                                              executioner& killer) {
  return std::make_unique<killing_ports>(inner, killer);
}

} // namespace gantry::test
