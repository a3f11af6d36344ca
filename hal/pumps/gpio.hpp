// Pins of a GPIO chip, as a seam: the real ones are in `gpiod_pins.cpp`.
#pragma once

#include "schemas/result.hpp"

#include <memory>
#include <optional>
#include <string>

namespace gantry::pumps {

/// A pin that we drive. Released by the destructor; the kernel then leaves its level to the chip.
class output_pin {
public:
  virtual ~output_pin() = default;
  /// Drives the pin and reads it back; the text of the fault, or nothing.
  [[nodiscard]] virtual std::string set(bool high) = 0;
};

/// A pin that we read.
class input_pin {
public:
  virtual ~input_pin() = default;
  /// Its level; nothing if it cannot be read.
  [[nodiscard]] virtual std::optional<bool> read() = 0;
  /// Becomes readable at every edge; -1 if edges are not announced.
  [[nodiscard]] virtual int edges() const = 0;
  /// Takes announced edges away.
  virtual void take_edges() = 0;
};

/// Where pins come from.
class gpio {
public:
  virtual ~gpio() = default;
  /// Takes a pin as an output that drives `high` from its first moment. Refuses with
  /// `pump_hardware_absent`.
  [[nodiscard]] virtual result<std::unique_ptr<output_pin>>
  open_output(const std::string& chip, unsigned line, bool high) = 0;
  /// Takes a pin as an input that is pulled towards `pull_high` when nothing is connected.
  [[nodiscard]] virtual result<std::unique_ptr<input_pin>>
  open_input(const std::string& chip, unsigned line, bool pull_high) = 0;
};

/// The pins of this machine, by their character devices.
[[nodiscard]] std::unique_ptr<gpio> make_gpio();

} // namespace gantry::pumps
