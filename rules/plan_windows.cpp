#include "rules/plan_windows.hpp"

#include "rules/station_change.hpp"
#include "rules/station_checks.hpp"

#include <algorithm>
#include <map>

namespace gantry::rules {

namespace {

/// A run of a change, in milliseconds since the first change began.
struct planned_run {
  int64_t layer = 0;
  int64_t from_ms = 0;
  int64_t to_ms = 0;
};

using runs_by_pump = std::map<std::string, std::vector<planned_run>>;

/// Layers that are printed at least between two changes: the first may be made late.
int64_t layers_between(const recipe_step& earlier, const recipe_step& later) {
  return std::max<int64_t>(0, later.layer - earlier.layer - late_layers_max);
}

/// When each pump runs if nothing takes longer than it must.
runs_by_pump earliest_runs(const station_setup& setup, const std::vector<recipe_step>& steps) {
  runs_by_pump runs;
  int64_t now_ms = 0;
  const auto add = [&runs, &now_ms](const station_pump* pump, int64_t layer, int64_t volume) {
    if (!pump)
      return;
    const auto end_ms = now_ms + duration_ms(volume, pump->flow_ul_per_s);
    runs[pump->name].push_back({layer, now_ms, end_ms});
    now_ms = end_ms;
  };
  const auto& change = setup.change;
  for (size_t i = 0; i < steps.size(); ++i) {
    if (i > 0)
      now_ms += layers_between(steps[i - 1], steps[i]) * layer_ms_min;
    now_ms += (change.quiescence_s + change.plate_clear_delay_s) * 1'000;
    add(setup.drain(), steps[i].layer, change.drain_volume_ul);
    add(setup.filler(steps[i].material), steps[i].layer, change.fill_volume_ul);
    now_ms += change.settle_delay_s * 1'000;
  }
  return runs;
}

/// The fullest windows are those that end with a run, so only they are looked at.
std::optional<window_excess> first_excess(const std::vector<planned_run>& runs,
                                          const pump_line_report& line) {
  size_t oldest = 0;
  int64_t whole_ms = 0; // of the runs from `oldest` on
  for (const auto& run : runs) {
    const auto begin_ms = run.to_ms - line.window_ms;
    whole_ms += run.to_ms - run.from_ms;
    for (; runs[oldest].to_ms <= begin_ms; ++oldest)
      whole_ms -= runs[oldest].to_ms - runs[oldest].from_ms;
    const auto used_ms = whole_ms - std::max<int64_t>(0, begin_ms - runs[oldest].from_ms);
    const bool alone = &runs[oldest] == &run;
    if (used_ms > line.window_limit_ms && !alone)
      return window_excess{line.pump, run.layer, used_ms, line.window_limit_ms, line.window_ms};
  }
  return std::nullopt;
}

} // namespace

std::vector<window_excess> window_excesses(const station_setup& setup,
                                           const std::vector<recipe_step>& steps,
                                           const pump_bank_report& pumps) {
  std::vector<window_excess> found;
  for (const auto& [pump, runs] : earliest_runs(setup, steps))
    if (const auto* line = pumps.line(pump); line && line->window_ms > 0)
      if (const auto excess = first_excess(runs, *line))
        found.push_back(*excess);
  return found;
}

} // namespace gantry::rules
