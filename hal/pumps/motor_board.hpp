// A motor board with a PCA9685 in front of two pairs of H-bridges: one stepper per pair. Register
// numbers and channels follow the PCA9685 data sheet and the layout of the common motor HAT.
#pragma once

#include "hal/pumps/i2c_bus.hpp"
#include "hal/pumps/line_driver.hpp"

#include <array>
#include <memory>

namespace gantry::pumps {

/// One board at one address. Shared by its two motors.
class motor_board {
public:
  motor_board(std::shared_ptr<i2c_bus> bus, uint8_t address)
      : bus_{std::move(bus)}, address_{address} {}

  /// Switches all sixteen channels off, then sets the chip up; the fault's text, or nothing. Takes
  /// some milliseconds, for the chip's oscillator.
  [[nodiscard]] std::string prepare();

  /// Sets neighbouring channels fully on or off, in one transaction.
  template <size_t Count>
  [[nodiscard]] std::string set(uint8_t first, const std::array<bool, Count>& on) {
    std::array<uint8_t, 1 + 4 * Count> bytes{static_cast<uint8_t>(first_channel + 4 * first)};
    for (size_t i = 0; i < Count; ++i)
      // Bit 4 of the high byte means "fully on" in the first pair and "fully off" in the second.
      bytes[1 + 4 * i + (on[i] ? 1 : 3)] = 0x10;
    return bus_->write(address_, bytes);
  }

private:
  static constexpr uint8_t first_channel = 0x06;

  std::shared_ptr<i2c_bus> bus_;
  uint8_t address_;
};

/// A stepper motor, 200 full steps per revolution, on a prepared board.
/// `motor` is 1 or 2; `steps_per_second` at most 200, which is one revolution per second.
[[nodiscard]] std::unique_ptr<line_driver> make_stepper_line(std::shared_ptr<motor_board> board,
                                                             int motor, int steps_per_second);

} // namespace gantry::pumps
