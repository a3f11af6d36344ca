#include "bench/farm_sim/nemesis.hpp"

#include "bench/farm_sim/recur.hpp"

#include <nlohmann/json.hpp>

namespace gantry::farm_sim {

using namespace std::chrono_literals;
using nlohmann::json;

namespace {

constexpr std::string_view screen_gcode =
    "; estimated printing time (normal mode) = 12m 0s\nG28\nG90\nM83\nG1 Z0.2 F600\n"
    "G1 X50 Y50 E2 F1500\nG1 X90 Y50 E2\nG1 X90 Y90 E2\nM84\n";

} // namespace

nemesis::nemesis(const fault_mix& mix, computer& host,
                 std::vector<std::unique_ptr<machine>>& machines, agenda& time, dice& random,
                 ledger& counts)
    : mix_{mix}, host_{host}, machines_{machines}, time_{time}, random_{random}, counts_{counts} {
  // nop
}

void nemesis::again(hal::mono_time mean, act what) {
  recur(time_, random_, mean, [this, what] {
    if (active_)
      (this->*what)();
    return active_;
  });
}

void nemesis::begin() {
  active_ = true;
  host_.set_faulty(true);
  host_.links().set_disturbing(true);
  host_.before_write = [this]() -> std::optional<watched_store::fate> {
    if (!writes_left_ || --*writes_left_ > 0)
      return std::nullopt;
    writes_left_.reset();
    counts_.fault("F-01");
    wanted_ = random_.chance(mix_.power_loss) ? ending::power_loss : ending::kill;
    return random_.chance(0.5) ? watched_store::fate::failed
                               : watched_store::fate::failed_but_written;
  };
  for (const auto& each : machines_) {
    disturb(each->line);
    upset(*each);
  }
  for (auto* line : lines_)
    disturb(*line);
  again(mix_.disk_full_mean, &nemesis::fill_disk);
  again(mix_.wall_step_mean, &nemesis::step_wall);
  again(mix_.crash_storm_mean, &nemesis::storm);
  again(mix_.restart_mean, &nemesis::end_some_life);
}

void nemesis::cease() {
  active_ = false;
  host_.set_faulty(false);
  host_.links().set_disturbing(false);
  wanted_.reset();
  at_step_.reset();
  writes_left_.reset();
  for (const auto& each : machines_) {
    each->line.cut_until = std::min(each->line.cut_until, time_.now());
    each->act({{"kind", "clear"}});
    each->act({{"kind", "report_file"}, {"file", ""}});
    each->act({{"kind", "klippy_repaired"}});
    each->act({{"kind", "klippy_restart"}});
  }
  for (auto* line : lines_)
    line->cut_until = std::min(line->cut_until, time_.now());
  host_.store().set_free_bytes(UINT64_MAX);
  if (on_disk)
    on_disk(false);
}

// -- lines and machines ---------------------------------------------------------------------------

void nemesis::disturb(line_state& line) {
  const auto share = mix_.disturbed_share;
  if (share <= 0)
    return;
  const auto length = random_.span(10s, 10min);
  const auto pause = std::chrono::duration_cast<hal::mono_time>(length * (1 - share) / share);
  time_.after(random_.span(pause / 2, pause * 3 / 2), [this, &line, length] {
    if (!active_)
      return;
    if (random_.chance(0.25)) {
      counts_.fault("F-06");
      line.cut_until = time_.now() + length;
      line.half_open = random_.chance(0.5);
    } else {
      line.disturbed_until = time_.now() + length;
    }
    time_.after(length, [this, &line] { disturb(line); });
  });
}

void nemesis::upset(machine& where) {
  const auto mean = mix_.machine_fault_mean;
  if (mean <= 0s)
    return;
  time_.after(random_.span(mean / 4, mean * 7 / 4), [this, &where] {
    if (!active_)
      return;
    counts_.fault("F-07");
    switch (random_.between(0, 11)) {
    case 0:
      where.act({{"kind", "power_cycle"}, {"for_ms", random_.between(5'000, 300'000)}});
      break;
    case 1:
      where.act({{"kind", "klippy_shutdown"}, {"message", "MCU 'mcu' shutdown: Timer too close"}});
      time_.after(random_.span(1min, 10min), [&where] { where.act({{"kind", "klippy_restart"}}); });
      break;
    case 2:
      where.act({{"kind", "klippy_disconnect"}, {"for_ms", random_.between(2'000, 120'000)}});
      break;
    case 3:
      where.act({{"kind", "moonraker_restart"}, {"for_ms", random_.between(1'000, 60'000)}});
      break;
    case 4:
      where.act({{"kind", "report_file"}, {"file", "somebody-elses.gcode"}});
      time_.after(random_.span(10s, 5min), [&where] {
        where.act({{"kind", "report_file"}, {"file", ""}});
      });
      break;
    case 5:
      where.act({{"kind", "rewind"}, {"share", random_.unit()}});
      break;
    case 6:
    case 7:
      start_at_screen(where);
      break;
    case 8:
      where.act({{"kind", "runout"}});
      break;
    case 9:
      where.act({{"kind", "screen_cancel"}});
      break;
    case 10:
      where.act({{"kind", "fail_print"}});
      break;
    default:
      where.act({{"kind", "lose_start_replies"}, {"count", 1}, {"reset", random_.chance(0.5)}});
      break;
    }
    host_.links().pump(where);
    upset(where);
  });
}

void nemesis::start_at_screen(machine& where) {
  where.act({{"kind", "screen_start"}, {"file", "screen.gcode"}, {"gcode", screen_gcode}});
}

void nemesis::reserved(machine& where) {
  if (!active_ || !random_.chance(mix_.screen_race))
    return;
  time_.after(random_.span(10ms, 8s), [this, &where] {
    if (!active_)
      return;
    counts_.fault("F-07");
    start_at_screen(where);
    host_.links().pump(where);
  });
}

// -- the computer ---------------------------------------------------------------------------------

void nemesis::fill_disk() {
  counts_.fault("F-03");
  host_.store().set_free_bytes(1 << 20);
  on_disk(true);
  time_.after(random_.span(1min, 20min), [this] {
    host_.store().set_free_bytes(UINT64_MAX);
    on_disk(false);
  });
}

void nemesis::step_wall() {
  counts_.fault("F-09");
  static const std::vector<hal::mono_time> steps{1s, 61s, 3'600s, 86'400s, 365 * 86'400s};
  const auto by = random_.pick(steps);
  host_.clock().step_wall(random_.chance(0.5) ? by : -by);
}

void nemesis::storm() {
  const auto known = printers();
  if (known.empty())
    return;
  host_.storm(random_.pick(known), random_.span(10s, 90s));
}

void nemesis::end_some_life() {
  if (!host_.up())
    return;
  const auto kill = random_.chance(mix_.power_loss) ? ending::power_loss : ending::kill;
  const auto drawn = random_.unit();
  if (drawn < mix_.clean_stop)
    wanted_ = ending::clean_stop;
  else if (drawn < mix_.clean_stop + 0.2)
    wanted_ = kill;
  else if (drawn < mix_.clean_stop + 0.4)
    writes_left_ = random_.between(1, 12);
  else
    at_step_ = static_cast<start_step>(random_.between(0, 4));
}

void nemesis::passed(start_step step) {
  if (!active_ || at_step_ != step)
    return;
  counts_.fault("F-05");
  at_step_.reset();
  wanted_ = random_.chance(mix_.power_loss) ? ending::power_loss : ending::kill;
}

std::optional<ending> nemesis::verdict() {
  return std::exchange(wanted_, std::nullopt);
}

void nemesis::restarted() {
  wanted_.reset();
}

} // namespace gantry::farm_sim
