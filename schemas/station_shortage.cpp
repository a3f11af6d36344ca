#include "schemas/station_shortage.hpp"

#include <algorithm>

namespace gantry {

namespace {

/// Changes that a container must last for.
constexpr int64_t changes_max = 2;
constexpr int64_t ul_per_ml = 1'000;

/// Changes of the plan that are still to be made, at most `changes_max`; those with `material`
/// alone if it is not empty.
int64_t changes_ahead(const station_job& job, std::string_view material) {
  int64_t count = 0;
  for (auto i = static_cast<size_t>(job.next); i < job.plan.size(); ++i)
    count += material.empty() || job.plan[i].material == material ? 1 : 0;
  return std::min(count, changes_max);
}

} // namespace

std::vector<refusal> shortages_of(const station& where) {
  std::vector<refusal> found;
  if (!where.has_open_job() || where.job->simulation)
    return found;
  const auto& change = where.setup.change;
  for (const auto& pump : where.setup.pumps) {
    if (pump.role != pump_role::fill)
      continue;
    const auto left = where.level_of(pump.name);
    if (left < changes_ahead(*where.job, pump.material) * change.fill_volume_ul)
      found.push_back({reason::reservoir_low,
                       {{"pump", pump.name}, {"left", std::to_string(left / ul_per_ml)}}});
  }
  const auto room = std::max<int64_t>(0, where.setup.waste_capacity_ul - where.waste_used_ul);
  if (room < changes_ahead(*where.job, {}) * change.drain_volume_ul)
    found.push_back({reason::waste_nearly_full, {{"left", std::to_string(room / ul_per_ml)}}});
  return found;
}

} // namespace gantry
