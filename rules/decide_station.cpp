// Set-up, recipe, volumes and calibration of stations.
#include "rules/deciders.hpp"
#include "rules/station_checks.hpp"
#include "schemas/recipe.hpp"

#include <algorithm>

namespace gantry::rules {

using namespace commands;
using namespace events;

namespace {

/// Deviation of a measured run from the fit from which air in the line is likely.
constexpr int64_t spread_permille_max = 100;

ruling unknown_station(const station_id& id) {
  return refuse(reason::not_found, {{"kind", "station"}, {"id", id.value}});
}

ruling retired(const station& where) {
  return refuse(reason::station_retired, {{"station", where.setup.name}});
}

ruling refuse_state(const station& where, std::string action) {
  return refuse(reason::station_not_in_state, {{"station", where.setup.name},
                                               {"state", std::string{name_of(where.state)}},
                                               {"action", std::move(action)}});
}

bool plausible_host(const std::string& host) {
  return !host.empty() && std::ranges::all_of(host, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.'
           || c == '-' || c == '_' || c == ':';
  });
}

/// Names and addresses are unique among the stations that are in use.
std::optional<ruling> refuse_setup(const station_setup& setup, const station_id& self,
                                   const facts& known) {
  if (!plausible_host(setup.host))
    return refuse(reason::field_invalid, {{"field", "setup.host"},
                                          {"detail", "a host name or an IP address is expected"}});
  if (const auto fault = fault_of_setup(setup))
    return refuse(fault->code, fault->params);
  for (const auto* other : known.all<station>()) {
    if (other->id == self || other->retired)
      continue;
    if (other->setup.name == setup.name)
      return refuse(reason::station_name_taken, {{"name", setup.name}});
    if (other->setup.address() == setup.address())
      return refuse(reason::station_address_taken,
                    {{"name", other->setup.name}, {"address", setup.address()}});
    if (!setup.pump_bank.empty() && other->setup.pump_bank == setup.pump_bank)
      return refuse(reason::station_setup_invalid,
                    {{"detail", "the pumps of " + setup.pump_bank + " belong to "
                                    + other->setup.name + " already"}});
  }
  return std::nullopt;
}

/// Stores `steps`, unless they are in place. A print that runs keeps what it began with.
void put_recipe(const station& where, const std::vector<recipe_step>& steps, ruling& into) {
  if (steps == where.recipe)
    return;
  if (where.has_open_job()) {
    into.event_reason = reason::recipe_in_use;
    into.event_params = {{"running", std::to_string(where.job->recipe_revision)}};
  }
  into.add(ref_of(where.id), station_recipe_changed{steps, where.recipe_revision + 1});
}

/// Flow that fits the runs best: the line through the origin with the least squares.
int64_t fitted_flow(const std::vector<calibration_run>& runs) {
  double above = 0, below = 0;
  for (const auto& x : runs) {
    const auto seconds = static_cast<double>(x.duration_ms) / 1'000.0;
    above += seconds * static_cast<double>(x.volume_ul);
    below += seconds * seconds;
  }
  return below > 0 ? static_cast<int64_t>(above / below + 0.5) : 0;
}

int64_t spread_permille(const std::vector<calibration_run>& runs, int64_t flow) {
  int64_t most = 0;
  for (const auto& x : runs) {
    const auto fitted = std::max<int64_t>(1, volume_ul(x.duration_ms, flow));
    most = std::max(most, std::abs(x.volume_ul - fitted) * 1'000 / fitted);
  }
  return most;
}

} // namespace

ruling decide_station(const case_file& file, const add_station& x) {
  const station_id id{file.initiator.id};
  if (file.known.find<station>(ref_of(id)))
    return refuse(reason::already_exists, {{"entity", file.initiator.text()}});
  if (auto no = refuse_setup(x.setup, id, file.known))
    return *no;
  ruling answer;
  answer.add(ref_of(id), station_added{id, x.setup});
  return answer;
}

ruling decide_station(const case_file& file, const edit_station& x) {
  const auto* where = file.known.find<station>(ref_of(x.id));
  if (!where)
    return unknown_station(x.id);
  if (where->retired)
    return retired(*where);
  // A job relies on its pumps and parameters to the end.
  if (where->has_open_job() || where->run)
    return refuse_state(*where, "be edited");
  if (auto no = refuse_setup(x.setup, x.id, file.known))
    return *no;
  ruling answer;
  answer.add(ref_of(x.id), station_edited{x.setup});
  return answer;
}

ruling decide_station(const case_file& file, const retire_station& x) {
  const auto* where = file.known.find<station>(ref_of(x.id));
  if (!where)
    return unknown_station(x.id);
  ruling answer;
  if (where->retired)
    return answer;
  if (where->has_open_job() || where->run || where->latched)
    return refuse_state(*where, "be retired");
  answer.add(ref_of(x.id), station_retired{});
  return answer;
}

ruling decide_station(const case_file& file, const set_recipe& x) {
  const auto* where = file.known.find<station>(ref_of(x.id));
  if (!where)
    return unknown_station(x.id);
  if (where->retired)
    return retired(*where);
  if (const auto sound = check_recipe(x.steps); !sound)
    return refuse(sound.why().code, sound.why().params);
  ruling answer;
  put_recipe(*where, x.steps, answer);
  return answer;
}

ruling decide_station(const case_file& file, const take_station_files& x) {
  const auto* where = file.known.find<station>(ref_of(x.id));
  if (!where)
    return unknown_station(x.id);
  if (where->retired)
    return retired(*where);
  ruling answer;
  if (x.setup && *x.setup != where->setup) {
    if (where->has_open_job() || where->run)
      return refuse_state(*where, "be edited");
    if (auto no = refuse_setup(*x.setup, x.id, file.known))
      return *no;
    answer.add(ref_of(x.id), station_edited{*x.setup});
  }
  if (x.recipe) {
    if (const auto sound = check_recipe(*x.recipe); !sound)
      return refuse(sound.why().code, sound.why().params);
    put_recipe(*where, *x.recipe, answer);
  }
  std::vector<settings_file> fresh;
  for (const auto& each : x.files)
    if (std::ranges::find(where->settings_files, each) == where->settings_files.end())
      fresh.push_back(each);
  if (!fresh.empty())
    answer.add(ref_of(x.id), station_files_taken{std::move(fresh)});
  return answer;
}

ruling decide_station(const case_file& file, const set_level& x) {
  const auto* where = file.known.find<station>(ref_of(x.id));
  if (!where)
    return unknown_station(x.id);
  if (where->retired)
    return retired(*where);
  const auto* pump = where->setup.pump(x.pump);
  if (x.pump != "waste" && (!pump || pump->role != pump_role::fill))
    return refuse(reason::station_pump_unknown, {{"station", where->setup.name}, {"pump", x.pump}});
  if (where->run)
    return refuse(reason::station_pump_running,
                  {{"station", where->setup.name}, {"pump", where->run->pump}});
  const auto most = pump ? pump->reservoir_ul : where->setup.waste_capacity_ul;
  if (x.volume_ul > most)
    return refuse(
        reason::field_invalid,
        {{"field", "volume_ul"}, {"detail", "it holds at most " + millilitres(most) + " ml"}});
  ruling answer;
  answer.add(ref_of(x.id), station_level_set{x.pump, x.volume_ul});
  return answer;
}

ruling decide_station(const case_file& file, const calibrate_pump& x) {
  const auto* where = file.known.find<station>(ref_of(x.id));
  if (!where)
    return unknown_station(x.id);
  if (where->retired)
    return retired(*where);
  if (where->has_open_job() || where->run)
    return refuse_state(*where, "be calibrated");
  const auto* pump = where->setup.pump(x.pump);
  if (!pump)
    return refuse(reason::station_pump_unknown, {{"station", where->setup.name}, {"pump", x.pump}});
  // Without measured runs only the direction is confirmed.
  const auto flow = x.runs.empty() ? pump->flow_ul_per_s : fitted_flow(x.runs);
  if (flow < 10 || flow > 100'000)
    return refuse(reason::field_invalid,
                  {{"field", "runs"}, {"detail", "a flow of 0.01 to 100 ml/s is expected"}});
  const auto spread = spread_permille(x.runs, flow);
  ruling answer;
  answer.add(ref_of(x.id), station_calibrated{x.pump, x.runs, flow, spread, x.direction});
  if (spread > spread_permille_max)
    answer.add(ref_of(x.id),
               station_warned{reason::calibration_spread,
                              {{"pump", x.pump}, {"percent", std::to_string(spread / 10)}},
                              0});
  return answer;
}

} // namespace gantry::rules
