// Goal: every fault does to clients what it says, and the log still tells the truth.

#include "tests/sim/device_fixture.hpp"

namespace gantry::sim::test {
namespace {

/// A printer with a client and two files.
class faulty_printer : public printer_fixture {
public:
  explicit faulty_printer(device_options options = {}) : printer_fixture(std::move(options)) {
    upload("cube.gcode", cube_gcode());
    upload("long.gcode", long_gcode());
    client = connect();
  }
  void inject(const std::string& fault) { BOOST_TEST(device.inject(fault) == ""); }
  connection_id client = 0;
};

} // namespace

BOOST_AUTO_TEST_SUITE(device_faults)

BOOST_AUTO_TEST_CASE(a_lost_start_reply_hides_a_print_that_runs) {
  faulty_printer printer;
  printer.inject(R"({"kind":"lose_start_replies","count":1})");
  const auto answer =
      printer.rpc(printer.client, "printer.print.start", {{"filename", "cube.gcode"}}, 5s);
  BOOST_TEST(answer.is_null());
  BOOST_TEST(printer.objects("print_stats")["print_stats"]["state"] == "printing");
  BOOST_TEST(printer.logged("print_started").size() == 1u);
  // Only that many replies get lost.
  BOOST_TEST(printer.rpc(printer.client, "printer.print.start",
                         {{"filename", "cube.gcode"}})["error"]["message"]
             == "SD busy");
}

BOOST_AUTO_TEST_CASE(a_start_reply_may_break_its_connection) {
  faulty_printer printer;
  printer.inject(R"({"kind":"lose_start_replies","count":2,"reset":true})");
  printer.rpc(printer.client, "printer.print.start", {{"filename", "cube.gcode"}}, 2s);
  BOOST_TEST(printer.closes.at(printer.client) == 1006);
  const auto reply = printer.start("cube.gcode");
  BOOST_TEST(reply.reset);
  BOOST_TEST(printer.logged("print_started").size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_silent_printer_neither_acts_nor_answers_until_it_recovers) {
  faulty_printer printer;
  printer.inject(R"({"kind":"silent","for_ms":10000})");
  printer.frames[printer.client].clear();
  BOOST_TEST(printer.rpc(printer.client, "printer.print.start", {{"filename", "cube.gcode"}}, 9s)
                 .is_null());
  BOOST_TEST(printer.frames[printer.client].empty());
  printer.run(2s);
  BOOST_TEST(printer.rpc(printer.client, "server.info").contains("result"));
  BOOST_TEST(printer.logged("print_started").empty());
}

BOOST_AUTO_TEST_CASE(delays_keep_the_order_of_one_connection) {
  faulty_printer printer;
  printer.inject(R"({"kind":"delay_replies","min_ms":0,"max_ms":3000})");
  for (uint64_t id = 100; id < 150; ++id)
    printer.post(printer.client, "server.info", json::object(), id);
  printer.run(10s);
  std::vector<uint64_t> ids;
  for (const auto& frame : printer.frames[printer.client])
    if (frame.contains("id"))
      ids.push_back(frame["id"]);
  BOOST_TEST(ids.size() == 50u);
  BOOST_TEST(std::is_sorted(ids.begin(), ids.end()));
}

BOOST_AUTO_TEST_CASE(frames_can_be_doubled_and_dropped) {
  faulty_printer printer;
  printer.inject(R"({"kind":"duplicate_frames","share":1})");
  printer.post(printer.client, "server.info", json::object(), 7);
  printer.collect();
  BOOST_TEST(printer.frames[printer.client].size() == 2u);
  printer.inject(R"({"kind":"clear"})");
  printer.inject(R"({"kind":"drop_frames","share":1})");
  printer.post(printer.client, "server.info", json::object(), 8);
  printer.collect();
  BOOST_TEST(printer.frames[printer.client].size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_lost_klipper_answers_waiting_requests_and_forgets_the_print) {
  faulty_printer printer;
  printer.start("long.gcode");
  printer.run(2s);
  // The bed is heating, so this pause waits for the g-code mutex.
  const auto waiting = printer.send("POST", "/printer/print/pause");
  printer.run(100ms);
  printer.inject(R"({"kind":"klippy_disconnect","for_ms":4000})");
  const auto reply = printer.wait_for(waiting);
  BOOST_TEST(reply.status == 503);
  BOOST_TEST(reply.reason == "Klippy Disconnected");
  BOOST_TEST(printer.notifications(printer.client, "notify_klippy_disconnected").size() == 1u);
  BOOST_TEST(printer.start("long.gcode").reason == "Klippy Host not connected");
  printer.run(5s);
  BOOST_TEST(printer.notifications(printer.client, "notify_klippy_ready").size() == 1u);
  BOOST_TEST(printer.objects("print_stats")["print_stats"]["state"] == "standby");
  const auto jobs = printer.call("GET", "/server/history/list").body()["result"]["jobs"];
  BOOST_TEST(jobs[0]["status"] == "klippy_disconnect");
  BOOST_TEST(printer.logged("print_finished").at(0)["outcome"] == "klippy_disconnect");
}

BOOST_AUTO_TEST_CASE(a_configuration_error_is_silent) {
  faulty_printer printer;
  printer.inject(R"({"kind":"klippy_error","message":"Section 'bogus' is not a valid section"})");
  printer.run(5s);
  BOOST_TEST(printer.notifications(printer.client, "notify_klippy_disconnected").size() == 1u);
  BOOST_TEST(printer.notifications(printer.client, "notify_klippy_ready").empty());
  BOOST_TEST(printer.call("GET", "/server/info").body()["result"]["klippy_state"] == "error");
  BOOST_TEST(printer.start("cube.gcode").status == 400);
  printer.inject(R"({"kind":"klippy_repaired"})");
  printer.call("POST", "/printer/restart");
  printer.run(5s);
  BOOST_TEST(printer.call("GET", "/server/info").body()["result"]["klippy_state"] == "ready");
}

BOOST_AUTO_TEST_CASE(a_restarted_moonraker_says_so_while_the_print_goes_on) {
  faulty_printer printer;
  printer.start("long.gcode");
  printer.run(10s);
  printer.inject(R"({"kind":"moonraker_restart","for_ms":2000})");
  printer.run(100ms);
  BOOST_TEST(printer.closes.at(printer.client) == 1001);
  BOOST_TEST(!printer.device.accepts_connections());
  printer.run(3s);
  BOOST_TEST(printer.device.accepts_connections());
  BOOST_TEST(printer.objects("print_stats")["print_stats"]["state"] == "printing");
  BOOST_TEST(printer.call("GET", "/server/history/list").body()["result"]["jobs"][0]["status"]
             == "server_exit");
}

BOOST_AUTO_TEST_CASE(a_power_cycle_ends_connections_and_starts_over) {
  faulty_printer printer;
  printer.start("long.gcode");
  printer.run(10s);
  printer.inject(R"({"kind":"power_cycle","for_ms":5000})");
  printer.run(1s);
  BOOST_TEST(printer.closes.at(printer.client) == 1006);
  BOOST_TEST(!printer.device.accepts_connections());
  printer.run(5s);
  BOOST_TEST(printer.device.accepts_connections());
  BOOST_TEST(printer.call("GET", "/printer/info").status == 404);
  printer.run(3s);
  BOOST_TEST(printer.call("GET", "/printer/info").status == 200);
  BOOST_TEST(printer.call("GET", "/server/files/list").body()["result"].size() == 2u);
}

BOOST_AUTO_TEST_CASE(people_at_the_machine_are_visible_in_the_log) {
  faulty_printer printer;
  printer.inject(
      R"({"kind":"screen_start","file":"usb/mine.gcode","gcode":"G28\nG4 P60000\nM84\n"})");
  printer.run(1s);
  BOOST_TEST(printer.objects("print_stats")["print_stats"]["filename"] == "usb/mine.gcode");
  BOOST_TEST(printer.start("cube.gcode").reason == "SD busy");
  printer.inject(R"({"kind":"screen_cancel"})");
  printer.run(70s);
  BOOST_TEST(printer.objects("print_stats")["print_stats"]["state"] == "cancelled");
  printer.start("cube.gcode");
  printer.run(70s);
  printer.inject(R"({"kind":"runout"})");
  printer.run(3s);
  BOOST_TEST(printer.objects("print_stats")["print_stats"]["state"] == "paused");
  BOOST_TEST(printer.logged("print_paused").back()["origin"] == "runout");
}

BOOST_AUTO_TEST_CASE(a_print_can_fail_and_a_host_can_be_confused) {
  faulty_printer printer;
  printer.start("long.gcode");
  printer.run(150s);
  const auto before =
      printer.objects("virtual_sdcard")["virtual_sdcard"]["file_position"].get<uint64_t>();
  printer.inject(R"({"kind":"rewind","share":0.1})");
  const auto after =
      printer.objects("virtual_sdcard")["virtual_sdcard"]["file_position"].get<uint64_t>();
  BOOST_TEST(after < before);
  printer.inject(R"({"kind":"report_file","file":"other.gcode"})");
  BOOST_TEST(printer.objects("print_stats")["print_stats"]["filename"] == "other.gcode");
  printer.inject(R"({"kind":"fail_print","message":"Extruder not hot enough"})");
  const auto stats = printer.objects("print_stats")["print_stats"];
  BOOST_TEST(stats["state"] == "error");
  BOOST_TEST(stats["message"] == "Extruder not hot enough");
}

BOOST_AUTO_TEST_CASE(dropped_connections_take_waiting_requests_along_but_not_the_commands) {
  faulty_printer printer;
  printer.send("POST", "/printer/gcode/script", R"({"script":"G4 P3000"})");
  const auto waiting = printer.send("POST", "/printer/print/start", R"({"filename":"cube.gcode"})");
  printer.inject(R"({"kind":"drop_connections"})");
  printer.run(100ms);
  BOOST_TEST(printer.replies.at(waiting).reset);
  BOOST_TEST(printer.closes.at(printer.client) == 1006);
  printer.run(5s);
  BOOST_TEST(printer.logged("print_started").size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_paused_print_is_closed_in_the_history_by_a_shutdown) {
  faulty_printer printer;
  printer.start("cube.gcode");
  printer.run(60s);
  printer.call("POST", "/printer/print/pause");
  printer.run(1s);
  printer.inject(R"({"kind":"klippy_shutdown"})");
  printer.run(1s);
  const auto jobs = printer.call("GET", "/server/history/list").body()["result"]["jobs"];
  BOOST_TEST(jobs[0]["status"] == "klippy_shutdown");
}

BOOST_AUTO_TEST_CASE(a_second_master_prints_by_itself) {
  device_options options;
  options.creality = true;
  faulty_printer printer(options);
  printer.inject(R"({"kind":"second_master","mean_s":600})");
  printer.run(6h);
  size_t by_master = 0;
  for (const auto& start : printer.logged("print_started"))
    by_master += start["origin"] == "master" ? 1 : 0;
  BOOST_TEST(by_master > 5u);
}

BOOST_AUTO_TEST_CASE(one_seed_gives_one_story) {
  const auto story = [](uint64_t seed) {
    device_options options;
    options.seed = seed;
    faulty_printer printer(options);
    printer.inject(R"({"kind":"delay_replies","min_ms":10,"max_ms":900})");
    printer.inject(R"({"kind":"drop_frames","share":0.2})");
    printer.start("cube.gcode");
    printer.run(90s);
    json all = printer.log;
    all.push_back(printer.frames[printer.client]);
    return all.dump();
  };
  BOOST_TEST(bool(story(1) == story(1)));
  BOOST_TEST(bool(story(1) != story(2)));
}

BOOST_AUTO_TEST_CASE(unknown_or_malformed_faults_are_refused) {
  faulty_printer printer;
  BOOST_TEST(printer.device.inject("nonsense") != "");
  BOOST_TEST(printer.device.inject(R"({"kind":"flood"})") != "");
  BOOST_TEST(printer.device.inject(R"({"kind":"silent","for_ms":"x"})") != "");
  BOOST_TEST(printer.device.inject(R"({"kind":"screen_start","file":"../x.gcode"})") != "");
}

BOOST_AUTO_TEST_SUITE_END()

} // namespace gantry::sim::test
