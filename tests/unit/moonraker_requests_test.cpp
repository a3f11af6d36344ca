// Goal: every request gets exactly one answer, the answer says no more than is known, and nothing
// is ever sent twice. Method: a scripted link, on which the test breaks things at each point.
#include "moonraker_bench.hpp"

#include <boost/test/unit_test.hpp>

using namespace gantry;
using namespace gantry::tests;
using hal::port_outcome;

BOOST_TEST_DONT_PRINT_LOG_VALUE(gantry::reason)
BOOST_TEST_DONT_PRINT_LOG_VALUE(gantry::print_state)
BOOST_TEST_DONT_PRINT_LOG_VALUE(gantry::hal::port_outcome)

namespace {

const std::string remote_file = "gantry/run-1-1.gcode";

json recorded_history() {
  return recording("history-list").at("response").at("body");
}

/// That history, and its end.
void respond_with_history(moonraker_bench& bench) {
  bench.respond(200, recorded_history());
  bench.respond(200, {{"result", {{"jobs", json::array()}}}});
}

} // namespace

BOOST_AUTO_TEST_CASE(nothing_is_sent_while_the_printer_is_not_online) {
  moonraker_bench bench;
  bench.core->start(1, remote_file);
  bench.core->upload(2, "/tmp/a", "", remote_file);
  bench.core->cancel(3);
  bench.core->remove_file(4, remote_file);
  bench.core->refresh(5);
  BOOST_REQUIRE(bench.listener->answers.size() == 5u);
  for (const auto& item : bench.listener->answers)
    BOOST_TEST(item.second.outcome == port_outcome::not_sent);
  BOOST_TEST(bench.net.requests.empty());
  bench.bring_up();
  BOOST_TEST(bench.count("printer.print.start") == 0);
}

BOOST_AUTO_TEST_CASE(an_accepted_start_is_done) {
  moonraker_bench bench;
  bench.bring_up();
  bench.core->start(7, remote_file);
  BOOST_TEST(bench.call("printer.print.start").at("params").at("filename") == remote_file);
  BOOST_TEST(bench.listener->answers.empty());
  bench.reply("printer.print.start", "ok");
  BOOST_TEST(bench.listener->answers.at(0).first == 7u);
  BOOST_TEST(bench.answer().outcome == port_outcome::done);
}

BOOST_AUTO_TEST_CASE(a_refused_start_carries_the_machines_words) {
  moonraker_bench bench;
  bench.bring_up();
  bench.core->start(7, remote_file);
  bench.reply_error("printer.print.start", 400, "Unable to open file");
  BOOST_TEST(bench.answer().outcome == port_outcome::refused);
  BOOST_TEST(bench.answer().why == reason::run_start_refused);
  BOOST_TEST(bench.answer().detail == "Unable to open file");
}

BOOST_AUTO_TEST_CASE(defect_a_start_that_came_twice_was_refused_because_of_itself) {
  for (const bool ours : {true, false}) {
    moonraker_bench bench;
    bench.bring_up();
    bench.core->start(7, remote_file);
    bench.reply_error("printer.print.start", 400, "SD busy");
    BOOST_TEST(bench.listener->answers.empty());
    auto status = recorded_result("objects-query-printing").at("status");
    status["print_stats"]["filename"] = ours ? remote_file : "somebody-elses.gcode";
    bench.reply("printer.objects.query", {{"eventtime", 2.0}, {"status", status}});
    BOOST_TEST(bench.answer().outcome == (ours ? port_outcome::done : port_outcome::refused));
    BOOST_TEST(bench.answer().detail == (ours ? "" : "SD busy"));
  }
}

BOOST_AUTO_TEST_CASE(a_busy_machine_that_cannot_be_asked_with_what_leaves_a_start_lost) {
  moonraker_bench bench;
  bench.bring_up();
  bench.core->start(7, remote_file);
  bench.reply_error("printer.print.start", 400, "SD busy");
  bench.drop();
  BOOST_TEST(bench.answer().outcome == port_outcome::lost);
}

BOOST_AUTO_TEST_CASE(a_start_whose_connection_breaks_is_lost_and_never_sent_again) {
  moonraker_bench bench;
  bench.bring_up();
  bench.core->start(7, remote_file);
  const auto call = bench.call("printer.print.start");
  bench.drop();
  BOOST_TEST(bench.answer().outcome == port_outcome::lost);
  BOOST_TEST(bench.answer().why == reason::link_closed);
  bench.wait(5s);
  bench.bring_up();
  bench.wait(5s);
  BOOST_TEST(bench.count("printer.print.start") == 1);
  // An answer to the old call means nothing on the new connection.
  bench.frame({{"jsonrpc", "2.0"}, {"id", call.at("id")}, {"result", "ok"}});
  BOOST_TEST(bench.listener->answers.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_ghost_start_is_lost_first_and_seen_to_run_later) {
  moonraker_bench bench;
  const auto session = recording("ws-ghost");
  bench.bring_up(moonraker_bench::snapshot_of(session));
  bench.core->start(7, "cube.gcode");
  for (int second = 0; second < 61; ++second) {
    bench.wait(1s);
    bench.notify("notify_proc_stat_update", json::array({json::object()}));
    if (!bench.call("printer.objects.query").is_null())
      bench.reply("printer.objects.query", {{"status", moonraker_bench::snapshot_of(session)}});
    bench.answer_questions();
  }
  BOOST_TEST(bench.answer().outcome == port_outcome::lost);
  BOOST_TEST(bench.answer().why == reason::link_timeout);
  // The connection itself works and stays.
  BOOST_TEST(bench.net.opened.size() == 1u);
  bool ran = false;
  bench.play(session, [&](const json&) {
    ran = ran || bench.last().print == print_state::printing;
    return true;
  });
  BOOST_TEST(ran);
  BOOST_TEST(bench.count("printer.print.start") == 1);
  BOOST_TEST(bench.listener->answers.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_start_that_would_destroy_a_print_is_not_sent) {
  moonraker_bench idle_but_paused;
  auto status = moonraker_bench::idle_status();
  status["pause_resume"]["is_paused"] = true;
  idle_but_paused.bring_up(status);
  idle_but_paused.core->start(1, remote_file);
  BOOST_TEST(idle_but_paused.answer().outcome == port_outcome::refused);
  BOOST_TEST(idle_but_paused.answer().why == reason::printer_paused_without_print);
  moonraker_bench paused;
  status["print_stats"]["state"] = "paused";
  status["print_stats"]["filename"] = "other.gcode";
  paused.bring_up(status);
  paused.core->start(1, remote_file);
  BOOST_TEST(paused.answer().outcome == port_outcome::refused);
  BOOST_TEST(paused.answer().why == reason::printer_busy);
  BOOST_TEST(paused.count("printer.print.start") == 0);
  BOOST_TEST(idle_but_paused.count("printer.print.start") == 0);
}

BOOST_AUTO_TEST_CASE(commands_may_wait_minutes_behind_running_gcode) {
  moonraker_bench bench;
  bench.bring_up(recorded_result("objects-query-printing").at("status"));
  bench.answer_questions();
  bench.core->cancel(9);
  for (int second = 0; second < 540; ++second) {
    bench.wait(1s);
    bench.notify("notify_status_update",
                 json::array({{{"print_stats", {{"total_duration", second}}}}, 1.0}));
    bench.answer_questions();
  }
  BOOST_TEST(bench.listener->answers.empty());
  bench.reply("printer.print.cancel", "ok");
  BOOST_TEST(bench.answer().outcome == port_outcome::done);
  bench.core->pause(10);
  bench.reply_error("printer.print.pause", 400, "Must home axis first");
  BOOST_TEST(bench.answer().outcome == port_outcome::refused);
  BOOST_TEST(bench.answer().why == reason::printer_command_failed);
}

BOOST_AUTO_TEST_CASE(no_command_goes_to_firmware_that_is_not_ready) {
  moonraker_bench bench;
  bench.bring_up();
  bench.notify("notify_klippy_shutdown");
  bench.core->start(1, remote_file);
  BOOST_TEST(bench.answer().outcome == port_outcome::not_sent);
  BOOST_TEST(bench.answer().why == reason::printer_not_ready);
  bench.core->resume(2);
  BOOST_TEST(bench.answer().outcome == port_outcome::not_sent);
}

BOOST_AUTO_TEST_CASE(an_upload_is_done_when_the_printer_has_every_byte) {
  moonraker_bench bench;
  bench.bring_up();
  bench.core->upload(3, "/tmp/toolpath", "abc123", remote_file);
  const auto& request = bench.net.requests.back().second;
  BOOST_TEST(request.target == "/server/files/upload");
  BOOST_TEST(request.file == "/tmp/toolpath");
  BOOST_TEST(request.file_name == "run-1-1.gcode");
  BOOST_TEST(request.headers.at(0).value == "0123456789abcdef");
  json fields;
  for (const auto& field : request.fields)
    fields[field.name] = field.value;
  BOOST_TEST(fields == json({{"root", "gcodes"}, {"path", "gantry"}, {"checksum", "abc123"}}));
  bench.respond(201, recording("upload-checksum-ok").at("response").at("body"), 5'077);
  BOOST_TEST(bench.answer().outcome == port_outcome::done);
  BOOST_TEST(bench.answer().size_bytes == 5'077);
  bench.core->upload(4, "/tmp/toolpath", "abc123", remote_file);
  bench.respond(201, recording("upload-checksum-ok").at("response").at("body"), 5'078);
  BOOST_TEST(bench.answer().outcome == port_outcome::refused);
  BOOST_TEST(bench.answer().why == reason::run_upload_mismatch);
}

BOOST_AUTO_TEST_CASE(an_upload_survives_the_websocket_and_names_its_own_end) {
  moonraker_bench bench;
  bench.bring_up();
  bench.core->upload(3, "/tmp/toolpath", "abc123", remote_file);
  bench.drop();
  BOOST_TEST(bench.listener->answers.empty());
  bench.break_request(true);
  BOOST_TEST(bench.answer().outcome == port_outcome::lost);
  bench.wait(3s);
  bench.bring_up();
  bench.core->upload(4, "/tmp/toolpath", "abc123", remote_file);
  bench.break_request(false);
  BOOST_TEST(bench.answer().outcome == port_outcome::not_sent);
  bench.core->upload(5, "/tmp/toolpath", "abc123", remote_file);
  bench.respond(422, recording("upload-checksum-bad").at("response").at("body"));
  BOOST_TEST(bench.answer().why == reason::run_upload_mismatch);
  BOOST_TEST(bench.answer().detail.find("checksum mismatch") != std::string::npos);
  bench.core->upload(6, "/tmp/toolpath", "abc123", remote_file);
  bench.respond(403, recording("upload-overwrite-printing-file").at("response").at("body"));
  BOOST_TEST(bench.answer().outcome == port_outcome::refused);
  BOOST_TEST(bench.answer().why == reason::run_upload_failed);
}

BOOST_AUTO_TEST_CASE(an_old_machine_gets_no_checksum_and_is_asked_for_the_size) {
  moonraker_bench bench;
  bench.core->on_open(bench.socket());
  bench.reply_error("server.connection.identify", -32601, "Method not found");
  bench.reply("server.info", {{"klippy_connected", true}, {"klippy_state", "ready"}});
  bench.load(moonraker_bench::idle_status());
  bench.core->upload(3, "/tmp/toolpath", "abc123", remote_file);
  for (const auto& field : bench.net.requests.back().second.fields)
    BOOST_TEST(field.name != "checksum");
  bench.respond(201, {{"item", {{"path", remote_file}, {"root", "gcodes"}}}}, 5'077);
  BOOST_TEST(bench.listener->answers.empty());
  BOOST_TEST(bench.net.requests.back().second.target
             == "/server/files/metadata?filename=gantry/run-1-1.gcode");
  bench.respond(200, recording("files-metadata").at("response").at("body"));
  BOOST_TEST(bench.answer().outcome == port_outcome::done);
}

BOOST_AUTO_TEST_CASE(a_removed_or_missing_file_is_done_and_one_in_use_is_refused) {
  moonraker_bench bench;
  bench.bring_up();
  bench.core->remove_file(1, "gantry/a b.gcode");
  BOOST_TEST(bench.net.requests.back().second.method == "DELETE");
  BOOST_TEST(bench.net.requests.back().second.target == "/server/files/gcodes/gantry/a%20b.gcode");
  bench.respond(200, recording("files-delete").at("response").at("body"));
  BOOST_TEST(bench.listener->answers.empty());
  BOOST_TEST(bench.net.requests.back().second.target
             == "/server/history/list?limit=100&start=0&order=desc");
  respond_with_history(bench);
  BOOST_TEST(bench.answer().outcome == port_outcome::done);
  bench.core->remove_file(2, remote_file);
  bench.respond(403, recording("delete-printing-file").at("response").at("body"));
  BOOST_TEST(bench.answer().outcome == port_outcome::refused);
  BOOST_TEST(bench.answer().detail.find("File currently in use") != std::string::npos);
  bench.core->remove_file(3, remote_file);
  bench.respond(404, json::object());
  respond_with_history(bench);
  BOOST_TEST(bench.answer().outcome == port_outcome::done);
  bench.core->remove_file(4, remote_file);
  bench.break_request(true);
  BOOST_TEST(bench.answer().outcome == port_outcome::lost);
}

BOOST_AUTO_TEST_CASE(defect_a_print_that_its_machine_had_forgotten_was_started_again) {
  // After a restart of the firmware nothing but the history shows that a print had begun.
  auto history = recording("history-list").at("response").at("body");
  history["result"]["jobs"][0]["filename"] = remote_file;
  history["result"]["jobs"][0]["status"] = "klippy_disconnect";
  moonraker_bench bench;
  bench.bring_up();
  bench.core->remove_file(1, remote_file);
  bench.respond(200, recording("files-delete").at("response").at("body"));
  bench.respond(200, history);
  BOOST_TEST(bench.answer().outcome == port_outcome::refused);
  BOOST_TEST(bench.answer().detail.find("klippy_disconnect") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(defect_twenty_later_prints_hid_that_a_print_had_begun) {
  moonraker_bench bench;
  bench.bring_up();
  bench.core->remove_file(1, remote_file);
  bench.respond(404, json::object());
  bench.respond(200, recorded_history());
  BOOST_TEST(bench.listener->answers.empty());
  BOOST_TEST(bench.net.requests.back().second.target
             == "/server/history/list?limit=100&start=3&order=desc");
  bench.respond(
      200,
      {{"result", {{"jobs", {{{"filename", remote_file}, {"status", "klippy_disconnect"}}}}}}});
  BOOST_TEST(bench.answer().outcome == port_outcome::refused);
  BOOST_TEST(bench.answer().detail.find("klippy_disconnect") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_history_that_never_ends_leaves_it_unknown_whether_a_print_began) {
  moonraker_bench bench;
  bench.bring_up();
  bench.core->remove_file(1, remote_file);
  bench.respond(404, json::object());
  json same_page;
  same_page["result"]["jobs"] = json::array();
  for (int i = 0; i < 1'000; ++i)
    same_page["result"]["jobs"].push_back({{"filename", "gantry/run-0-1.gcode"}});
  int pages = 0;
  while (bench.listener->answers.empty() && ++pages < 100)
    bench.respond(200, same_page);
  BOOST_TEST(bench.answer().outcome == port_outcome::refused);
  BOOST_TEST(bench.answer().why == reason::run_start_outcome_unknown);
}

BOOST_AUTO_TEST_CASE(a_removal_is_not_done_before_the_history_was_read) {
  moonraker_bench bench;
  bench.bring_up();
  bench.core->remove_file(1, remote_file);
  bench.respond(404, json::object());
  bench.respond(503, json::object());
  BOOST_TEST(bench.answer().outcome == port_outcome::lost);
  bench.core->remove_file(2, remote_file);
  bench.respond(404, json::object());
  bench.break_request(true);
  BOOST_TEST(bench.answer().outcome == port_outcome::lost);
  bench.core->remove_file(3, remote_file);
  bench.respond(404, json::object());
  bench.respond(404, json::object());
  BOOST_TEST(bench.answer().outcome == port_outcome::refused);
  BOOST_TEST(bench.answer().detail.find("keeps no history") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_failed_removal_is_done_only_if_the_folder_no_longer_has_the_file) {
  moonraker_bench bench;
  bench.bring_up();
  const auto missing = recording("files-delete-missing").at("response").at("body");
  bench.core->remove_file(1, remote_file);
  bench.respond(400, missing);
  BOOST_TEST(bench.listener->answers.empty());
  BOOST_TEST(bench.net.requests.back().second.target
             == "/server/files/directory?path=gcodes/gantry");
  bench.respond(200, {{"result", {{"files", {{{"filename", "other.gcode"}}}}}}});
  respond_with_history(bench);
  BOOST_TEST(bench.answer().outcome == port_outcome::done);
  bench.core->remove_file(2, remote_file);
  bench.respond(400, missing);
  bench.respond(200, {{"result", {{"files", {{{"filename", "run-1-1.gcode"}}}}}}});
  BOOST_TEST(bench.answer().outcome == port_outcome::refused);
}

BOOST_AUTO_TEST_CASE(a_refresh_reports_before_it_answers) {
  moonraker_bench bench;
  bench.bring_up();
  const auto observed = *bench.last().observed_at;
  const auto reports = bench.listener->reports.size();
  bench.core->refresh(5);
  BOOST_TEST(bench.call("printer.objects.query").is_null());
  bench.reply("server.history.list", moonraker_bench::newest_job("00000A", "vase.gcode"));
  bench.reply(
      "printer.objects.query",
      {{"eventtime", 2.0}, {"status", recorded_result("objects-query-printing").at("status")}});
  BOOST_TEST(bench.answer().outcome == port_outcome::done);
  BOOST_TEST(bench.listener->reports_at_answer.back() > reports);
  BOOST_TEST((*bench.last().observed_at > observed));
  BOOST_TEST(bench.last().print == print_state::printing);
  BOOST_TEST(bench.last().last_job == "00000A");
}

BOOST_AUTO_TEST_CASE(a_refresh_whose_history_is_not_readable_leaves_the_last_print_unknown) {
  moonraker_bench bench;
  bench.bring_up();
  BOOST_TEST((bench.last().history == history_state::read));
  bench.core->refresh(5);
  bench.reply_error("server.history.list", 500, "database is locked");
  bench.reply("printer.objects.query",
              {{"eventtime", 2.0}, {"status", moonraker_bench::idle_status()}});
  BOOST_TEST(bench.answer().outcome == port_outcome::done);
  BOOST_TEST((bench.last().history == history_state::unknown));
}

BOOST_AUTO_TEST_CASE(a_refresh_that_a_restart_overtakes_is_refused) {
  moonraker_bench bench;
  bench.bring_up();
  bench.core->refresh(5);
  bench.notify("notify_klippy_disconnected");
  bench.reply("server.history.list", moonraker_bench::newest_job("00000A", "vase.gcode"));
  BOOST_TEST(bench.answer().outcome == port_outcome::refused);
  BOOST_TEST((bench.last().history == history_state::unknown));
}

BOOST_AUTO_TEST_CASE(names_that_could_mean_another_file_are_not_sent) {
  moonraker_bench bench;
  bench.bring_up();
  for (const auto* name : {"", "/etc/a.gcode", "../a.gcode", "a/../b.gcode", "a\"b.gcode",
                           "a\r\nb.gcode", "a//b.gcode", "folder/"}) {
    bench.core->start(1, name);
    BOOST_TEST(bench.answer().outcome == port_outcome::not_sent);
    bench.core->upload(2, "/tmp/a", "", name);
    BOOST_TEST(bench.answer().outcome == port_outcome::not_sent);
    bench.core->remove_file(3, name);
    BOOST_TEST(bench.answer().outcome == port_outcome::not_sent);
  }
  BOOST_TEST(bench.net.requests.empty());
}

BOOST_AUTO_TEST_CASE(the_end_of_a_port_answers_everything_once) {
  moonraker_bench bench;
  bench.bring_up();
  bench.core->start(1, remote_file);
  bench.core->upload(2, "/tmp/a", "", remote_file);
  bench.core->refresh(3);
  bench.core->end();
  BOOST_REQUIRE(bench.listener->answers.size() == 3u);
  for (const auto& item : bench.listener->answers)
    BOOST_TEST(item.second.outcome == port_outcome::lost);
  bench.core->end();
  BOOST_TEST(bench.listener->answers.size() == 3u);
}

BOOST_AUTO_TEST_CASE(a_polled_machine_is_started_over_http) {
  moonraker_bench bench;
  bench.drop(reason::link_not_klipper);
  bench.respond(200, {{"result", moonraker_bench::ready_info()}});
  bench.respond(200, {{"result", recorded_result("objects-list")}});
  bench.respond(200, recording("objects-query-idle").at("response").at("body"));
  bench.core->start(4, remote_file);
  BOOST_TEST(bench.net.requests.back().second.method == "POST");
  BOOST_TEST(bench.net.requests.back().second.target
             == "/printer/print/start?filename=gantry/run-1-1.gcode");
  bench.respond(504, json::object());
  BOOST_TEST(bench.answer().outcome == port_outcome::lost);
  bench.core->start(5, remote_file);
  bench.respond(400, recording("start-while-printing").at("response").at("body"));
  bench.respond(200, recording("objects-query-idle").at("response").at("body"));
  BOOST_TEST(bench.answer().outcome == port_outcome::refused);
  BOOST_TEST(bench.answer().detail == "SD busy");
  bench.core->start(6, remote_file);
  bench.break_request(false);
  BOOST_TEST(bench.answer().outcome == port_outcome::not_sent);
  bench.core->start(7, remote_file);
  bench.respond(400, recording("start-while-printing").at("response").at("body"));
  bench.break_request(false);
  BOOST_TEST(bench.answer().outcome == port_outcome::lost);
}
