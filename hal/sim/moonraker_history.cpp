// Moonraker's print history, and what of a printer survives a power cycle.

#include <cstdio>

#include "hal/sim/moonraker_internal.hpp"

namespace gantry::sim {
namespace {

std::string job_name(uint64_t id) {
  char text[24];
  std::snprintf(text, sizeof text, "%06llX", static_cast<unsigned long long>(id));
  return text;
}

} // namespace

void moonraker_device::impl::history_start(const print_stats_model& stats) {
  history_job job;
  job.id = next_job_id++;
  job.filename = stats.filename;
  job.start_time = unix_now() - stats.total_duration_s / options.speed;
  job.total_duration = stats.total_duration_s;
  history.push_back(job);
  if (history.size() > history_max)
    history.pop_front();
  last_runs[stats.filename] = {job.id, job.start_time};
  log({{"event", "history_added"}, {"job_id", job_name(job.id)}, {"file", job.filename}});
  if (!options.creality)
    notify("notify_history_changed", json::array({{{"action", "added"}, {"job", job_json(job)}}}));
}

void moonraker_device::impl::history_finish(const std::string& status,
                                            const print_stats_model& stats) {
  if (history.empty() || history.back().end_time)
    return;
  auto& job = history.back();
  job.status = status;
  job.end_time = unix_now();
  log({{"event", "history_finished"}, {"job_id", job_name(job.id)}, {"status", status}});
  if (job.filename == stats.filename) {
    job.print_duration = stats.print_duration_s;
    job.total_duration = stats.total_duration_s;
    job.filament_used = stats.filament_used_mm;
  }
  if (!options.creality)
    notify("notify_history_changed",
           json::array({{{"action", "finished"}, {"job", job_json(job)}}}));
}

json moonraker_device::impl::job_json(const history_job& job) {
  const auto info = find_any_case(*files, job.filename);
  auto notes = info ? metadata(*info) : json::object();
  notes.erase("filename");
  notes.erase("job_id");
  notes.erase("print_start_time");
  return {{"job_id", job_name(job.id)},
          {"user", options.api_key.empty() ? "_TRUSTED_USER_" : "_API_KEY_USER_"},
          {"filename", job.filename},
          {"status", job.status},
          {"start_time", job.start_time},
          {"end_time", job.end_time ? json(*job.end_time) : json(nullptr)},
          {"print_duration", job.print_duration},
          {"total_duration", job.total_duration},
          {"filament_used", job.filament_used},
          {"metadata", std::move(notes)},
          {"auxiliary_data", json::array()},
          {"exists", info.has_value()}};
}

std::string moonraker_device::impl::saved_state() const {
  auto jobs = json::array();
  for (const auto& job : history)
    jobs.push_back({{"id", job.id},
                    {"filename", job.filename},
                    {"status", job.status},
                    {"start_time", job.start_time},
                    {"end_time", job.end_time ? json(*job.end_time) : json(nullptr)},
                    {"print_duration", job.print_duration},
                    {"total_duration", job.total_duration},
                    {"filament_used", job.filament_used}});
  auto items = json::array();
  for (const auto& item : bed)
    items.push_back({{"file", item.file}, {"ordinal", item.ordinal}, {"state", item.state}});
  return json{{"next_job_id", next_job_id}, {"ordinal", ordinal}, {"history", jobs}, {"bed", items}}
      .dump(-1, ' ', false, json::error_handler_t::replace);
}

void moonraker_device::impl::load_state() {
  if (options.saved_state.empty())
    return;
  const auto saved = json::parse(options.saved_state, nullptr, false);
  if (!saved.is_object())
    return;
  try {
    for (const auto& entry : saved.at("history")) {
      history_job job;
      job.id = entry.at("id");
      job.filename = entry.at("filename");
      job.status = entry.at("status");
      job.start_time = entry.at("start_time");
      if (!entry.at("end_time").is_null())
        job.end_time = entry.at("end_time").get<double>();
      job.print_duration = entry.at("print_duration");
      job.total_duration = entry.at("total_duration");
      job.filament_used = entry.at("filament_used");
      // A print cannot outlive a power cycle; Moonraker marks it at its next boot.
      if (!job.end_time) {
        job.status = "interrupted";
        job.end_time = unix_now();
      }
      history.push_back(std::move(job));
    }
    for (const auto& entry : saved.at("bed")) {
      bed.push_back({entry.at("file"), entry.at("ordinal"), entry.at("state")});
      if (bed.back().state == "printing")
        bed.back().state = "interrupted";
    }
    next_job_id = saved.at("next_job_id");
    ordinal = saved.at("ordinal");
  } catch (const json::exception&) {
    history.clear();
    bed.clear();
  }
}

} // namespace gantry::sim
