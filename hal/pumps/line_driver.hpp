// One line that can be switched: a pump, or an air valve.
#pragma once

#include "hal/clock.hpp"
#include "schemas/pump.hpp"

#include <string>

namespace gantry::pumps {

/// What came of driving a line. Empty text = it did what it was told, as far as it can be known.
using line_problem = std::string;

/// What a line wants next.
struct line_service {
  hal::mono_time next = hal::mono_time::max(); ///< When it must be served again.
  line_problem problem{};
};

/// Drives one line. Made with the line off. One thread at a time; no call blocks for longer than
/// its bus takes, which is bounded.
class line_driver {
public:
  virtual ~line_driver() = default;
  /// Switches on. `purpose` is for a record, `now` the time of the order.
  [[nodiscard]] virtual line_problem on(pump_direction way, const std::string& purpose,
                                        hal::mono_time now) = 0;
  /// Switches off. Safe to repeat.
  [[nodiscard]] virtual line_problem off(hal::mono_time now) = 0;
  /// Does what a line needs while it is on, such as the next step of a motor. Called right after
  /// `on`, and then not later than the time it asked for.
  [[nodiscard]] virtual line_service serve(hal::mono_time now) = 0;
};

} // namespace gantry::pumps
