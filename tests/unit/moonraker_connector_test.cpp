// Goal: what the connector believes of a machine follows what the machine said, through restarts,
// crashes and noise. Method: recorded sessions of a real Klipper, played on a scripted link.
#include "hal/moonraker/moonraker_wire.hpp"
#include "moonraker_bench.hpp"

#include <boost/test/unit_test.hpp>
#include <set>

using namespace gantry;
using namespace gantry::tests;

BOOST_TEST_DONT_PRINT_LOG_VALUE(gantry::link_state)
BOOST_TEST_DONT_PRINT_LOG_VALUE(gantry::firmware_state)
BOOST_TEST_DONT_PRINT_LOG_VALUE(gantry::print_state)
BOOST_TEST_DONT_PRINT_LOG_VALUE(gantry::reason)

BOOST_AUTO_TEST_CASE(a_connection_reports_nothing_before_its_snapshot) {
  moonraker_bench bench;
  BOOST_TEST(bench.last().link == link_state::connecting);
  BOOST_TEST(bench.net.upgrade_headers.at(0).name == "X-Api-Key");
  const auto before = bench.listener->reports.size();
  bench.greet();
  BOOST_TEST(bench.call("server.connection.identify").at("params").at("type") == "other");
  BOOST_TEST(bench.call("server.connection.identify").at("params").at("api_key")
             == "0123456789abcdef");
  bench.reply("printer.objects.list", recorded_result("objects-list"));
  BOOST_TEST(bench.listener->reports.size() == before);
  const auto objects = bench.call("printer.objects.subscribe").at("params").at("objects");
  BOOST_TEST(objects.contains("print_stats"));
  BOOST_TEST(objects.at("extruder") == json({"temperature", "target"}));
  BOOST_TEST(!objects.contains("configfile"));
  BOOST_TEST(!objects.contains("toolhead"));
  bench.reply("printer.objects.subscribe",
              {{"eventtime", 1.0}, {"status", moonraker_bench::idle_status()}});
  BOOST_TEST(bench.last().link == link_state::online);
  BOOST_TEST(bench.last().firmware == firmware_state::ready);
  BOOST_TEST(bench.last().generation == 1);
  BOOST_TEST(bench.last().requests_total == 6);
  BOOST_TEST(bench.last().requests_last_minute == 6);
  BOOST_TEST((bench.last().observed_at == bench.clock.wall()));
  bool extruder = false;
  for (const auto& reading : bench.last().temperatures)
    extruder = extruder || (reading.name == "extruder" && reading.actual_mc > 15'000);
  BOOST_TEST(extruder);
}

BOOST_AUTO_TEST_CASE(recorded_jobs_are_followed_through_every_state) {
  moonraker_bench bench;
  const auto session = recording("ws-session-jobs");
  bench.bring_up(moonraker_bench::snapshot_of(session));
  std::vector<std::pair<print_state, std::string>> seen;
  bench.play(session, [&](const json&) {
    const std::pair now{bench.last().print, bench.last().file};
    if (seen.empty() || seen.back() != now)
      seen.push_back(now);
    return true;
  });
  const std::vector<std::pair<print_state, std::string>> wanted{
      {print_state::cancelled, "CUBE.GCODE"},
      {print_state::printing, "cube.gcode"},
      {print_state::paused, "cube.gcode"},
      {print_state::standby, ""},
      {print_state::printing, "cube.gcode"},
      {print_state::paused, "cube.gcode"},
      {print_state::printing, "cube.gcode"},
      {print_state::complete, "cube.gcode"},
      {print_state::printing, "long.gcode"},
      {print_state::cancelled, "long.gcode"},
      {print_state::standby, ""},
      {print_state::printing, "bad.gcode"},
      {print_state::error, "bad.gcode"},
      {print_state::printing, "cube.gcode"}};
  BOOST_REQUIRE(seen.size() >= wanted.size());
  seen.erase(seen.begin(), seen.end() - static_cast<long>(wanted.size()));
  for (std::size_t index = 1; index < wanted.size(); ++index) {
    BOOST_TEST_CONTEXT("step " << index) {
      BOOST_TEST(seen[index].first == wanted[index].first);
      BOOST_TEST(seen[index].second == wanted[index].second);
    }
  }
  bool told = false;
  for (const auto& report : bench.listener->reports)
    told = told
           || (report.print == print_state::error && report.message.find("Move out of range") == 0);
  BOOST_TEST(told);
}

BOOST_AUTO_TEST_CASE(a_pause_in_a_shutdown_is_no_pause_and_a_restart_subscribes_anew) {
  moonraker_bench bench;
  const auto session = recording("ws-estop");
  bench.bring_up(moonraker_bench::snapshot_of(session));
  bool was_printing = false;
  bool was_shut_down = false;
  bench.play(session, [&](const json& frame) {
    was_printing = was_printing || bench.last().print == print_state::printing;
    if (bench.last().firmware == firmware_state::shutdown) {
      was_shut_down = true;
      BOOST_TEST(bench.last().print == print_state::unknown);
      BOOST_TEST(!bench.last().is_paused);
      BOOST_TEST(bench.last().firmware_detail.find("hutdown") != std::string::npos);
    }
    return frame.at("method") != "notify_klippy_ready";
  });
  BOOST_TEST(was_printing);
  BOOST_TEST(was_shut_down);
  BOOST_TEST(bench.last().firmware == firmware_state::startup);
  BOOST_TEST(bench.last().print == print_state::unknown);
  BOOST_TEST(bench.last().file == "");
  BOOST_TEST(bench.count("printer.objects.subscribe") == 1);
  bench.reply("server.info", moonraker_bench::ready_info());
  bench.load(moonraker_bench::idle_status());
  BOOST_TEST(bench.count("printer.objects.subscribe") == 2);
  BOOST_TEST(bench.last().firmware == firmware_state::ready);
  BOOST_TEST(bench.last().generation == 1);
  BOOST_TEST(bench.last().ready_for_ms == 0);
}

BOOST_AUTO_TEST_CASE(a_broken_configuration_is_noticed_although_nothing_is_announced) {
  moonraker_bench bench;
  const auto session = recording("ws-cfgerr");
  bench.bring_up(moonraker_bench::snapshot_of(session));
  bench.play(session,
             [](const json& frame) { return frame.at("method") != "notify_klippy_disconnected"; });
  BOOST_TEST(bench.last().firmware == firmware_state::disconnected);
  const auto asked = bench.count("server.info");
  bench.wait(3s);
  BOOST_TEST(bench.count("server.info") == asked + 1);
  bench.reply("server.info", moonraker_bench::info(true, "error"));
  bench.reply("printer.info", {{"state", "error"}, {"state_message", "Section 'bogus'"}});
  BOOST_TEST(bench.last().firmware == firmware_state::error);
  BOOST_TEST(bench.last().firmware_detail == "Section 'bogus'");
  for (int round = 0; round < 5; ++round) {
    bench.wait(2'500ms);
    bench.reply("server.info", moonraker_bench::info(true, "error"));
  }
  BOOST_TEST(bench.count("server.info") == asked + 6);
  BOOST_TEST(bench.count("printer.info") == 1);
  bench.wait(2'500ms);
  bench.reply("server.info", moonraker_bench::ready_info());
  bench.load(moonraker_bench::idle_status());
  BOOST_TEST(bench.last().firmware == firmware_state::ready);
}

BOOST_AUTO_TEST_CASE(a_killed_klippy_leaves_nothing_that_looks_like_a_print) {
  moonraker_bench bench;
  const auto session = recording("ws-kill");
  bench.bring_up(moonraker_bench::snapshot_of(session));
  bool was_printing = false;
  bench.play(session, [&](const json& frame) {
    was_printing = was_printing || bench.last().print == print_state::printing;
    return frame.at("method") != "notify_klippy_disconnected";
  });
  BOOST_TEST(was_printing);
  BOOST_TEST(bench.last().link == link_state::online);
  BOOST_TEST(bench.last().firmware == firmware_state::disconnected);
  BOOST_TEST(bench.last().print == print_state::unknown);
  BOOST_TEST(bench.last().temperatures.empty());
  BOOST_TEST(bench.last().ready_for_ms == 0);
}

BOOST_AUTO_TEST_CASE(methods_that_are_missing_after_a_boot_mean_not_ready_yet) {
  moonraker_bench bench;
  bench.greet();
  bench.reply_error("printer.objects.list", -32601, "Method not found");
  bench.reply_error("printer.objects.subscribe", -32601, "Method not found");
  BOOST_TEST(bench.last().link == link_state::online);
  BOOST_TEST(bench.last().firmware == firmware_state::startup);
  bench.wait(2'500ms);
  bench.reply("server.info", recorded_result("boot-moonraker-without-klippy-server-info"));
  BOOST_TEST(bench.last().link == link_state::online);
  BOOST_TEST(bench.last().firmware == firmware_state::disconnected);
  bench.wait(2'500ms);
  bench.reply("server.info", moonraker_bench::ready_info());
  bench.load(moonraker_bench::idle_status());
  BOOST_TEST(bench.last().firmware == firmware_state::ready);
}

BOOST_AUTO_TEST_CASE(a_look_alike_without_a_list_of_objects_is_still_followed) {
  moonraker_bench bench;
  bench.greet();
  bench.reply_error("printer.objects.list", -32601, "Method not found");
  BOOST_TEST(
      bench.call("printer.objects.subscribe").at("params").at("objects").contains("heater_bed"));
  bench.reply("printer.objects.subscribe",
              {{"eventtime", 1.0}, {"status", moonraker_bench::idle_status()}});
  BOOST_TEST(bench.last().firmware == firmware_state::ready);
}

BOOST_AUTO_TEST_CASE(a_missing_key_is_named_as_such) {
  moonraker_bench declined;
  declined.drop(reason::link_auth);
  BOOST_TEST(declined.last().link_reason == reason::link_auth);
  moonraker_bench accepted;
  accepted.core->on_open(accepted.socket());
  const auto frames = recording("auth-ws-unauth-then-identify-apikey").at("frames");
  auto error = frames.at(1).at("frame");
  error["id"] = accepted.call("server.connection.identify").at("id");
  accepted.frame(error);
  BOOST_TEST(accepted.last().link == link_state::offline);
  BOOST_TEST(accepted.last().link_reason == reason::link_auth);
  BOOST_TEST(accepted.net.closed.size() == 1u);
}

BOOST_AUTO_TEST_CASE(reconnects_come_with_growing_and_uneven_pauses) {
  moonraker_bench bench;
  std::vector<int64_t> pauses_ms;
  for (int attempt = 0; attempt < 12; ++attempt) {
    const auto opened = bench.net.opened.size();
    bench.drop(reason::link_refused);
    BOOST_TEST(bench.last().link == link_state::offline);
    BOOST_TEST(bench.last().link_reason == reason::link_refused);
    const auto from = bench.clock.now;
    while (bench.net.opened.size() == opened)
      bench.wait(10ms);
    pauses_ms.push_back((bench.clock.now - from) / 1ms);
  }
  BOOST_TEST(pauses_ms.front() >= 500);
  BOOST_TEST(pauses_ms.front() <= 1'010);
  BOOST_TEST(pauses_ms[4] >= 8'000);
  for (std::size_t index = 6; index < pauses_ms.size(); ++index) {
    BOOST_TEST(pauses_ms[index] >= 30'000);
    BOOST_TEST(pauses_ms[index] <= 60'010);
  }
  BOOST_TEST(std::set<int64_t>(pauses_ms.begin() + 6, pauses_ms.end()).size() > 3u);
}

BOOST_AUTO_TEST_CASE(each_connection_begins_a_generation_with_a_snapshot) {
  moonraker_bench bench;
  bench.bring_up();
  bench.drop();
  BOOST_TEST(bench.last().link == link_state::offline);
  BOOST_TEST(bench.last().print == print_state::unknown);
  BOOST_TEST(bench.last().generation == 1);
  bench.wait(2s);
  BOOST_TEST(bench.net.opened.size() == 2u);
  const auto before = bench.listener->reports.size();
  bench.bring_up(recorded_result("objects-query-printing").at("status"));
  BOOST_TEST(bench.listener->reports.at(before).generation == 2);
  BOOST_TEST(bench.listener->reports.at(before).print == print_state::printing);
  BOOST_TEST(bench.listener->reports.at(before).file == "cube.gcode");
}

BOOST_AUTO_TEST_CASE(a_silent_link_is_asked_and_then_dropped) {
  moonraker_bench bench;
  bench.bring_up();
  const auto asked = bench.count("server.info");
  bench.wait(8s);
  BOOST_TEST(bench.count("server.info") == asked + 1);
  bench.reply("server.info", moonraker_bench::ready_info());
  bench.wait(14s);
  BOOST_TEST(bench.last().link == link_state::online);
  bench.wait(1'500ms);
  BOOST_TEST(bench.last().link == link_state::offline);
  BOOST_TEST(bench.last().link_reason == reason::link_timeout);
}

BOOST_AUTO_TEST_CASE(a_quiet_machine_is_read_at_the_poll_interval) {
  moonraker_bench bench;
  bench.bring_up();
  const auto observed = bench.last().observed_at;
  for (int second = 0; second < 31; ++second) {
    bench.wait(1s);
    bench.notify("notify_proc_stat_update", json::array({json::object()}));
  }
  BOOST_TEST(bench.count("printer.objects.query") == 1);
  bench.reply("printer.objects.query",
              {{"eventtime", 2.0}, {"status", moonraker_bench::idle_status()}});
  BOOST_TEST((*bench.last().observed_at >= *observed + 29s));
  BOOST_TEST(bench.last().ready_for_ms >= 29'000);
}

BOOST_AUTO_TEST_CASE(news_is_told_at_once_and_numbers_at_most_five_times_a_second) {
  moonraker_bench bench;
  bench.bring_up(recorded_result("objects-query-printing").at("status"));
  bench.answer_questions();
  bench.wait(1s);
  const auto told_in_10_s = [&bench](std::chrono::milliseconds pause) {
    const auto before = bench.listener->reports.size();
    for (int tick = 0; tick < 10s / pause; ++tick) {
      bench.wait(pause);
      bench.notify("notify_status_update",
                   json::array({{{"print_stats", {{"total_duration", 100.0 + tick}}}}, 1.0}));
    }
    return bench.listener->reports.size() - before;
  };
  // Moonraker's own pace: nothing is held back.
  BOOST_TEST(told_in_10_s(250ms) == 40u);
  const auto told = told_in_10_s(50ms);
  BOOST_TEST(told >= 45u);
  BOOST_TEST(told <= 52u);
  const auto count = bench.listener->reports.size();
  for (const auto* state : {"paused", "printing", "complete"})
    bench.notify("notify_status_update", json::array({{{"print_stats", {{"state", state}}}}, 1.0}));
  BOOST_TEST(bench.listener->reports.size() == count + 3);
}

BOOST_AUTO_TEST_CASE(defect_an_answer_without_news_held_back_the_temperatures_that_followed) {
  moonraker_bench bench;
  bench.bring_up();
  bench.wait(250ms);
  for (int tick = 1; tick <= 80; ++tick) {
    const auto before = bench.listener->reports.size();
    const auto asked = bench.count("server.job_queue.status");
    bench.notify("notify_status_update",
                 json::array({{{"extruder", {{"temperature", 20.0 + tick}}}}, 1.0}));
    BOOST_REQUIRE(bench.listener->reports.size() == before + 1);
    BOOST_TEST(bench.last().temperatures.front().actual_mc == 20'000 + 1'000 * tick);
    bench.wait(250ms);
    if (bench.count("server.job_queue.status") > asked)
      bench.answer_questions();
  }
  BOOST_TEST(bench.count("server.job_queue.status") >= 1);
}

BOOST_AUTO_TEST_CASE(progress_counts_the_moves_and_not_the_thumbnails) {
  moonraker_bench bench;
  bench.bring_up(recorded_result("objects-query-printing").at("status"));
  BOOST_TEST(bench.last().progress_permille == 467);
  BOOST_TEST(bench.last().layer == 1);
  BOOST_TEST(bench.last().layers == 6);
  BOOST_TEST(bench.call("server.files.metadata").at("params").at("filename") == "cube.gcode");
  bench.reply("server.files.metadata", recorded_result("files-metadata"));
  bench.wait(1s);
  // (2372 - 1901) / (4493 - 1901)
  BOOST_TEST(bench.last().progress_permille == 181);
}

BOOST_AUTO_TEST_CASE(a_queue_of_the_machine_is_a_warning_and_its_absence_is_fine) {
  moonraker_bench bench;
  bench.bring_up();
  BOOST_TEST(bench.last().other_queue == "");
  bench.notify("notify_job_queue_changed", json::array({{{"action", "jobs_added"}}}));
  bench.reply("server.job_queue.status",
              {{"queued_jobs", {{{"filename", "q.gcode"}}}}, {"queue_state", "paused"}});
  bench.wait(1s);
  BOOST_TEST(bench.last().other_queue == "1 in the printer's own queue (paused)");
  bench.wait(31s);
  bench.reply_error("server.job_queue.status", -32601, "Method not found");
}

BOOST_AUTO_TEST_CASE(a_sign_of_life_keeps_the_link_in_either_notation) {
  for (const auto* frame :
       {R"({"jsonrpc": "2.0", "method": "notify_proc_stat_update", "params": [{}]})",
        R"({"jsonrpc":"2.0","method":"notify_proc_stat_update","params":[{}]})",
        R"({"method":"notify_proc_stat_update","jsonrpc":"2.0"})"}) {
    moonraker_bench bench;
    bench.bring_up();
    for (int second = 0; second < 60; ++second) {
      bench.wait(1s);
      bench.core->on_frame(bench.socket(), frame);
      bench.answer_questions();
      if (!bench.call("printer.objects.query").is_null())
        bench.reply("printer.objects.query", {{"status", moonraker_bench::idle_status()}});
    }
    BOOST_TEST(bench.last().link == link_state::online);
    BOOST_TEST(bench.count("server.info") == 1);
  }
}

BOOST_AUTO_TEST_CASE(an_answer_that_names_a_sign_of_life_is_an_answer) {
  moonraker_bench bench;
  bench.core->on_open(bench.socket());
  const auto id = bench.call("server.connection.identify").at("id");
  bench.core->on_frame(bench.socket(), json{{"id", id}, {"a", "notify_proc_stat_update"}}.dump());
  BOOST_TEST(bench.count("server.info") == 1);
}

BOOST_AUTO_TEST_CASE(the_newest_job_of_the_history_is_read_and_followed) {
  moonraker_bench bench;
  bench.bring_up();
  const auto asked = bench.call("server.history.list").at("params");
  BOOST_TEST(asked == json({{"limit", 1}, {"order", "desc"}}));
  BOOST_TEST((bench.last().history == history_state::read));
  BOOST_TEST(bench.last().last_job == "");
  bench.notify("notify_history_changed", json::array({{{"action", "added"}}}));
  bench.reply("server.history.list", moonraker_bench::newest_job("00000A", "vase.gcode"));
  BOOST_TEST(bench.last().last_job == "00000A");
  BOOST_TEST(bench.last().last_job_file == "vase.gcode");
}

BOOST_AUTO_TEST_CASE(a_history_that_changes_while_it_is_read_is_read_again) {
  moonraker_bench bench;
  bench.bring_up();
  const auto before = bench.count("server.history.list");
  for (int i = 0; i < 3; ++i)
    bench.notify("notify_history_changed", json::array({{{"action", "added"}}}));
  BOOST_TEST(bench.count("server.history.list") == before + 1);
  bench.reply("server.history.list", moonraker_bench::newest_job("00000A", "vase.gcode"));
  BOOST_TEST(bench.count("server.history.list") == before + 2);
  bench.reply("server.history.list", moonraker_bench::newest_job("00000B", "cup.gcode"));
  BOOST_TEST(bench.last().last_job == "00000B");
  BOOST_TEST(bench.count("server.history.list") == before + 2);
}

BOOST_AUTO_TEST_CASE(the_end_of_a_print_asks_a_machine_that_announces_no_history) {
  moonraker_bench bench;
  bench.bring_up(recorded_result("objects-query-printing").at("status"));
  const auto before = bench.count("server.history.list");
  bench.notify("notify_status_update",
               json::array({{{"print_stats", {{"state", "complete"}}}}, 1.0}));
  BOOST_TEST(bench.count("server.history.list") == before + 1);
}

BOOST_AUTO_TEST_CASE(a_machine_without_history_says_so_and_a_failing_one_is_asked_again) {
  moonraker_bench bench;
  bench.greet();
  bench.reply("printer.objects.list", recorded_result("objects-list"));
  bench.reply("printer.objects.subscribe",
              {{"eventtime", 1.0}, {"status", moonraker_bench::idle_status()}});
  bench.reply_error("server.history.list", 500, "database is locked");
  BOOST_TEST((bench.last().history == history_state::unknown));
  bench.reply_error("server.job_queue.status", -32601, "Method not found");
  const auto before = bench.count("server.history.list");
  for (int second = 0; second < 31; ++second) {
    bench.wait(1s);
    bench.notify("notify_status_update", json::array({{{"idle_timeout", json::object()}}, 1.0}));
  }
  BOOST_TEST(bench.count("server.history.list") == before + 1);
  bench.reply_error("server.history.list", -32601, "Method not found");
  BOOST_TEST((bench.last().history == history_state::absent));
}

BOOST_AUTO_TEST_CASE(a_restart_of_the_firmware_asks_the_history_anew) {
  moonraker_bench bench;
  bench.bring_up();
  bench.notify("notify_klippy_disconnected");
  BOOST_TEST((bench.last().history == history_state::unknown));
  const auto before = bench.count("server.history.list");
  bench.notify("notify_klippy_ready");
  bench.reply("server.info", moonraker_bench::ready_info());
  bench.load(moonraker_bench::idle_status());
  BOOST_TEST(bench.count("server.history.list") == before + 1);
  BOOST_TEST((bench.last().history == history_state::read));
}

BOOST_AUTO_TEST_CASE(a_declined_upgrade_falls_back_to_polling) {
  moonraker_bench bench;
  bench.drop(reason::link_not_klipper);
  BOOST_TEST(bench.net.requests.back().second.target == "/server/info");
  bench.respond(200, {{"result", moonraker_bench::ready_info()}});
  BOOST_TEST(bench.net.requests.back().second.target == "/printer/objects/list");
  bench.respond(200, {{"result", recorded_result("objects-list")}});
  BOOST_TEST(bench.net.requests.back().second.target.find("/printer/objects/query?") == 0u);
  const auto snapshot = bench.net.requests.back().second.target;
  BOOST_TEST(snapshot.find("extruder=temperature,target") != std::string::npos);
  BOOST_TEST(snapshot.find("&print_stats&") != std::string::npos);
  bench.respond(200, recording("objects-query-idle").at("response").at("body"));
  BOOST_TEST(bench.last().link == link_state::online);
  BOOST_TEST(bench.last().firmware == firmware_state::ready);
  BOOST_TEST(bench.last().generation == 1);
  const auto asked = bench.net.requests.size();
  bench.wait(29s);
  BOOST_TEST(bench.net.requests.size() == asked);
  bench.wait(2s);
  BOOST_TEST(bench.net.requests.size() > asked);
  bench.break_request(true);
  BOOST_TEST(bench.last().link == link_state::offline);
}

BOOST_AUTO_TEST_CASE(a_web_page_instead_of_moonraker_is_called_that) {
  moonraker_bench bench;
  bench.drop(reason::link_not_klipper);
  bench.respond(200, "<html>a router</html>");
  BOOST_TEST(bench.last().link == link_state::offline);
  BOOST_TEST(bench.last().link_reason == reason::link_not_klipper);
}

BOOST_AUTO_TEST_CASE(odd_types_are_read_as_far_as_they_make_sense) {
  moonraker_bench bench;
  bench.bring_up();
  bench.core->on_frame(bench.socket(),
                       R"({"method":"notify_status_update","params":[{"extruder":{"temperature":NaN,
      "target":"210.5"},"print_stats":{"state":"printing","filename":7,"print_duration":"1e400",
      "info":[1,2],"total_duration":-Infinity},"virtual_sdcard":{"progress":7,"is_active":"true",
      "file_position":-5},"heater_bed":null,"print_stats2":{}},1]})");
  bench.wait(1s);
  BOOST_TEST(bench.last().print == print_state::printing);
  BOOST_TEST(bench.last().file == "");
  BOOST_TEST(bench.last().is_active);
  BOOST_TEST(bench.last().progress_permille == 1'000);
  BOOST_TEST(bench.last().print_duration_s == 0);
  for (const auto& reading : bench.last().temperatures)
    if (reading.name == "extruder") {
      BOOST_TEST(reading.actual_mc == 0);
      BOOST_TEST(reading.target_mc == 210'500);
    }
}

BOOST_AUTO_TEST_CASE(a_machine_that_talks_nonsense_is_dropped) {
  moonraker_bench bench;
  bench.bring_up();
  for (int frame = 0; frame < 5; ++frame)
    bench.core->on_frame(bench.socket(), "\xff{ nonsense");
  BOOST_TEST(bench.last().link == link_state::offline);
  BOOST_TEST(bench.last().link_reason == reason::link_protocol);
}

BOOST_AUTO_TEST_CASE(mutated_frames_never_throw) {
  const auto session = recording("ws-estop");
  std::vector<std::string> frames;
  for (const auto& item : session.at("frames"))
    if (item.at("dir") == "recv")
      frames.push_back(item.at("frame").dump());
  uint64_t state = 42;
  const auto random = [&state] {
    state ^= state << 13U;
    state ^= state >> 7U;
    state ^= state << 17U;
    return state;
  };
  moonraker_bench bench;
  bench.bring_up();
  for (int round = 0; round < 20'000; ++round) {
    auto text = frames[random() % frames.size()];
    for (uint64_t edits = random() % 4; edits > 0; --edits)
      text[random() % text.size()] = static_cast<char>(random() % 3 == 0 ? random() : '0');
    if (random() % 8 == 0)
      text.resize(random() % text.size());
    bench.core->on_frame(bench.socket(), text);
    if (bench.last().link == link_state::offline) {
      bench.wait(61s);
      bench.bring_up();
    }
  }
  BOOST_TEST(bench.listener->reports.size() > 1u);
}

BOOST_AUTO_TEST_CASE(a_deeply_nested_frame_is_not_read) {
  const auto nested = [](size_t levels) {
    return std::string(levels, '[') + std::string(levels, ']');
  };
  BOOST_TEST(hal::parse_wire(nested(60)).is_array());
  BOOST_TEST(hal::parse_wire(nested(70)).is_discarded());
  BOOST_TEST(hal::parse_wire(std::string(1'000'000, '[')).is_discarded());
  BOOST_TEST(hal::parse_wire("\"" + nested(70) + "\"").is_string());
}
