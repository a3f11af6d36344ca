// Causes the faults of a mix: disturbs lines, acts at machines, fills the disk, sets clocks, and
// ends lives of the kernel, at random and at chosen moments.
#pragma once

#include "bench/farm_sim/computer.hpp"

namespace gantry::farm_sim {

/// Moments between the steps of a start at which a life may be made to end (F-05).
enum class start_step : uint8_t {
  intent_committed,
  command_sent,
  device_acted,
  result_committed,
  reply_given
};
constexpr auto names_of(start_step) {
  return std::to_array<std::string_view>(
      {"intent_committed", "command_sent", "device_acted", "result_committed", "reply_given"});
}

/// The source of all faults that are planned.
class nemesis {
public:
  nemesis(const fault_mix& mix, computer& host, std::vector<std::unique_ptr<machine>>& machines,
          agenda& time, dice& random, ledger& counts);

  void begin();
  /// Another line that is disturbed.
  void add_line(line_state& line) { lines_.push_back(&line); }
  /// No more faults; what is broken mends itself within minutes.
  void cease();
  /// A moment of F-05 has come.
  void passed(start_step step);
  /// A printer was reserved for a run: somebody at the machine may be quicker.
  void reserved(machine& where);
  /// How the kernel's life is to end now, if it is.
  [[nodiscard]] std::optional<ending> verdict();
  /// A new life began.
  void restarted();
  /// Told when the disk is full and when there is room again.
  std::function<void(bool full)> on_disk;
  /// Printers that can be attacked by their id.
  std::function<std::vector<std::string>()> printers;

private:
  using act = void (nemesis::*)();
  /// Plans `what` again and again, on average after `mean`.
  void again(hal::mono_time mean, act what);
  void plan_end();
  void disturb(line_state& line);
  void upset(machine& where);
  void start_at_screen(machine& where);
  void fill_disk();
  void step_wall();
  void storm();
  void end_some_life();

  const fault_mix& mix_;
  computer& host_;
  std::vector<std::unique_ptr<machine>>& machines_;
  agenda& time_;
  dice& random_;
  ledger& counts_;
  std::vector<line_state*> lines_;
  bool active_ = false;
  std::optional<ending> wanted_;
  std::optional<start_step> at_step_;
  std::optional<int64_t> writes_left_;
};

} // namespace gantry::farm_sim
