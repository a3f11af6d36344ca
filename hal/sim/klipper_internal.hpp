#pragma once

// Private parts of klipper_model that its two source files share.

#include "hal/sim/klipper_model.hpp"

namespace gantry::sim {

/// What one command did.
struct klipper_model::step {
  /// How long the command occupies the machine.
  printer_time duration{0};
  /// A move may be shared with waiting commands; everything else holds the mutex.
  bool is_move = false;
  bool waits_for_heat = false;
  double extrusion_mm = 0;
  bool failed = false;
  std::string error;
};

/// Commands that wait for the mutex, or run under it.
struct klipper_model::script {
  uint64_t token = 0;
  std::vector<gcode_command> commands;
  std::string origin;
  size_t next = 0;
};

/// Seconds as printer time.
inline printer_time printer_seconds(double s) {
  return printer_time(static_cast<int64_t>(s * 1e6));
}

/// Printer time as seconds.
inline double in_seconds(printer_time t) {
  return static_cast<double>(t.count()) / 1e6;
}

} // namespace gantry::sim
