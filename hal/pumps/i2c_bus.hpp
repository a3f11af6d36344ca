// An I2C bus, as a seam: the real one is Linux's i2c-dev.
#pragma once

#include "schemas/result.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string>

namespace gantry::pumps {

/// Writes to devices on one bus. One thread at a time.
class i2c_bus {
public:
  virtual ~i2c_bus() = default;
  /// Writes `bytes` to the device at `address` in one transaction; the fault's text, or nothing. A
  /// device that hangs is given up after about 10 ms.
  [[nodiscard]] virtual std::string write(uint8_t address, std::span<const uint8_t> bytes) = 0;
};

/// Opens a bus by its character device. Refuses with `pump_hardware_absent`.
[[nodiscard]] result<std::unique_ptr<i2c_bus>> open_i2c_bus(const std::string& device);

} // namespace gantry::pumps
