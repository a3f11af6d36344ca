// What happens when: virtual time, and everything that was planned for it.
#pragma once

#include "hal/clock.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <vector>

namespace gantry::farm_sim {

/// Events in virtual time, equal times in the order in which they were planned.
class agenda {
public:
  [[nodiscard]] hal::mono_time now() const { return now_; }
  /// Plans `what` for `when`, at once if that is past.
  void at(hal::mono_time when, std::function<void()> what) {
    items_.push_back({std::max(when, now_), ++last_, std::move(what)});
    std::push_heap(items_.begin(), items_.end(), later);
  }
  void after(hal::mono_time pause, std::function<void()> what) {
    at(now_ + pause, std::move(what));
  }
  [[nodiscard]] std::optional<hal::mono_time> next() const {
    return items_.empty() ? std::nullopt : std::optional{items_.front().when};
  }
  /// Moves time on; never back.
  void advance_to(hal::mono_time when) { now_ = std::max(now_, when); }
  /// Lets everything happen that is due now.
  void run_due() {
    while (!items_.empty() && items_.front().when <= now_) {
      std::pop_heap(items_.begin(), items_.end(), later);
      const auto what = std::move(items_.back().what);
      items_.pop_back();
      what();
    }
  }

private:
  struct item {
    hal::mono_time when;
    uint64_t number;
    std::function<void()> what;
  };
  static bool later(const item& a, const item& b) {
    return a.when != b.when ? a.when > b.when : a.number > b.number;
  }

  hal::mono_time now_{0};
  uint64_t last_ = 0;
  std::vector<item> items_;
};

} // namespace gantry::farm_sim
