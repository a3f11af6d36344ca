// Where a kernel under test dies.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <optional>
#include <string>

namespace gantry::test {

/// What is counted.
enum class kill_step : uint8_t { write, call, answer };
inline constexpr size_t kill_steps = 3;

/// When the process dies: before the step, right after it, or a moment later, while its
/// consequences are on their way.
enum class kill_moment : uint8_t { before, after, later };

/// The n-th step (from 1) of a kind; 0 = never.
struct kill_point {
  kill_step step = kill_step::write;
  kill_moment moment = kill_moment::before;
  uint64_t number = 0;

  /// E.g. `write:before:3`, or `never`.
  [[nodiscard]] std::string text() const;
  /// Reads what `text` wrote; nothing if it is something else.
  [[nodiscard]] static std::optional<kill_point> parse(const std::string& text);
};

/// Counts steps and ends the process by SIGKILL at its point. Thread-safe.
class executioner {
public:
  /// Pause before a kill that comes `later`; a command over loopback arrives in less.
  static constexpr int later_ms = 15;

  explicit executioner(kill_point point) : point_{point} {
    // nop
  }

  /// Counts one step of this kind; returns its number.
  uint64_t begin(kill_step step);
  /// The step with this number has been done.
  void end(kill_step step, uint64_t number);
  /// Steps of this kind so far.
  [[nodiscard]] uint64_t count(kill_step step) const {
    return counts_[static_cast<size_t>(step)].load();
  }

private:
  kill_point point_;
  std::array<std::atomic<uint64_t>, kill_steps> counts_{};
};

} // namespace gantry::test
