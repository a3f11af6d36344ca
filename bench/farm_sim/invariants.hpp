// What must hold, whatever happens. The truth is in the machines' logs and in the clients' journal;
// the store's log says what the kernel believed when.
#pragma once

#include "bench/farm_sim/computer.hpp"

namespace gantry::farm_sim {

/// Watches a farm. Each function is called when what it is named after happens.
class invariants {
public:
  invariants(const fault_mix& mix, computer& host, std::vector<std::unique_ptr<machine>>& machines,
             agenda& time, ledger& counts);

  /// An event became durable.
  void event_logged(const logged_event& what);
  /// A batch became durable.
  void batch_logged();
  /// The kernel sends a start to a machine.
  void start_sent(machine& where, const std::string& request);
  /// The kernel has heard an answer of a machine that tells its state.
  void state_heard(machine& where, bool was_busy) { told_busy_[&where] = was_busy; }
  /// A machine starts a print.
  void print_started(machine& where, const machine_start& start);
  /// A printer's actor fails by a fault that was thrown into it.
  void actor_failed(const std::string& printer);
  /// One step was done.
  void stepped();
  /// The disk is full from now on, or no longer.
  void disk_full(bool full);
  /// An order was accepted.
  void order_asked(const commands::create_order& body, const actors::command_reply& reply);
  /// A new life of the kernel begins.
  void restarted();
  /// The farm was quiet for long enough: everything must have come to its end (LIV-1 to LIV-5).
  void rested(size_t requests_waiting, const std::string& oldest);
  /// True if nothing is left to be done, so that `rested` would find nothing.
  [[nodiscard]] bool at_rest(size_t requests_waiting) const;

  [[nodiscard]] uint64_t starts() const { return starts_; }
  /// True if the kernel would now be interrupted in the middle of something.
  [[nodiscard]] bool in_transient_state() const;

private:
  void run_changed(const logged_event& what, const run& after);
  void printer_changed(const logged_event& what, const printer& before, const printer& after);
  void order_changed(const order& before, const order& after);
  void breaker_changed(const logged_event& what, const breaker& before, const breaker& after);
  void check_crashes();
  [[nodiscard]] const printer* printer_at(const machine& where) const;
  [[nodiscard]] machine* machine_of(const printer& where) const;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> unrest(size_t waiting) const;

  const fault_mix& mix_;
  computer& host_;
  std::vector<std::unique_ptr<machine>>& machines_;
  agenda& time_;
  ledger& counts_;
  uint64_t starts_ = 0;
  std::map<std::string, int> starts_of_run_;
  std::map<machine*, bool> told_busy_;
  std::map<std::string, hal::mono_time> decided_at_;
  std::optional<hal::mono_time> full_since_;
  /// Failures of each printer's actor in this life, since it was set aside last.
  std::map<std::string, std::deque<hal::mono_time>> failures_;
  /// Printers that must be set aside, and until when.
  std::map<std::string, hal::mono_time> set_aside_until_;
  uint64_t steps_ = 0;
};

/// The run that a file on a machine belongs to; empty if the kernel did not name it.
[[nodiscard]] std::string run_of_file(const std::string& file);

} // namespace gantry::farm_sim
