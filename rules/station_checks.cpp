#include "rules/station_checks.hpp"

#include "rules/plan_windows.hpp"
#include "schemas/defect.hpp"
#include "schemas/recipe.hpp"

#include <algorithm>
#include <map>
#include <set>

namespace gantry::rules {

namespace {

using checks = std::vector<station_check>;

station_check pass(std::string id) {
  return {std::move(id), check_verdict::pass, reason::check_passed, {}};
}
station_check warn(std::string id, reason why, reason_params params = {}) {
  return {std::move(id), check_verdict::warn, why, std::move(params)};
}
station_check fail(std::string id, reason why, reason_params params = {}) {
  return {std::move(id), check_verdict::fail, why, std::move(params)};
}

/// Thousandths as a number with one digit behind the point.
std::string with_one_digit(int64_t thousandths) {
  const auto tenths = (thousandths + 50) / 100;
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10);
}

station_check conflict(std::string detail) {
  return fail("recipe", reason::recipe_conflict, {{"detail", std::move(detail)}});
}

/// A dry run needs no pumps, so what they lack is only shown.
void soften(checks& found) {
  for (auto& x : found)
    if (x.verdict == check_verdict::fail)
      x.verdict = check_verdict::warn;
}

station_check free_check(const station& where) {
  const auto refuse = [&where](std::string state) {
    return fail("station", reason::station_not_in_state,
                {{"station", where.setup.name}, {"state", std::move(state)}, {"action", "start"}});
  };
  if (where.retired)
    return fail("station", reason::station_retired, {{"station", where.setup.name}});
  if (where.latched)
    return fail("station", reason::emergency_stopped, {{"station", where.setup.name}});
  if (where.run)
    return fail("station", reason::station_pump_running,
                {{"station", where.setup.name}, {"pump", where.run->pump}});
  if (where.state != station_state::idle && where.state != station_state::completed)
    return refuse(std::string{name_of(where.state)});
  return pass("station");
}

station_check silent(const station& where, const station_facts& live) {
  return fail("printer", reason::resin_printer_silent,
              {{"station", where.setup.name},
               {"detail", render(live.report.link_reason, {{"printer", where.setup.name},
                                                           {"host", where.setup.host},
                                                           {"detail", live.report.link_detail}})}});
}

station_check recipe_check(const station& where, const std::vector<recipe_step>& steps) {
  if (const auto sound = check_recipe(steps); !sound)
    return conflict(sound.why().text());
  for (const auto& step : steps)
    if (!where.setup.filler(step.material))
      return conflict("material " + step.material + " has no fill pump of its own");
  return pass("recipe");
}

station_check layer_check(const std::vector<recipe_step>& steps, int64_t layers) {
  if (steps.empty())
    return pass("layers");
  if (layers <= 0)
    return warn("layers", reason::layers_unknown);
  if (steps.back().layer > layers)
    return conflict("layer " + std::to_string(steps.back().layer) + " lies beyond the file's "
                    + std::to_string(layers));
  return pass("layers");
}

station_check single_run(const std::string& id, const pump_line_report& line, int64_t needed_ms) {
  const auto limit = std::min(line.single_limit_ms, line.window_limit_ms);
  if (needed_ms <= limit)
    return pass(id);
  return fail(id, reason::pump_window_short,
              {{"pump", line.pump},
               {"needed", std::to_string(needed_ms)},
               {"left", std::to_string(limit)}});
}

/// Whether the window of a line has room for `needed_ms` now.
station_check window_check(const std::string& id, const pump_line_report& line, int64_t needed_ms) {
  const auto left = line.window_limit_ms - line.window_used_ms;
  if (needed_ms <= left)
    return pass(id);
  return fail(id, reason::pump_window_short,
              {{"pump", line.pump},
               {"needed", std::to_string(needed_ms)},
               {"left", std::to_string(std::max<int64_t>(0, left))}});
}

void add_limits(checks& out, const station& where, const station_pump& pump, int64_t planned_ul,
                const station_facts& live) {
  const auto needed = duration_ms(planned_ul, pump.flow_ul_per_s);
  const auto id = "pump_" + pump.name;
  if (planned_ul > pump.max_volume_ul)
    return out.push_back(fail(id, reason::pump_volume_too_large,
                              {{"pump", pump.name},
                               {"needed", millilitres(planned_ul)},
                               {"limit", millilitres(pump.max_volume_ul)}}));
  const auto* line = live.pumps.line(pump.name);
  if (!line)
    return out.push_back(fail(
        id, reason::pumps_unavailable,
        {{"station", where.setup.name}, {"detail", "the guard has no line called " + pump.name}}));
  if (line->is_valve)
    return out.push_back(fail(
        id, reason::pumps_unavailable,
        {{"station", where.setup.name}, {"detail", "the guard's " + pump.name + " is a valve"}}));
  out.push_back(single_run(id, *line, needed));
}

/// In the ids of checks; no pump can be called so.
const std::string valve_id = "valve";

station_check valve_missing(const station& where) {
  return fail("pump_" + valve_id, reason::pump_valve_missing, {{"station", where.setup.name}});
}

/// Whether the valve that opens while draining can be open that long at all.
void add_valve(checks& out, const station& where, const station_pump& drain,
               const station_facts& live) {
  // Without a guard it is not known what lines there are.
  if (!where.setup.valve_during_drain || !live.pumps.connected)
    return;
  const auto* valve = live.pumps.valve();
  const auto run_ms = duration_ms(where.setup.change.drain_volume_ul, drain.flow_ul_per_s);
  out.push_back(valve ? single_run("pump_" + valve_id, *valve, run_ms + live.pumps.valve_extra_ms)
                      : valve_missing(where));
}

station_check guard_check(const station& where, const station_facts& live) {
  const auto refuse = [&where](std::string detail) {
    return fail("guard", reason::pumps_unavailable,
                {{"station", where.setup.name}, {"detail", std::move(detail)}});
  };
  if (where.setup.pump_bank.empty())
    return refuse("no pumps are set up");
  if (!live.pumps.connected)
    return refuse("the guard is not there");
  if (live.pumps.latched && !GANTRY_DEFECT("ESTOP"))
    return fail("guard", reason::emergency_stopped, {{"station", where.setup.name}});
  if (!live.pumps.faults.empty())
    return refuse(live.pumps.faults.front());
  return pass("guard");
}

void add_volumes(checks& out, const station& where, const std::vector<recipe_step>& steps) {
  std::map<std::string, int64_t> needed;
  for (const auto& step : steps)
    if (const auto* pump = where.setup.filler(step.material))
      needed[pump->name] += where.setup.change.fill_volume_ul;
  for (const auto& [pump, volume] : needed) {
    const auto left = where.level_of(pump);
    out.push_back(
        volume <= left
            ? pass("reservoir_" + pump)
            : fail("reservoir_" + pump, reason::reservoir_short,
                   {{"pump", pump}, {"left", millilitres(left)}, {"needed", millilitres(volume)}}));
  }
  const auto waste = static_cast<int64_t>(steps.size()) * where.setup.change.drain_volume_ul;
  const auto room = where.setup.waste_capacity_ul - where.waste_used_ul;
  out.push_back(waste <= room ? pass("waste")
                              : fail("waste", reason::waste_full,
                                     {{"left", millilitres(std::max<int64_t>(0, room))},
                                      {"needed", millilitres(waste)}}));
}

std::string sentence_of(const window_excess& found) {
  return "up to the change at layer " + std::to_string(found.layer) + " pump " + found.pump
         + " is needed for " + with_one_digit(found.needed_ms) + " s within "
         + with_one_digit(found.window_ms) + " s and may run for " + with_one_digit(found.limit_ms)
         + " s";
}

/// Changes that lie too close together for a pump. A print that runs already is not kept from its
/// changes by that: they wait for the window.
void add_windows(checks& out, const station& where, const std::vector<recipe_step>& steps,
                 const station_facts& live, bool print_runs) {
  const auto told = [&out](const std::string& id) {
    return std::ranges::find(out, id, &station_check::id) != out.end();
  };
  if (!print_runs)
    for (const auto& each : window_excesses(where.setup, steps, live.pumps, layer_ms_max)) {
      out.push_back(conflict(sentence_of(each) + "; the changes lie too close together"));
      out.back().id = "windows_" + each.pump;
    }
  for (const auto& each : window_excesses(where.setup, steps, live.pumps, layer_ms_min))
    if (const auto id = "windows_" + each.pump; !told(id))
      out.push_back(warn(id, reason::pumps_waiting,
                         {{"detail", sentence_of(each) + ", if a layer takes "
                                         + with_one_digit(layer_ms_min) + " s"}}));
}

/// Everything that the pumps need for `steps`.
checks pump_plan_checks(const station& where, const std::vector<recipe_step>& steps,
                        const station_facts& live, bool print_runs) {
  checks out;
  if (steps.empty())
    return out;
  out.push_back(guard_check(where, live));
  if (const auto* drain = where.setup.drain()) {
    out.push_back(drain->direction_confirmed
                      ? pass("drain_direction")
                      : fail("drain_direction", reason::drain_direction_unconfirmed,
                             {{"pump", drain->name}}));
    add_limits(out, where, *drain, where.setup.change.drain_volume_ul, live);
    add_valve(out, where, *drain, live);
  } else {
    out.push_back(
        fail("drain_direction", reason::config_invalid, {{"detail", "there is no drain pump"}}));
  }
  std::set<std::string> materials;
  for (const auto& step : steps)
    materials.insert(step.material);
  for (const auto& material : materials)
    if (const auto* pump = where.setup.filler(material))
      add_limits(out, where, *pump, where.setup.change.fill_volume_ul, live);
  add_windows(out, where, steps, live, print_runs);
  add_volumes(out, where, steps);
  return out;
}

void append(checks& out, checks more, bool dry) {
  if (dry) {
    soften(more);
    out.push_back(warn("dry_run", reason::dry_run));
  }
  out.insert(out.end(), std::make_move_iterator(more.begin()), std::make_move_iterator(more.end()));
}

} // namespace

int64_t duration_ms(int64_t volume, int64_t flow) {
  if (flow <= 0 || volume <= 0)
    return 1;
  return std::max<int64_t>(1, (volume * 1'000 + flow / 2) / flow);
}

int64_t volume_ul(int64_t on_time_ms, int64_t flow) {
  return on_time_ms * flow / 1'000;
}

std::string millilitres(int64_t volume) {
  return with_one_digit(volume);
}

std::optional<refusal> fault_of_setup(const station_setup& setup) {
  const auto fault = [](std::string detail) {
    return refusal{reason::station_setup_invalid, {{"detail", std::move(detail)}}};
  };
  std::set<std::string> names, materials;
  size_t drains = 0;
  for (const auto& pump : setup.pumps) {
    const bool plain = !pump.name.empty() && std::ranges::all_of(pump.name, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
    });
    if (!plain || pump.name == "waste" || pump.name == "valve")
      return fault("a pump cannot be called " + pump.name);
    if (!names.insert(pump.name).second)
      return fault("two pumps are called " + pump.name);
    if (pump.role == pump_role::drain) {
      if (++drains > 1)
        return fault("there can be only one drain pump");
      if (!pump.material.empty())
        return fault("the drain pump fills no material");
      continue;
    }
    if (pump.material.size() != 1 || pump.material[0] < 'A' || pump.material[0] > 'D')
      return fault("pump " + pump.name + " needs a material from A to D");
    if (!materials.insert(pump.material).second)
      return fault("two pumps fill material " + pump.material);
  }
  if (!setup.pumps.empty() && setup.pump_bank.empty())
    return fault("pump_bank is needed for pumps");
  return std::nullopt;
}

int64_t known_layers(const station& where, const std::string& internal_file) {
  const auto position = std::ranges::find(where.files, internal_file, &known_file::internal_file);
  return position == where.files.end() ? 0 : position->layers;
}

std::vector<station_check> start_checks(const station& where, const commands::start_station& wanted,
                                        const station_facts& live) {
  checks out;
  out.push_back(free_check(where));
  const auto state = live.report.state;
  if (!live.fresh || state == resin_state::unknown)
    out.push_back(silent(where, live));
  else if (state != resin_state::stopped && state != resin_state::finished)
    out.push_back(fail("printer", reason::resin_printer_not_stopped,
                       {{"station", where.setup.name}, {"state", std::string{name_of(state)}}}));
  else
    out.push_back(pass("printer"));
  out.push_back(recipe_check(where, where.recipe));
  out.push_back(layer_check(
      where.recipe, wanted.layers > 0 ? wanted.layers : known_layers(where, wanted.internal_file)));
  append(out, pump_plan_checks(where, where.recipe, live, false),
         wanted.dry_run || where.setup.dry_run);
  return out;
}

std::vector<station_check> attach_checks(const station& where,
                                         const commands::attach_station& wanted,
                                         const station_facts& live) {
  checks out;
  out.push_back(free_check(where));
  const auto state = live.report.state;
  const bool prints = state == resin_state::printing || state == resin_state::paused;
  if (!live.fresh || state == resin_state::unknown)
    out.push_back(silent(where, live));
  else if (!prints)
    out.push_back(fail("printer", reason::resin_printer_not_printing,
                       {{"station", where.setup.name}, {"state", std::string{name_of(state)}}}));
  else
    out.push_back(pass("printer"));
  out.push_back(recipe_check(where, where.recipe));
  out.push_back(layer_check(where.recipe, live.report.layers));
  std::vector<recipe_step> ahead;
  for (const auto& step : where.recipe)
    if (step.layer >= live.report.layer)
      ahead.push_back(step);
  if (ahead.size() < where.recipe.size())
    out.push_back(warn("passed", reason::steps_already_passed,
                       {{"count", std::to_string(where.recipe.size() - ahead.size())}}));
  append(out, pump_plan_checks(where, ahead, live, true), wanted.dry_run || where.setup.dry_run);
  return out;
}

std::vector<station_check> pump_checks(const station& where, const station_pump& pump,
                                       int64_t planned_ms, int64_t planned_ul,
                                       const station_facts& live) {
  checks out;
  out.push_back(guard_check(where, live));
  add_limits(out, where, pump, planned_ul, live);
  if (const auto* line = live.pumps.line(pump.name))
    out.push_back(window_check("window_" + pump.name, *line, planned_ms));
  return out;
}

std::vector<station_check> valve_checks(const station& where, int64_t planned_ms,
                                        const station_facts& live) {
  const auto* valve = live.pumps.valve();
  if (!valve)
    return {valve_missing(where)};
  const auto needed_ms = planned_ms + live.pumps.valve_extra_ms;
  return {single_run("pump_" + valve_id, *valve, needed_ms),
          window_check("window_" + valve_id, *valve, needed_ms)};
}

station_check paused_check(const station& where, const station_facts& live) {
  if (!live.fresh || live.report.state != resin_state::paused)
    return silent(where, live);
  return pass("printer");
}

const station_check* first_failure(const std::vector<station_check>& found) {
  const auto position = std::ranges::find(found, check_verdict::fail, &station_check::verdict);
  return position == found.end() ? nullptr : &*position;
}

} // namespace gantry::rules
