#include "storage/station_files/setup_mapping.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace gantry::storage {

namespace {

/// A key of the file and the pump that it stands for.
struct pump_place {
  std::string_view key;
  std::string_view material; ///< Empty for the drain.
  std::string_view name;     ///< Of its line, as long as nobody chose another.
  std::string_view title;    ///< For people, in a new file.
  bool original = true;      ///< False: files of other controllers cannot tell of it.
};

constexpr auto places = std::to_array<pump_place>({{"pump_a", "A", "a", "Pump A"},
                                                   {"pump_b", "B", "b", "Pump B"},
                                                   {"pump_c", "C", "c", "Pump C"},
                                                   {"pump_d", "D", "d", "Pump D", false},
                                                   {"drain_pump", "", "drain", "Drain Pump"}});

constexpr int64_t ms_per_s = 1'000;

int64_t whole_seconds(int64_t ms) {
  return (ms + ms_per_s - 1) / ms_per_s;
}

bool stands_for(const pump_place& place, const station_pump& pump) {
  if (place.material.empty())
    return pump.role == pump_role::drain;
  return pump.role == pump_role::fill && pump.material == place.material;
}

int64_t clear_delay_ms(const pump_settings& file) {
  return file.bed_raise_delay_ms + file.bed_raise_time_ms + file.bed_raise_buffer_ms;
}

/// The plate is clear after three times, of which the file's own are kept as far as they fit.
void set_clear_delay(pump_settings& file, int64_t wanted_s) {
  if (whole_seconds(clear_delay_ms(file)) == wanted_s)
    return;
  const auto rest = file.bed_raise_delay_ms + file.bed_raise_buffer_ms;
  file.bed_raise_time_ms = wanted_s * ms_per_s - rest;
  constexpr int64_t longest_ms = 200'000;
  if (file.bed_raise_time_ms >= 0 && file.bed_raise_time_ms <= longest_ms)
    return;
  // Three members of at most 200 s each.
  const auto third = wanted_s * ms_per_s / 3;
  file.bed_raise_delay_ms = file.bed_raise_buffer_ms = third;
  file.bed_raise_time_ms = wanted_s * ms_per_s - 2 * third;
}

void set_seconds(int64_t& ms, int64_t wanted_s) {
  if (whole_seconds(ms) != wanted_s)
    ms = wanted_s * ms_per_s;
}

void put(const pump_profile& file, const pump_place& place, station_setup& setup) {
  auto position = std::ranges::find_if(
      setup.pumps, [&place](const station_pump& x) { return stands_for(place, x); });
  if (position == setup.pumps.end()) {
    station_pump made;
    made.name = place.name;
    made.role = place.material.empty() ? pump_role::drain : pump_role::fill;
    made.material = place.material;
    position = setup.pumps.insert(setup.pumps.end(), made);
  }
  position->flow_ul_per_s = file.flow_ul_per_s;
  position->direction = file.direction;
  position->direction_confirmed = file.direction_confirmed;
  position->max_volume_ul = file.max_volume_ul;
  if (place.material.empty())
    setup.waste_capacity_ul = file.reservoir_ul;
  else
    position->reservoir_ul = file.reservoir_ul;
}

void take(const station_pump& pump, const pump_place& place, const station_setup& setup,
          pump_settings& into) {
  auto position = std::ranges::find(into.pumps, place.key, &pump_profile::key);
  if (position == into.pumps.end()) {
    pump_profile made;
    made.key = place.key;
    made.name = place.title;
    position = into.pumps.insert(into.pumps.end(), made);
  }
  position->flow_ul_per_s = pump.flow_ul_per_s;
  position->direction = pump.direction;
  position->direction_confirmed = pump.direction_confirmed;
  position->max_volume_ul = pump.max_volume_ul;
  position->reservoir_ul = place.material.empty() ? setup.waste_capacity_ul : pump.reservoir_ul;
}

} // namespace

void apply(const network_settings& file, station_setup& setup) {
  setup.host = file.host;
  setup.port = file.port;
  setup.reply_timeout_ms = file.reply_timeout_ms;
  setup.poll_interval_ms = file.poll_interval_ms;
  setup.offline_grace_s = whole_seconds(file.offline_grace_ms);
}

void apply(const pump_settings& file, station_setup& setup) {
  for (const auto& place : places) {
    if (const auto* told = file.pump(place.key))
      put(*told, place, setup);
    else if (place.original)
      std::erase_if(setup.pumps, [&place](const station_pump& x) { return stands_for(place, x); });
  }
  setup.change = {.quiescence_s = whole_seconds(file.quiescence_ms),
                  .plate_clear_delay_s = whole_seconds(clear_delay_ms(file)),
                  .drain_volume_ul = file.drain_volume_ul,
                  .fill_volume_ul = file.fill_volume_ul,
                  .settle_delay_s = whole_seconds(file.settle_ms)};
  setup.valve_during_drain = file.valve_during_drain;
  setup.initial_material = file.initial_material;
}

network_settings merged(network_settings file, const station_setup& setup) {
  file.host = setup.host;
  file.port = setup.port;
  file.reply_timeout_ms = setup.reply_timeout_ms;
  file.poll_interval_ms = setup.poll_interval_ms;
  set_seconds(file.offline_grace_ms, setup.offline_grace_s);
  return file;
}

pump_settings merged(pump_settings file, const station_setup& setup) {
  for (const auto& place : places) {
    const auto pump = std::ranges::find_if(
        setup.pumps, [&place](const station_pump& x) { return stands_for(place, x); });
    if (pump != setup.pumps.end())
      take(*pump, place, setup, file);
    else
      std::erase_if(file.pumps, [&place](const pump_profile& x) { return x.key == place.key; });
  }
  set_seconds(file.quiescence_ms, setup.change.quiescence_s);
  set_clear_delay(file, setup.change.plate_clear_delay_s);
  file.drain_volume_ul = setup.change.drain_volume_ul;
  file.fill_volume_ul = setup.change.fill_volume_ul;
  set_seconds(file.settle_ms, setup.change.settle_delay_s);
  file.valve_during_drain = setup.valve_during_drain;
  file.initial_material = setup.initial_material;
  return file;
}

} // namespace gantry::storage
