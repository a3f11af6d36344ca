// A clock that a test sets, and numbers that only look drawn.
#pragma once

#include "hal/clock.hpp"

#include <chrono>
#include <string>

namespace gantry::tests {

using namespace std::chrono_literals;

class stopped_clock final : public hal::clock {
public:
  hal::mono_time mono() const override { return now; }
  timestamp wall() const override {
    return timestamp{1'800'000'000s} + std::chrono::floor<std::chrono::milliseconds>(now);
  }
  std::string boot_id() const override { return "boot"; }

  hal::mono_time now{1'000s};
};

class counted_chance final : public hal::id_source {
public:
  uint64_t bits() override { return next += 7'919; }
  uint64_t next = 0;
};

} // namespace gantry::tests
