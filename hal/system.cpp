#include "hal/clock.hpp"

#include <cerrno>
#include <ctime>
#include <fstream>
#include <sys/random.h>
#include <sys/timex.h>
#include <system_error>

namespace gantry::hal {

namespace {

class system_clock final : public clock {
public:
  mono_time mono() const override {
    timespec now{};
    clock_gettime(CLOCK_BOOTTIME, &now);
    return std::chrono::seconds{now.tv_sec} + std::chrono::nanoseconds{now.tv_nsec};
  }

  timestamp wall() const override {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  }

  std::string boot_id() const override {
    std::ifstream file{"/proc/sys/kernel/random/boot_id"};
    std::string id;
    std::getline(file, id);
    return id;
  }

  clock_sync sync() const override {
    timex state{};
    const auto answer = ::adjtimex(&state);
    if (answer < 0)
      return clock_sync::unknown;
    // A daemon that lost its servers lets the flag return by itself.
    return answer == TIME_ERROR || (state.status & STA_UNSYNC) != 0 ? clock_sync::unsynchronised
                                                                    : clock_sync::synchronised;
  }
};

class system_id_source final : public id_source {
public:
  uint64_t bits() override {
    uint64_t result = 0;
    while (getrandom(&result, sizeof result, 0) != static_cast<ssize_t>(sizeof result))
      if (errno != EINTR)
        throw std::system_error{errno, std::generic_category(), "getrandom"};
    return result;
  }
};

} // namespace

std::unique_ptr<clock> make_system_clock() {
  return std::make_unique<system_clock>();
}

std::unique_ptr<id_source> make_system_id_source() {
  return std::make_unique<system_id_source>();
}

} // namespace gantry::hal
