#include "bench/resin_sim/station_rig.hpp"

#include <algorithm>

namespace gantry::farm_sim {

station_rig::station_rig(const agenda& time, ledger& counts, const std::string& name,
                         station_setup setup, uint64_t seed)
    : setup_{std::move(setup)},
      time_{time},
      counts_{counts},
      printer_{time, counts, name, seed},
      capacity_ul_{setup_.change.fill_volume_ul * 13 / 10} {
  for (const auto line : line_names) {
    lines_.push_back(std::make_unique<pump_line>(time, setup_.pump_bank, std::string{line}));
    lines_.back()->before_change = [this](pump_line& which) {
      flow();
      if (&which == &valve())
        valve_sticks_ = false;
    };
    lines_.back()->on_misconduct = [this](pump_line& which) {
      counts_.event("misconduct", which.station() + "/" + which.name());
      // Air moves no resin.
      (&which == &valve() ? valve_sticks_ : deceived_) = true;
    };
  }
  for (const auto& pump : setup_.pumps)
    reservoirs_[pump.name] = 0;
}

std::vector<pump_line*> station_rig::lines() {
  std::vector<pump_line*> all;
  for (const auto& each : lines_)
    all.push_back(each.get());
  return all;
}

pump_line& station_rig::line(std::string_view pump) {
  return **std::ranges::find_if(lines_, [pump](const auto& each) { return each->name() == pump; });
}

pump_line* station_rig::running() {
  for (const auto& each : lines_)
    if (each->run() && each.get() != &valve())
      return each.get();
  return nullptr;
}

void station_rig::flow() {
  for (const auto& each : lines_) {
    auto& moved = moved_ul_[each->name()];
    const auto* pump = setup_.pump(each->name());
    if (!each->run() || !each->flows() || !pump) {
      moved = 0;
      continue;
    }
    const auto span =
        std::chrono::duration_cast<std::chrono::microseconds>(time_.now() - each->run()->from);
    const auto volume = span.count() * pump->flow_ul_per_s / 1'000'000;
    move(*pump, each->is_reverse(), volume - std::exchange(moved, volume));
  }
  ran_over_ = ran_over_ || (vat_.volume_ul > capacity_ul_ && !deceived_);
  vat_.volume_ul = std::min(vat_.volume_ul, capacity_ul_);
}

void station_rig::move(const station_pump& pump, bool reverse, int64_t volume_ul) {
  auto& reservoir = reservoirs_[pump.name];
  if (!hoses_in_vat_) {
    const auto out = reverse ? int64_t{0} : std::min(volume_ul, reservoir);
    if (pump.role == pump_role::fill)
      reservoir -= out;
    else if (!reverse)
      waste_ul_ += volume_ul;
    return;
  }
  if (pump.role == pump_role::drain) {
    // What the pump is told to move counts for the waste; air is moved as well as resin.
    vat_.volume_ul = std::max<int64_t>(0, vat_.volume_ul - (reverse ? 0 : volume_ul));
    waste_ul_ += reverse ? 0 : volume_ul;
    return;
  }
  const auto moved =
      reverse ? -std::min(volume_ul, vat_.volume_ul) : std::min(volume_ul, reservoir);
  reservoir -= moved;
  if (moved > 0 && (vat_.volume_ul <= residue_ul || vat_.material.empty()))
    vat_.material = pump.material;
  else if (moved > 0 && vat_.material != pump.material)
    vat_.material = "mixed";
  vat_.volume_ul += moved;
}

void station_rig::pour(const std::string& material) {
  flow();
  counts_.event("pour", setup_.pump_bank + " " + material);
  hoses_in_vat_ = true;
  vat_ = {material, material.empty() ? 0 : setup_.change.fill_volume_ul};
  look();
}

void station_rig::take_hoses_out() {
  flow();
  hoses_in_vat_ = false;
}

void station_rig::replenish() {
  flow();
  waste_ul_ = 0;
  for (auto& [pump, volume] : reservoirs_)
    if (const auto* known = setup_.pump(pump))
      volume = known->reservoir_ul;
}

} // namespace gantry::farm_sim
