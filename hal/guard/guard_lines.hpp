// The drivers of all lines of a guard's file, and its inputs.
#pragma once

#include "hal/guard/guard_settings.hpp"
#include "hal/pumps/gpio.hpp"
#include "hal/pumps/line_driver.hpp"

#include <memory>
#include <string>
#include <vector>

namespace gantry::guard {

/// A stop button, or nothing if the station has none.
class stop_button {
public:
  virtual ~stop_button() = default;
  /// True if pressed, or if nobody knows.
  [[nodiscard]] virtual bool pressed() = 0;
  /// Readable at changes; -1 if it must be asked.
  [[nodiscard]] virtual int edges() const = 0;
};

/// Everything that the guard holds on to. What is absent has a name and no driver.
struct guard_lines {
  /// By position in `lines_of`; null if absent.
  std::vector<std::unique_ptr<pumps::line_driver>> drivers;
  /// By the same position: why there is no driver; empty if there is one.
  std::vector<std::string> absent;
  /// By station; null without a button.
  std::vector<std::unique_ptr<stop_button>> buttons;
  std::unique_ptr<pumps::output_pin> heartbeat;
  /// Faults that belong to no line, by name.
  std::vector<std::string> faults;
};

/// Opens every line, off. A line that cannot be opened is absent; nothing throws. Simulated lines
/// write to the file `record`. A button that cannot be read counts as pressed for ever.
[[nodiscard]] guard_lines open_lines(const guard_settings& settings, pumps::gpio& pins,
                                     const std::string& record, const std::string& boot,
                                     hal::mono_time now);

} // namespace gantry::guard
