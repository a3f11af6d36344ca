#pragma once

// The interface below `/sim/` by which tests and people reach behind a simulated machine.

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include "hal/sim/log_book.hpp"

namespace gantry::sim {

/// What there is to control at one machine.
struct control_handles {
  std::function<std::string()> state; ///< The ground truth as JSON.
  /// Applies a fault; returns "" or why it was refused.
  std::function<std::string(std::string_view)> inject;
  const log_book& log;
};

/// Answers `GET /sim/state`, `GET /sim/log?since=N` and `POST /sim/fault` with an HTTP status and a
/// JSON body; 404 for everything else.
[[nodiscard]] std::pair<int, std::string> answer_control(const control_handles& machine,
                                                         const std::string& method,
                                                         const std::string& target,
                                                         const std::string& body);

} // namespace gantry::sim
