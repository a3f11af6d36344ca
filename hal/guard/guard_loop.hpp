// The guard's one loop: sockets, timers and buttons in, lines and packets out.
#pragma once

#include "hal/clock.hpp"
#include "hal/guard/guard_core.hpp"
#include "hal/guard/guard_lines.hpp"
#include "hal/guard/ledger_file.hpp"
#include "hal/guard/packet_link.hpp"

#include <functional>
#include <memory>
#include <string>

namespace gantry::guard {

/// Connects the core with the machine. One thread.
class guard_loop {
public:
  /// What the loop's owner does.
  struct hooks {
    /// Passes a word of the kernel on to the service manager.
    std::function<void(const std::string&)> notify;
    /// Writes a line for people.
    std::function<void(const std::string&)> log;
  };

  /// Switches every line off before anything else; then the ledger at `ledger_path` is read.
  guard_loop(const guard_settings& settings, guard_lines lines, const std::string& ledger_path,
             const hal::clock& time, hooks call);
  ~guard_loop();
  guard_loop(const guard_loop&) = delete;
  guard_loop& operator=(const guard_loop&) = delete;

  /// Speaks with a kernel from now on.
  void join_kernel(packet_link orders, packet_link urgent);
  /// Ends the connection: everything goes off.
  void drop_kernel();
  /// No run begins any more.
  void stop_accepting() { core_->stop_accepting(); }
  /// Waits for what comes first and does it: at most until `until`, or until `other` is readable.
  void step(hal::mono_time until, int other);

private:
  void all_off_first();
  void name_absent(const guard_settings& settings) const;
  void read_ledger_file(const guard_settings& settings);
  [[nodiscard]] hal::mono_time next_due() const;
  void wait(hal::mono_time until, int other);
  void read_urgent();
  void read_orders();
  void take_packet(const std::string& packet, bool is_urgent);
  void ask_buttons();
  void serve_lines();
  void beat();
  void tick();
  void take_written();
  void act();
  void do_action(switch_line& what);
  void do_action(keep_ledger& what);
  void do_action(say_notice& what);
  void set_timer(hal::mono_time at) const;

  const hal::clock& time_;
  hooks call_;
  guard_lines lines_;
  std::string ledger_path_;
  std::vector<hal::mono_time> service_due_;
  std::unique_ptr<guard_core> core_;
  std::unique_ptr<ledger_writer> writer_;
  packet_link orders_;
  packet_link urgent_;
  hal::mono_time beat_period_{0};
  hal::mono_time beat_due_ = never;
  hal::mono_time ask_due_ = never;
  bool beat_level_ = false;
  int timer_ = -1;
};

} // namespace gantry::guard
