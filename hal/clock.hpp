// Time and chance, as ports: nothing outside hal/ asks the machine for either.
#pragma once

#include "schemas/time.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace gantry::hal {

/// Monotonic time since an arbitrary origin that is fixed within one boot.
using mono_time = std::chrono::nanoseconds;

/// Where time comes from. Thread-safe.
class clock {
public:
  virtual ~clock() = default;
  /// Time that never steps. Decisions and deadlines use it.
  [[nodiscard]] virtual mono_time mono() const = 0;
  /// Wall time, for people; it may step at any moment.
  [[nodiscard]] virtual timestamp wall() const = 0;
  /// Names this boot of the machine; monotonic times of different boots cannot be compared.
  [[nodiscard]] virtual std::string boot_id() const = 0;
  /// Whether something keeps the wall time right.
  [[nodiscard]] virtual clock_sync sync() const { return clock_sync::unknown; }
};

/// Where chance comes from. Thread-safe.
class id_source {
public:
  virtual ~id_source() = default;
  /// 64 unpredictable bits.
  [[nodiscard]] virtual uint64_t bits() = 0;
};

/// The clocks of the machine: CLOCK_BOOTTIME, CLOCK_REALTIME and the kernel's boot id.
[[nodiscard]] std::unique_ptr<clock> make_system_clock();

/// Bits from the kernel's random number generator.
[[nodiscard]] std::unique_ptr<id_source> make_system_id_source();

} // namespace gantry::hal
