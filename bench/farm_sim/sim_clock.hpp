// The clocks and the chance of the simulated computer that the kernel runs on.
#pragma once

#include "bench/farm_sim/agenda.hpp"
#include "bench/farm_sim/dice.hpp"

namespace gantry::farm_sim {

/// Virtual time as the kernel sees it. The wall clock may be wrong and may step; the monotonic one
/// begins anew with each boot.
class sim_clock final : public hal::clock {
public:
  explicit sim_clock(const agenda& time) : time_{time} {}

  [[nodiscard]] hal::mono_time mono() const override { return time_.now() - booted_at_; }
  [[nodiscard]] timestamp wall() const override {
    using std::chrono::milliseconds;
    return epoch + std::chrono::duration_cast<milliseconds>(time_.now() + offset_);
  }
  [[nodiscard]] std::string boot_id() const override { return "boot-" + std::to_string(boots_); }

  /// The wall clock steps.
  void step_wall(hal::mono_time by) { offset_ += by; }
  /// The computer boots.
  void boot() {
    booted_at_ = time_.now();
    ++boots_;
  }

  /// Wall time at which simulations begin.
  static constexpr timestamp epoch{std::chrono::milliseconds{1'800'000'000'000}};

private:
  const agenda& time_;
  hal::mono_time booted_at_{0};
  hal::mono_time offset_{0};
  uint64_t boots_ = 1;
};

/// Ids that are the same in each run.
class sim_ids final : public hal::id_source {
public:
  explicit sim_ids(uint64_t seed) : dice_{seed} {}
  uint64_t bits() override { return dice_.bits(); }

private:
  dice dice_;
};

} // namespace gantry::farm_sim
