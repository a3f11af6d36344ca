#include "bench/resin_sim/station_mix.hpp"

#include "bench/resin_sim/station_rig.hpp"

#include <nlohmann/json.hpp>

namespace gantry::farm_sim {

namespace {

using namespace std::chrono_literals;
using hal::mono_time;

/// Each kind of fault is left out of some seeds, so that the others are seen without it.
constexpr double left_out = 0.25;

mono_time mean(dice& random, mono_time least, mono_time most) {
  return random.chance(left_out) ? mono_time{0} : random.span(least, most);
}

station_setup draw_setup(dice& random) {
  station_setup setup;
  setup.poll_interval_ms = random.between(1, 5) * 1'000;
  setup.reply_timeout_ms = random.between(4, 12) * 1'000;
  setup.offline_grace_s = random.between(15, 60);
  setup.waste_capacity_ul = 2'000'000;
  setup.change.quiescence_s = random.between(0, 15);
  setup.change.plate_clear_delay_s = random.between(8, 30);
  setup.change.settle_delay_s = random.between(0, 15);
  for (const auto* name : {"a", "b", "c", "drain"}) {
    station_pump pump;
    pump.name = name;
    pump.role = pump.name == "drain" ? pump_role::drain : pump_role::fill;
    if (pump.role == pump_role::fill)
      pump.material = std::string(1, static_cast<char>('A' + name[0] - 'a'));
    pump.flow_ul_per_s = random.between(20, 80) * 100;
    pump.reservoir_ul = 1'000'000;
    setup.pumps.push_back(pump);
  }
  return setup;
}

guard::line_settings draw_line(dice& random, const station_setup& setup) {
  int64_t longest_ms = 0;
  for (const auto& pump : setup.pumps)
    longest_ms = std::max(longest_ms, 50'000'000 / pump.flow_ul_per_s);
  guard::line_settings line;
  line.single_limit_ms = std::max<int64_t>(longest_ms * 11 / 10, 40'000);
  line.window_ms = random.between(2, 10) * 60'000;
  line.window_limit_ms = line.single_limit_ms * random.between(10, 30) / 10;
  return line;
}

} // namespace

station_mix draw_station_mix(const sim_options& options) {
  dice random{options.seed * 0x9e3779b97f4a7c15 + 77};
  station_mix mix;
  mix.printer_fault_mean = mean(random, 4min, 30min);
  mix.pump_fault_mean = mean(random, 10min, 1h);
  mix.guard_death_mean = mean(random, 20min, 2h);
  mix.hang_mean = mean(random, 5min, 30min);
  mix.button_mean = mean(random, 1h, 4h);
  mix.kill_mean = random.chance(left_out / 2) ? 0s : random.span(3min, 20min);
  mix.restless = random.span(40s, 120s);
  mix.mischief = random.chance(left_out) ? 0 : 0.02 + random.unit() * 0.2;
  mix.shared_bank = random.chance(0.5);
  mix.setup = draw_setup(random);
  mix.line = draw_line(random, mix.setup);
  mix.setup.valve_during_drain = random.chance(0.5);
  if (!options.one_print)
    return mix;
  mix.printer_fault_mean = mix.pump_fault_mean = mix.guard_death_mean = mix.hang_mean =
      mix.button_mean = mix.kill_mean = 0s;
  mix.mischief = 0;
  mix.setup.poll_interval_ms = 3'000;
  mix.line = {};
  return mix;
}

guard::guard_settings guard_settings_of(const station_mix& mix, size_t stations) {
  guard::guard_settings settings;
  for (size_t i = 0; i < stations; ++i) {
    guard::station_settings station;
    station.name = "bank-" + std::to_string(i);
    for (const auto name : station_rig::line_names) {
      auto line = mix.line;
      line.name = name;
      line.role = name == "valve" ? guard::line_role::valve : guard::line_role::pump;
      line.bank = mix.shared_bank ? "supply" : station.name;
      station.lines.push_back(line);
    }
    settings.stations.push_back(station);
  }
  return settings;
}

std::string station_mix::text() const {
  const auto seconds = [](mono_time x) { return std::chrono::duration<double>(x).count(); };
  return nlohmann::json{{"printer_fault_mean_s", seconds(printer_fault_mean)},
                        {"pump_fault_mean_s", seconds(pump_fault_mean)},
                        {"guard_death_mean_s", seconds(guard_death_mean)},
                        {"hang_mean_s", seconds(hang_mean)},
                        {"button_mean_s", seconds(button_mean)},
                        {"kill_mean_s", seconds(kill_mean)},
                        {"restless_s", seconds(restless)},
                        {"mischief", mischief},
                        {"shared_bank", shared_bank},
                        {"single_limit_ms", line.single_limit_ms},
                        {"window_ms", line.window_ms},
                        {"window_limit_ms", line.window_limit_ms},
                        {"poll_interval_ms", setup.poll_interval_ms},
                        {"reply_timeout_ms", setup.reply_timeout_ms},
                        {"quiescence_s", setup.change.quiescence_s},
                        {"plate_clear_delay_s", setup.change.plate_clear_delay_s},
                        {"settle_delay_s", setup.change.settle_delay_s},
                        {"valve_during_drain", setup.valve_during_drain}}
      .dump();
}

} // namespace gantry::farm_sim
