// Goal: stations over HTTP say what their machines say, and the emergency stop passes everything.
// Method: exact bytes over real sockets, in front of a kernel that records what reached it.
#include "http/station_json.hpp"
#include "http/thread_rank.hpp"
#include "tests/http/server_fixture.hpp"

#include <nlohmann/json.hpp>
#include <sched.h>
#include <thread>

using namespace gantry;
using nlohmann::json;
using test::server_fixture;

namespace {

station a_station() {
  station made;
  made.setup.name = "Resin 1";
  made.setup.host = "192.168.4.2";
  made.setup.pump_bank = "bank1";
  made.recipe = {{50, "B"}, {120, "C"}};
  made.files = {{"3.pwmb", 200}};
  return made;
}

/// True if a thread of ours may have real-time priority at all.
bool may_be_urgent() {
  bool granted = false;
  std::thread{[&granted] { granted = http::set_thread_rank(http::thread_rank::urgent); }}.join();
  return granted;
}

station printing() {
  auto made = a_station();
  made.state = station_state::monitoring;
  made.job.emplace();
  made.job->plan = made.recipe;
  made.job->layers = 200;
  made.job->initial_material = made.job->active_material = "A";
  return made;
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(stations, server_fixture)

BOOST_AUTO_TEST_CASE(a_station_shows_what_its_machines_say) {
  const auto id = kernel.add_station(printing());
  station_facts facts;
  facts.fresh = true;
  facts.report.state = resin_state::printing;
  facts.report.layer = 25;
  facts.report.layers = 200;
  facts.pumps.connected = true;
  facts.pumps.simulated = true;
  kernel.live().put_station(id, facts);
  const auto read = get("/api/v1/stations/" + id.value);
  BOOST_TEST(read.status == 200);
  const auto live = json::parse(read.body)["live"];
  BOOST_TEST(live["stale"] == false);
  BOOST_TEST(live["report"]["layer"] == 25);
  BOOST_TEST(live["progress_permille"] == 125);
  BOOST_TEST(live["active_material"] == "INITIAL");
  BOOST_TEST(live["next_change"]["layer"] == 50);
  BOOST_TEST(live["simulation"] == true);
  BOOST_TEST(live["attention"].empty());
  const auto list = json::parse(get("/api/v1/stations").body);
  BOOST_TEST(list["items"][0]["live"]["report"]["layers"] == 200);
}

BOOST_AUTO_TEST_CASE(defect_a_reservoir_that_ran_low_was_named_in_the_log_alone) {
  auto made = printing();
  station_pump pump;
  pump.name = "b";
  pump.material = "B";
  made.setup.pumps = {pump};
  made.setup.change.fill_volume_ul = 45'000;
  made.setup.change.drain_volume_ul = 50'000;
  made.setup.waste_capacity_ul = 100'000;
  made.levels = {{"b", 44'000}};
  const auto reasons = [this](const station& where) {
    const auto id = kernel.add_station(where);
    station_facts facts;
    facts.fresh = facts.pumps.connected = true;
    kernel.live().put_station(id, facts);
    const auto read = json::parse(get("/api/v1/stations/" + id.value).body);
    std::vector<std::string> found;
    for (const auto& each : read["live"]["attention"])
      found.push_back(each["reason"]);
    return found;
  };
  BOOST_TEST(reasons(made) == std::vector<std::string>{"reservoir_low"},
             boost::test_tools::per_element());
  // One filling is left, and one change needs it.
  made.levels[0].remaining_ul = 45'000;
  BOOST_TEST(reasons(made).empty());
  made.waste_used_ul = 1'000;
  BOOST_TEST(reasons(made) == std::vector<std::string>{"waste_nearly_full"},
             boost::test_tools::per_element());
  made.job->next = 2;
  BOOST_TEST(reasons(made).empty());
}

BOOST_AUTO_TEST_CASE(a_control_that_stands_still_is_named_on_the_page_as_long_as_it_does) {
  const auto id = kernel.add_station(a_station());
  station_facts facts;
  facts.fresh = facts.pumps.connected = true;
  kernel.live().put_station(id, facts);
  const auto attention = [&] {
    return json::parse(get("/api/v1/stations/" + id.value).body)["live"]["attention"];
  };
  BOOST_TEST(attention().empty());
  kernel.live().put_stalled(id, 12);
  const auto said = attention();
  BOOST_TEST_REQUIRE(said.size() == 1u);
  BOOST_TEST(said[0]["reason"] == "station_loop_stalled");
  BOOST_TEST(said[0]["sentence"].get<std::string>().find("12 s") != std::string::npos);
  kernel.live().put_stalled(id, 0);
  BOOST_TEST(attention().empty());
}

BOOST_AUTO_TEST_CASE(a_station_without_a_report_says_so) {
  const auto id = kernel.add_station(a_station());
  const auto live = json::parse(get("/api/v1/stations/" + id.value).body)["live"];
  BOOST_TEST(live["stale"] == true);
  BOOST_TEST(live["attention"].size() == 2u);
  BOOST_TEST(live["attention"][1]["reason"] == "resin_printer_silent");
}

BOOST_AUTO_TEST_CASE(progress_is_the_layer_against_the_larger_total) {
  auto made = printing();
  resin_report report;
  report.layer = 1;
  report.layers = 3;
  made.job->layers = 3;
  BOOST_TEST(http::progress_permille(made, report) == 8);
  made.job->plan.clear();
  BOOST_TEST(http::progress_permille(made, report) == 333);
  report.layer = 3;
  BOOST_TEST(http::progress_permille(made, report) == 1'000);
  BOOST_TEST(http::progress_permille(station{}, resin_report{}) == 0);
}

BOOST_AUTO_TEST_CASE(the_emergency_stop_goes_first_needs_no_key_and_repeats) {
  const auto id = kernel.add_station(a_station());
  const auto before = kernel.submitted;
  const auto target = "/api/v1/stations/" + id.value + "/emergency-stop";
  const auto first = ask(text("POST", target, viewer));
  BOOST_TEST(first.status == 200);
  BOOST_TEST(json::parse(first.body)["lines_off"] == true);
  BOOST_TEST(kernel.stopped.size() == 1u);
  BOOST_TEST(kernel.commands_at_stop == before);
  BOOST_TEST(ask(text("POST", target, viewer)).status == 200);
  BOOST_TEST(kernel.stopped.size() == 2u);
  BOOST_TEST(ask(text("POST", target, "")).status == 401);
}

BOOST_AUTO_TEST_CASE(the_emergency_stop_acts_although_nothing_can_be_recorded) {
  const auto id = kernel.add_station(a_station());
  kernel.silent = true;
  const auto stop = ask(text("POST", "/api/v1/stations/" + id.value + "/emergency-stop", admin));
  BOOST_TEST(stop.status == 200);
  BOOST_TEST(json::parse(stop.body)["recorded"] == false);
  BOOST_TEST(kernel.stopped.size() == 1u);
}

BOOST_AUTO_TEST_CASE(only_an_emergency_stop_keeps_real_time_priority) {
  server_fixture guarded{8, true};
  const auto id = guarded.kernel.add_station(a_station());
  test::raw_client page{guarded.server->port()};
  page.send(
      guarded.text("POST", "/api/v1/stations/" + id.value + "/emergency-stop", guarded.admin));
  BOOST_TEST(page.answer().status == 200);
  BOOST_TEST(guarded.kernel.policy_at_stop == (may_be_urgent() ? SCHED_RR : SCHED_OTHER));
  // On the same connection, so by the same thread.
  page.send(guarded.text("POST", "/api/v1/stations/" + id.value + "/acknowledge", guarded.admin,
                         "Content-Type: application/json\r\nIdempotency-Key: k\r\n", "{}"));
  BOOST_TEST(page.answer().status == 200);
  BOOST_TEST(guarded.kernel.policy_at_submit == SCHED_OTHER);
}

BOOST_AUTO_TEST_CASE(an_emergency_stop_that_the_guard_does_not_confirm_is_not_called_a_success) {
  const auto id = kernel.add_station(a_station());
  kernel.lines_go_off = false;
  const auto stop = ask(text("POST", "/api/v1/stations/" + id.value + "/emergency-stop", admin));
  BOOST_TEST(stop.status == 409);
  BOOST_TEST(json::parse(stop.body)["reason"] == "pumps_unavailable");
}

BOOST_AUTO_TEST_CASE(files_of_the_printer_are_listed_with_the_layers_that_are_known) {
  const auto id = kernel.add_station(a_station());
  const auto files = json::parse(get("/api/v1/stations/" + id.value + "/files").body)["items"];
  BOOST_TEST(files.size() == 1u);
  BOOST_TEST(files[0]["file"] == "vase.pwmb");
  BOOST_TEST(files[0]["internal_file"] == "3.pwmb");
  BOOST_TEST(files[0]["layers"] == 200);
}

BOOST_AUTO_TEST_CASE(the_checks_of_a_start_are_shown_without_starting) {
  const auto id = kernel.add_station(a_station());
  const auto before = kernel.submitted;
  const auto shown =
      post("/api/v1/stations/" + id.value + "/checks", R"({"file":"v","internal_file":"3.pwmb"})");
  BOOST_TEST(shown.status == 200);
  const auto checks = json::parse(shown.body);
  BOOST_TEST(checks["ok"] == false);
  BOOST_TEST(checks["checks"][0]["reason"] == "resin_printer_silent");
  BOOST_TEST(kernel.submitted == before);
}

BOOST_AUTO_TEST_CASE(the_path_names_the_pump_and_the_control) {
  const auto id = kernel.add_station(a_station());
  const auto at = "/api/v1/stations/" + id.value;
  BOOST_TEST(post(at + "/pumps/drain/run", R"({"duration_ms":500})").status == 200);
  const auto* run = std::get_if<commands::run_station_pump>(&kernel.last.body);
  BOOST_TEST_REQUIRE(run != nullptr);
  BOOST_TEST(run->pump == "drain");
  BOOST_TEST(run->duration_ms == 500);
  BOOST_TEST(post(at + "/pumps/a/run", "{}").status == 200);
  BOOST_TEST(std::get<commands::run_station_pump>(kernel.last.body).duration_ms == 5'000);
  BOOST_TEST(post(at + "/pumps/a/run", R"({"duration_ms":499})").status == 422);
  BOOST_TEST(post(at + "/pumps/a/run", R"({"duration_ms":120001})").status == 422);
  BOOST_TEST(post(at + "/stop-print", "{}").status == 200);
  BOOST_TEST(name_of(std::get<commands::control_station>(kernel.last.body).control) == "stop");
}

BOOST_AUTO_TEST_CASE(
    a_printer_is_polled_each_three_seconds_unless_told_otherwise_within_one_and_ten) {
  const auto add = [this](const json& more) {
    json setup{{"name", "Resin 2"}, {"host", "192.168.4.3"}};
    setup.update(more);
    return post("/api/v1/stations", json{{"setup", setup}}.dump());
  };
  const auto interval = [this] {
    return std::get<commands::add_station>(kernel.last.body).setup.poll_interval_ms;
  };
  // The kernel of this test makes no station of it, so what counts is what reached it.
  BOOST_TEST(add(json::object()).status != 422);
  BOOST_TEST(interval() == 3'000);
  for (const auto ms : {1'000, 10'000}) {
    BOOST_TEST(add({{"poll_interval_ms", ms}}).status != 422);
    BOOST_TEST(interval() == ms);
  }
  for (const auto ms : {999, 10'001})
    BOOST_TEST(add({{"poll_interval_ms", ms}}).status == 422);
}

BOOST_AUTO_TEST_CASE(a_connection_test_names_its_cause) {
  const auto tested = post("/api/v1/stations/test", R"({"host":"192.168.4.2","port":6000})");
  BOOST_TEST(tested.status == 200);
  const auto answer = json::parse(tested.body);
  BOOST_TEST(answer["ok"] == false);
  BOOST_TEST(answer["reason"] == "link_refused");
}

BOOST_AUTO_TEST_CASE(the_report_of_a_station_is_what_the_log_says) {
  const auto id = kernel.add_station(a_station());
  print_report print;
  print.file = "vase.pwmb";
  kernel.reported.prints = {print};
  kernel.reported.statistics.success_permille = 933;
  const auto report = json::parse(get("/api/v1/stations/" + id.value + "/report").body);
  BOOST_TEST(report["prints"][0]["file"] == "vase.pwmb");
  BOOST_TEST(report["statistics"]["success_permille"] == 933);
  BOOST_TEST(kernel.report_asked == 100u);
  BOOST_TEST(get("/api/v1/stations/" + id.value + "/report?prints=7").status == 200);
  BOOST_TEST(kernel.report_asked == 7u);
  for (const auto* wrong : {"0", "-1", "many", "10001"})
    BOOST_TEST(get("/api/v1/stations/" + id.value + "/report?prints=" + wrong).status == 422);
  BOOST_TEST(get("/api/v1/stations/stn-aaaaaaaaaaaaa/report").status == 404);
}

BOOST_AUTO_TEST_CASE(a_program_without_files_says_so) {
  const auto id = kernel.add_station(a_station());
  const auto at = "/api/v1/stations/" + id.value;
  for (const std::string path : {"/settings/network", "/settings/pumps", "/recipe"}) {
    const auto got = get(at + path);
    BOOST_TEST(got.status == 503);
    BOOST_TEST(got.has("station_file_unreadable"));
  }
  BOOST_TEST(post(at + "/reload", "{}").status == 503);
  BOOST_TEST(kernel.submitted == 0u);
}

BOOST_AUTO_TEST_CASE(the_clock_reads_iso_times_only) {
  BOOST_TEST(get("/api/v1/clock?client_time=yesterday").status == 422);
  const auto now = json::parse(get("/api/v1/clock?client_time=2001-01-01T00:00:00Z").body);
  BOOST_TEST(now["offset_ms"].get<int64_t>() < 0);
}

BOOST_AUTO_TEST_CASE(the_history_of_a_station_is_its_own_events) {
  const auto id = kernel.add_station(a_station());
  kernel.add_printer("other");
  const auto page = json::parse(get("/api/v1/stations/" + id.value + "/history").body);
  BOOST_TEST(page["items"].size() == 1u);
  BOOST_TEST(page["items"][0]["type"] == "gantry.station.added");
  BOOST_TEST(get("/api/v1/stations/stn-aaaaaaaaaaaaa/history").status == 404);
}

BOOST_AUTO_TEST_SUITE_END()
