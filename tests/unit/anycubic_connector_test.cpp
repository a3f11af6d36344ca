// Goal: what a connector sends, when, how often, and what it says about it. Method: the test is the
// machine, and time moves only when the test says so.
#include "tests/unit/anycubic_bench.hpp"

#include <random>

using namespace gantry;
using namespace gantry::tests;
using gantry::hal::port_outcome;

BOOST_TEST_DONT_PRINT_LOG_VALUE(gantry::reason)
BOOST_TEST_DONT_PRINT_LOG_VALUE(gantry::resin_state)
BOOST_TEST_DONT_PRINT_LOG_VALUE(gantry::link_state)
BOOST_TEST_DONT_PRINT_LOG_VALUE(gantry::hal::port_outcome)

// -- connection and polls ---------------------------------------------------

BOOST_FIXTURE_TEST_CASE(a_new_connection_is_flushed_before_it_is_believed, anycubic_bench) {
  BOOST_TEST(last().link == link_state::connecting);
  open();
  BOOST_TEST(last_sent() == "getmode,");
  say("getstatus,print,old.pwmb/9.pwmb,10,50,5,1,1,~1mL,UV,1,0.05,0,end");
  BOOST_TEST(last().link == link_state::connecting);
  say("getmode,0,end");
  reply("getstatus", printing(2062));
  BOOST_TEST(last().link == link_state::online);
  BOOST_TEST(last().generation == 1);
  BOOST_TEST(last().state == resin_state::printing);
  BOOST_TEST(last().layer == 2062);
  BOOST_TEST(last().layers == 2338);
  BOOST_TEST(last().file == "Widget.pwmb");
  BOOST_TEST(last().internal_file == "46.pwmb");
  BOOST_TEST(last().resin_ml == 178);
  BOOST_TEST(last().layer_height_um == 50);
  BOOST_TEST(last().elapsed_s == 2062 * 25);
  reply("sysinfo", "sysinfo,Photon Mono X 6K,V0.2.2,0000170300020034,SkyNet,end");
  BOOST_TEST(last().model == "Photon Mono X 6K");
  BOOST_TEST(last().firmware == "V0.2.2");
  BOOST_TEST(last().serial == "0000170300020034");
}

BOOST_FIXTURE_TEST_CASE(the_state_is_polled_and_the_system_asked_once_per_connection,
                        anycubic_bench) {
  bring_up();
  for (int i = 0; i < 10; ++i) {
    wait(2'999ms);
    BOOST_TEST(count("getstatus") == i + 1);
    wait(1ms);
    reply("getstatus", idle);
  }
  BOOST_TEST(count("getstatus") == 11);
  BOOST_TEST(count("sysinfo") == 1);
  drop();
  wait(1s);
  open();
  reply("getmode", "getmode,0,end");
  reply("getstatus", idle);
  BOOST_TEST(count("sysinfo") == 2);
  BOOST_TEST(last().generation == 2);
}

BOOST_FIXTURE_TEST_CASE(minutes_are_told_from_seconds, anycubic_bench) {
  bring_up("getstatus,print,a/0.pwmx,2338,88,2062,862,6844,~178mL,UV,39.38,0.05,0,end");
  BOOST_TEST(last().elapsed_s == 862 * 60);
  BOOST_TEST(last().remaining_s == 6844);
}

BOOST_FIXTURE_TEST_CASE(a_machine_that_does_not_know_getmode_is_asked_for_its_state,
                        anycubic_bench) {
  open();
  wait(2s);
  reply("getstatus", idle);
  BOOST_TEST(last().link == link_state::online);
}

BOOST_FIXTURE_TEST_CASE(a_lost_poll_is_counted_read_again_and_then_drops_the_connection,
                        anycubic_bench) {
  bring_up(printing(5));
  wait(3s);
  BOOST_TEST(count("getstatus") == 2);
  wait(3s);
  BOOST_TEST(last().missed_polls == 1);
  BOOST_TEST(last().link == link_state::online);
  BOOST_TEST(last().link_reason == reason::link_timeout);
  wait(2s);
  BOOST_TEST(count("getstatus") == 3);
  BOOST_TEST(net.closed.empty());
  wait(5s);
  BOOST_TEST(net.closed.size() == 1);
  BOOST_TEST(last().link == link_state::offline);
  BOOST_TEST(last().link_reason == reason::link_timeout);
  BOOST_TEST(last().missed_polls == 3);
  // What was known stays, with the time at which it was true.
  BOOST_TEST(last().layer == 5);
  BOOST_TEST((*last().observed_at == timestamp{1'800'000'000s} + 1'000s));
}

BOOST_FIXTURE_TEST_CASE(a_poll_that_is_answered_at_the_second_try_loses_nothing, anycubic_bench) {
  bring_up();
  wait(3s);
  wait(5s);
  BOOST_TEST(count("getstatus") == 3);
  say(printing(7));
  BOOST_TEST(last().link == link_state::online);
  BOOST_TEST(last().missed_polls == 0);
  BOOST_TEST(last().layer == 7);
  BOOST_TEST(last().generation == 1);
}

BOOST_FIXTURE_TEST_CASE(failed_attempts_are_counted_with_growing_pauses_until_it_answers,
                        anycubic_bench) {
  bring_up();
  drop();
  BOOST_TEST(last().link == link_state::offline);
  BOOST_TEST(last().reconnects_failed == 0);
  std::vector<hal::mono_time> attempts;
  for (int i = 0; i < 12; ++i) {
    const auto before = net.opened.size();
    const auto began = clock.now;
    while (net.opened.size() == before)
      wait(10ms);
    attempts.push_back(clock.now - began);
    drop(reason::link_refused);
    BOOST_TEST(last().reconnects_failed == i + 1);
    BOOST_TEST(last().link_reason == reason::link_refused);
  }
  BOOST_TEST((attempts.front() <= 510ms));
  BOOST_TEST((attempts.back() >= 4s));
  BOOST_TEST((attempts.back() <= 8'010ms));
  BOOST_TEST(last().missed_polls > 0);
  wait(8s);
  bring_up();
  BOOST_TEST(last().reconnects_failed == 0);
  BOOST_TEST(last().missed_polls == 0);
  BOOST_TEST(last().generation == 2);
}

BOOST_AUTO_TEST_CASE(two_stations_do_not_come_back_in_step) {
  anycubic_bench one;
  anycubic_bench two;
  two.chance.next = 123;
  for (auto* bench : {&one, &two}) {
    bench->bring_up();
    bench->drop();
  }
  BOOST_TEST((*one.net.wake != *two.net.wake));
}

BOOST_FIXTURE_TEST_CASE(a_machine_that_hangs_up_after_each_reply_is_asked_so, anycubic_bench) {
  for (int i = 0; i < 2; ++i) {
    open();
    reply("getmode", "getmode,0,end");
    drop();
    wait(1s);
  }
  open();
  BOOST_TEST(last_sent() == "getstatus,");
  say(idle);
  BOOST_TEST(last().link == link_state::online);
  open();
  reply("sysinfo", "sysinfo,Photon Mono X 6K,V0.2.2,1,SkyNet,end");
  const auto generation = last().generation;
  for (int i = 0; i < 5; ++i) {
    const auto opened = net.opened.size();
    wait(3s);
    BOOST_TEST(net.opened.size() > opened);
    open();
    reply("getstatus", printing(i));
    drop();
    BOOST_TEST(last().link == link_state::online);
  }
  BOOST_TEST(last().generation == generation);
  core->pause(1);
  open();
  reply("gopause", "gopause,OK,end");
  BOOST_TEST(answer().outcome == port_outcome::done);
}

BOOST_FIXTURE_TEST_CASE(what_nobody_asked_for_changes_nothing, anycubic_bench) {
  bring_up();
  const auto before = last();
  const auto reports = listener->reports.size();
  say(printing(99));
  say("gopause,OK,end");
  say(std::string(100'000, '\xff'));
  BOOST_TEST(listener->reports.size() == reports);
  wait(3s);
  reply("getstatus", "getwifi,SkyNet,endgetsta");
  say("tus,print,Wid");
  say("get.pwmb/46.pwmb,2338,88,2062,51744,6844,~178mL,UV,39.38,0.05,0,en");
  BOOST_TEST(listener->reports.size() == reports);
  say("d");
  BOOST_TEST(last().layer == 2062);
}

BOOST_FIXTURE_TEST_CASE(a_status_that_makes_no_sense_is_waited_out, anycubic_bench) {
  bring_up(printing(100));
  wait(3s);
  reply("getstatus", "getstatus,print,Widget.pwmb/46.pwmb,2338,88,2getwifi,SkyNet,end");
  wait(1s);
  BOOST_TEST(last().layer == 100);
  say(printing(101));
  BOOST_TEST(last().layer == 101);
}

// -- files ------------------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(files_are_listed_before_the_answer, anycubic_bench) {
  bring_up();
  core->list_files(5);
  reply("getfile", "getfile,Model1.pwmb/0.pwmb,Mod");
  say("el2.pwmb/1.pwmb,end");
  BOOST_TEST(answers() == 0);
  wait(200ms);
  BOOST_TEST(answer().outcome == port_outcome::done);
  BOOST_REQUIRE(listener->files.size() == 2);
  BOOST_TEST(listener->files[1].name == "Model2.pwmb");
  BOOST_TEST(listener->files[1].internal_name == "1.pwmb");
}

BOOST_FIXTURE_TEST_CASE(a_missing_stick_is_a_refusal_with_its_meaning, anycubic_bench) {
  bring_up();
  core->list_files(5);
  reply("getfile", "getfile,ERROR1,end");
  BOOST_TEST(answer().outcome == port_outcome::refused);
  BOOST_TEST(answer().why == reason::printer_command_failed);
  BOOST_TEST(answer().detail == "ERROR1 (no USB stick)");
}

BOOST_FIXTURE_TEST_CASE(a_list_is_asked_for_again_after_a_loss_and_given_up_in_the_end,
                        anycubic_bench) {
  bring_up();
  core->list_files(5);
  for (int i = 0; i < 3; ++i) {
    BOOST_TEST(last_sent() == "getfile,");
    BOOST_TEST(answers() == 0);
    drop();
    wait(1s);
    if (i < 2) {
      open();
      reply("getmode", "getmode,0,end");
    }
  }
  BOOST_TEST(count("getfile") == 3);
  BOOST_TEST(answer().outcome == port_outcome::lost);
}

// -- start and stop ---------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(a_start_is_sent_once_and_read_back, anycubic_bench) {
  bring_up();
  core->start(1, "46.pwmb");
  BOOST_TEST(last_sent() == "goprint,46.pwmb,");
  say("goprint,OK,end");
  BOOST_TEST(answers() == 0);
  reply("getstatus", printing(0));
  BOOST_TEST(answer().outcome == port_outcome::done);
  BOOST_TEST(listener->reports[listener->reports_at_answer.back() - 1].state
             == resin_state::printing);
  BOOST_TEST(count("goprint,46.pwmb") == 1);
}

BOOST_FIXTURE_TEST_CASE(a_start_with_a_lost_answer_is_settled_by_what_is_seen, anycubic_bench) {
  bring_up();
  core->start(1, "46.pwmb");
  drop();
  wait(1s);
  open();
  reply("getmode", "getmode,0,end");
  reply("getstatus", printing(1));
  BOOST_TEST(answer().outcome == port_outcome::done);
  BOOST_TEST(count("goprint,46.pwmb") == 1);
}

BOOST_FIXTURE_TEST_CASE(a_start_that_shows_no_effect_is_lost_and_never_sent_again, anycubic_bench) {
  bring_up();
  core->start(1, "46.pwmb");
  for (int i = 0; i < 40 && answers() == 0; ++i) {
    wait(500ms);
    if (last_sent() == "getstatus,")
      say(idle);
  }
  BOOST_TEST(answer().outcome == port_outcome::lost);
  BOOST_TEST(answer().why == reason::outcome_unknown);
  wait(120s);
  BOOST_TEST(count("goprint,46.pwmb") == 1);
  BOOST_TEST(answers() == 1);
}

BOOST_FIXTURE_TEST_CASE(a_start_is_not_confirmed_by_another_files_print, anycubic_bench) {
  bring_up();
  core->start(1, "1.pwmb");
  say("goprint,1.pwmb,end");
  for (int i = 0; i < 40 && answers() == 0; ++i) {
    wait(500ms);
    if (last_sent() == "getstatus,")
      say(printing(4));
  }
  BOOST_TEST(answer().outcome == port_outcome::lost);
}

BOOST_FIXTURE_TEST_CASE(errors_of_a_start_are_failures_with_their_meaning, anycubic_bench) {
  bring_up();
  core->start(1, "46.pwmb");
  say("goprint,ERROR1,end");
  BOOST_TEST(answer().outcome == port_outcome::refused);
  BOOST_TEST(answer().detail == "ERROR1 (busy)");
  core->start(2, "46.pwmb");
  say("goprint,ERROR2,end");
  BOOST_TEST(answer().detail == "ERROR2 (file not found)");
}

BOOST_FIXTURE_TEST_CASE(names_that_would_break_a_request_are_refused_unsent, anycubic_bench) {
  bring_up();
  const auto sent = net.sent.size();
  for (const std::string name : {"", "a,b", "a\r\n", "\\x2C", "\\x0A"}) {
    core->start(1, name);
    BOOST_TEST(answer().outcome == port_outcome::refused);
  }
  BOOST_TEST(net.sent.size() == sent);
  core->start(2, "\\xB2\\xE2.pwmb");
  BOOST_TEST(last_sent() == "goprint,\xB2\xE2.pwmb,");
}

BOOST_FIXTURE_TEST_CASE(a_stop_is_sent_once_and_settled_by_what_is_seen, anycubic_bench) {
  bring_up(printing(4));
  core->stop(1);
  wait(5s);
  wait(500ms);
  reply("getstatus", "getstatus,stopprn,end");
  BOOST_TEST(answer().outcome == port_outcome::done);
  core->stop(2);
  say("gostop,ERROR1,end");
  BOOST_TEST(answer().outcome == port_outcome::refused);
  BOOST_TEST(count("gostop") == 2);
}

// -- pause and resume -------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(an_acknowledged_pause_is_done_and_followed_by_silence, anycubic_bench) {
  bring_up(printing(4));
  wait(2'900ms);
  core->pause(1);
  reply("gopause", "gopause,OK,end");
  BOOST_TEST(answer().outcome == port_outcome::done);
  const auto sent = net.sent.size();
  wait(999ms);
  BOOST_TEST(net.sent.size() == sent);
  core->keep_silent(10s);
  wait(9'999ms);
  BOOST_TEST(net.sent.size() == sent);
  wait(1ms);
  reply("getstatus", paused(5));
  BOOST_TEST(last().missed_polls == 0);
  BOOST_TEST(last().state == resin_state::paused);
}

BOOST_FIXTURE_TEST_CASE(defect_a_pause_with_a_late_answer_was_followed_by_a_poll, anycubic_bench) {
  bring_up(printing(4));
  core->pause(1);
  const auto sent = net.sent.size();
  wait(9'900ms);
  BOOST_TEST(net.sent.size() == sent);
  say("gopause,OK,end");
  BOOST_TEST(answer().outcome == port_outcome::done);
  core->keep_silent(10s);
  wait(9'999ms);
  BOOST_TEST(net.sent.size() == sent);
}

BOOST_FIXTURE_TEST_CASE(a_lost_pause_that_had_effect_is_not_sent_again, anycubic_bench) {
  bring_up(printing(4));
  core->pause(1);
  wait(10s);
  BOOST_TEST(last_sent() == "gopause,");
  wait(499ms);
  BOOST_TEST(last_sent() == "gopause,");
  wait(1ms);
  reply("getstatus", paused(5));
  BOOST_TEST(answer().outcome == port_outcome::done);
  wait(60s);
  BOOST_TEST(count("gopause") == 1);
}

BOOST_FIXTURE_TEST_CASE(a_pause_without_effect_is_sent_again_three_times_at_most, anycubic_bench) {
  bring_up(printing(4));
  core->pause(1);
  std::vector<hal::mono_time> pauses;
  for (int i = 0; i < 3; ++i) {
    wait(10s);
    const auto lost_at = clock.now;
    while (last_sent() != "getstatus,")
      wait(10ms);
    pauses.push_back(clock.now - lost_at);
    reply("getstatus", printing(5 + i));
    BOOST_TEST(last_sent() == "gopause,");
  }
  BOOST_TEST((pauses == std::vector<hal::mono_time>{500ms, 1s, 2s}));
  wait(10s);
  wait(2s);
  reply("getstatus", printing(9));
  BOOST_TEST(answer().outcome == port_outcome::lost);
  wait(60s);
  BOOST_TEST(count("gopause") == 4);
  BOOST_TEST(answers() == 1);
}

BOOST_FIXTURE_TEST_CASE(a_resume_without_effect_is_sent_again_three_times_at_most,
                        anycubic_bench) {
  bring_up(paused(4));
  core->resume(1);
  for (int i = 0; i < 3; ++i) {
    wait(10s);
    while (last_sent() != "getstatus,")
      wait(10ms);
    reply("getstatus", paused(4));
    BOOST_TEST(last_sent() == "goresume,");
  }
  wait(10s);
  wait(2s);
  reply("getstatus", paused(4));
  BOOST_TEST(answer().outcome == port_outcome::lost);
  wait(60s);
  BOOST_TEST(count("goresume") == 4);
}

BOOST_FIXTURE_TEST_CASE(a_repetition_that_is_refused_is_looked_after_and_not_repeated,
                        anycubic_bench) {
  bring_up(printing(4));
  core->pause(1);
  wait(10'500ms);
  reply("getstatus", printing(4));
  reply("gopause", "gopause,ERROR1,end");
  wait(1s);
  reply("getstatus", paused(5));
  BOOST_TEST(answer().outcome == port_outcome::done);
  core->resume(2);
  wait(1s); // The hold after the pause.
  reply("goresume", "goresume,OK,end");
  wait(1s);
  reply("getstatus", printing(6));
  core->pause(3);
  wait(10'500ms);
  reply("getstatus", printing(6));
  reply("gopause", "gopause,ERROR1,end");
  wait(1s);
  reply("getstatus", printing(6));
  BOOST_TEST(answer().outcome == port_outcome::lost);
  BOOST_TEST(count("gopause") == 4);
}

BOOST_FIXTURE_TEST_CASE(a_lost_pause_of_a_print_that_ended_is_refused, anycubic_bench) {
  bring_up(printing(4));
  core->pause(1);
  wait(10'500ms);
  reply("getstatus", "getstatus,finish,end");
  BOOST_TEST(answer().outcome == port_outcome::refused);
  BOOST_TEST(answer().why == reason::printer_not_in_state);
}

BOOST_FIXTURE_TEST_CASE(a_lost_resume_is_settled_across_a_dropout, anycubic_bench) {
  bring_up(paused(4));
  core->resume(1);
  drop();
  for (int i = 0; i < 3; ++i) {
    wait(8s);
    drop(reason::link_timeout);
  }
  BOOST_TEST(answers() == 0);
  wait(8s);
  open();
  reply("getmode", "getmode,0,end");
  reply("getstatus", printing(5));
  BOOST_TEST(answer().outcome == port_outcome::done);
  BOOST_TEST(count("goresume") == 1);
}

BOOST_FIXTURE_TEST_CASE(an_outcome_that_stays_unknown_is_lost_after_a_minute, anycubic_bench) {
  bring_up(paused(4));
  core->resume(1);
  drop();
  for (int i = 0; i < 30 && answers() == 0; ++i) {
    wait(2s);
    drop(reason::link_timeout);
  }
  BOOST_TEST(answer().outcome == port_outcome::lost);
  BOOST_TEST(count("goresume") == 1);
}

// -- order and silence ------------------------------------------------------

BOOST_FIXTURE_TEST_CASE(one_command_is_in_flight_and_the_rest_waits, anycubic_bench) {
  bring_up(printing(4));
  core->refresh(1);
  core->list_files(2);
  core->pause(3);
  BOOST_TEST(last_sent() == "getstatus,");
  say(printing(4));
  BOOST_TEST(last_sent() == "getfile,");
  say("getfile,a/0.pwmb,end");
  wait(200ms);
  BOOST_TEST(last_sent() == "gopause,");
  BOOST_TEST(answers() == 2);
}

BOOST_FIXTURE_TEST_CASE(a_stop_overtakes_everything_and_ends_a_silence, anycubic_bench) {
  bring_up(paused(4));
  core->keep_silent(10s);
  core->resume(1);
  core->list_files(2);
  wait(2s);
  const auto sent = net.sent.size();
  BOOST_TEST(last_sent() != "goresume,");
  core->stop(3);
  BOOST_TEST(net.sent.size() == sent + 1);
  reply("gostop", "gostop,OK,end");
  BOOST_TEST(listener->answers_of(3) == 1);
  BOOST_TEST(last_sent() == "goresume,");
}

BOOST_FIXTURE_TEST_CASE(a_stop_waits_two_seconds_at_most_for_the_command_before, anycubic_bench) {
  bring_up(printing(4));
  core->pause(1);
  core->stop(2);
  wait(2s);
  BOOST_TEST(last_sent() == "gostop,");
  say("gostop,OK,end");
  BOOST_TEST(listener->answers_of(2) == 1);
  wait(500ms);
  reply("getstatus", "getstatus,stopprn,end");
  BOOST_TEST(answer().outcome == port_outcome::refused);
  BOOST_TEST(count("gopause") == 1);
}

BOOST_FIXTURE_TEST_CASE(a_stop_behind_an_unanswered_poll_goes_over_a_new_connection,
                        anycubic_bench) {
  bring_up(printing(4));
  wait(3s);
  core->stop(1);
  wait(1'999ms);
  BOOST_TEST(net.opened.size() == 1);
  wait(1ms);
  BOOST_TEST(net.opened.size() == 2);
  open();
  reply("getmode", "getmode,0,end");
  BOOST_TEST(last_sent() == "gostop,");
}

BOOST_FIXTURE_TEST_CASE(nothing_is_sent_in_a_silence_not_even_a_new_connection, anycubic_bench) {
  bring_up(paused(4));
  core->keep_silent(10s);
  drop();
  const auto sent = net.sent.size();
  wait(9'999ms);
  BOOST_TEST(net.opened.size() == 1);
  BOOST_TEST(net.sent.size() == sent);
  BOOST_TEST(last().link == link_state::offline);
  wait(1ms);
  BOOST_TEST(net.opened.size() == 2);
}

BOOST_FIXTURE_TEST_CASE(a_silence_that_begins_while_a_poll_is_open_is_kept, anycubic_bench) {
  bring_up(printing(4));
  wait(3s);
  core->keep_silent(20s);
  const auto sent = net.sent.size();
  wait(19'999ms);
  BOOST_TEST(net.sent.size() == sent);
  BOOST_TEST(last().missed_polls == 0);
  wait(1ms);
  reply("getstatus", paused(5));
}

BOOST_FIXTURE_TEST_CASE(without_a_connection_requests_are_not_sent_and_not_kept, anycubic_bench) {
  bring_up();
  drop();
  core->start(1, "46.pwmb");
  BOOST_TEST(answer().outcome == port_outcome::not_sent);
  BOOST_TEST(answer().why == reason::link_closed);
  const auto opened = net.opened.size();
  core->stop(2);
  BOOST_TEST(net.opened.size() == opened + 1);
  BOOST_TEST(answers() == 1);
  drop(reason::link_refused);
  BOOST_TEST(answer().outcome == port_outcome::not_sent);
  BOOST_TEST(answer().why == reason::link_refused);
  BOOST_TEST(count("gostop") == 0);
}

BOOST_FIXTURE_TEST_CASE(the_end_answers_everything_once, anycubic_bench) {
  bring_up(printing(4));
  core->pause(1);
  core->refresh(2);
  core->end();
  BOOST_TEST(listener->answers_of(1) == 1);
  BOOST_TEST(listener->answers.front().second.outcome == port_outcome::lost);
  BOOST_TEST(listener->answers.back().second.outcome == port_outcome::not_sent);
  const auto reports = listener->reports.size();
  core->on_timer();
  core->on_bytes(1, printing(5));
  core->refresh(3);
  BOOST_TEST(listener->answers_of(3) == 1);
  BOOST_TEST(listener->reports.size() == reports);
}

BOOST_FIXTURE_TEST_CASE(a_refresh_reports_before_it_answers, anycubic_bench) {
  bring_up();
  const auto reports = listener->reports.size();
  core->refresh(1);
  reply("getstatus", printing(3));
  BOOST_TEST(answer().outcome == port_outcome::done);
  BOOST_TEST(listener->reports_at_answer.back() == reports + 1);
}

BOOST_AUTO_TEST_CASE(random_bytes_make_no_state_and_cause_no_commands) {
  std::mt19937 random{3};
  anycubic_bench bench;
  bench.bring_up(anycubic_bench::printing(10));
  for (int round = 0; round < 5'000; ++round) {
    std::string bytes(random() % 60, '\0');
    for (auto& byte : bytes)
      byte = static_cast<char>(random() % 3 == 0 ? random() : ",getsaupnd\r\n/"[random() % 13]);
    bench.say(bytes);
    bench.wait(std::chrono::milliseconds{random() % 700});
    if (bench.last().link == link_state::offline) {
      while (bench.net.opened.size() == bench.net.closed.size())
        bench.wait(100ms);
      bench.open();
      bench.wait(2s);
      bench.say(anycubic_bench::printing(10));
    }
    BOOST_REQUIRE(bench.last().state == resin_state::printing);
    BOOST_REQUIRE(bench.last().layer == 10);
  }
  for (const auto* command : {"gopause", "goresume", "gostop"})
    BOOST_TEST(bench.count(command) == 0);
}
