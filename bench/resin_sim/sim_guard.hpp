// The guard's process in virtual time: the real decisions of `guard_core` and the real texts of its
// messages and its ledger, over simulated lines. It outlives the kernel, and dies with the
// computer.
#pragma once

#include "bench/farm_sim/dice.hpp"
#include "bench/farm_sim/ledger.hpp"
#include "bench/farm_sim/sim_clock.hpp"
#include "bench/resin_sim/pump_line.hpp"
#include "hal/guard/guard_core.hpp"

namespace gantry::farm_sim {

/// One guard for all stations of a farm.
class sim_guard {
public:
  /// `lines` are in the order of `guard::lines_of(settings)`.
  sim_guard(agenda& time, dice& random, ledger& counts, const sim_clock& clock,
            guard::guard_settings settings, std::vector<pump_line*> lines);

  [[nodiscard]] bool alive() const { return core_ != nullptr; }
  [[nodiscard]] const guard::guard_settings& settings() const { return settings_; }
  /// The process begins: every line off, the ledger read.
  void start();
  /// The process is gone at once. The master relay drops soon after.
  void die();

  /// A kernel is connected; `hear` gets each packet for it, some time later.
  void join(std::function<void(std::string)> hear);
  /// The kernel's end of the connection is gone.
  void lose_kernel();
  /// The kernel sends an order; it arrives after a moment.
  void send(std::string packet);
  /// An order on the urgent socket, whose sender waits for the answer: true if all lines are off.
  [[nodiscard]] bool stop_at_once(const std::string& station);
  /// Somebody presses or releases the button of a station.
  void button(size_t station, bool pressed);

  /// When something is due in it.
  [[nodiscard]] std::optional<hal::mono_time> next() const;
  void catch_up();

  /// While true, the ledger's disk is slow and fails now and then.
  void set_faulty(bool on) { faulty_ = on; }
  /// Told about each order as it arrives.
  std::function<void(const guard::guard_order&)> on_order;
  /// Told about each message before it leaves.
  std::function<void(const guard::guard_notice&)> on_notice;

private:
  [[nodiscard]] hal::mono_time now() const { return clock_.mono(); }
  void arrive(const std::string& packet);
  void act();
  void do_action(const guard::switch_line& what);
  void do_action(const guard::keep_ledger& what);
  void do_action(const guard::say_notice& what);
  void write_next();

  agenda& time_;
  dice& random_;
  ledger& counts_;
  const sim_clock& clock_;
  guard::guard_settings settings_;
  std::vector<pump_line*> lines_;
  std::vector<bool> was_off_; ///< Since the process began, by its core's own order.
  std::unique_ptr<guard::guard_core> core_;
  std::string stored_; ///< The ledger's file.
  std::optional<guard::keep_ledger> waiting_;
  std::optional<std::string> being_written_;
  std::function<void(std::string)> hear_;
  uint64_t life_ = 0;
  uint64_t connection_ = 0;
  hal::mono_time last_up_{0};
  hal::mono_time last_down_{0};
  std::optional<bool> off_answer_;
  bool beginning_ = false;
  bool faulty_ = false;
};

} // namespace gantry::farm_sim
