// Printer ports through which a scenario acts at the right moment.
#pragma once

#include "hal/printer_port.hpp"

#include <functional>
#include <map>
#include <mutex>
#include <string>

namespace gantry::test {

/// Things to do right before the next call of a name (upload, start, pause, resume, cancel,
/// remove_file, refresh) goes to a machine; each is done once. Thread-safe.
class call_hooks {
public:
  void before_next(const std::string& call, std::function<void()> action);
  /// Does what is due; for the ports only.
  void run(const std::string& call);

private:
  std::mutex mutex_;
  std::map<std::string, std::function<void()>> actions_;
};

/// Ports that run `hooks` and hand everything on to `inner`; both outlive them.
[[nodiscard]] std::unique_ptr<hal::printer_port_factory>
make_hooked_ports(hal::printer_port_factory& inner, call_hooks& hooks);

} // namespace gantry::test
