// The kernel's side of the guard: pumps as ports.
#pragma once

#include "hal/guard/guard_messages.hpp"
#include "hal/guard/kernel_child.hpp"
#include "hal/pump_port.hpp"

#include <memory>

namespace gantry::guard {

/// What a notice of the kind `state` says, as pumps' ports pass it on.
[[nodiscard]] hal::guard_state state_of(const guard_notice& said);

/// The guard of this process, as the factory of its pumps. One thread reads what the guard says and
/// calls the listeners; ports outlive neither the client nor their listeners. Thread-safe.
class guard_client : public hal::pump_port_factory {
public:
  /// Waits up to `patience` for the guard's greeting. Refuses with `pump_guard_lost`.
  [[nodiscard]] static result<std::unique_ptr<guard_client>>
  connect(inherited_links links, std::chrono::milliseconds patience = std::chrono::seconds{5});

  /// Passes a word on to the service manager, which knows only the guard.
  virtual void notify_service_manager(const std::string& state) = 0;
};

} // namespace gantry::guard
