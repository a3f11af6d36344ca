// Goal: with replies and commands lost in every way, the machine's own log shows that a start was
// sent once and that nothing happened twice; and whatever drops out comes back. Method: connector
// and simulated machine on one virtual clock; the machine's log is the oracle.
#include "tests/sim/anycubic_world.hpp"

using namespace gantry;
using namespace gantry::tests;
using gantry::hal::port_outcome;

BOOST_TEST_DONT_PRINT_LOG_VALUE(gantry::reason)
BOOST_TEST_DONT_PRINT_LOG_VALUE(gantry::resin_state)
BOOST_TEST_DONT_PRINT_LOG_VALUE(gantry::link_state)
BOOST_TEST_DONT_PRINT_LOG_VALUE(gantry::hal::port_outcome)

namespace {

/// A machine whose pauses show at once: no layer has to be waited for.
sim::anycubic_options prompt_machine() {
  auto options = sim::test::resin_fixture::quick_options();
  options.files.front().layers = 100'000;
  options.files.front().layer_s = 0.2;
  options.mechanics = {.prepare_s = 0.1, .lift_s = 0.1, .lower_s = 0.1, .stop_s = 1};
  return options;
}

/// Every way to lose one command or its reply.
std::vector<json> losses(const std::string& command) {
  std::vector<json> all;
  for (const auto* kind : {"lose_replies", "lose_commands"})
    for (const bool reset : {false, true})
      all.push_back({{"kind", kind}, {"command", command}, {"reset", reset}});
  return all;
}

bool had_effect(const json& loss) {
  return loss["kind"] == "lose_replies";
}

/// Brings a print to its first layers.
void bring_to_print(resin_world& world) {
  world.run(1s);
  BOOST_REQUIRE(world.is_online());
  world.core->start(1, "0.pwmb");
  BOOST_REQUIRE(world.answer(1).outcome == port_outcome::done);
  BOOST_REQUIRE(world.run_until([&] { return world.last().layer > 3; }, 60s));
}

} // namespace

BOOST_AUTO_TEST_CASE(a_print_is_followed_from_its_start_to_its_end) {
  resin_world world;
  world.run(1s);
  world.core->list_files(1);
  BOOST_TEST(world.answer(1).outcome == port_outcome::done);
  BOOST_REQUIRE(world.listener->files.size() == 1);
  world.core->start(2, world.listener->files.front().internal_name);
  BOOST_TEST(world.answer(2).outcome == port_outcome::done);
  world.run(120s);
  BOOST_TEST(world.last().state == resin_state::stopped);
  int64_t layer = 0;
  bool finished = false;
  for (const auto& report : world.listener->reports) {
    finished = finished || report.state == resin_state::finished;
    if (report.state != resin_state::printing)
      continue;
    BOOST_TEST(report.layer >= layer);
    BOOST_TEST(report.layer - layer <= 1);
    layer = report.layer;
  }
  BOOST_TEST(layer == 10);
  BOOST_TEST(finished);
  BOOST_TEST(world.received("goprint") == 1);
  BOOST_TEST(world.received("sysinfo") == 1);
}

BOOST_AUTO_TEST_CASE(a_start_is_sent_once_however_its_answer_is_lost) {
  for (const auto& loss : losses("goprint")) {
    BOOST_TEST_CONTEXT(loss.dump()) {
      resin_world world{prompt_machine()};
      world.run(1s);
      world.machine.inject(loss);
      world.core->start(1, "0.pwmb");
      const auto answer = world.answer(1);
      world.run(120s);
      BOOST_TEST(answer.outcome == (had_effect(loss) ? port_outcome::done : port_outcome::lost));
      BOOST_TEST(world.received("goprint") == 1);
      BOOST_TEST(world.happened("print_started") == (had_effect(loss) ? 1 : 0));
      BOOST_TEST(world.listener->answers_of(1) == 1);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_pause_is_never_doubled_when_it_had_effect) {
  for (const auto& loss : losses("gopause")) {
    BOOST_TEST_CONTEXT(loss.dump()) {
      resin_world world{prompt_machine()};
      bring_to_print(world);
      world.machine.inject(loss);
      world.core->pause(2);
      BOOST_TEST(world.answer(2).outcome == port_outcome::done);
      world.run(60s);
      BOOST_TEST(world.received("gopause") == (had_effect(loss) ? 1 : 2));
      BOOST_TEST(world.happened("print_paused") == 1);
      BOOST_TEST(world.happened("gopause_refused") == 0);
      BOOST_TEST(world.last().state == resin_state::paused);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_resume_is_never_doubled_when_it_had_effect) {
  for (const auto& loss : losses("goresume")) {
    BOOST_TEST_CONTEXT(loss.dump()) {
      resin_world world{prompt_machine()};
      bring_to_print(world);
      world.core->pause(2);
      BOOST_TEST(world.answer(2).outcome == port_outcome::done);
      world.run(5s);
      world.machine.inject(loss);
      world.core->resume(3);
      BOOST_TEST(world.answer(3).outcome == port_outcome::done);
      world.run(60s);
      BOOST_TEST(world.received("goresume") == (had_effect(loss) ? 1 : 2));
      BOOST_TEST(world.happened("print_resumed") == 1);
      BOOST_TEST(world.last().state == resin_state::printing);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_lost_pause_that_waits_for_its_layer_pauses_once) {
  auto options = sim::test::resin_fixture::quick_options();
  options.files.front().layers = 1'000;
  resin_world world{options};
  bring_to_print(world);
  world.machine.inject({{"kind", "lose_replies"}, {"command", "gopause"}});
  world.core->pause(2);
  const auto answer = world.answer(2);
  BOOST_TEST((answer.outcome == port_outcome::done || answer.outcome == port_outcome::lost));
  world.run(60s);
  BOOST_TEST(world.last().state == resin_state::paused);
  BOOST_TEST(world.happened("gopause_accepted") == 1);
  BOOST_TEST(world.happened("print_paused") == 1);
  // The state still says `print` while the layer goes on; the repetition is refused, not repeated.
  BOOST_TEST(world.received("gopause") == 2);
}

BOOST_AUTO_TEST_CASE(a_stop_is_sent_once_and_passes_whatever_is_lost) {
  for (const auto& loss : losses("gostop")) {
    BOOST_TEST_CONTEXT(loss.dump()) {
      resin_world world{prompt_machine()};
      bring_to_print(world);
      world.machine.inject(loss);
      world.core->stop(2);
      const auto answer = world.answer(2);
      world.run(60s);
      BOOST_TEST(world.received("gostop") == 1);
      BOOST_TEST(answer.outcome == (had_effect(loss) ? port_outcome::done : port_outcome::lost));
      BOOST_TEST(world.happened("print_stopped") == (had_effect(loss) ? 1 : 0));
    }
  }
}

BOOST_AUTO_TEST_CASE(no_byte_goes_to_the_machine_in_a_silence_after_a_pause) {
  resin_world world{prompt_machine()};
  bring_to_print(world);
  world.core->pause(2);
  BOOST_TEST(world.answer(2).outcome == port_outcome::done);
  world.core->keep_silent(10s);
  const auto before = world.machine.state()["last_byte_t_ms"].get<int64_t>();
  world.run(9'900ms);
  BOOST_TEST(world.machine.state()["last_byte_t_ms"] == before);
  world.run(1s);
  BOOST_TEST(world.machine.state()["last_byte_t_ms"] > before + 9'900);
  BOOST_TEST(world.last().state == resin_state::paused);
}

BOOST_AUTO_TEST_CASE(dropouts_after_a_resume_are_seen_at_once_and_recovered_from) {
  for (const bool resets : {true, false}) {
    BOOST_TEST_CONTEXT("resets " << resets) {
      resin_world world{prompt_machine()};
      world.machine.inject({{"kind", "dropout_after_resume"},
                            {"after_ms", 15'000},
                            {"for_ms", 20'000},
                            {"resets", resets}});
      bring_to_print(world);
      world.core->pause(2);
      BOOST_TEST(world.answer(2).outcome == port_outcome::done);
      world.run(5s);
      world.core->resume(3);
      BOOST_TEST(world.answer(3).outcome == port_outcome::done);
      const auto resumed = world.clock.now;
      BOOST_REQUIRE(world.run_until(
          [&] { return !world.is_online() || world.last().missed_polls > 0; }, 60s));
      const auto seen_after = world.clock.now - resumed;
      BOOST_TEST((seen_after > 15s));
      BOOST_TEST((seen_after < (resets ? 15'500ms : 22s)));
      BOOST_REQUIRE(world.run_until(
          [&] { return world.is_online() && world.last().missed_polls == 0; }, 120s));
      BOOST_TEST((world.clock.now - resumed < 35s + 10s));
      if (resets)
        BOOST_TEST(world.last().generation == 2);
    }
  }
}

BOOST_AUTO_TEST_CASE(a_machine_for_one_request_per_connection_is_followed_and_commanded) {
  auto options = prompt_machine();
  options.one_request_per_connection = true;
  options.accept_delay = std::chrono::seconds{1};
  resin_world world{options};
  BOOST_REQUIRE(world.run_until([&] { return world.is_online(); }, 30s));
  world.core->start(1, "0.pwmb");
  BOOST_TEST(world.answer(1).outcome == port_outcome::done);
  world.core->pause(2);
  BOOST_TEST(world.answer(2).outcome == port_outcome::done);
  world.run(60s);
  BOOST_TEST(world.last().state == resin_state::paused);
  BOOST_TEST(world.last().generation == 1);
  BOOST_TEST(world.last().missed_polls == 0);
  BOOST_TEST(world.received("goprint") == 1);
  BOOST_TEST(world.received("gopause") == 1);
}

BOOST_AUTO_TEST_CASE(somebody_elses_connection_only_delays) {
  resin_world world{prompt_machine()};
  world.run(1s);
  const auto other = world.machine.device.connect();
  world.machine.inject({{"kind", "drop_connections"}});
  world.run(100ms);
  BOOST_TEST(!world.is_online());
  world.machine.device.close(other);
  BOOST_TEST(world.run_until([&] { return world.is_online(); }, 20s));
}

// A print of a day on a line that loses, spoils and breaks: every request gets one answer, nothing
// physical happens twice, and the connection always comes back.
BOOST_AUTO_TEST_CASE(a_day_on_a_bad_line_doubles_nothing) {
  for (const unsigned seed : {1U, 2U, 3U}) {
    auto options = sim::test::resin_fixture::quick_options();
    options.files.front().layers = 100'000;
    options.seed = seed;
    options.mechanics.jump_share = 0.05;
    resin_world world{options};
    world.chance.next = seed;
    std::mt19937 random{seed};
    bring_to_print(world);
    uint64_t ticket = 10;
    int64_t wished_pauses = 0;
    for (int hour_part = 0; hour_part < 24 * 6; ++hour_part) {
      const std::vector<json> faults = {
          {{"kind", "lose_replies"}, {"count", 2}},
          {{"kind", "lose_commands"}, {"count", 2}, {"reset", true}},
          {{"kind", "split_replies"}, {"count", 20}, {"bytes", 7}, {"gap_ms", 40}},
          {{"kind", "foreign_replies"}, {"count", 3}, {"text", "getwifi,SkyNet,end"}},
          {{"kind", "truncate_replies"}, {"count", 1}, {"bytes", 30}},
          {{"kind", "reset_after_reply"}, {"count", 1}},
          {{"kind", "silent"}, {"for_ms", 8'000}},
          {{"kind", "silent"}, {"for_ms", 15'000}, {"resets", true}},
          {{"kind", "say"}, {"text", "getstatus,stop,end"}},
      };
      world.machine.inject(faults[random() % faults.size()]);
      const auto pause = ++ticket;
      if (world.last().state == resin_state::printing && world.is_online()) {
        const auto paused_before = world.happened("print_paused");
        world.core->pause(pause);
        ++wished_pauses;
        world.answer(pause);
        world.run(30s);
        BOOST_TEST(world.happened("print_paused") <= paused_before + 1);
        if (world.machine.state()["state"] == "pause") {
          const auto resumed_before = world.happened("print_resumed");
          world.core->resume(++ticket);
          world.answer(ticket);
          world.run(10s);
          BOOST_TEST(world.happened("print_resumed") <= resumed_before + 1);
        }
      }
      BOOST_REQUIRE(world.run_until([&] { return world.is_online(); }, 120s));
      world.run(std::chrono::minutes{9});
      if (world.machine.state()["state"] == "pause") {
        world.core->resume(++ticket);
        world.answer(ticket);
      }
    }
    const auto [outages, length] = world.outages;
    BOOST_REQUIRE(outages > 20);
    BOOST_TEST_MESSAGE("seed " << seed << ": " << outages << " outages, mean time to recover "
                               << length / outages / 1ms << " ms");
    BOOST_TEST((length / outages < 30s));
    for (uint64_t asked = 11; asked <= ticket; ++asked)
      BOOST_TEST(world.listener->answers_of(asked) <= 1);
    BOOST_TEST(world.received("goprint") == 1);
    BOOST_TEST(world.happened("print_started") == 1);
    BOOST_TEST(wished_pauses > 100);
    BOOST_TEST(world.happened("gopause_accepted") <= wished_pauses);
    BOOST_TEST(world.happened("print_paused") <= wished_pauses);
    BOOST_TEST(world.happened("layer") > 4'000);
  }
}
