// Goal: the simulated printer answers as a real Klipper with Moonraker did.
// Method: recorded requests are sent again in the situation they were recorded in; status, reason
// and every recorded field are compared, by value except for what naturally differs from run to
// run.

#include <set>

#include "schemas/digest.hpp"
#include "tests/sim/device_fixture.hpp"

namespace gantry::sim::test {
namespace {

/// Fields whose values depend on the moment, the host or the sample file; their types still count.
const std::set<std::string> moving{"modified",
                                   "size",
                                   "eventtime",
                                   "uuid",
                                   "hostname",
                                   "software_version",
                                   "process_id",
                                   "total_duration",
                                   "print_duration",
                                   "filament_used",
                                   "file_position",
                                   "file_size",
                                   "progress",
                                   "power",
                                   "temperature",
                                   "print_time",
                                   "estimated_print_time",
                                   "printing_time",
                                   "position",
                                   "gcode_position",
                                   "speed",
                                   "axis_minimum",
                                   "axis_maximum",
                                   "components",
                                   "warnings",
                                   "registered_directories",
                                   "websocket_count",
                                   "cpu_info",
                                   "connection_id",
                                   "start_time",
                                   "end_time",
                                   "gcode_start_byte",
                                   "gcode_end_byte",
                                   "filament_total",
                                   "disk_usage",
                                   "can_extrude",
                                   "count",
                                   "total_time",
                                   "total_print_time",
                                   "total_filament_used",
                                   "longest_job",
                                   "longest_print",
                                   "total_jobs",
                                   "measured_min_temp",
                                   "measured_max_temp",
                                   "objects",
                                   "job_id",
                                   "print_start_time",
                                   "homed_axes"};

/// Fields that real printers have and nobody needs from a simulated one.
const std::set<std::string> not_simulated{
    "extra_axes",      "center",          "polygon",        "object_height",    "filament_name",
    "filament_colors", "extruder_colors", "filament_temps", "referenced_tools", "filament_weights",
    "printer_model",   "thumbnails",      "estimated_time"};

/// Returns the last line of a traceback without paths and digests.
std::string last_line(std::string text) {
  while (text.ends_with('\n'))
    text.pop_back();
  const auto at = text.rfind('\n');
  auto line = at == std::string::npos ? text : text.substr(at + 1);
  line.resize(std::min({line.size(), line.find(" /"), line.find("calculated")}));
  return line;
}

void compare(const json& expected, const json& actual, const std::string& where);

void compare_object(const json& expected, const json& actual, const std::string& where) {
  for (const auto& [key, value] : expected.items()) {
    if (not_simulated.contains(key))
      continue;
    const auto found = actual.find(key);
    BOOST_TEST(bool(found != actual.end()), where << " lacks " << key);
    if (found == actual.end())
      continue;
    if (key == "traceback")
      BOOST_TEST(last_line(*found) == last_line(value), where << " " << *found);
    else if (moving.contains(key))
      BOOST_TEST(bool(found->type() == value.type() || (found->is_number() && value.is_number())
                      || found->is_null() || value.is_null()),
                 where << "." << key << " is " << *found);
    else
      compare(value, *found, where + "." + key);
  }
}

void compare(const json& expected, const json& actual, const std::string& where) {
  if (expected.is_object() && actual.is_object()) {
    compare_object(expected, actual, where);
  } else if (expected.is_array() && actual.is_array() && !expected.empty()
             && expected[0].is_object()) {
    BOOST_TEST(expected.size() == actual.size(), where);
    for (size_t i = 0; i < std::min(expected.size(), actual.size()); ++i)
      compare(expected[i], actual[i], where + "[]");
  } else {
    BOOST_TEST(bool(expected == actual), where << ": recorded " << expected << ", got " << actual);
  }
}

/// A printer to which recorded requests are sent.
class replay_fixture : public printer_fixture {
public:
  using printer_fixture::printer_fixture;

  /// Sends the recorded request and compares the answer.
  api_reply replay(const std::string& name,
                   std::vector<std::pair<std::string, std::string>> extra = {}) {
    const auto sample = json::parse(read_data("moonraker/" + name + ".json"));
    const auto& request = sample["request"];
    std::vector<std::pair<std::string, std::string>> headers = std::move(extra);
    for (const auto& [key, value] : request["headers"].items())
      headers.emplace_back(key, value.get<std::string>());
    const auto reply =
        wait_for(send(request["method"], request["path"], body_of(request), headers));
    const auto& recorded = sample["response"];
    BOOST_TEST(reply.status == recorded["status"].get<int>(), name << " " << reply.text);
    BOOST_TEST(reply.reason == recorded["reason"].get<std::string>(), name);
    if (recorded["body"].is_object())
      compare(recorded["body"], reply.body(), name);
    if (recorded["headers"].contains("Location"))
      BOOST_TEST(reply.headers.at("Location")
                 == recorded["headers"]["Location"].get<std::string>());
    return reply;
  }

  void replay_all(const std::vector<std::string>& names) {
    for (const auto& name : names)
      replay(name);
  }

  void add_prints() {
    upload("cube.gcode", cube_gcode());
    upload("long.gcode", long_gcode());
    upload("bad.gcode", read_data("moonraker/bad.gcode"));
  }

private:
  static std::string body_of(const json& request) {
    const auto& body = request["body"];
    if (body.is_null())
      return {};
    if (body.is_string())
      return body;
    if (!body.contains("multipart"))
      return body.dump();
    const auto type = request["headers"]["Content-Type"].get<std::string>();
    const auto boundary = type.substr(type.find("boundary=") + 9);
    std::string text;
    for (const auto& part : body["multipart"]) {
      text += "--" + boundary + "\r\nContent-Disposition: form-data; name=\""
              + part["name"].get<std::string>() + "\"";
      if (part.contains("filename"))
        text += "; filename=\"" + part["filename"].get<std::string>() + "\"";
      text += "\r\n\r\n";
      text += part.contains("filename") ? content_of(part) : part["value"].get<std::string>();
      text += "\r\n";
    }
    return text + "--" + boundary + "--\r\n";
  }

  static std::string content_of(const json& part) {
    if (part["bytes"] == 0)
      return {};
    const auto name = part["filename"].get<std::string>();
    return name == "bad.gcode"    ? read_data("moonraker/bad.gcode")
           : name == "long.gcode" ? long_gcode()
                                  : cube_gcode();
  }
};

} // namespace

BOOST_AUTO_TEST_SUITE(recorded_exchanges)

BOOST_AUTO_TEST_CASE(an_idle_printer_answers_as_recorded) {
  replay_fixture printer;
  printer.replay_all({"server-info",
                      "printer-info-ready",
                      "objects-list",
                      "objects-query-idle",
                      "objects-query-fields",
                      "objects-query-unknown-object",
                      "objects-query-post-json",
                      "objects-query-empty",
                      "files-list-empty",
                      "http-404",
                      "http-405",
                      "http-malformed-json",
                      "gcode-script-ok",
                      "gcode-script-unknown",
                      "gcode-script-error",
                      "clear-pause",
                      "sdcard-reset",
                      "pause-idle",
                      "resume",
                      "cancel-idle"});
}

BOOST_AUTO_TEST_CASE(uploads_answer_as_recorded) {
  replay_fixture printer;
  printer.replay_all(
      {"upload-simple", "upload-checksum-bad", "upload-empty-file", "upload-filename-hash",
       "upload-filename-semicolon", "upload-filename-unicode-space", "upload-filename-with-slash",
       "upload-long", "upload-no-file-part", "upload-non-gcode-ext", "upload-not-multipart",
       "upload-path-traversal", "upload-wrong-part-name", "upload-bad-root", "upload-bad-gcode"});
  BOOST_TEST(printer.logged("upload").size() == 8u);
  BOOST_TEST(printer.logged("upload_refused").size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_right_checksum_is_accepted_with_its_folder) {
  replay_fixture printer;
  const auto sha = sha256_hex(cube_gcode());
  const auto reply =
      printer.upload("cube.gcode", cube_gcode(), {{"checksum", sha}, {"path", "farm/job1"}});
  const auto recorded = json::parse(read_data("moonraker/upload-checksum-ok.json"));
  BOOST_TEST(reply.status == 201);
  compare(recorded["response"]["body"], reply.body(), "upload-checksum-ok");
  BOOST_TEST(reply.headers.at("Location")
             == recorded["response"]["headers"]["Location"].get<std::string>());
}

BOOST_AUTO_TEST_CASE(files_answer_as_recorded) {
  replay_fixture printer;
  printer.add_prints();
  printer.upload("empty.gcode", "");
  printer.upload("x.txt", "hi");
  printer.replay_all({"files-metadata", "files-metadata-missing", "files-metadata-emptyfile",
                      "files-create-dir", "files-move", "files-delete-dir-nonempty",
                      "files-delete-dir-force", "files-delete", "files-delete-missing",
                      "files-download-missing"});
}

BOOST_AUTO_TEST_CASE(starts_answer_as_recorded) {
  replay_fixture printer;
  printer.add_prints();
  printer.upload("semi;colon.gcode", cube_gcode());
  printer.upload("ha#sh*.gcode", cube_gcode());
  printer.replay_all({"start-missing-file", "start-no-filename", "start-get-method",
                      "start-filename-semicolon", "cancel-after-semicolon", "start-filename-hash",
                      "cancel-after-hash", "start-wrong-case"});
  compare(
      json::parse(read_data(
          "moonraker/objects-after-start-wrong-case.json"))["response"]["body"]["result"]["status"],
      printer.objects("print_stats&virtual_sdcard"), "wrong case");
  printer.replay_all({"cancel", "objects-after-cancel", "start", "start-while-printing",
                      "start-same-while-printing", "upload-overwrite-printing-file",
                      "delete-printing-file", "upload-print-true-while-printing"});
}

BOOST_AUTO_TEST_CASE(a_whole_print_with_pause_answers_as_recorded) {
  replay_fixture printer;
  printer.add_prints();
  printer.replay("start");
  while (printer.objects("print_stats")["print_stats"]["info"]["current_layer"] != 1)
    printer.run(100ms);
  while (printer.objects("exclude_object")["exclude_object"]["current_object"] != "CUBE_B")
    printer.run(100ms);
  printer.replay_all({"pause-printing", "pause-again", "resume"});
  while (printer.objects("print_stats")["print_stats"]["state"] == "printing")
    printer.run(100ms);
  printer.replay("objects-query-complete");
  printer.replay("sdcard-reset");
  printer.replay("objects-after-reset");
}

BOOST_AUTO_TEST_CASE(an_object_is_excluded_as_recorded) {
  replay_fixture printer;
  printer.add_prints();
  printer.start("cube.gcode");
  while (printer.objects("exclude_object")["exclude_object"]["current_object"] != "CUBE_B")
    printer.run(100ms);
  printer.replay_all({"exclude-object", "objects-excluded"});
}

BOOST_AUTO_TEST_CASE(a_failing_file_ends_as_recorded) {
  replay_fixture printer;
  printer.add_prints();
  printer.replay("start-bad");
  printer.run(150s);
  const auto status = printer.objects("print_stats&virtual_sdcard&pause_resume");
  BOOST_TEST(status["print_stats"]["state"] == "error");
  BOOST_TEST(status["print_stats"]["message"].get<std::string>().starts_with(
      "Move out of range: 9999.000 45.000"));
  BOOST_TEST(status["virtual_sdcard"]["is_active"] == false);
  BOOST_TEST(status["print_stats"]["info"]["current_layer"] == 3);
}

BOOST_AUTO_TEST_CASE(a_start_while_paused_destroys_the_paused_print_as_recorded) {
  replay_fixture printer;
  printer.add_prints();
  printer.replay("start");
  printer.run(60s);
  printer.replay_all({"pause", "start-while-paused", "objects-after-start-while-paused",
                      "resume-after-lost", "objects-after-resume-lost"});
  BOOST_TEST(printer.logged("print_finished").at(0)["outcome"] == "cancelled");
}

BOOST_AUTO_TEST_CASE(a_shutdown_answers_as_recorded) {
  replay_fixture printer;
  printer.add_prints();
  printer.start("long.gcode");
  while (printer.objects("print_stats")["print_stats"]["info"]["current_layer"] != 1)
    printer.run(100ms);
  printer.replay_all({"emergency-stop", "objects-query-shutdown", "printer-info-shutdown",
                      "start-in-shutdown", "pause-in-shutdown", "cancel-in-shutdown",
                      "upload-print-in-shutdown", "firmware-restart"});
  printer.run(500ms);
  printer.replay_all({"server-info-disconnected", "objects-query-disconnected",
                      "start-disconnected", "cancel-disconnected", "restart-disconnected",
                      "printer-info-disconnected", "upload-print-disconnected",
                      "upload-overwrite-disconnected"});
  printer.run(5s);
  BOOST_TEST(printer.objects("print_stats")["print_stats"]["state"] == "standby");
}

BOOST_AUTO_TEST_CASE(before_klipper_ever_connected_its_endpoints_do_not_exist) {
  device_options options;
  options.klippy_ready = false;
  replay_fixture printer(options);
  printer.replay_all(
      {"boot-moonraker-without-klippy-gcode", "boot-moonraker-without-klippy-objects-query",
       "boot-moonraker-without-klippy-printer-info", "boot-moonraker-without-klippy-server-info",
       "boot-moonraker-without-klippy-start"});
}

BOOST_AUTO_TEST_CASE(api_keys_are_asked_for_as_recorded) {
  device_options options;
  options.api_key = "0155b4d165734c49aab8d9491873a7bf";
  replay_fixture printer(options);
  printer.replay_all({"auth-apikey-header", "auth-apikey-wrong", "auth-noauth-access-info",
                      "auth-noauth-server-info", "auth-noauth-upload", "auth-noauth-printer-info"});
  const auto token =
      printer.call("GET", "/access/oneshot_token", {}, {{"X-Api-Key", options.api_key}});
  const auto target = "/server/files/list?token=" + token.body()["result"].get<std::string>();
  BOOST_TEST(printer.call("GET", target).status == 200);
  BOOST_TEST(printer.call("GET", target).status == 401);
}

BOOST_AUTO_TEST_CASE(an_unauthenticated_socket_is_open_but_mute_until_it_identifies) {
  device_options options;
  options.api_key = "0155b4d165734c49aab8d9491873a7bf";
  replay_fixture printer(options);
  const auto recorded =
      json::parse(read_data("moonraker/auth-ws-unauth-then-identify-apikey.json"))["frames"];
  const auto client = printer.connect();
  printer.run(3s);
  BOOST_TEST(printer.frames[client].empty());
  for (const auto& entry : recorded) {
    if (entry["dir"] == "send") {
      printer.device.receive_frame(client, entry["frame"].dump());
      printer.run(500ms);
    }
  }
  for (const auto& entry : recorded) {
    if (entry["dir"] != "recv" || !entry["frame"].contains("id"))
      continue;
    for (const auto& frame : printer.frames[client])
      if (frame.value("id", json()) == entry["frame"]["id"])
        compare(entry["frame"], frame, "identify");
  }
  BOOST_TEST(printer.frames[client].size() >= 5u);
}

BOOST_AUTO_TEST_CASE(a_key_in_the_upgrade_header_opens_the_socket) {
  device_options options;
  options.api_key = "k";
  printer_fixture printer(options);
  const auto good = printer.connect({{"x-api-key", "k"}});
  BOOST_TEST(printer.rpc(good, "printer.info").contains("result"));
  const auto bad = printer.connect({{"X-Api-Key", "other"}});
  BOOST_TEST(printer.rpc(bad, "printer.info")["error"]["code"] == -32602);
}

BOOST_AUTO_TEST_CASE(an_emergency_stop_is_told_in_the_recorded_order) {
  replay_fixture printer;
  printer.add_prints();
  const auto client = printer.connect();
  printer.rpc(client, "printer.objects.subscribe",
              {{"objects", {{"webhooks", nullptr}, {"print_stats", nullptr}}}});
  printer.start("long.gcode");
  printer.run(60s);
  printer.frames[client].clear();
  printer.call("POST", "/printer/emergency_stop");
  printer.run(1s);
  printer.call("POST", "/printer/firmware_restart");
  printer.run(5s);
  std::vector<std::string> order;
  for (const auto& frame : printer.frames[client]) {
    auto method = frame["method"].get<std::string>();
    if (method == "notify_status_update" && frame["params"][0].contains("webhooks"))
      method += " " + frame["params"][0]["webhooks"]["state"].get<std::string>();
    else if (method == "notify_gcode_response")
      method = frame["params"][0];
    else if (method == "notify_history_changed")
      method += " " + frame["params"][0]["job"]["status"].get<std::string>();
    else if (method == "notify_status_update" || method == "notify_proc_stat_update")
      continue;
    order.push_back(method);
  }
  const std::vector<std::string> recorded{
      "// Klipper state: Shutdown",   "notify_status_update shutdown",
      "notify_klippy_shutdown",       "notify_history_changed klippy_shutdown",
      "// Klipper state: Disconnect", "notify_klippy_disconnected",
      "notify_klippy_ready"};
  BOOST_TEST(order == recorded, boost::test_tools::per_element());
  // Subscriptions died with Klipper.
  printer.frames[client].clear();
  printer.start("cube.gcode");
  printer.run(5s);
  BOOST_TEST(printer.notifications(client, "notify_status_update").empty());
}

BOOST_AUTO_TEST_CASE(a_start_behind_a_running_command_happens_after_the_client_gave_up) {
  replay_fixture printer;
  printer.add_prints();
  const auto client = printer.connect();
  printer.send("POST", "/printer/gcode/script", R"({"script":"G4 P6000\nM400"})");
  printer.run(300ms);
  const auto ghost = printer.send("POST", "/printer/print/start", R"({"filename":"cube.gcode"})");
  printer.run(2s);
  BOOST_TEST(!printer.replies.contains(ghost));
  printer.device.abort_http(ghost);
  BOOST_TEST(printer.objects("print_stats")["print_stats"]["state"] == "standby");
  const auto retry = printer.start("cube.gcode");
  BOOST_TEST(retry.status == 400);
  BOOST_TEST(retry.reason == "SD busy");
  BOOST_TEST(bool(printer.waited > 3s));
  BOOST_TEST(printer.objects("print_stats")["print_stats"]["state"] == "printing");
  BOOST_TEST(printer.logged("print_started").size() == 1u);
  BOOST_TEST(printer.logged("client_gave_up").size() == 1u);
  const auto told = printer.notifications(client, "notify_gcode_response");
  BOOST_TEST(told.at(0)[0].get<std::string>().starts_with("File opened:cube.gcode Size:"));
  BOOST_TEST(told.at(1)[0] == "File selected");
  BOOST_TEST(told.at(2)[0] == "!! SD busy");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace gantry::sim::test
