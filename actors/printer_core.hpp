// PRINTER: the only one who talks to its machine about prints. It brings the ticket forward step by
// step: upload, look, start once, watch; and reconciles every report with what is believed.
#pragma once

#include "actors/entity.hpp"
#include "actors/services.hpp"
#include "actors/telemetry_recorder.hpp"
#include "rules/desync.hpp"

#include <array>
#include <chrono>
#include <map>
#include <mutex>
#include <tuple>

namespace gantry::actors {

/// Holds the newest unread report of one port. Thread-safe.
class report_slot {
public:
  /// Stores `report`; returns true if the reader must be woken.
  [[nodiscard]] bool put(const device_report& report);
  /// Takes the newest report; nothing if it was taken already.
  [[nodiscard]] std::optional<device_report> take();

private:
  std::mutex mutex_;
  std::optional<device_report> newest_;
};

/// Timers of a printer, one per purpose.
enum class printer_timer : uint64_t { upload, start, deadline, fence, action };
inline constexpr size_t printer_timers = 5;

/// What a printer's core needs from its actor.
struct printer_hooks {
  /// Sends `take_wake(timer, epoch)` after `pause`.
  std::function<void(printer_timer timer, uint64_t epoch, std::chrono::milliseconds pause)> arm;
  /// Wakes the scheduler.
  std::function<void()> wake_scheduler;
  /// Hands a block of telemetry over to the store.
  std::function<void(finished_block)> keep_block;
  /// Receives what the port hears, and hands it over to the actor.
  std::shared_ptr<hal::port_listener> listener;
  std::shared_ptr<report_slot> slot;
  /// False after repeated failures, until the printer is quarantined: the machine is left alone.
  bool may_connect = true;
};

/// The core of a printer actor.
class printer_core final : public entity {
public:
  printer_core(entity_ref self, entity_host& host, services& shared, printer_hooks hooks);
  ~printer_core() override;

  /// Reads the newest report from the slot.
  void take_report();
  /// Takes the answer to one of its requests; unknown numbers are late answers and are ignored.
  void take_answer(uint64_t ticket, const hal::port_answer& answer);
  /// A timer ran out; it counts only in the epoch in which it was armed last.
  void take_wake(uint64_t timer, uint64_t epoch);

protected:
  void on_state() override;
  void on_effect(const rules::effect& what) override;

private:
  enum class errand : uint8_t {
    upload,
    look_before_start,
    start,
    action,
    remove,
    look_after_remove
  };
  struct sent_request {
    errand what = errand::upload;
    int64_t attempt = 0;
    wanted_action action = wanted_action::none;
  };

  void keep_connected(const printer& where);
  void pursue();
  void pursue_upload(const print_ticket& ticket);
  void pursue_start(const print_ticket& ticket);
  void watch_start(const print_ticket& ticket);
  void pursue_fence(const print_ticket& ticket);
  void pursue_wish();
  void pursue_cancelled_order();
  void begin_action(wanted_action action);
  void send_action(wanted_action action, int64_t attempt);
  void give_up_resume(std::string why);
  void observe();
  void show_disagreement(const printer& where);
  void record();

  void upload_answered(const sent_request& request, const hal::port_answer& answer);
  void look_answered(const sent_request& request, const hal::port_answer& answer);
  void start_answered(const sent_request& request, const hal::port_answer& answer);
  void action_answered(const sent_request& request, const hal::port_answer& answer);
  void remove_answered(const sent_request& request, const hal::port_answer& answer);

  [[nodiscard]] const print_ticket* ticket() const;
  [[nodiscard]] bool outstanding(errand what) const;
  [[nodiscard]] uint64_t remember(errand what, int64_t attempt,
                                  wanted_action action = wanted_action::none);
  void arm(printer_timer timer, std::chrono::milliseconds pause);
  void disarm(printer_timer timer);
  void submit_internal(any_command body, reply_handler then = {});
  void submit_step(any_command body);

  services& shared_;
  printer_hooks hooks_;
  std::unique_ptr<hal::printer_port> port_;
  printer_setup connected_as_;
  device_report report_;
  bool reported_ = false;
  telemetry_recorder recorder_;
  std::map<uint64_t, sent_request> sent_;
  uint64_t next_request_ = 1;
  std::array<uint64_t, printer_timers> epochs_{};
  std::array<bool, printer_timers> armed_{};
  /// Ticket step that the counters below belong to.
  std::tuple<std::string, int64_t, ticket_phase> step_;
  int tries_ = 0;
  hal::mono_time step_began_{0};
  bool begin_start_asked_ = false;
  bool start_sent_ = false;
  /// What was sent last and may still take effect.
  wanted_action sent_wish_ = wanted_action::none;
  bool order_looked_at_ = false;
  bool observing_ = false;
  std::string last_observed_;
  std::optional<rules::disagreement> disagreement_;
};

} // namespace gantry::actors
