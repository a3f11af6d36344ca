// Goal: the connector over real sockets, against the simulated resin printer and against peers that
// are none. Method: everything in one process on the loopback; faults go over the simulator's
// control, and its log is the oracle.
#include "hal/anycubic/anycubic_ports.hpp"
#include "hal/net/network_runtime.hpp"
#include "tests/sim/anycubic_simulation.hpp"
#include "tests/sim/listening_socket.hpp"

#include <condition_variable>
#include <future>
#include <map>
#include <mutex>

using namespace gantry;
using namespace gantry::hal;
using namespace gantry::tests;
using namespace std::chrono_literals;

BOOST_TEST_DONT_PRINT_LOG_VALUE(gantry::reason)
BOOST_TEST_DONT_PRINT_LOG_VALUE(gantry::resin_state)
BOOST_TEST_DONT_PRINT_LOG_VALUE(gantry::hal::port_outcome)

namespace {

using steady = std::chrono::steady_clock;

/// Keeps what a port says, and waits for it.
class recorder final : public resin_listener {
public:
  void on_report(const resin_report& report) override {
    change([&] { report_ = report; });
  }
  void on_answer(uint64_t ticket, const port_answer& answer) override {
    change([&] { answers_[ticket] = answer; });
  }
  void on_files(uint64_t, const std::vector<resin_file>& files) override {
    change([&] { files_ = files; });
  }

  bool reports(const std::function<bool(const resin_report&)>& wanted,
               std::chrono::milliseconds limit = 20s) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, limit, [&] { return wanted(report_); });
  }
  port_answer answer(uint64_t ticket) {
    std::unique_lock lock{mutex_};
    BOOST_REQUIRE(changed_.wait_for(lock, 30s, [&] { return answers_.contains(ticket); }));
    return answers_[ticket];
  }
  std::vector<resin_file> files() {
    const std::lock_guard lock{mutex_};
    return files_;
  }

private:
  void change(const std::function<void()>& what) {
    const std::lock_guard lock{mutex_};
    what();
    changed_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  resin_report report_;
  std::map<uint64_t, port_answer> answers_;
  std::vector<resin_file> files_;
};

bool is_online(const resin_report& report) {
  return report.link == link_state::online;
}

/// The parts that a kernel has once.
struct bench {
  std::unique_ptr<hal::clock> clock = make_system_clock();
  std::unique_ptr<id_source> chance = make_system_id_source();
  std::unique_ptr<link_runtime> links = make_network_runtime();
  std::unique_ptr<anycubic_ports> ports = std::make_unique<anycubic_ports>(*links, *clock, *chance);
  std::shared_ptr<recorder> heard = std::make_shared<recorder>();

  static resin_config address(uint16_t port) {
    resin_config config;
    config.host = "127.0.0.1";
    config.port = port;
    config.poll_interval = 1s;
    config.reply_timeout = 2s;
    return config;
  }
  std::unique_ptr<resin_port> open(uint16_t port) const {
    return ports->open(address(port), heard);
  }
  port_answer probe(const resin_config& config) const {
    std::promise<port_answer> verdict;
    ports->probe(config, [&verdict](port_answer answer) { verdict.set_value(std::move(answer)); });
    return verdict.get_future().get();
  }
};

} // namespace

BOOST_AUTO_TEST_CASE(a_print_is_chosen_started_paused_resumed_and_stopped) {
  const resin_simulation machine{resin_simulation::quick()};
  const bench parts;
  const auto port = parts.open(machine.port());
  BOOST_REQUIRE(parts.heard->reports(is_online));
  port->list_files(1);
  BOOST_TEST(parts.heard->answer(1).outcome == port_outcome::done);
  BOOST_REQUIRE(parts.heard->files().size() == 1);
  port->start(2, parts.heard->files().front().internal_name);
  BOOST_TEST(parts.heard->answer(2).outcome == port_outcome::done);
  BOOST_TEST(parts.heard->reports([](const resin_report& report) { return report.layer >= 3; }));
  port->pause(3);
  BOOST_TEST(parts.heard->answer(3).outcome == port_outcome::done);
  BOOST_TEST(parts.heard->reports(
      [](const resin_report& report) { return report.state == resin_state::paused; }));
  port->resume(4);
  BOOST_TEST(parts.heard->answer(4).outcome == port_outcome::done);
  port->stop(5);
  BOOST_TEST(parts.heard->answer(5).outcome == port_outcome::done);
  BOOST_TEST(parts.heard->reports(
      [](const resin_report& report) { return report.state == resin_state::stopped; }));
  for (const auto* event : {"print_started", "print_paused", "print_stopped"})
    BOOST_TEST(machine.logged(event).size() == 1);
}

BOOST_AUTO_TEST_CASE(a_start_whose_answer_breaks_the_connection_is_sent_once) {
  const resin_simulation machine{resin_simulation::quick()};
  const bench parts;
  const auto port = parts.open(machine.port());
  BOOST_REQUIRE(parts.heard->reports(is_online));
  machine.inject({{"kind", "lose_replies"}, {"command", "goprint"}, {"reset", true}});
  port->start(1, "0.pwmb");
  BOOST_TEST(parts.heard->answer(1).outcome == port_outcome::done);
  BOOST_TEST(machine.state()["received"]["goprint"] == 1);
  BOOST_TEST(machine.logged("print_started").size() == 1);
}

BOOST_AUTO_TEST_CASE(a_broken_line_is_reported_at_once_and_comes_back) {
  const resin_simulation machine{resin_simulation::quick()};
  const bench parts;
  const auto port = parts.open(machine.port());
  BOOST_REQUIRE(parts.heard->reports(is_online));
  machine.inject({{"kind", "silent"}, {"for_ms", 2'500}, {"resets", true}});
  BOOST_TEST(parts.heard->reports(
      [](const resin_report& report) { return report.link == link_state::offline; }, 2s));
  BOOST_TEST(parts.heard->reports(
      [](const resin_report& report) { return report.reconnects_failed > 0; }));
  BOOST_TEST(parts.heard->reports(
      [](const resin_report& report) { return is_online(report) && report.generation == 2; }));
}

BOOST_AUTO_TEST_CASE(a_test_of_an_address_names_the_cause) {
  const resin_simulation machine{resin_simulation::quick()};
  const bench parts;
  const auto good = parts.probe(bench::address(machine.port()));
  BOOST_TEST(good.outcome == port_outcome::done);
  BOOST_TEST(good.why == reason::link_ok);
  BOOST_TEST(good.detail.ends_with(" ms"));
  BOOST_TEST(parts.probe(bench::address(1)).why == reason::link_refused);
  auto unknown = bench::address(6000);
  unknown.host = "no-such-printer.invalid";
  BOOST_TEST(parts.probe(unknown).why == reason::link_dns);
}

BOOST_AUTO_TEST_CASE(a_test_tells_silence_from_another_protocol_within_three_seconds) {
  const listening_socket machine;
  const bench parts;
  const auto began = steady::now();
  BOOST_TEST(parts.probe(bench::address(machine.port())).why == reason::link_timeout);
  BOOST_TEST((steady::now() - began < 3'500ms));
  const auto silent = machine.accept();
  auto verdict =
      std::async(std::launch::async, [&] { return parts.probe(bench::address(machine.port())); });
  auto shell = machine.accept();
  shell.write("SSH-2.0-OpenSSH_9.2\r\n");
  BOOST_TEST(verdict.get().why == reason::link_protocol);
  verdict =
      std::async(std::launch::async, [&] { return parts.probe(bench::address(machine.port())); });
  auto rude = machine.accept();
  rude.read(10);
  rude.close();
  BOOST_TEST(verdict.get().why == reason::link_protocol);
}

BOOST_AUTO_TEST_CASE(the_address_of_a_connected_machine_is_tested_on_its_connection) {
  const resin_simulation machine{resin_simulation::quick()};
  const bench parts;
  const auto port = parts.open(machine.port());
  BOOST_REQUIRE(parts.heard->reports(is_online));
  const auto verdict = parts.probe(bench::address(machine.port()));
  BOOST_TEST(verdict.why == reason::link_ok);
  BOOST_TEST(machine.state()["connections_in_all"] == 1);
}

BOOST_AUTO_TEST_CASE(the_end_takes_less_than_a_second_whatever_is_under_way) {
  const listening_socket stuck;
  const resin_simulation machine{resin_simulation::quick()};
  auto parts = std::make_unique<bench>();
  std::vector<std::unique_ptr<resin_port>> ports;
  const auto heard = parts->heard;
  ports.push_back(parts->open(machine.port()));
  ports.push_back(parts->open(stuck.port()));
  BOOST_REQUIRE(heard->reports(is_online));
  std::atomic<int> verdicts = 0;
  parts->ports->probe(bench::address(stuck.port()), [&](const port_answer&) { ++verdicts; });
  machine.inject({{"kind", "lose_replies"}, {"command", "gopause"}});
  ports.front()->pause(1);
  const auto began = steady::now();
  ports.clear();
  parts.reset();
  BOOST_TEST((steady::now() - began < 1s));
  BOOST_TEST(verdicts == 1);
  BOOST_TEST(heard->answer(1).outcome != port_outcome::done);
}
