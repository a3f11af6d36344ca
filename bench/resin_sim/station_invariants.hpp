// What must hold at resin stations, whatever happens. The truth is in the pumps' own on-times, in
// the vats and in the printers' logs; the store's log says what the kernel believed when.
#pragma once

#include "bench/farm_sim/computer.hpp"
#include "bench/resin_sim/sim_guard.hpp"
#include "bench/resin_sim/station_mix.hpp"
#include "bench/resin_sim/station_rig.hpp"

namespace gantry::farm_sim {

using station_rigs = std::vector<std::unique_ptr<station_rig>>;

/// The station that a rig belongs to, as the durable log says; null if it was not added yet.
[[nodiscard]] const station* station_of(computer& host, const station_rig& rig);

/// Watches the stations. Each function is called when what it is named after happens.
class station_invariants {
public:
  station_invariants(computer& host, sim_guard& guard, station_rigs& rigs, agenda& time,
                     ledger& counts);

  void line_changed(station_rig& rig, pump_line& line);
  void order_arrived(const guard::guard_order& order);
  void notice_leaves(const guard::guard_notice& notice);
  void event_logged(const logged_event& what);
  /// An entry of a printer's log, or a command that it received.
  void printer_said(station_rig& rig, const std::string& event);
  /// The kernel sends bytes to a printer, or hears some of it.
  void printer_is_told(const resin_printer& where, std::string_view bytes);
  void printer_is_heard(const resin_printer& where, std::string_view bytes);
  /// The kernel is gone, and with it what it meant to do.
  void kernel_lost() { silent_until_.clear(); }
  /// All pumps of a station were stopped at once, and the guard has confirmed it or not.
  void stopped_at_once(station_rig& rig, bool confirmed);
  /// Time has passed.
  void look();

  /// True if nothing is left to be done.
  [[nodiscard]] bool at_rest() const;
  /// The stations were quiet for long enough.
  void rested();

private:
  struct asked_run {
    pump_line* line = nullptr;
    bool with_valve = false;
    hal::mono_time lease{0};
    hal::mono_time last_sign{0};
  };
  struct known_station {
    bool stopped = false;   ///< From a stop until its acknowledgement.
    bool disobeyed = false; ///< A line went on although it was told to stop; until refilled.
    bool paused = false;    ///< A person wants the print paused, and nobody has resumed it.
    hal::mono_time change_began{0};
    int64_t seen_layer = 0; ///< Of the printer when a person last answered in this change.
    std::map<std::string, int> runs_of_step;
    std::map<int64_t, int> starts_of_job;
  };

  void check_exclusion(const station_rig& rig, const pump_line& line);
  void check_motion(station_rig& rig, const pump_line& line);
  void check_valve(station_rig& rig, const pump_line& line);
  /// Until when somebody has said that `line` may be on: the pump of a run, or its valve.
  [[nodiscard]] hal::mono_time lease_of(const pump_line& line, bool is_valve) const;
  void check_lateness(const station& where, const station_rig& rig);
  void check_volumes(const station& where);
  void check_vat(station_rig& rig, const std::string& event);
  void note_end_of_pause(const logged_event& what, const station& before, known_station& known);
  void pump_began(const logged_event& what, const station& after);
  void pump_ended(const logged_event& what, const station& before, const station& after);
  [[nodiscard]] station_rig* rig_of(const std::string& bank) const;
  [[nodiscard]] hal::mono_time knowledge_limit(const station_rig& rig) const;
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> unrest() const;

  computer& host_;
  sim_guard& guard_;
  station_rigs& rigs_;
  agenda& time_;
  ledger& counts_;
  std::map<std::string, known_station> known_;
  std::map<uint64_t, asked_run> asked_; ///< By ticket.
  std::map<std::string, int> executed_; ///< By purpose.
  std::map<const resin_printer*, hal::mono_time> pause_sent_;
  std::map<const resin_printer*, hal::mono_time> silent_until_;
};

} // namespace gantry::farm_sim
