#include "bench/resin_sim/station_floor.hpp"

#include <algorithm>

namespace gantry::farm_sim {

namespace {

station_rigs make_rigs(const sim_options& options, const station_mix& mix, agenda& time,
                       ledger& counts) {
  station_rigs rigs;
  for (size_t i = 0; i < options.stations; ++i) {
    const auto number = std::to_string(i);
    auto setup = mix.setup;
    setup.name = "station-" + number;
    setup.host = "resin-" + number;
    setup.pump_bank = "bank-" + number;
    rigs.push_back(
        std::make_unique<station_rig>(time, counts, setup.host, setup, options.seed * 1'000 + i));
  }
  return rigs;
}

std::vector<pump_line*> lines_of(const station_rigs& rigs) {
  std::vector<pump_line*> all;
  for (const auto& rig : rigs)
    for (auto* line : rig->lines())
      all.push_back(line);
  return all;
}

} // namespace

station_floor::station_floor(const sim_options& options, const fault_mix& farm, computer& host,
                             sim_links& links, client_desk& desk, agenda& time, ledger& counts)
    : options_{options},
      mix_{draw_station_mix(options)},
      host_{host},
      links_{links},
      time_{time},
      counts_{counts},
      random_{options.seed * 0x9e3779b97f4a7c15 + 99},
      rigs_{make_rigs(options, mix_, time, counts)},
      ids_{options.seed * 31 + 11},
      guard_{
          time,           random_, counts, host.clock(), guard_settings_of(mix_, options.stations),
          lines_of(rigs_)},
      watch_{host, guard_, rigs_, time, counts},
      crew_{options_, mix_, host, desk, rigs_, time, random_, counts},
      trouble_{options_, mix_, farm, host, guard_, rigs_, time, random_, counts} {
  for (const auto& each : rigs_) {
    auto* rig = each.get();
    links_.connect(rig->printer().name(), rig->printer());
    rig->printer().on_event = [this, rig](resin_printer&, const std::string& event) {
      watch_.printer_said(*rig, event);
      trouble_.printer_said(event);
    };
    for (auto* line : rig->lines())
      line->after_change = [this, rig](pump_line& changed) {
        watch_.line_changed(*rig, changed);
        trouble_.line_changed(*rig, changed);
      };
  }
  links_.on_bytes_sent = [this](resin_printer& where, std::string_view bytes) {
    watch_.printer_is_told(where, bytes);
  };
  links_.on_bytes_heard = [this](resin_printer& where, std::string_view bytes) {
    watch_.printer_is_heard(where, bytes);
  };
  guard_.on_order = [this](const guard::guard_order& order) { watch_.order_arrived(order); };
  guard_.on_notice = [this](const guard::guard_notice& said) { watch_.notice_leaves(said); };
  crew_.on_stop = [this](station_rig& rig, bool confirmed) {
    watch_.stopped_at_once(rig, confirmed);
  };
  trouble_.on_button = [this](station_rig& rig) { watch_.stopped_at_once(rig, true); };
  trouble_.on_guard_death = [this] {
    if (pumps_)
      pumps_->lose();
  };
}

void station_floor::begin() {
  crew_.begin();
}

void station_floor::begin_trouble() {
  trouble_.begin();
}

void station_floor::cease() {
  trouble_.cease();
  if (!options_.one_print)
    crew_.wind_down();
}

bool station_floor::is_at_work() const {
  return std::ranges::all_of(rigs_, [](const auto& rig) { return rig->printer().starts() > 0; });
}

void station_floor::rested() {
  if (rigs_.empty())
    return;
  watch_.rested();
  for (const auto& rig : rigs_) {
    const auto* where = station_of(host_, *rig);
    if (!options_.one_print || !where)
      continue;
    const bool done = !where->past.empty() && where->past.back().end == job_end::completed
                      && where->past.back().changes_done == where->past.back().changes_planned;
    counts_.must(done, "LIV-2", "the one print of " + where->setup.name + " is not completed");
  }
}

std::vector<line_state*> station_floor::lines() {
  std::vector<line_state*> all;
  for (const auto& rig : rigs_)
    all.push_back(&rig->printer().line);
  return all;
}

void station_floor::furnish(actors::kernel_parts& parts) {
  if (rigs_.empty())
    return;
  // The kernel is the guard's child.
  if (!guard_.alive())
    guard_.start();
  printers_ = std::make_unique<hal::anycubic_ports>(links_, host_.clock(), ids_);
  pumps_ = std::make_unique<sim_pump_ports>(time_, guard_, links_);
  parts.resin_printers = printers_.get();
  parts.pumps = pumps_.get();
}

void station_floor::life_ended(ending how) {
  if (rigs_.empty())
    return;
  if (how == ending::power_loss) {
    guard_.die();
    for (auto* line : lines_of(rigs_))
      line->drop();
  }
  guard_.lose_kernel();
  watch_.kernel_lost();
  pumps_.reset();
  printers_.reset();
}

void station_floor::event_logged(const logged_event& what) {
  if (rigs_.empty())
    return;
  watch_.event_logged(what);
  trouble_.event_logged(what);
}

bool station_floor::in_transient_state() {
  return std::ranges::any_of(rigs_, [this](const auto& rig) {
    const auto* where = station_of(host_, *rig);
    return where
           && (where->run || where->change() || where->state == station_state::starting
               || where->state == station_state::stop_requested);
  });
}

std::optional<hal::mono_time> station_floor::next() {
  auto next = guard_.next();
  for (const auto& rig : rigs_)
    if (const auto due = rig->printer().next())
      next = std::min(next.value_or(*due), *due);
  return next;
}

void station_floor::catch_up(hal::mono_time when) {
  for (const auto& rig : rigs_)
    if (const auto due = rig->printer().next(); due && *due <= when) {
      rig->printer().catch_up();
      links_.pump(rig->printer());
    }
  if (const auto due = guard_.next(); due && *due <= when)
    guard_.catch_up();
  watch_.look();
}

uint64_t station_floor::starts() const {
  uint64_t sum = 0;
  for (const auto& rig : rigs_)
    sum += rig->printer().starts();
  return sum;
}

void station_floor::add_faults(std::vector<std::string>& ids) {
  for (const auto* id : {"F-08",
                         "hang",
                         "guard_death",
                         "button",
                         "pump/stuck_off",
                         "pump/on_unsaid",
                         "pump/off_refused",
                         "pump/clogged",
                         "resin/lost_reply",
                         "resin/lost_command",
                         "resin/late_reply",
                         "resin/split_reply",
                         "resin/truncated_reply",
                         "resin/foreign_reply",
                         "resin/reset_after_reply",
                         "resin/drop",
                         "resin/refuse",
                         "resin/silent",
                         "resin/dropout_after_resume",
                         "resin/jump",
                         "resin/hidden_layers",
                         "resin/rollback",
                         "resin/stagnate",
                         "resin/screen_pause",
                         "resin/wrong_file",
                         "resin/screen_stop",
                         "resin/power_cycle"})
    ids.emplace_back(id);
  for (size_t i = 0; i < station_moments; ++i)
    ids.push_back("kill/" + std::string{name_of(static_cast<station_moment>(i))});
}

void station_floor::add_invariants(std::vector<std::string>& ids) {
  for (const auto* id : {"INV-01", "INV-10", "INV-11", "INV-12", "INV-13", "INV-14", "INV-15",
                         "ESTOP", "LATE", "PAUSE", "QUIET"})
    if (std::ranges::find(ids, id) == ids.end())
      ids.emplace_back(id);
}

} // namespace gantry::farm_sim
