#include "tests/scenarios/hooked_ports.hpp"

namespace gantry::test {

namespace {

class hooked_port final : public hal::printer_port {
public:
  hooked_port(std::unique_ptr<hal::printer_port> inner, call_hooks& hooks)
      : inner_{std::move(inner)}, hooks_{hooks} {
    // nop
  }

  void upload(uint64_t ticket, const std::string& file, const std::string& sha256,
              const std::string& remote_name) override {
    hooks_.run("upload");
    inner_->upload(ticket, file, sha256, remote_name);
  }
  void start(uint64_t ticket, const std::string& remote_name) override {
    hooks_.run("start");
    inner_->start(ticket, remote_name);
  }
  void pause(uint64_t ticket) override {
    hooks_.run("pause");
    inner_->pause(ticket);
  }
  void resume(uint64_t ticket) override {
    hooks_.run("resume");
    inner_->resume(ticket);
  }
  void cancel(uint64_t ticket) override {
    hooks_.run("cancel");
    inner_->cancel(ticket);
  }
  void remove_file(uint64_t ticket, const std::string& remote_name) override {
    hooks_.run("remove_file");
    inner_->remove_file(ticket, remote_name);
  }
  void refresh(uint64_t ticket) override {
    hooks_.run("refresh");
    inner_->refresh(ticket);
  }

private:
  std::unique_ptr<hal::printer_port> inner_;
  call_hooks& hooks_;
};

class hooked_ports final : public hal::printer_port_factory {
public:
  hooked_ports(hal::printer_port_factory& inner, call_hooks& hooks) : inner_{inner}, hooks_{hooks} {
    // nop
  }

  [[nodiscard]] std::unique_ptr<hal::printer_port>
  open(const hal::port_config& config, std::shared_ptr<hal::port_listener> listener) override {
    return std::make_unique<hooked_port>(inner_.open(config, std::move(listener)), hooks_);
  }

  void probe(const hal::port_config& config, std::function<void(hal::port_answer)> then) override {
    inner_.probe(config, std::move(then));
  }

private:
  hal::printer_port_factory& inner_;
  call_hooks& hooks_;
};

} // namespace

void call_hooks::before_next(const std::string& call, std::function<void()> action) {
  const std::lock_guard guard{mutex_};
  actions_[call] = std::move(action);
}

void call_hooks::run(const std::string& call) {
  std::function<void()> action;
  {
    const std::lock_guard guard{mutex_};
    const auto found = actions_.find(call);
    if (found == actions_.end())
      return;
    action = std::move(found->second);
    actions_.erase(found);
  }
  action();
}

std::unique_ptr<hal::printer_port_factory> make_hooked_ports(hal::printer_port_factory& inner,
                                                             call_hooks& hooks) {
  return std::make_unique<hooked_ports>(inner, hooks);
}

} // namespace gantry::test
