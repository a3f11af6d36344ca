#include "rules/pump_charge.hpp"

#include "rules/station_checks.hpp"

#include <algorithm>

namespace gantry::rules {

int64_t charge_ul(const station& where, const station_pump& pump, const pump_run& run) {
  if (run.simulation || run.direction != pump.direction)
    return 0;
  const auto most_ul = volume_ul(unseen_on_time_ms(run.planned_ms), pump.flow_ul_per_s);
  return pump.role == pump_role::drain ? most_ul : std::min(most_ul, where.level_of(pump.name));
}

int64_t moved_ul(const station_setup& setup, const commands::station_pump_settled& how,
                 const pump_run& run) {
  const auto* pump = setup.pump(run.pump);
  return how.started && pump ? volume_ul(how.on_time_ms, pump->flow_ul_per_s) : 0;
}

} // namespace gantry::rules
