// Goal: subscriptions, history and the machine's own log tell what happened, as Moonraker does.

#include "tests/sim/device_fixture.hpp"

namespace gantry::sim::test {

BOOST_AUTO_TEST_SUITE(device_control)

BOOST_AUTO_TEST_CASE(a_subscription_is_replaced_and_not_merged) {
  printer_fixture printer;
  const auto client = printer.connect();
  const auto first = printer.rpc(
      client, "printer.objects.subscribe",
      {{"objects", {{"print_stats", {"state", "filename"}}, {"extruder", {"target"}}}}});
  const json expected{{"print_stats", {{"state", "standby"}, {"filename", ""}}},
                      {"extruder", {{"target", 0.0}}}};
  BOOST_TEST(first["result"]["status"] == expected);
  printer.rpc(client, "printer.objects.subscribe", {{"objects", {{"extruder", {"target"}}}}});
  printer.frames[client].clear();
  printer.upload("cube.gcode", cube_gcode());
  printer.start("cube.gcode");
  printer.run(2s);
  for (const auto& update : printer.notifications(client, "notify_status_update"))
    BOOST_TEST(!update[0].contains("print_stats"));
  BOOST_TEST(printer.notifications(client, "notify_status_update").size() == 1u);
  printer.rpc(client, "printer.objects.subscribe", {{"objects", json::object()}});
  printer.frames[client].clear();
  printer.run(5s);
  BOOST_TEST(printer.notifications(client, "notify_status_update").empty());
}

BOOST_AUTO_TEST_CASE(updates_carry_only_what_changed_at_most_four_times_a_second) {
  printer_fixture printer;
  const auto client = printer.connect();
  printer.rpc(client, "printer.objects.subscribe", {{"objects", {{"print_stats", nullptr}}}});
  printer.upload("cube.gcode", cube_gcode());
  printer.start("cube.gcode");
  printer.run(10s);
  const auto updates = printer.notifications(client, "notify_status_update");
  BOOST_TEST(updates.size() >= 38u);
  BOOST_TEST(updates.size() <= 42u);
  BOOST_TEST(updates.at(0)[0]["print_stats"]["state"] == "printing");
  BOOST_TEST(updates.at(0)[0]["print_stats"]["filename"] == "cube.gcode");
  BOOST_TEST(!updates.at(1)[0]["print_stats"].contains("state"));
  BOOST_TEST(updates.at(1)[0]["print_stats"].contains("total_duration"));
}

BOOST_AUTO_TEST_CASE(a_resting_printer_needs_no_timer_and_a_client_only_its_heartbeat) {
  printer_fixture printer;
  printer.run(1s);
  BOOST_TEST(!printer.device.next_deadline().has_value());
  const auto client = printer.connect();
  printer.rpc(client, "printer.objects.subscribe",
              {{"objects", {{"print_stats", nullptr}, {"toolhead", {"homed_axes"}}}}});
  printer.run(1s);
  BOOST_TEST(bool(*printer.device.next_deadline() - printer.now <= 1s));
  printer.frames[client].clear();
  printer.run(10s);
  BOOST_TEST(printer.frames[client].size() == 10u);
  BOOST_TEST(printer.notifications(client, "notify_proc_stat_update").size() == 10u);
}

BOOST_AUTO_TEST_CASE(batches_and_malformed_frames_are_answered_by_the_book) {
  printer_fixture printer;
  const auto client = printer.connect();
  printer.device.receive_frame(client, "{not json");
  printer.device.receive_frame(client, "[]");
  printer.device.receive_frame(client, R"({"jsonrpc":"2.0","method":"server.info"})");
  printer.device.receive_frame(client, R"({"jsonrpc":"1.0","method":"server.info","id":77})");
  printer.device.receive_frame(client, R"([{"jsonrpc":"2.0","method":"server.info","id":901},)"
                                       R"({"jsonrpc":"2.0","method":"printer.info","id":902}])");
  printer.device.receive_frame(client, R"({"jsonrpc":"2.0","method":"no.such.method","id":5})");
  printer.device.receive_frame(client,
                               R"({"jsonrpc":"2.0","method":"server.info","params":[1],"id":[1]})");
  printer.device.receive_frame(client, std::string(100'000, '['));
  printer.collect();
  const auto& got = printer.frames[client];
  BOOST_REQUIRE(got.size() == 6u);
  BOOST_TEST(got[0]["error"]["code"] == -32700);
  BOOST_TEST(got[0]["id"].is_null());
  BOOST_TEST(got[1]["error"]["code"] == -32600);
  BOOST_TEST(got[2].size() == 2u);
  BOOST_TEST(got[3]["error"]["code"] == -32601);
  BOOST_TEST(got[5]["error"]["code"] == -32700);
}

BOOST_AUTO_TEST_CASE(identification_is_required_once_and_agents_are_unique) {
  printer_fixture printer;
  const json me{{"client_name", "farm"}, {"version", "1"}, {"type", "agent"}, {"url", "u"}};
  const auto a = printer.connect();
  BOOST_TEST(printer.rpc(a, "server.connection.identify", me)["result"].contains("connection_id"));
  const auto again = printer.rpc(a, "server.connection.identify", me);
  BOOST_TEST(again["error"]["message"]
             == "Connection already identified: {'name': 'farm', 'version': '1', 'type': 'agent', "
                "'url': 'u'}");
  const auto b = printer.connect();
  BOOST_TEST(printer.rpc(b, "server.connection.identify", me)["error"]["message"]
             == "Agent 'farm' already registered and connected");
  printer.device.close(a);
  BOOST_TEST(printer.rpc(b, "server.connection.identify", me).contains("result"));
}

BOOST_AUTO_TEST_CASE(history_follows_a_print) {
  printer_fixture printer;
  const auto client = printer.connect();
  printer.upload("a.gcode", cube_gcode(), {{"path", "gantry/run-1"}});
  printer.start("gantry/run-1/a.gcode");
  printer.run(120s);
  const auto changes = printer.notifications(client, "notify_history_changed");
  BOOST_REQUIRE(changes.size() == 2u);
  BOOST_TEST(changes[0][0]["action"] == "added");
  BOOST_TEST(changes[0][0]["job"]["job_id"] == "000001");
  BOOST_TEST(changes[1][0]["action"] == "finished");
  BOOST_TEST(changes[1][0]["job"]["status"] == "completed");
  const auto list = printer.call("GET", "/server/history/list?limit=3&order=desc").body()["result"];
  BOOST_TEST(list["jobs"][0]["filename"] == "gantry/run-1/a.gcode");
  BOOST_TEST(list["jobs"][0]["filament_used"].get<double>() == 28.8,
             boost::test_tools::tolerance(1e-6));
  BOOST_TEST(printer.call("GET", "/server/history/job?uid=FFFFFF").status == 404);
}

BOOST_AUTO_TEST_CASE(a_cancel_and_start_between_two_samples_melt_into_one_history_entry) {
  printer_fixture printer;
  printer.upload("cube.gcode", cube_gcode());
  printer.upload("long.gcode", long_gcode());
  printer.start("long.gcode");
  printer.run(60s);
  // Both commands arrive right after a sample, so that no sample shows the cancelled state.
  while (printer.device.next_deadline() && *printer.device.next_deadline() - printer.now < 200ms)
    printer.run(1ms);
  printer.send("POST", "/printer/print/pause");
  printer.run(700ms);
  while (*printer.device.next_deadline() - printer.now < 240ms)
    printer.run(1ms);
  printer.send("POST", "/printer/print/resume");
  printer.send("POST", "/printer/print/cancel");
  printer.send("POST", "/printer/print/start", R"({"filename":"cube.gcode"})");
  printer.run(90s);
  BOOST_TEST(printer.logged("print_started").size() == 2u);
  const auto list = printer.call("GET", "/server/history/list").body()["result"]["jobs"];
  BOOST_TEST(list.size() <= 2u);
}

BOOST_AUTO_TEST_CASE(the_machines_log_names_every_start_with_origin_and_bed) {
  printer_fixture printer;
  printer.upload("cube.gcode", cube_gcode());
  printer.start("cube.gcode");
  printer.run(120s);
  BOOST_TEST(printer.device.inject(R"({"kind":"screen_start","file":"cube.gcode"})").empty());
  printer.run(1s);
  const auto starts = printer.logged("print_started");
  BOOST_REQUIRE(starts.size() == 2u);
  BOOST_TEST(starts[0]["origin"] == "api");
  BOOST_TEST(starts[0]["ordinal"] == 1);
  BOOST_TEST(starts[0]["bed_items"] == 0);
  BOOST_TEST(starts[1]["origin"] == "screen");
  BOOST_TEST(starts[1]["ordinal"] == 2);
  BOOST_TEST(starts[1]["bed_items"] == 1);
  printer.device.inject(R"({"kind":"clear_bed"})");
  BOOST_TEST(json::parse(printer.device.bed_json())["items"].empty());
}

BOOST_AUTO_TEST_CASE(history_and_bed_survive_a_power_cycle_of_the_simulator) {
  device_options options;
  {
    printer_fixture printer(options);
    printer.upload("cube.gcode", cube_gcode());
    printer.start("cube.gcode");
    printer.run(70s);
    options.saved_state = printer.device.saved_state();
  }
  printer_fixture printer(options);
  const auto jobs = printer.call("GET", "/server/history/list").body()["result"]["jobs"];
  BOOST_REQUIRE(jobs.size() == 1u);
  BOOST_TEST(jobs[0]["status"] == "interrupted");
  BOOST_TEST(json::parse(printer.device.bed_json())["items"][0]["state"] == "interrupted");
  printer.upload("cube.gcode", cube_gcode());
  printer.start("cube.gcode");
  printer.run(1s);
  BOOST_TEST(printer.call("GET", "/server/history/list").body()["result"]["jobs"][0]["job_id"]
             == "000002");
}

BOOST_AUTO_TEST_CASE(a_creality_printer_lacks_what_its_old_software_lacks) {
  device_options options;
  options.creality = true;
  printer_fixture printer(options);
  const auto info = printer.call("GET", "/server/info").body()["result"];
  BOOST_TEST(info["api_version"] == json({1, 0, 5}));
  for (const auto& component : info["components"])
    BOOST_TEST(component != "history");
  BOOST_TEST(printer.call("GET", "/server/history/list").status == 404);
  BOOST_TEST(printer.call("GET", "/server/job_queue/status").status == 404);
  const auto client = printer.connect();
  BOOST_TEST(printer.rpc(client, "server.history.list")["error"]["code"] == -32601);
  BOOST_TEST(printer.upload("cube.gcode", cube_gcode(), {{"checksum", std::string(64, '0')}}).status
             == 201);
  const auto data =
      printer.call("GET", "/server/files/metadata?filename=cube.gcode").body()["result"];
  BOOST_TEST(data["slicer"] == "Unknown");
  BOOST_TEST(!data.contains("estimated_time"));
  BOOST_TEST(printer.rpc(client, "printer.objects.query",
                         {{"objects", {{"box", nullptr}}}})["result"]["status"]["box"]["state"]
             == "connect");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace gantry::sim::test
