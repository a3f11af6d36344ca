#pragma once

// Private parts of moonraker_device, shared by its source files only.

#include <deque>
#include <map>
#include <random>
#include <set>
#include <unordered_map>

#include <nlohmann/json.hpp>

#include "hal/sim/moonraker_device.hpp"
#include "hal/sim/multipart_reader.hpp"
#include "schemas/digest.hpp"

namespace gantry::sim {

using nlohmann::json;
using call_id = uint64_t;

/// Several JSON-RPC calls in one frame are answered together.
struct rpc_batch {
  json replies = json::array();
  size_t missing = 0;
};

/// A request that was not answered yet.
struct pending_call {
  request_id request = 0;
  connection_id connection = 0;
  json rpc_id;
  std::shared_ptr<rpc_batch> batch;
  std::string method;
  std::string path;
};

/// One WebSocket client.
struct client_connection {
  bool authorized = false;
  bool identified = false;
  json identity;
  /// Objects and fields it subscribed to; empty for none.
  json subscription = json::object();
  model_time last_due{0};
};

/// An upload while its body arrives.
struct incoming_upload {
  std::unique_ptr<multipart_reader> reader;
  std::map<std::string, std::string> fields;
  std::string field;
  bool in_file = false;
  bool has_file = false;
  std::string filename;
  std::unique_ptr<staged_file> staged;
  sha256 digest;
  uint64_t size_bytes = 0;
  bool failed = false;
};

/// An HTTP request while its body arrives.
struct incoming_request {
  http_request head;
  uint64_t received = 0;
  bool too_large = false;
  std::unique_ptr<incoming_upload> upload;
};

/// An object query or a new subscription, answered at the next sampling tick.
struct pending_query {
  call_id call = 0;
  json objects;
  connection_id subscriber = 0;
};

/// One entry of Moonraker's history.
struct history_job {
  uint64_t id = 0;
  std::string filename;
  std::string status = "in_progress";
  double start_time = 0;
  std::optional<double> end_time;
  double print_duration = 0;
  double total_duration = 0;
  double filament_used = 0;
};

/// What lies on the bed.
struct bed_item {
  std::string file;
  uint64_t ordinal = 0;
  std::string state;
};

/// Replies that get lost on their way.
struct reply_loss {
  std::string method;
  uint64_t count = 0;
  bool reset = false;
};

/// Disturbances that are switched on.
struct active_faults {
  model_time delay_min{0};
  model_time delay_max{0};
  double drop = 0;
  double duplicate = 0;
  std::optional<model_time> silent_until;
  bool silent_executes = false;
  std::optional<model_time> refuse_until;
  std::vector<reply_loss> losses;
  double master_mean_s = 0;
};

struct moonraker_device::impl {
  static constexpr size_t history_max = 1000;

  impl(device_options given, std::unique_ptr<printer_files> area);

  // -- moonraker_device.cpp: time, outputs, log ---------------------------------
  void advance(model_time to);
  void step_to(model_time to);
  std::optional<model_time> deadline() const;
  bool needs_tick() const;
  model_time tick_after(model_time at) const;
  void drain_klipper();
  void on_event(const klipper_event& event);
  void log(json entry, std::optional<printer_time> at = std::nullopt);
  void at(model_time delay, std::function<void()> action);
  void send(device_output output);
  void send_frame(connection_id to, std::string text);
  void notify(std::string_view method, json params = nullptr);
  void send_to_all(const std::string& text);
  void send_heartbeat();
  double unix_now() const;
  double random_unit();

  // -- moonraker_transport.cpp: frames, requests, replies ------------------------
  connection_id open(const http_request& upgrade);
  void receive(connection_id from, std::string_view text);
  void receive_one(connection_id from, const json& message, std::shared_ptr<rpc_batch> batch);
  void rpc_error(connection_id to, const json& id, const std::shared_ptr<rpc_batch>& batch,
                 int code, const std::string& text);
  void rpc_reply(connection_id to, const std::shared_ptr<rpc_batch>& batch, json reply);
  void begin_upload(incoming_request& request);
  void finish_http(request_id id);
  void dispatch_http(request_id id, const http_request& request);
  bool authorized(const http_request& request);
  void reply(call_id call, json result);
  void reply_bare(call_id call, int status, json body,
                  std::vector<std::pair<std::string, std::string>> headers = {});
  void fail(call_id call, int code, const std::string& text);
  /// Fails with only the reason phrase in HTTP; the cause is in the traceback.
  void fail_phrase(call_id call, int code, const std::string& detail);
  void http_error(const pending_call& call, int code, const std::string& message,
                  const std::string& last_line);
  bool lose_reply(const pending_call& call);
  void drop_all_connections();

  // -- moonraker_status.cpp: sampling, subscriptions, klippy's states ------------
  void tick();
  json select(const json& objects, bool changed_only);
  void query_objects(call_id call, const json& objects, connection_id subscriber);
  void track_job(const print_stats_model& stats);
  void klippy_lost(const std::string& reason);
  void klippy_back(model_time delay);
  void shut_down(const std::string& reason);
  void restart_klippy();
  void restart_moonraker(model_time down);

  // -- moonraker_history.cpp -----------------------------------------------------
  void history_start(const print_stats_model& stats);
  void history_finish(const std::string& status, const print_stats_model& stats);
  json job_json(const history_job& job);
  void load_state();
  std::string saved_state() const;

  // -- moonraker_files.cpp -------------------------------------------------------
  void finish_upload(call_id call, incoming_upload& upload);
  void store_upload(call_id call, incoming_upload& upload, const std::string& path);
  void reply_upload(call_id call, const std::string& path, bool started);
  bool in_use(const std::string& path) const;
  json item_json(const file_info& info) const;
  json metadata(const file_info& info);
  void download(call_id call, const std::string& path);

  // -- moonraker_faults.cpp ------------------------------------------------------
  std::string inject(const json& fault);
  std::string inject_network(const std::string& kind, const json& fault, bool& known);
  std::string inject_machine(const std::string& kind, const json& fault, bool& known);
  void act_at_machine(const std::string& command, const std::string& file,
                      const std::string& origin);
  void schedule_master();

  /// Runs commands under the g-code mutex and answers `call` with "ok" or the error.
  void run_gcode(call_id call, std::vector<gcode_command> commands);
  bool require_klippy(call_id call);

  device_options options;
  std::unique_ptr<printer_files> files;
  klipper_model klipper;
  std::function<void(std::string_view)> log_sink;
  std::mt19937_64 random;
  device_counters counters;
  active_faults faults;

  model_time now{0};
  printer_time printer_now{0};
  model_time tick_phase{0};
  model_time last_heartbeat{0};
  bool dirty = true;
  bool klippy_seen = false;
  uint64_t klippy_generation = 0;
  std::optional<std::string> config_error;
  bool power_off = false;
  std::multimap<model_time, std::function<void()>> timers;
  std::multimap<model_time, device_output> outputs;

  uint64_t last_id = 0;
  std::map<connection_id, client_connection> connections;
  std::unordered_map<request_id, incoming_request> incoming;
  std::map<call_id, pending_call> calls;
  std::unordered_map<uint64_t, std::function<void(const script_result&)>> scripts;
  std::vector<pending_query> queries;
  std::map<std::string, json> sample;
  std::map<std::string, json> changes;
  model_time last_heat_report{0};
  std::set<std::string> oneshot_tokens;

  print_stats_model tracked;
  std::deque<history_job> history;
  uint64_t next_job_id = 1;
  std::unordered_map<std::string, json> metadata_cache;
  std::map<std::string, std::pair<uint64_t, double>> last_runs;

  std::vector<bed_item> bed;
  uint64_t ordinal = 0;
};

/// One API method: its JSON-RPC name, its HTTP route and what it does.
struct api_endpoint {
  std::string_view rpc;
  /// Accepted HTTP methods, separated by commas; empty for JSON-RPC only.
  std::string_view verbs;
  std::string_view path;
  /// Exists only after Klippy connected once.
  bool from_klippy = false;
  /// Missing on the old API.
  bool modern_only = false;
  void (*handle)(moonraker_device::impl& device, call_id call, const json& params) = nullptr;
};

/// The whole API.
const std::vector<api_endpoint>& api_endpoints();

/// Returns a parameter as text; nothing when absent or null.
std::optional<std::string> text_parameter(const json& params, const char* key);

/// Returns a header by its name, in any case, or "".
std::string_view header_of(const http_request& request, std::string_view name);

/// The refusal of a second identification of `connection`.
std::string connection_conflict(const client_connection& connection);

/// The number that clients see for a connection.
uint64_t wire_connection_id(connection_id id);

/// Decodes percent-encoding; '+' stays as it is in paths and becomes a space in queries.
std::string percent_decode(std::string_view text, bool plus_is_space);

/// Encodes everything but unreserved characters and '/'.
std::string percent_encode(std::string_view text);

} // namespace gantry::sim
