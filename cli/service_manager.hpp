// Talking to systemd, which is three words over a datagram socket.
#pragma once

#include <string_view>

namespace gantry::cli {

/// Tells the service manager `state` (`READY=1`, `STOPPING=1`). Does nothing without one.
void notify_service_manager(std::string_view state);

} // namespace gantry::cli
