// The links of the real world: WebSockets, HTTP and plain streams over TCP.
#pragma once

#include "hal/link.hpp"

#include <chrono>
#include <memory>

namespace gantry::hal {

/// Limits of the real links. The defaults fit a local network.
struct network_limits {
  std::chrono::milliseconds connect{5'000};   ///< Look-up and connection together.
  std::chrono::milliseconds handshake{5'000}; ///< The WebSocket's upgrade.
  /// A WebSocket is pinged after half of this and closed after all of it without a sign of life.
  std::chrono::milliseconds idle{15'000};
};

/// Starts the one thread that runs all links. Destroying it closes every link without further
/// callbacks, runs what was posted before, and takes less than a second even if a name server
/// hangs. Listeners must not throw.
[[nodiscard]] std::unique_ptr<link_runtime> make_network_runtime(network_limits limits = {});

} // namespace gantry::hal
