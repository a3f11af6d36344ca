#include "cli/station_mirror.hpp"

#include "cli/station_activity.hpp"
#include "logging/log.hpp"
#include "schemas/codec.hpp"
#include "schemas/station_report.hpp"
#include "storage/reader.hpp"
#include "storage/station_files/material_log.hpp"
#include "storage/station_files/text_file.hpp"

#include <condition_variable>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <thread>

namespace gantry::cli {

namespace {

/// How long an event may wait for its line in the file.
constexpr std::chrono::milliseconds follow_interval{500};

nlohmann::ordered_json status_of(const station& where, const actors::live_station& live) {
  nlohmann::ordered_json out{{"id", where.id.value},
                             {"name", where.setup.name},
                             {"state", std::string{name_of(where.state)}},
                             {"error", where.error ? std::string{to_string(where.error->why)} : ""},
                             {"printer", std::string{name_of(live.facts.report.state)}},
                             {"link", std::string{name_of(live.facts.report.link)}},
                             {"fresh", live.facts.fresh},
                             {"layer", live.facts.report.layer},
                             {"layers", live.facts.report.layers},
                             {"pumps_connected", live.facts.pumps.connected},
                             {"latched", where.latched}};
  if (where.job) {
    out["job"] = where.job->number;
    out["file"] = where.job->file;
    out["material"] = where.job->active_material;
    out["changes_done"] = where.job->changes.size();
    out["changes_planned"] = where.job->plan.size();
  }
  if (const auto* change = where.change())
    out["step"] = std::string{name_of(change->step)};
  return out;
}

} // namespace

std::string runtime_status(actors::kernel& kernel, const std::string& version, bool stopped) {
  const storage::reader view{*kernel.parts().store};
  nlohmann::ordered_json out{{"at", format_timestamp(kernel.parts().clock->wall())},
                             {"version", version},
                             {"stopped", stopped},
                             {"log_seq", view.last_seq()},
                             {"checks", nlohmann::ordered_json::array()},
                             {"stations", nlohmann::ordered_json::array()}};
  // Asking may start the slicer for its version, which a kernel that stops would have to wait for.
  for (const auto& check : stopped ? std::vector<actors::health_check>{} : kernel.health())
    out["checks"].push_back(
        {{"name", check.name}, {"healthy", check.healthy}, {"detail", check.detail}});
  for (const auto& stored : view.open(entity_kind::station)) {
    const auto decoded = from_json_text<station>(stored.json, strictness::stored);
    if (decoded && !decoded->retired)
      out["stations"].push_back(
          status_of(*decoded, kernel.live().station(decoded->id).value_or(actors::live_station{})));
  }
  return out.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

struct station_mirror::state {
  actors::kernel& kernel;
  actors::station_settings& settings;
  std::string folder;
  std::string version;
  storage::material_log materials;
  station_activity activity;
  std::mutex mutex;
  std::condition_variable stopping;
  bool stopped = false;
  std::map<std::string, std::string> said;        ///< What failed last, by what it was about.
  std::map<std::string, entity_version> followed; ///< Whose files agree with it.
  std::thread worker;

  /// Says once what fails, and again only after it has worked or fails otherwise.
  void tell(const std::string& about, const outcome& done) {
    const auto text = done ? std::string{} : done.why().text();
    auto& before = said[about];
    if (!done && text != before)
      logging::write(logging::level::warning, "stations", text, {{"about", about}});
    before = text;
  }

  void write_status(bool last) {
    tell("status", storage::replace_text_file(folder + "/runtime_status.json",
                                              runtime_status(kernel, version, last)));
  }

  [[nodiscard]] std::vector<storage::stored_entity> stations() const {
    return storage::reader{*kernel.parts().store}.open(entity_kind::station);
  }

  /// What was edited while nothing ran counts from the start.
  void read_settings() {
    for (const auto& each : stations()) {
      const auto done = settings.reload({each.entity.id}, settings.own_commit());
      tell(each.entity.id, done ? success() : outcome{done.why()});
    }
  }

  void follow_settings() {
    for (const auto& each : stations()) {
      auto& version_seen = followed[each.entity.id];
      if (version_seen == each.version)
        continue;
      const auto done = settings.follow({each.entity.id}, settings.own_commit());
      tell(each.entity.id, done);
      // What failed is tried again with the next look, whatever that is for.
      if (done)
        version_seen = each.version;
    }
  }

  void follow_events() {
    const storage::reader view{*kernel.parts().store};
    activity.follow(view);
    tell("materials", materials.follow(view));
  }

  /// The store may be read while the disk fails, or commit while the kernel stops.
  void look(bool status_is_due) {
    try {
      follow_settings();
      follow_events();
      if (status_is_due)
        write_status(false);
    } catch (const std::exception& error) {
      tell("files", refusal{reason::storage_failed, {{"detail", error.what()}, {"cause", "disk"}}});
    }
  }

  void run() {
    try {
      read_settings();
    } catch (const std::exception& error) {
      tell("files", refusal{reason::storage_failed, {{"detail", error.what()}, {"cause", "disk"}}});
    }
    uint64_t seen = UINT64_MAX;
    auto due = kernel.parts().clock->mono() + status_interval;
    std::unique_lock lock{mutex};
    do {
      lock.unlock();
      const auto now = kernel.parts().clock->mono();
      const auto newest = kernel.feed().position().seq;
      if (now >= due || newest != seen)
        look(now >= due);
      seen = newest;
      due = now >= due ? now + status_interval : due;
      lock.lock();
    } while (!stopping.wait_for(lock, follow_interval, [this] { return stopped; }));
  }
};

station_mirror::station_mirror(actors::kernel& kernel, actors::station_settings& settings,
                               std::string folder, std::string version)
    : state_{new state{.kernel = kernel,
                       .settings = settings,
                       .folder = folder,
                       .version = std::move(version),
                       .materials = {folder + "/logs/material_events.jsonl",
                                     [](std::string_view type) { return is_material_event(type); }},
                       .activity = station_activity{storage::reader{*kernel.parts().store}},
                       .mutex = {},
                       .stopping = {},
                       .said = {},
                       .followed = {},
                       .worker = {}}} {
  state_->worker = std::thread{[this] { state_->run(); }};
}

station_mirror::~station_mirror() {
  {
    const std::lock_guard lock{state_->mutex};
    state_->stopped = true;
  }
  state_->stopping.notify_all();
  state_->worker.join();
  try {
    state_->follow_events();
    state_->write_status(true);
  } catch (const std::exception&) {
    // The disk is gone; whoever stops the kernel says so.
  }
}

} // namespace gantry::cli
