// Causes the faults of a mix at resin stations: printers that lose replies, jump and fall silent,
// pumps that do not obey, a guard that dies, a kernel that hangs or is killed at chosen moments.
#pragma once

#include "bench/farm_sim/computer.hpp"
#include "bench/resin_sim/sim_guard.hpp"
#include "bench/resin_sim/station_invariants.hpp"

namespace gantry::farm_sim {

/// Moments of a print at which a life of the kernel is made to end (F-05).
enum class station_moment : uint8_t {
  start_intended,
  start_received,
  print_observed,
  request_pause,
  pause_received,
  pause_accepted,
  wait_plate_clear,
  draining,
  drain_on,
  filling,
  fill_on,
  fill_off,
  settling,
  request_resume,
  resume_received,
  change_completed,
  error_raised,
  answered,
  manual_on
};
constexpr auto names_of(station_moment) {
  return std::to_array<std::string_view>(
      {"start_intended", "start_received", "print_observed", "request_pause", "pause_received",
       "pause_accepted", "wait_plate_clear", "draining", "drain_on", "filling", "fill_on",
       "fill_off", "settling", "request_resume", "resume_received", "change_completed",
       "error_raised", "answered", "manual_on"});
}
inline constexpr size_t station_moments = 19;

/// The source of all faults at stations.
class station_trouble {
public:
  station_trouble(const sim_options& options, const station_mix& mix, const fault_mix& farm,
                  computer& host, sim_guard& guard, station_rigs& rigs, agenda& time, dice& random,
                  ledger& counts);

  void begin();
  /// No more faults; what is broken mends itself.
  void cease();
  /// An event became durable.
  void event_logged(const logged_event& what);
  void printer_said(const std::string& event);
  void line_changed(const station_rig& rig, const pump_line& line);

  /// How the kernel's life is to end now, if it is.
  [[nodiscard]] std::optional<ending> verdict() { return std::exchange(wanted_, std::nullopt); }
  /// True while the kernel's process gets no time.
  [[nodiscard]] bool hangs() const { return time_.now() < hangs_until_; }
  /// Told when the guard has died.
  std::function<void()> on_guard_death;
  /// Told when a button is pressed.
  std::function<void(station_rig&)> on_button;

private:
  using act = void (station_trouble::*)();
  void again(hal::mono_time mean, act what);
  void upset_printers(size_t index);
  void cause(resin_printer& where, const char* name, const nlohmann::json& what);
  void upset_replies(resin_printer& where);
  void upset_line(resin_printer& where);
  void upset_print(resin_printer& where);
  void spoil_pump();
  void kill_guard();
  void hang();
  void press_button();
  void choose_moment();
  void passed(station_moment moment);
  [[nodiscard]] station_rig& any_rig();

  const sim_options& options_;
  const station_mix& mix_;
  const fault_mix& farm_;
  computer& host_;
  sim_guard& guard_;
  station_rigs& rigs_;
  agenda& time_;
  dice& random_;
  ledger& counts_;
  bool active_ = false;
  std::optional<ending> wanted_;
  std::optional<station_moment> at_moment_;
  uint64_t moments_chosen_ = 0;
  hal::mono_time hangs_until_{0};
};

} // namespace gantry::farm_sim
