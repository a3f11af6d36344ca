// A relay or motor driver on one pin, with the direction on another.
#pragma once

#include "hal/pumps/gpio.hpp"
#include "hal/pumps/line_driver.hpp"

namespace gantry::pumps {

/// How a line is wired to pins.
struct gpio_wiring {
  std::string chip;
  unsigned line = 0;
  bool on_is_high = true;
  std::optional<unsigned> direction_line;
  bool reverse_is_high = true;
};

/// Opens the pins, off and forward. Refuses with `pump_hardware_absent`.
[[nodiscard]] result<std::unique_ptr<line_driver>> make_gpio_line(gpio& pins,
                                                                  const gpio_wiring& wiring);

} // namespace gantry::pumps
