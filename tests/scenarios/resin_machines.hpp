// A resin printer and a bank of pumps in memory, with clocks of their own. They outlive the kernel
// under test and keep their own record, which is the oracle: it knows what really moved and flowed.
#pragma once

#include "hal/pump_port.hpp"
#include "hal/resin_port.hpp"

#include <atomic>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace gantry::test {

/// Printer and pumps around one vat. Time passes in ticks of 5 ms; while the printer prints, a
/// layer takes `ticks_per_layer`.
class resin_machines final : public hal::resin_port_factory, public hal::pump_port_factory {
public:
  explicit resin_machines(int64_t layers = 60, int ticks_per_layer = 4);
  ~resin_machines() override;

  // The ports.
  std::unique_ptr<hal::resin_port> open(const hal::resin_config& config,
                                        std::shared_ptr<hal::resin_listener> listener) override;
  void probe(const hal::resin_config& config, std::function<void(hal::port_answer)> then) override;
  std::vector<std::string> stations() const override { return {"bank1"}; }
  std::unique_ptr<hal::pump_port> open(const std::string& station,
                                       std::shared_ptr<hal::pump_listener> listener) override;

  // What a test does to the machines.
  void drop_link(bool dropped);       ///< The printer does not answer; its print goes on.
  void hold_pauses(bool held);        ///< A pause does not return, as if the connector hung.
  void stop_at_the_machine();         ///< A person ends the print on the printer's own screen.
  /// The next pauses and resumes do not leave the connector.
  void keep_back(int pauses, int resumes);
  void freeze_pump(bool frozen);      ///< The next runs end early, as if the guard had been lost.
  void empty_vat_by_hand(int64_t ml); ///< A person sets what is in the vat.

  // The record.
  [[nodiscard]] std::vector<std::string> violations() const;
  [[nodiscard]] int starts() const;
  [[nodiscard]] int pauses() const;
  [[nodiscard]] int resumes() const;
  /// What is in the vat, as the pumps left it: material and volume in microlitres.
  [[nodiscard]] std::string vat_material() const;
  [[nodiscard]] int64_t vat_ul() const;
  /// Completed fills, as `layer material`.
  [[nodiscard]] std::vector<std::string> fills() const;
  [[nodiscard]] std::string printer_state() const;
  [[nodiscard]] bool any_pump_on() const;
  [[nodiscard]] bool latched() const;

private:
  class printer_side;
  class pump_side;
  struct pump_on {
    uint64_t ticket = 0;
    hal::pump_run_request what;
    int64_t ran_ms = 0;
    int64_t lease_left_ms = 0;
    std::weak_ptr<hal::pump_listener> listener;
  };

  void live();
  void tick();
  void tick_printer();
  void tick_pump();
  void flow(const pump_on& run, int64_t volume_ul);
  void off(bool completed, reason why);
  void say_report();
  void say_guard();
  [[nodiscard]] resin_report report_now() const;
  [[nodiscard]] hal::guard_state guard_now() const;

  mutable std::recursive_mutex mutex_;
  const int64_t layers_;
  const int ticks_per_layer_;
  std::shared_ptr<hal::resin_listener> printer_listener_;
  std::shared_ptr<hal::pump_listener> pump_listener_;
  resin_state state_ = resin_state::stopped;
  int64_t layer_ = 0;
  int ticks_on_layer_ = 0;
  int64_t silent_ms_ = 0;
  int64_t generation_ = 0;
  int64_t reconnects_failed_ = 0;
  bool dropped_ = false;
  bool frozen_ = false;
  int pauses_kept_back_ = 0;
  int resumes_kept_back_ = 0;
  int starts_ = 0, pauses_ = 0, resumes_ = 0;
  std::optional<pump_on> on_;
  bool latched_ = false;
  uint64_t epoch_ = 0;
  uint64_t acknowledged_ = 0;
  int64_t acknowledge_left_ms_ = 0;
  std::map<std::string, int64_t> used_ms_;
  std::string vat_material_ = "A";
  int64_t vat_ul_ = 50'000;
  std::vector<std::string> fills_;
  std::vector<std::string> violations_;
  int64_t clock_ms_ = 0;
  std::atomic<bool> held_{false};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

} // namespace gantry::test
