// Sampling of the printer every 250 ms: subscriptions, the job tracker, and Klippy's comings and
// goings.

#include <algorithm>
#include <cstdio>

#include "hal/sim/moonraker_internal.hpp"

namespace gantry::sim {
namespace {

constexpr model_time disconnect_delay{30'000};
constexpr model_time startup_share{500'000};
constexpr std::string_view startup_message = "\nPrinter is not ready\nThe klippy host software is "
                                             "attempting to connect.  Please\nretry in a "
                                             "few moments.\n";
constexpr std::string_view error_advice = "\nOnce the underlying issue is corrected, use the "
                                          "\"RESTART\"\ncommand to reload the config and "
                                          "restart the host software.\nPrinter is halted\n";

/// Returns the fields of `now` that differ from `before`.
json difference(const json& before, const json& now) {
  auto changed = json::object();
  for (const auto& [field, value] : now.items()) {
    const auto old = before.find(field);
    if (old == before.end() || *old != value)
      changed[field] = value;
  }
  return changed;
}

} // namespace

void moonraker_device::impl::tick() {
  dirty = false;
  if (klipper.state() == klippy_state::disconnected)
    return;
  const auto before = std::exchange(sample, {});
  changes.clear();
  const auto add = [&](const json& objects) {
    for (const auto& [name, fields] : objects.items())
      if (!sample.contains(name))
        sample[name] = name == "box" && options.creality
                           ? json{{"state", "connect"}, {"enable", "1"}, {"auto_refill", "1"}}
                           : klipper.object(name);
  };
  for (const auto& [id, connection] : connections)
    add(connection.subscription);
  for (const auto& query : queries)
    add(query.objects);
  for (const auto& [name, value] : sample) {
    const auto old = before.find(name);
    if (!value.is_object())
      continue;
    auto changed = difference(old == before.end() ? json::object() : old->second, value);
    if (!changed.empty())
      changes[name] = std::move(changed);
  }
  const double eventtime = static_cast<double>(now.count()) / 1e6;
  for (auto& [id, connection] : connections) {
    if (connection.subscription.empty())
      continue;
    auto update = select(connection.subscription, true);
    if (!update.empty())
      send_frame(id, R"({"jsonrpc": "2.0", "method": "notify_status_update", "params": [)"
                         + update.dump(-1, ' ', false, json::error_handler_t::replace) + ", "
                         + json(eventtime).dump() + "]}");
  }
  for (auto& query : std::exchange(queries, {})) {
    if (const auto found = connections.find(query.subscriber); found != connections.end())
      found->second.subscription = query.objects;
    reply(query.call, {{"eventtime", eventtime}, {"status", select(query.objects, false)}});
  }
  track_job(klipper.print_stats());
  if (klipper.waits_for_heat() && now - last_heat_report >= options.heartbeat_period) {
    last_heat_report = now;
    const auto bed_now = klipper.object("heater_bed");
    const auto nozzle = klipper.object("extruder");
    char text[80];
    std::snprintf(text, sizeof text, "B:%.1f /%.1f T0:%.1f /%.1f",
                  bed_now["temperature"].get<double>(), bed_now["target"].get<double>(),
                  nozzle["temperature"].get<double>(), nozzle["target"].get<double>());
    notify("notify_gcode_response", json::array({text}));
  }
}

json moonraker_device::impl::select(const json& objects, bool changed_only) {
  auto status = json::object();
  const auto& source = changed_only ? changes : sample;
  for (const auto& [name, fields] : objects.items()) {
    const auto found = source.find(name);
    if (found == source.end() || !found->second.is_object()) {
      if (!changed_only)
        status[name] = json::object();
      continue;
    }
    if (!fields.is_array()) {
      status[name] = found->second;
      continue;
    }
    auto chosen = json::object();
    for (const auto& field : fields) {
      const auto key = field.is_string() ? field.get<std::string>() : field.dump();
      if (found->second.contains(key))
        chosen[key] = found->second[key];
      else if (!changed_only)
        chosen[key] = nullptr;
    }
    if (!changed_only || !chosen.empty())
      status[name] = std::move(chosen);
  }
  return status;
}

void moonraker_device::impl::query_objects(call_id call, const json& objects,
                                           connection_id subscriber) {
  constexpr size_t queries_max = 1000;
  if (!objects.is_object()) {
    fail(call, 400, "Invalid argument 'objects'");
    return;
  }
  if (klipper.state() == klippy_state::disconnected) {
    fail(call, 503, "Klippy Host not connected");
    return;
  }
  if (queries.size() >= queries_max) {
    fail(call, 503, "Too many pending requests");
    return;
  }
  queries.push_back({call, objects, subscriber});
}

/// Moonraker's own job tracker: it sees only what two samples show, so a quick cancel and start can
/// melt two prints into one.
void moonraker_device::impl::track_job(const print_stats_model& stats) {
  const auto before = std::exchange(tracked, stats);
  // A shutdown closes the entry by itself, after its notification.
  if (klipper.state() == klippy_state::shutdown)
    return;
  if (before.state == stats.state) {
    if (!history.empty() && !history.back().end_time && before.filename == stats.filename)
      history.back().filament_used = stats.filament_used_mm;
    return;
  }
  if (stats.state == "printing") {
    const bool resumed = before.state == "paused" && before.filename == stats.filename
                         && stats.total_duration_s >= before.total_duration_s;
    if (!resumed) {
      history_finish("cancelled", before);
      history_start(stats);
    }
  } else if (stats.state == "standby") {
    history_finish("cancelled", before);
  } else if (stats.state == "complete") {
    history_finish("completed", stats);
  } else if (stats.state != "paused") {
    history_finish(stats.state, stats);
  }
}

// -- Klippy ------------------------------------------------------------------------

void moonraker_device::impl::shut_down(const std::string& reason) {
  klipper.shut_down(reason);
  log({{"event", "klippy_shutdown"}, {"reason", reason}});
  drain_klipper();
  // The notification follows the next sample, in which subscribers see the new state.
  const auto generation = klippy_generation;
  at(tick_after(now) - now + model_time(1), [this, generation] {
    if (generation != klippy_generation)
      return;
    notify("notify_klippy_shutdown");
    history_finish("klippy_shutdown", klipper.print_stats());
  });
}

void moonraker_device::impl::klippy_lost(const std::string& reason) {
  ++klippy_generation;
  if (klipper.state() == klippy_state::disconnected)
    return;
  const auto last = klipper.print_stats();
  klipper.disconnect();
  log({{"event", "klippy_disconnected"}, {"reason", reason}});
  drain_klipper();
  for (auto& query : std::exchange(queries, {}))
    fail(query.call, 503, "Klippy Disconnected");
  for (auto& [id, connection] : connections)
    connection.subscription = json::object();
  sample.clear();
  notify("notify_klippy_disconnected");
  history_finish("klippy_disconnect", last);
  tracked = {};
  dirty = true;
}

void moonraker_device::impl::klippy_back(model_time delay) {
  const auto generation = ++klippy_generation;
  const auto startup = delay > startup_share ? delay - startup_share : model_time(0);
  at(startup, [this, generation] {
    if (generation != klippy_generation)
      return;
    klippy_seen = true;
    klipper.set_state(klippy_state::startup, std::string(startup_message));
    dirty = true;
  });
  at(delay, [this, generation] {
    if (generation != klippy_generation)
      return;
    if (config_error) {
      klipper.set_state(klippy_state::error, *config_error + "\n" + std::string(error_advice));
      log({{"event", "klippy_error"}, {"reason", *config_error}});
    } else {
      klipper.set_state(klippy_state::ready, "Printer is ready");
      log({{"event", "klippy_ready"}});
      notify("notify_klippy_ready");
    }
    dirty = true;
  });
}

void moonraker_device::impl::restart_klippy() {
  const auto generation = klippy_generation;
  at(disconnect_delay, [this, generation] {
    if (generation != klippy_generation)
      return;
    notify("notify_gcode_response", json::array({"// Klipper state: Disconnect"}));
    klippy_lost("restart");
    klippy_back(options.restart_time);
  });
}

void moonraker_device::impl::restart_moonraker(model_time down) {
  log({{"event", "moonraker_restart"}});
  history_finish("server_exit", klipper.print_stats());
  const auto open = std::exchange(connections, {});
  for (const auto& [id, connection] : open) {
    device_output output;
    output.what = device_output::kind::close;
    output.connection = id;
    output.code = 1001;
    output.reason = "Server Shutdown";
    outputs.emplace(now, std::move(output));
  }
  calls.clear();
  queries.clear();
  faults.refuse_until = now + down;
  at(down, [this] { faults.refuse_until.reset(); });
}

} // namespace gantry::sim
