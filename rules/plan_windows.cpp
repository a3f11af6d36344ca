#include "rules/plan_windows.hpp"

#include "rules/station_change.hpp"
#include "rules/station_checks.hpp"

#include <algorithm>
#include <map>

namespace gantry::rules {

namespace {

/// What a run may be charged beyond its planned time: from the order until the line is seen to be
/// off.
constexpr int64_t charged_more_ms = 100;

/// A run of a change, in milliseconds since the first change began.
struct planned_run {
  int64_t layer = 0;
  int64_t judged_ms = 0; ///< When the change looks whether it fits.
  int64_t from_ms = 0;
  int64_t to_ms = 0;
};

using runs_by_pump = std::map<std::string, std::vector<planned_run>>;

/// Layers that are printed at least between two changes: the first may be made late.
int64_t layers_between(const recipe_step& earlier, const recipe_step& later) {
  return std::max<int64_t>(0, later.layer - earlier.layer - late_layers_max);
}

/// When each pump runs if nothing takes longer than it must.
runs_by_pump earliest_runs(const station_setup& setup, const std::vector<recipe_step>& steps,
                           const pump_bank_report& pumps, int64_t layer_ms) {
  runs_by_pump runs;
  int64_t now_ms = 0;
  const auto& change = setup.change;
  const auto* valve = setup.valve_during_drain ? pumps.valve() : nullptr;
  for (size_t i = 0; i < steps.size(); ++i) {
    if (i > 0)
      now_ms += layers_between(steps[i - 1], steps[i]) * layer_ms;
    now_ms += (change.quiescence_s + change.plate_clear_delay_s) * 1'000;
    const auto judged_ms = now_ms;
    const auto add = [&](const station_pump* pump, int64_t volume, const pump_line_report* air) {
      if (!pump)
        return;
      auto end_ms = now_ms + duration_ms(volume, pump->flow_ul_per_s);
      runs[pump->name].push_back({steps[i].layer, judged_ms, now_ms, end_ms});
      if (air) {
        end_ms += pumps.valve_extra_ms;
        runs[air->pump].push_back({steps[i].layer, judged_ms, now_ms, end_ms});
      }
      now_ms = end_ms;
    };
    add(setup.drain(), change.drain_volume_ul, valve);
    add(setup.filler(steps[i].material), change.fill_volume_ul, nullptr);
    now_ms += change.settle_delay_s * 1'000;
  }
  return runs;
}

/// On-time of `earlier` that a window of `window_ms` which ends at `at_ms` is charged with.
int64_t charged_ms(const planned_run& earlier, int64_t at_ms, int64_t window_ms) {
  const auto end_ms = earlier.to_ms + charged_more_ms;
  return std::max<int64_t>(0, end_ms - std::max(earlier.from_ms, at_ms - window_ms));
}

std::optional<window_excess> first_excess(const std::vector<planned_run>& runs,
                                          const pump_line_report& line) {
  size_t oldest = 0;
  for (size_t i = 1; i < runs.size(); ++i) {
    const auto& run = runs[i];
    while (oldest < i && charged_ms(runs[oldest], run.judged_ms, line.window_ms) == 0)
      ++oldest;
    if (oldest == i)
      continue;
    auto needed_ms = run.to_ms - run.from_ms;
    for (auto earlier = oldest; earlier < i; ++earlier)
      needed_ms += charged_ms(runs[earlier], run.judged_ms, line.window_ms);
    if (needed_ms > line.window_limit_ms)
      return window_excess{line.pump, run.layer, needed_ms, line.window_limit_ms, line.window_ms};
  }
  return std::nullopt;
}

} // namespace

std::vector<window_excess> window_excesses(const station_setup& setup,
                                           const std::vector<recipe_step>& steps,
                                           const pump_bank_report& pumps, int64_t layer_ms) {
  std::vector<window_excess> found;
  for (const auto& [pump, runs] : earliest_runs(setup, steps, pumps, layer_ms))
    if (const auto* line = pumps.line(pump); line && line->window_ms > 0)
      if (const auto excess = first_excess(runs, *line))
        found.push_back(*excess);
  return found;
}

} // namespace gantry::rules
