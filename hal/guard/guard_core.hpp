// What the guard decides: whether a line may be switched on, and when it is switched off. No
// thread, no clock, no line: time and events come in, switching and messages go out.
#pragma once

#include "hal/clock.hpp"
#include "hal/guard/guard_messages.hpp"
#include "hal/guard/guard_settings.hpp"
#include "hal/guard/ledger.hpp"
#include "hal/guard/on_time_window.hpp"

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace gantry::guard {

/// When what is not due happens.
inline constexpr auto never = hal::mono_time::max();

/// Switch a line. The answer is `guard_core::switched`, before anything else happens.
struct switch_line {
  size_t line = 0; ///< Position in `lines_of`.
  bool on = false;
  pump_direction direction = pump_direction::forward;
  std::string purpose{};
};

/// Make the ledger durable. The answer is `guard_core::kept`, some time later; keeping a newer one
/// answers for all older ones too.
struct keep_ledger {
  uint64_t number = 0;
  ledger content{};
};

/// Say something to the kernel. `off` goes to the urgent socket.
struct say_notice {
  guard_notice notice;
};

/// What the guard does, in this order.
using guard_action = std::variant<switch_line, keep_ledger, say_notice>;

/// The guard's decisions for all stations. Every call takes the monotonic time, which never goes
/// back; after each, the actions are taken and done in their order. Not thread-safe.
class guard_core {
public:
  /// How often a line that did not go off is ordered off again.
  static constexpr hal::mono_time off_retry = std::chrono::milliseconds{100};
  /// How soon a ledger that could not be written is written again: nobody pumps meanwhile.
  static constexpr hal::mono_time ledger_retry = std::chrono::seconds{1};
  /// How often the state is said when nothing happens, so that silence means something.
  static constexpr hal::mono_time state_interval = std::chrono::seconds{1};

  /// Begins with every line ordered off. `absent` says per line why its driver does not work, or
  /// nothing; `kept` must be in this boot's time already.
  guard_core(guard_settings settings, std::vector<std::string> absent, const ledger& kept,
             std::string boot, hal::mono_time now);
  guard_core(const guard_core&) = delete;
  guard_core& operator=(const guard_core&) = delete;

  /// What to do now. Empties the list.
  [[nodiscard]] std::vector<guard_action> take_actions();
  /// When `tick` must be called at the latest; `never` if nothing is due.
  [[nodiscard]] hal::mono_time next_deadline() const;

  /// A kernel connected; it gets the state of every station.
  void kernel_joined(hal::mono_time now);
  /// The connection ended: everything goes off.
  void kernel_lost(hal::mono_time now);
  /// An order of the kernel.
  void take_order(hal::mono_time now, const guard_order& order);
  /// Deadlines passed.
  void tick(hal::mono_time now);
  /// A line was switched; `problem` is empty if it did what it was told.
  void switched(hal::mono_time now, size_t line, bool on, const std::string& problem);
  /// A line that is on broke down.
  void line_failed(hal::mono_time now, size_t line, const std::string& problem);
  /// The ledger `number` is durable, or `problem` says why not.
  void kept(hal::mono_time now, uint64_t number, const std::string& problem);
  /// The stop button of a station, by its position. Unknown is pressed.
  void stop_input(hal::mono_time now, size_t station, bool pressed);
  /// No run begins any more.
  void stop_accepting() { stopping_ = true; }
  /// A fault of the guard itself, said with every station.
  void add_fault(std::string fault);

  /// True if the line is on or not known to be off.
  [[nodiscard]] bool maybe_on(size_t line) const { return lines_[line].on_since.has_value(); }

private:
  enum class phase : uint8_t { keeping, valve_lead, pumping, valve_tail };

  struct pump_run {
    guard_order asked{};
    phase now = phase::keeping;
    size_t pump = 0;
    std::optional<size_t> valve{};
    uint64_t keep_number = 0;
    hal::mono_time lease_until{0};
    hal::mono_time due{0}; ///< End of the phase; meaningless while `keeping`.
    std::optional<hal::mono_time> on_at{};
    hal::mono_time on_time{0};
    bool completed = false;
    bool cut = false;            ///< The valve closes at once.
    std::optional<reason> why{}; ///< Set when the end was decided.
    std::string detail{};
  };

  struct line_state {
    const line_settings* settings = nullptr;
    size_t station = 0;
    std::string absent{}; ///< Why there is no driver.
    std::string fault{};  ///< Why it did not go off.
    on_time_window window;
    std::optional<hal::mono_time> on_since{}; ///< Ordered on, and not known to be off.
    hal::mono_time retry_at = never;
  };

  struct station_state {
    uint64_t epoch = 0;
    bool latched = false;
    bool latched_by_input = false;
    bool pressed = false;
    bool wants_off_answer = false;
    std::optional<uint64_t> acknowledging{}; ///< Epoch that takes the latch once it is durable.
    uint64_t acknowledge_number = 0;
    std::optional<pump_run> current{};
  };

  void restore(const ledger& kept);
  [[nodiscard]] std::optional<size_t> find_station(const std::string& name) const;
  [[nodiscard]] std::optional<size_t> find_line(size_t station, const std::string& name) const;
  [[nodiscard]] std::optional<size_t> find_valve(size_t station) const;
  [[nodiscard]] std::optional<refusal> objection(hal::mono_time now,
                                                 const guard_order& order) const;
  [[nodiscard]] std::optional<refusal> objection_of_line(hal::mono_time now, size_t line,
                                                         const guard_order& order) const;
  [[nodiscard]] std::optional<refusal> objection_of_time(hal::mono_time now, size_t line,
                                                         hal::mono_time planned) const;
  [[nodiscard]] std::optional<std::string> busy_with(size_t line) const;
  [[nodiscard]] hal::mono_time valve_time(size_t station, const guard_order& order) const;
  [[nodiscard]] bool all_off(size_t station) const;
  void begin_run(hal::mono_time now, const guard_order& order);
  void renew(hal::mono_time now, uint64_t ticket);
  void stop_run(hal::mono_time now, uint64_t ticket);
  void acknowledge(hal::mono_time now, const guard_order& order);
  void emergency_stop(hal::mono_time now, const std::string& name);
  void latch(hal::mono_time now, size_t station, bool by_input);
  void answer_off(size_t station);
  void go_on(hal::mono_time now, size_t station);
  void conclude(hal::mono_time now, size_t station, reason why, reason_params params = {});
  void settle(hal::mono_time now, size_t station);
  void finish(hal::mono_time now, size_t station);
  void tick_run(hal::mono_time now, size_t station);
  void line_is_on(hal::mono_time now, size_t line);
  void line_is_off(hal::mono_time now, size_t line);
  void line_did_not_go_on(hal::mono_time now, size_t line, const std::string& problem);
  void line_did_not_go_off(hal::mono_time now, size_t line, const std::string& problem);
  void order_on(hal::mono_time now, size_t line, const guard_order& order);
  void order_off(size_t line);
  void order_off_all(size_t station);
  [[nodiscard]] ledger present(hal::mono_time now) const;
  uint64_t keep(hal::mono_time now);
  void refuse(const guard_order& order, const refusal& why);
  void say(guard_notice what);
  void say_state(hal::mono_time now, size_t station);
  void say_all_states(hal::mono_time now);

  guard_settings settings_;
  std::string boot_;
  std::vector<line_state> lines_;
  std::vector<station_state> stations_;
  std::vector<std::string> faults_;
  std::vector<guard_action> actions_;
  std::string ledger_fault_;
  uint64_t keep_number_ = 0;
  hal::mono_time state_due_ = never;
  hal::mono_time ledger_retry_at_ = never;
  bool connected_ = false;
  bool stopping_ = false;
};

} // namespace gantry::guard
