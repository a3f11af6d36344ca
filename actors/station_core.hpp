// STATION: the only one who changes materials. It carries reports of the printer and of the guard
// to the rules, does what they decide, once, and records how it ended.
#pragma once

#include "actors/entity.hpp"
#include "actors/services.hpp"
#include "hal/pump_port.hpp"
#include "hal/resin_port.hpp"

#include <array>
#include <map>
#include <mutex>

namespace gantry::actors {

/// How long a pump stays on without a sign of life from its station.
inline constexpr std::chrono::milliseconds pump_lease{3'000};
/// Between two looks of a station at its clocks.
inline constexpr std::chrono::milliseconds station_tick{1'000};
/// Lock after an emergency stop.
inline constexpr std::chrono::milliseconds safety_lock_time{3'000};
/// Patience until the printer shows a start, or a pause or resume that it has acknowledged.
inline constexpr std::chrono::seconds start_patience{60};
inline constexpr std::chrono::seconds command_patience{90};
/// A control loop that has not moved for this long is reported as stalled.
inline constexpr std::chrono::seconds loop_stall{10};

/// Holds the newest unread reports of a station's ports. Thread-safe.
class station_slot {
public:
  /// Stores a report; returns true if the reader must be woken.
  [[nodiscard]] bool put(const resin_report& report);
  [[nodiscard]] bool put(const hal::guard_state& state);
  struct unread {
    std::optional<resin_report> report;
    std::optional<hal::guard_state> guard;
  };
  /// Takes what is unread.
  [[nodiscard]] unread take();

private:
  std::mutex mutex_;
  unread newest_;
};

/// Timers of a station, one per purpose.
enum class station_timer : uint64_t { tick, wait, overdue, lock, simulation };
inline constexpr size_t station_timers = 5;

/// What a station's core needs from its actor.
struct station_hooks {
  /// Sends `take_wake(timer, epoch)` after `pause`.
  std::function<void(station_timer timer, uint64_t epoch, std::chrono::milliseconds pause)> arm;
  std::shared_ptr<hal::resin_listener> printer_listener;
  std::shared_ptr<hal::pump_listener> pump_listener;
  std::shared_ptr<station_slot> slot;
  /// False after repeated failures: printer and pumps are left alone.
  bool may_connect = true;
};

/// The core of a station actor.
class station_core final : public entity {
public:
  station_core(entity_ref self, entity_host& host, services& shared, station_hooks hooks);
  ~station_core() override;

  /// Reads the newest reports from the slot.
  void take_reports();
  /// Takes the answer to one of its requests; unknown numbers are late answers and are ignored.
  void take_answer(uint64_t ticket, const hal::port_answer& answer);
  /// The guard has ended a run.
  void take_run_end(uint64_t number, const hal::pump_run_result& result);
  /// A timer ran out; it counts only in the epoch in which it was armed last.
  void take_wake(uint64_t timer, uint64_t epoch);

protected:
  void on_state() override;
  void on_effect(const rules::effect& what) override;
  void on_begin(command& request) override;

private:
  struct sent_command {
    resin_control control = resin_control::none; ///< `none`: the look before a start.
    int64_t attempt = 0;
    hal::mono_time at{0};
  };

  [[nodiscard]] const station* where() const { return as<station>(); }
  [[nodiscard]] station_facts facts() const;
  [[nodiscard]] hal::mono_time now() const { return shared_.parts.clock->mono(); }
  void keep_connected(const station& where);
  void follow_steps(const station& where);
  void pursue(const station& where);
  void watch_latch(const station& where);
  void take_report(const resin_report& report);
  void observe();
  void show();
  void tick();
  void send(const rules::effects::resin_command& what);
  void run(const pump_run& what);
  void end_simulation(bool completed);
  void arm(station_timer timer, std::chrono::milliseconds pause);
  void disarm(station_timer timer);
  void submit_internal(any_command body, reply_handler then = {});

  services& shared_;
  station_hooks hooks_;
  std::shared_ptr<hal::resin_port> printer_;
  std::shared_ptr<hal::pump_port> pumps_;
  station_setup connected_as_;
  bool connected_ = false;
  bool was_latched_ = false; ///< While it may not connect.
  resin_report report_;
  bool reported_ = false;
  hal::mono_time reported_at_{0};
  std::optional<hal::mono_time> offline_since_;
  int64_t outage_ms_ = 0;
  std::optional<hal::mono_time> answered_at_;
  int64_t unseen_ms_ = -1; ///< Before its present state; negative if it was not seen.
  int64_t highest_layer_ = 0;
  int64_t polls_on_layer_ = 0;
  int64_t watched_job_ = 0;
  pump_bank_report guard_;
  std::map<uint64_t, sent_command> sent_;
  uint64_t next_ticket_ = 1;
  int64_t step_attempt_ = 0;
  hal::mono_time step_began_{0};
  hal::mono_time run_began_{0};
  int64_t asked_attempt_ = 0;
  std::optional<hal::mono_time> pause_asked_at_; ///< Unless the printer has stood still since.
  bool pause_refused_ = false;
  std::optional<hal::mono_time> resume_asked_at_; ///< Or may have been; until it prints.
  int64_t wait_attempt_ = 0;
  int64_t overdue_attempt_ = -1;
  std::optional<hal::mono_time> acknowledged_at_;
  std::array<uint64_t, station_timers> epochs_{};
  std::array<bool, station_timers> armed_{};
  bool woke_ = false;
  bool observing_ = false;
  bool observe_again_ = false;
  bool looking_ = false;
};

} // namespace gantry::actors
