// The API methods that concern the server and the printer; files and history have their own file.

#include <algorithm>
#include <cstdio>

#include "hal/sim/moonraker_file_endpoints.hpp"
#include "hal/sim/moonraker_internal.hpp"

namespace gantry::sim {
namespace {

using device_impl = moonraker_device::impl;

gcode_command named_command(std::string name) {
  gcode_command command;
  command.name = std::move(name);
  return command;
}

// -- server ----------------------------------------------------------------------------

void server_info(device_impl& d, call_id call, const json&) {
  auto components =
      json::array({"klippy_connection", "jsonrpc", "internal_transport", "application",
                   "websockets", "file_manager", "authorization", "klippy_apis", "machine",
                   "data_store", "proc_stats", "job_state"});
  if (!d.options.creality) {
    components.push_back("job_queue");
    components.push_back("history");
  }
  const auto state = d.klipper.state();
  json result{
      {"klippy_connected", state != klippy_state::disconnected},
      {"klippy_state", to_string(state)},
      {"components", components},
      {"failed_components", json::array()},
      {"registered_directories", {"gcodes"}},
      {"warnings", json::array()},
      {"websocket_count", d.connections.size()},
      {"moonraker_version", d.options.creality ? "v0.7.1-300-gbd5e9e1" : "v0.10.0-31-gd5ee171"},
      {"missing_klippy_requirements", json::array()},
      {"api_version", {1, d.options.creality ? 0 : 5, d.options.creality ? 5 : 0}},
      {"api_version_string", d.options.creality ? "1.0.5" : "1.5.0"}};
  d.reply(call, std::move(result));
}

void identify(device_impl& d, call_id call, const json& params) {
  const auto from = d.calls[call].connection;
  auto& connection = d.connections[from];
  if (connection.identified) {
    d.fail(call, 400, connection_conflict(connection));
    return;
  }
  for (const auto* key : {"client_name", "version", "type", "url"}) {
    if (text_parameter(params, key))
      continue;
    d.fail(call, 400, "No data for argument: " + std::string(key));
    return;
  }
  const auto name = *text_parameter(params, "client_name");
  const auto type = *text_parameter(params, "type");
  constexpr std::array types{"web", "mobile", "desktop", "display", "bot", "agent", "other"};
  if (std::find(types.begin(), types.end(), type) == types.end()) {
    d.fail(call, 400, "Invalid Client Type: " + type);
    return;
  }
  for (const auto& [id, other] : d.connections) {
    const bool clash = type == "agent" && other.identified
                       && other.identity.value("type", "") == "agent"
                       && other.identity.value("name", "") == name;
    if (!clash)
      continue;
    d.fail(call, 400, "Agent '" + name + "' already registered and connected");
    return;
  }
  connection.identified = true;
  connection.identity = {{"name", name},
                         {"version", *text_parameter(params, "version")},
                         {"type", type},
                         {"url", *text_parameter(params, "url")}};
  d.reply(call, {{"connection_id", wire_connection_id(from)}});
}

void websocket_id(device_impl& d, call_id call, const json&) {
  d.reply(call, {{"websocket_id", wire_connection_id(d.calls[call].connection)}});
}

void server_restart(device_impl& d, call_id call, const json&) {
  static constexpr model_time restart_down{2'000'000};
  constexpr model_time reply_time{100'000};
  d.reply(call, "ok");
  d.at(reply_time, [&d] { d.restart_moonraker(restart_down); });
}

void proc_stats(device_impl& d, call_id call, const json&) {
  d.reply(call, {{"moonraker_stats", json::array()},
                 {"throttled_state", nullptr},
                 {"cpu_temp", nullptr},
                 {"network", json::object()},
                 {"system_cpu_usage", {{"cpu", 5.0}}},
                 {"system_uptime", static_cast<double>(d.now.count()) / 1e6},
                 {"websocket_connections", d.connections.size()}});
}

void queue_status(device_impl& d, call_id call, const json&) {
  d.reply(call, {{"queued_jobs", json::array()}, {"queue_state", "ready"}});
}

// -- access ----------------------------------------------------------------------------

void access_info(device_impl& d, call_id call, const json&) {
  d.reply(call, {{"default_source", "moonraker"},
                 {"available_sources", {"moonraker"}},
                 {"login_required", false},
                 {"trusted", d.options.api_key.empty()}});
}

void access_api_key(device_impl& d, call_id call, const json&) {
  d.reply(call, d.options.api_key.empty() ? std::string(32, '0') : d.options.api_key);
}

void access_oneshot(device_impl& d, call_id call, const json&) {
  constexpr model_time lifetime{5'000'000};
  char token[40];
  std::snprintf(token, sizeof token, "%016llX%016llX", static_cast<unsigned long long>(d.random()),
                static_cast<unsigned long long>(d.random()));
  d.oneshot_tokens.insert(token);
  d.at(lifetime, [&d, text = std::string(token)] { d.oneshot_tokens.erase(text); });
  d.reply(call, token);
}

// -- printer ---------------------------------------------------------------------------

void printer_info(device_impl& d, call_id call, const json&) {
  if (!d.require_klippy(call))
    return;
  d.reply(call, {{"state", to_string(d.klipper.state())},
                 {"state_message", d.klipper.state_message()},
                 {"hostname", d.options.name},
                 {"klipper_path", "/home/pi/klipper"},
                 {"python_path", "/usr/bin/python3"},
                 {"process_id", 1328},
                 {"user_id", 0},
                 {"group_id", 0},
                 {"log_file", "/home/pi/printer_data/logs/klippy.log"},
                 {"config_file", "/home/pi/printer_data/config/printer.cfg"},
                 {"software_version",
                  d.options.creality ? "v0.11.0-9-gad9a2cf7" : "v0.13.0-730-g84104bbbd"},
                 {"cpu_info", "4 core ARM"}});
}

void objects_list(device_impl& d, call_id call, const json&) {
  if (!d.require_klippy(call))
    return;
  json names = klipper_object_names();
  if (d.options.creality)
    names.push_back("box");
  d.reply(call, {{"objects", std::move(names)}});
}

void objects_query(device_impl& d, call_id call, const json& params) {
  d.query_objects(call, params.value("objects", json::object()), 0);
}

void objects_subscribe(device_impl& d, call_id call, const json& params) {
  d.query_objects(call, params.value("objects", json::object()), d.calls[call].connection);
}

void print_start(device_impl& d, call_id call, const json& params) {
  const auto filename = text_parameter(params, "filename");
  if (!filename) {
    d.fail(call, 400, "No data for argument: filename");
    return;
  }
  d.log({{"event", "start_requested"},
         {"file", *filename},
         {"via", d.calls[call].request != 0 ? "http" : "websocket"},
         {"mutex_busy", d.klipper.mutex_busy()}});
  auto command = named_command("SDCARD_PRINT_FILE");
  command.arguments["FILENAME"] = *filename;
  d.run_gcode(call, {command});
}

void print_pause(device_impl& d, call_id call, const json&) {
  d.run_gcode(call, {named_command("PAUSE")});
}

void print_resume(device_impl& d, call_id call, const json&) {
  d.run_gcode(call, {named_command("RESUME")});
}

void print_cancel(device_impl& d, call_id call, const json&) {
  d.run_gcode(call, {named_command("CANCEL_PRINT")});
}

void emergency_stop(device_impl& d, call_id call, const json&) {
  if (!d.require_klippy(call))
    return;
  d.log({{"event", "emergency_stop"}});
  d.shut_down("Shutdown due to webhooks request");
  d.reply(call, "ok");
}

void restart(device_impl& d, call_id call, const json&) {
  if (!d.require_klippy(call))
    return;
  d.log({{"event", "restart_requested"}});
  d.reply(call, "ok");
  d.restart_klippy();
}

void gcode_script(device_impl& d, call_id call, const json& params) {
  constexpr size_t lines_max = 10'000;
  const auto script = text_parameter(params, "script");
  if (!script) {
    d.fail(call, 400, "Missing Argument [script]");
    return;
  }
  std::vector<gcode_command> commands;
  std::string_view rest = *script;
  while (!rest.empty() && commands.size() < lines_max) {
    const auto end = std::min(rest.find('\n'), rest.size());
    if (auto command = parse_gcode(rest.substr(0, end)))
      commands.push_back(std::move(*command));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  const auto first = commands.empty() ? std::string() : commands.front().name;
  if (first == "RESTART" || first == "FIRMWARE_RESTART") {
    restart(d, call, params);
  } else if (first == "M112") {
    emergency_stop(d, call, params);
  } else {
    d.run_gcode(call, std::move(commands));
  }
}

} // namespace

bool moonraker_device::impl::require_klippy(call_id call) {
  if (klipper.state() != klippy_state::disconnected)
    return true;
  fail(call, 503, "Klippy Host not connected");
  return false;
}

void moonraker_device::impl::run_gcode(call_id call, std::vector<gcode_command> commands) {
  if (!require_klippy(call))
    return;
  if (klipper.state() != klippy_state::ready) {
    const auto message = klipper.state_message();
    notify("notify_gcode_response", json::array({"!! " + message.substr(0, message.find('\n'))}));
    fail(call, 400, message);
    return;
  }
  const auto token = klipper.submit(std::move(commands), "api");
  scripts[token] = [this, call](const script_result& result) {
    if (!result.failed)
      reply(call, "ok");
    else if (result.error.empty())
      fail(call, 503, "Klippy Disconnected");
    else
      fail(call, 400, result.error);
  };
}

const std::vector<api_endpoint>& api_endpoints() {
  static const std::vector<api_endpoint> endpoints = [] {
    std::vector<api_endpoint> all{
        {"server.info", "GET", "/server/info", false, false, server_info},
        {"server.connection.identify", "", "", false, false, identify},
        {"server.websocket.id", "", "", false, false, websocket_id},
        {"server.restart", "POST", "/server/restart", false, false, server_restart},
        {"machine.proc_stats", "GET", "/machine/proc_stats", false, false, proc_stats},
        {"server.job_queue.status", "GET", "/server/job_queue/status", false, true, queue_status},
        {"access.info", "GET", "/access/info", false, false, access_info},
        {"access.get_api_key", "GET", "/access/api_key", false, false, access_api_key},
        {"access.oneshot_token", "GET", "/access/oneshot_token", false, false, access_oneshot},
        {"printer.info", "GET,POST", "/printer/info", true, false, printer_info},
        {"printer.objects.list", "GET,POST", "/printer/objects/list", true, false, objects_list},
        {"printer.objects.query", "GET,POST", "/printer/objects/query", true, false, objects_query},
        {"printer.objects.subscribe", "", "", true, false, objects_subscribe},
        {"printer.gcode.script", "GET,POST", "/printer/gcode/script", true, false, gcode_script},
        {"printer.print.start", "POST", "/printer/print/start", false, false, print_start},
        {"printer.print.pause", "POST", "/printer/print/pause", false, false, print_pause},
        {"printer.print.resume", "POST", "/printer/print/resume", false, false, print_resume},
        {"printer.print.cancel", "POST", "/printer/print/cancel", false, false, print_cancel},
        {"printer.emergency_stop", "POST", "/printer/emergency_stop", false, false, emergency_stop},
        {"printer.restart", "POST", "/printer/restart", false, false, restart},
        {"printer.firmware_restart", "POST", "/printer/firmware_restart", false, false, restart},
    };
    const auto& others = file_and_history_endpoints();
    all.insert(all.end(), others.begin(), others.end());
    return all;
  }();
  return endpoints;
}

} // namespace gantry::sim
