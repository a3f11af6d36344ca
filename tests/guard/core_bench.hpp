// A guard core on a bench: virtual time that may be rebooted, lines that keep their own log of what
// was on, and a disk that keeps what was written to it. The log of the lines is the oracle.
#pragma once

#include "hal/guard/guard_core.hpp"

#include <deque>
#include <memory>

namespace gantry::test {

using hal::mono_time;

/// What one line really did, in true time, which no reboot sets back.
struct line_log {
  std::vector<std::pair<mono_time, mono_time>> runs;
  std::optional<mono_time> on_since;

  /// The on-time of ended runs between two moments.
  [[nodiscard]] mono_time within(mono_time from, mono_time to) const;
  /// The most on-time in any window of that length that ended by `now`.
  [[nodiscard]] mono_time peak(mono_time window, mono_time now) const;
};

/// A core with its surroundings.
class core_bench {
public:
  explicit core_bench(const std::string& settings);

  // -- time and faults ---------------------------------------------------------
  /// Lets time pass; deadlines are met exactly.
  void pass(mono_time time);
  /// Ends the process at once: lines keep their level, unless a master relay drops them; the disk
  /// keeps what was written.
  void kill();
  bool master_relay = false;
  /// Begins a process anew on the same boot.
  void start();
  /// A power cut: lines go off; the power comes back after `without_power`, the monotonic clock
  /// begins again, and the process begins after `uptime`.
  void reboot(mono_time uptime, mono_time without_power = {});
  /// The disk answers at once (the default), or when `write_out` is called.
  bool slow_disk = false;
  std::string disk_fault; ///< Text of the fault; empty = it works.
  void write_out();
  /// What a line answers to being switched, by its position.
  std::map<size_t, std::string> on_fault;
  std::map<size_t, std::string> off_fault;

  // -- the kernel ----------------------------------------------------------------
  /// Orders a run and returns its ticket.
  uint64_t run(const std::string& pump, mono_time duration, guard::guard_order more = {});
  void order(guard::guard_order what);
  void press_button(bool pressed);
  void lose_kernel();
  void join_kernel();
  /// The end of a run, if it was said.
  [[nodiscard]] std::optional<guard::guard_notice> end_of(uint64_t ticket) const;
  /// The newest state said of a station.
  [[nodiscard]] guard::guard_notice state(const std::string& station = "one") const;
  /// When that was, in true time.
  [[nodiscard]] mono_time said_at(const std::string& station) const { return said_at_.at(station); }
  /// How often an emergency stop was answered with success.
  int answers = 0;

  // -- the oracle ----------------------------------------------------------------
  [[nodiscard]] bool is_on(size_t line) const { return logs[line].on_since.has_value(); }
  /// The longest time for which two pumps that exclude each other were on together.
  [[nodiscard]] mono_time worst_overlap() const;

  [[nodiscard]] guard::guard_core& core() { return *core_; }
  [[nodiscard]] mono_time now() const { return now_; }
  [[nodiscard]] mono_time true_now() const { return true_now_; }

  std::vector<line_log> logs;
  std::vector<guard::guard_notice> said; ///< All but states.
  std::optional<guard::ledger> disk;
  guard::guard_settings settings;

private:
  void act();
  void drop_lines();
  void do_action(const guard::switch_line& what);
  void do_action(const guard::keep_ledger& what);
  void do_action(const guard::say_notice& what);

  std::vector<guard::line_place> places_;
  std::unique_ptr<guard::guard_core> core_;
  std::optional<guard::keep_ledger> waiting_;
  std::map<std::string, guard::guard_notice> states_;
  std::map<std::string, mono_time> said_at_;
  mono_time now_ = std::chrono::minutes{5};
  mono_time true_now_{0};
  std::string boot_ = "boot-1";
  int boots_ = 1;
  uint64_t next_ticket_ = 1;
};

} // namespace gantry::test
