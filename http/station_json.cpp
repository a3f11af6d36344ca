#include "http/station_json.hpp"

#include "http/json_text.hpp"
#include "http/log_events.hpp"
#include "schemas/codec.hpp"
#include "schemas/station_shortage.hpp"

#include <algorithm>

namespace gantry::http {

namespace {

std::string sentence_json(reason code, const reason_params& params) {
  return R"({"reason":")" + std::string{to_string(code)} + R"(","sentence":)"
         + json_quoted(render(code, params)) + "}";
}

/// Everything that needs a person at this station, most pressing first.
std::string attention_json(const station& where, const actors::live_station& live) {
  std::string items;
  const auto add = [&items](reason code, const reason_params& params) {
    items += (items.empty() ? "" : ",") + sentence_json(code, params);
  };
  const auto& name = where.setup.name;
  if (where.latched)
    add(reason::emergency_stopped, {{"station", name}});
  if (live.stalled_s > 0)
    add(reason::station_loop_stalled,
        {{"station", name}, {"seconds", std::to_string(live.stalled_s)}});
  if (where.error)
    add(where.error->why, where.error->why_params);
  if (where.change() && where.change()->held != reason::ok)
    add(where.change()->held, where.change()->held_params);
  if (!where.setup.pump_bank.empty() && !live.facts.pumps.connected)
    add(reason::pumps_unavailable, {{"station", name}, {"detail", "the guard is not there"}});
  for (const auto& fault : live.facts.pumps.faults)
    add(reason::pumps_unavailable, {{"station", name}, {"detail", fault}});
  for (const auto& each : shortages_of(where))
    add(each.code, each.params);
  if (!live.facts.fresh)
    add(reason::resin_printer_silent,
        {{"station", name},
         {"detail",
          render(live.facts.report.link_reason, {{"printer", name},
                                                 {"host", where.setup.host},
                                                 {"port", std::to_string(where.setup.port)},
                                                 {"detail", live.facts.report.link_detail}})}});
  return "[" + items + "]";
}

std::string next_change_json(const station& where) {
  if (!where.has_open_job() || where.job->next >= static_cast<int64_t>(where.job->plan.size()))
    return "null";
  const auto& step = where.job->plan[static_cast<size_t>(where.job->next)];
  // What lies beyond the file was left out before.
  if (where.job->layers > 0 && step.layer > where.job->layers)
    return "null";
  return R"({"layer":)" + std::to_string(step.layer) + R"(,"material":)"
         + json_quoted(step.material) + "}";
}

/// The material in the vat: `INITIAL` before the first change, empty if it is unknown.
std::string active_material(const station& where) {
  if (!where.job)
    return "INITIAL";
  for (const auto& x : where.job->changes)
    if (x.outcome == change_outcome::done)
      return where.job->active_material;
  const bool untouched = where.job->active_material == where.job->initial_material;
  return untouched && !where.job->change ? "INITIAL" : where.job->active_material;
}

} // namespace

int64_t progress_permille(const station& where, const resin_report& report) {
  int64_t total = report.layers;
  int64_t layer = report.layer;
  if (where.job) {
    total = std::max(total, where.job->layers);
    if (!where.job->plan.empty())
      total = std::max(total, where.job->plan.back().layer);
    if (where.job->end == job_end::completed)
      return 1'000;
    layer = std::max(layer, where.job->last_layer);
  }
  if (total <= 0)
    return 0;
  return std::min<int64_t>(1'000, (layer * 2'000 + total) / (2 * total));
}

std::string station_live_json(const storage::stored_entity& stored, const actors::live_table& table,
                              timestamp now) {
  const auto decoded = from_json_text<station>(stored.json, strictness::stored);
  if (!decoded)
    return "null";
  const auto& where = *decoded;
  const auto live = table.station(where.id).value_or(actors::live_station{});
  const auto& report = live.facts.report;
  const bool simulation =
      live.facts.pumps.simulated || (where.has_open_job() && where.job->simulation);
  return R"({"report":)" + to_json_text(report) + R"(,"stale":)"
         + (live.facts.fresh ? "false" : "true") + R"(,"age_ms":)"
         + (report.observed_at
                ? std::to_string(std::max<int64_t>(0, (now - *report.observed_at).count()))
                : "null")
         + R"(,"pumps":)" + to_json_text(live.facts.pumps) + R"(,"progress_permille":)"
         + std::to_string(progress_permille(where, report)) + R"(,"active_material":)"
         + json_quoted(active_material(where)) + R"(,"next_change":)" + next_change_json(where)
         + R"(,"simulation":)" + (simulation ? "true" : "false") + R"(,"attention":)"
         + attention_json(where, live) + "}";
}

std::string checks_json(const std::vector<station_check>& checks) {
  std::string out = "[";
  for (const auto& x : checks) {
    if (out.size() > 1)
      out += ',';
    out += R"({"id":)" + json_quoted(x.id) + R"(,"verdict":")" + std::string{name_of(x.verdict)}
           + R"(","reason":")" + std::string{to_string(x.why)} + R"(","sentence":)"
           + json_quoted(render(x.why, x.why_params)) + "}";
  }
  return out + "]";
}

} // namespace gantry::http
