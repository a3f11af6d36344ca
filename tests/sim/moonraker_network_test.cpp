// Goal: the connector over real sockets, against the simulated printer and against peers that are
// no printer at all. Method: everything in one process on the loopback; the test injects faults
// over the simulator's own HTTP interface.
#include "hal/moonraker/moonraker_ports.hpp"
#include "hal/net/network_runtime.hpp"
#include "hal/sim/moonraker_server.hpp"
#include "tests/time_scale.hpp"

#include <arpa/inet.h>
#include <boost/test/unit_test.hpp>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <future>
#include <mutex>
#include <poll.h>
#include <sys/socket.h>
#include <thread>
#include <unistd.h>

using namespace gantry;
using namespace gantry::hal;
using namespace std::chrono_literals;

BOOST_TEST_DONT_PRINT_LOG_VALUE(gantry::reason)
BOOST_TEST_DONT_PRINT_LOG_VALUE(gantry::hal::port_outcome)

namespace {

const std::string right_key = "0123456789abcdef0123456789abcdef";

using steady = std::chrono::steady_clock;

/// Keeps what a port says, and waits for it.
class recorder final : public port_listener {
public:
  void on_report(const device_report& report) override {
    const std::lock_guard lock{mutex_};
    reports_.push_back(report);
    changed_.notify_all();
  }
  void on_answer(uint64_t ticket, const port_answer& answer) override {
    const std::lock_guard lock{mutex_};
    answers_[ticket] = answer;
    changed_.notify_all();
  }

  bool reports(const std::function<bool(const device_report&)>& wanted,
               std::chrono::milliseconds limit = 10s) {
    std::unique_lock lock{mutex_};
    return changed_.wait_for(lock, limit * gantry::test::time_scale,
                             [&] { return !reports_.empty() && wanted(reports_.back()); });
  }
  port_answer answer(uint64_t ticket, std::chrono::milliseconds limit = 15s) {
    std::unique_lock lock{mutex_};
    BOOST_REQUIRE(changed_.wait_for(lock, limit * gantry::test::time_scale,
                                    [&] { return answers_.count(ticket) == 1; }));
    return answers_[ticket];
  }
  device_report last() {
    const std::lock_guard lock{mutex_};
    return reports_.back();
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<device_report> reports_;
  std::map<uint64_t, port_answer> answers_;
};

bool is_ready(const device_report& report) {
  return report.link == link_state::online && report.firmware == firmware_state::ready;
}

sim::simulator_options simulated(std::size_t count, double speed, const std::string& key,
                                 bool creality) {
  sim::simulator_options options;
  options.creality = creality;
  options.count = count;
  options.speed = speed;
  options.api_key = key;
  return options;
}

/// Simulated printers on free ports.
class farm {
public:
  explicit farm(std::size_t count = 1, double speed = 1, const std::string& key = {},
                bool creality = false)
      : simulator_{simulated(count, speed, key, creality)} {
    thread_ = std::thread{[this] { simulator_.run(false); }};
  }
  ~farm() {
    simulator_.stop();
    thread_.join();
  }
  uint16_t port(std::size_t index = 0) { return simulator_.printers().at(index).second; }

private:
  sim::moonraker_simulator simulator_;
  std::thread thread_;
};

/// A listening socket that says one thing to everybody, and then nothing.
class stranger {
public:
  explicit stranger(std::string says) : says_{std::move(says)} {
    socket_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    BOOST_REQUIRE(::bind(socket_, reinterpret_cast<sockaddr*>(&address), size) == 0);
    BOOST_REQUIRE(::listen(socket_, 16) == 0);
    ::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread{[this] { serve(); }};
  }
  ~stranger() {
    ended_ = true;
    thread_.join();
    for (const int client : clients_)
      ::close(client);
    ::close(socket_);
  }
  uint16_t port() const { return port_; }

private:
  void serve() {
    while (!ended_) {
      pollfd wait{socket_, POLLIN, 0};
      if (::poll(&wait, 1, 20) <= 0)
        continue;
      const int client = ::accept(socket_, nullptr, nullptr);
      if (!says_.empty())
        BOOST_REQUIRE(::write(client, says_.data(), says_.size())
                      == static_cast<ssize_t>(says_.size()));
      clients_.push_back(client);
    }
  }

  std::string says_;
  int socket_ = -1;
  uint16_t port_ = 0;
  std::vector<int> clients_;
  std::atomic<bool> ended_ = false;
  std::thread thread_;
};

/// The parts that a kernel has once.
struct bench {
  std::unique_ptr<hal::clock> clock = make_system_clock();
  std::unique_ptr<id_source> chance = make_system_id_source();
  std::unique_ptr<link_runtime> links = make_network_runtime();
  std::unique_ptr<moonraker_ports> ports;

  explicit bench(connector_settings settings = {}) {
    ports = std::make_unique<moonraker_ports>(*links, *clock, *chance, settings);
  }
  static port_config address(uint16_t port, const std::string& key = {}) {
    port_config config;
    config.host = "127.0.0.1";
    config.port = port;
    config.api_key = key;
    return config;
  }
  port_answer probe(const port_config& config) {
    std::promise<port_answer> verdict;
    ports->probe(config, [&verdict](port_answer answer) { verdict.set_value(std::move(answer)); });
    return verdict.get_future().get();
  }
};

/// Sends one request and waits for its answer; used for the simulator's own interface.
struct one_request final : link_listener {
  std::promise<link_response> answered;
  std::unique_ptr<hal::link> access;

  void on_open(uint64_t) override {}
  void on_frame(uint64_t, std::string_view) override {}
  void on_close(uint64_t, reason, const std::string&) override {}
  void on_timer() override {}
  void on_response(uint64_t, const link_response& response) override {
    answered.set_value(response);
  }
};

link_response ask(link_runtime& links, uint16_t port, link_request request) {
  one_request listener;
  links.post([&] {
    listener.access = links.attach(listener);
    listener.access->request({"127.0.0.1", port}, std::move(request));
  });
  auto response = listener.answered.get_future().get();
  std::promise<void> gone;
  links.post([&] {
    listener.access.reset();
    gone.set_value();
  });
  gone.get_future().wait();
  return response;
}

void inject(bench& parts, uint16_t port, const std::string& fault) {
  link_request request;
  request.method = "POST";
  request.target = "/sim/fault";
  request.headers.push_back({"Content-Type", "application/json"});
  request.body = fault;
  BOOST_REQUIRE(ask(*parts.links, port, request).status == 200);
}

/// A printable file of about `bytes`.
std::string make_file(const std::string& name, std::size_t bytes) {
  std::ifstream model{std::string{GANTRY_SOURCE_DIR} + "/tests/data/moonraker/long.gcode"};
  BOOST_REQUIRE(model);
  std::string text{std::istreambuf_iterator<char>{model}, {}};
  const std::string padding = "; " + std::string(997, 'x') + "\n";
  while (text.size() + padding.size() < bytes)
    text += padding;
  const auto path = std::filesystem::temp_directory_path() / ("gantry-network-test-" + name);
  std::ofstream{path} << text;
  return path.string();
}

/// The most memory that was in use since `forget_memory_peak`.
int64_t memory_peak_kb() {
  std::ifstream file{"/proc/self/status"};
  for (std::string line; std::getline(file, line);)
    if (line.rfind("VmHWM:", 0) == 0)
      return std::stoll(line.substr(6));
  return 0;
}

void forget_memory_peak() {
  std::ofstream{"/proc/self/clear_refs"} << "5";
}

} // namespace

BOOST_AUTO_TEST_CASE(a_print_is_uploaded_started_paused_resumed_cancelled_and_removed) {
  farm printers{1, 10};
  bench parts;
  const auto heard = std::make_shared<recorder>();
  const auto port = parts.ports->open(bench::address(printers.port()), heard);
  BOOST_REQUIRE(heard->reports(is_ready));
  const std::string name = "gantry/run-1-1.gcode";
  const auto file = make_file("print", 3'000'000);
  port->upload(1, file, "", name);
  const auto uploaded = heard->answer(1);
  BOOST_TEST(uploaded.outcome == port_outcome::done);
  BOOST_TEST(uploaded.size_bytes == static_cast<int64_t>(std::filesystem::file_size(file)));
  port->upload(2, file, std::string(64, '0'), name);
  BOOST_TEST(heard->answer(2).why == reason::run_upload_mismatch);
  port->upload(9, file, "", name);
  BOOST_TEST(heard->answer(9).outcome == port_outcome::done);
  port->start(3, name);
  BOOST_TEST(heard->answer(3).outcome == port_outcome::done);
  BOOST_TEST(heard->reports([&](const device_report& report) {
    return report.print == print_state::printing && report.file == name;
  }));
  port->remove_file(4, name);
  BOOST_TEST(heard->answer(4).outcome == port_outcome::refused);
  port->pause(5);
  BOOST_TEST(heard->answer(5, 60s).outcome == port_outcome::done);
  BOOST_TEST(heard->reports(
      [](const device_report& report) { return report.print == print_state::paused; }));
  port->resume(6);
  BOOST_TEST(heard->answer(6, 60s).outcome == port_outcome::done);
  port->cancel(7);
  BOOST_TEST(heard->answer(7, 60s).outcome == port_outcome::done);
  BOOST_TEST(heard->reports(
      [](const device_report& report) { return report.print == print_state::cancelled; }));
  // It was printed, so that its removal is no proof of anything.
  port->remove_file(8, name);
  BOOST_TEST(heard->answer(8).why == reason::run_start_outcome_unknown);
  const std::string other = "gantry/run-2-1.gcode";
  port->upload(12, file, "", other);
  BOOST_TEST(heard->answer(12).outcome == port_outcome::done);
  for (const uint64_t ticket : {10, 13}) {
    port->remove_file(ticket, other);
    BOOST_TEST(heard->answer(ticket).outcome == port_outcome::done);
  }
  const auto observed = heard->last().observed_at;
  port->refresh(11);
  BOOST_TEST(heard->answer(11).outcome == port_outcome::done);
  BOOST_TEST((heard->last().observed_at > observed));
  BOOST_TEST(heard->last().requests_total >= 10);
  std::filesystem::remove(file);
}

BOOST_AUTO_TEST_CASE(an_old_creality_prints_as_well) {
  farm printers{1, 10, {}, true};
  bench parts;
  const auto heard = std::make_shared<recorder>();
  const auto port = parts.ports->open(bench::address(printers.port()), heard);
  BOOST_REQUIRE(heard->reports(is_ready));
  const std::string name = "gantry/run-3-1.gcode";
  const auto file = make_file("creality", 200'000);
  port->upload(1, file, std::string(64, '0'), name);
  BOOST_TEST(heard->answer(1).outcome == port_outcome::done);
  port->start(2, name);
  BOOST_TEST(heard->answer(2).outcome == port_outcome::done);
  BOOST_TEST(heard->reports([&](const device_report& report) {
    return report.print == print_state::printing && report.file == name;
  }));
  BOOST_TEST(heard->last().other_queue == "");
  std::filesystem::remove(file);
}

BOOST_AUTO_TEST_CASE(a_restarted_moonraker_is_found_again_as_a_new_generation) {
  farm printers;
  connector_settings settings;
  settings.backoff_min = 100ms;
  bench parts{settings};
  const auto heard = std::make_shared<recorder>();
  const auto port = parts.ports->open(bench::address(printers.port()), heard);
  BOOST_REQUIRE(heard->reports(is_ready));
  inject(parts, printers.port(), R"({"kind":"moonraker_restart","for_ms":500})");
  BOOST_TEST(heard->reports(
      [](const device_report& report) { return report.link == link_state::offline; }));
  BOOST_TEST(heard->reports(
      [](const device_report& report) { return is_ready(report) && report.generation >= 2; }));
  inject(parts, printers.port(), R"({"kind":"klippy_disconnect","for_ms":500})");
  BOOST_TEST(heard->reports([](const device_report& report) {
    return report.link == link_state::online && report.firmware == firmware_state::disconnected;
  }));
  BOOST_TEST(heard->reports(is_ready));
}

BOOST_AUTO_TEST_CASE(a_start_whose_reply_is_lost_is_lost_and_still_runs_once) {
  farm printers;
  connector_settings settings;
  settings.backoff_min = 100ms;
  bench parts{settings};
  const auto heard = std::make_shared<recorder>();
  const auto port = parts.ports->open(bench::address(printers.port()), heard);
  BOOST_REQUIRE(heard->reports(is_ready));
  const std::string name = "gantry/run-2-1.gcode";
  const auto file = make_file("lost", 100'000);
  port->upload(1, file, "", name);
  BOOST_REQUIRE(heard->answer(1).outcome == port_outcome::done);
  inject(parts, printers.port(), R"({"kind":"lose_start_replies","count":1,"reset":true})");
  port->start(2, name);
  BOOST_TEST(heard->answer(2).outcome == port_outcome::lost);
  BOOST_TEST(heard->reports([&](const device_report& report) {
    return report.generation >= 2 && report.print == print_state::printing && report.file == name;
  }));
  std::filesystem::remove(file);
}

BOOST_AUTO_TEST_CASE(a_silent_machine_is_dropped_and_named) {
  farm printers;
  connector_settings settings;
  settings.heartbeat = 1'500ms;
  bench parts{settings};
  const auto heard = std::make_shared<recorder>();
  const auto port = parts.ports->open(bench::address(printers.port()), heard);
  BOOST_REQUIRE(heard->reports(is_ready));
  inject(parts, printers.port(), R"({"kind":"silent","for_ms":60000})");
  BOOST_TEST(heard->reports([](const device_report& report) {
    return report.link == link_state::offline && report.link_reason == reason::link_timeout;
  }));
}

BOOST_AUTO_TEST_CASE(a_test_of_an_address_names_the_cause) {
  bench parts;
  farm printers{1, 1, right_key};
  const auto good = parts.probe(bench::address(printers.port(), right_key));
  BOOST_TEST(good.outcome == port_outcome::done);
  BOOST_TEST(good.why == reason::link_ok);
  BOOST_TEST(parts.probe(bench::address(printers.port(), "wrong")).why == reason::link_auth);
  BOOST_TEST(parts.probe(bench::address(printers.port())).why == reason::link_auth);
  BOOST_TEST(parts.probe(bench::address(1)).why == reason::link_refused);
  auto unknown = bench::address(7125);
  unknown.host = "no-such-printer.invalid";
  BOOST_TEST(parts.probe(unknown).why == reason::link_dns);
  stranger page{"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 6\r\n\r\n<html>"};
  BOOST_TEST(parts.probe(bench::address(page.port())).why == reason::link_not_klipper);
  stranger json{"HTTP/1.1 200 OK\r\nContent-Length: 15\r\n\r\n{\"result\": \"x\"}"};
  BOOST_TEST(parts.probe(bench::address(json.port())).why == reason::link_not_klipper);
  stranger shell{"SSH-2.0-OpenSSH_9.2\r\n"};
  BOOST_TEST(parts.probe(bench::address(shell.port())).why == reason::link_not_klipper);
  stranger endless{"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n"};
  stranger silent{""};
  for (const auto* peer : {&endless, &silent}) {
    const auto began = steady::now();
    BOOST_TEST((parts.probe(bench::address(peer->port())).why != reason::link_ok));
    BOOST_TEST((steady::now() - began < 3'500ms));
  }
}

BOOST_AUTO_TEST_CASE(a_connection_without_the_right_key_says_so) {
  farm printers{1, 1, right_key};
  bench parts;
  const auto wrong = std::make_shared<recorder>();
  const auto closed = parts.ports->open(bench::address(printers.port(), "wrong"), wrong);
  BOOST_TEST(wrong->reports([](const device_report& report) {
    return report.link == link_state::offline && report.link_reason == reason::link_auth;
  }));
  const auto right = std::make_shared<recorder>();
  const auto open = parts.ports->open(bench::address(printers.port(), right_key), right);
  BOOST_TEST(right->reports(is_ready));
}

BOOST_AUTO_TEST_CASE(twenty_uploads_at_once_take_little_memory) {
  farm printers{20};
  bench parts;
  std::vector<std::shared_ptr<recorder>> heard;
  std::vector<std::unique_ptr<printer_port>> ports;
  for (std::size_t index = 0; index < 20; ++index) {
    heard.push_back(std::make_shared<recorder>());
    ports.push_back(parts.ports->open(bench::address(printers.port(index)), heard.back()));
  }
  for (const auto& item : heard)
    BOOST_REQUIRE(item->reports(is_ready));
  const auto file = make_file("big", 12'000'000);
  forget_memory_peak();
  const auto before_kb = memory_peak_kb();
  const auto began = steady::now();
  for (const auto& port : ports)
    port->upload(1, file, "", "gantry/big.gcode");
  for (const auto& item : heard)
    BOOST_TEST(item->answer(1, 60s).outcome == port_outcome::done);
  const auto grown_kb = memory_peak_kb() - before_kb;
  BOOST_TEST_MESSAGE("20 uploads of 12 MB: " << (steady::now() - began) / 1ms << " ms, " << grown_kb
                                             << " KiB more at the peak");
  // The simulator is in this process too; 20 whole files would be 240 MB.
  BOOST_TEST(grown_kb < 60'000);
  std::filesystem::remove(file);
}

BOOST_AUTO_TEST_CASE(an_upload_to_a_machine_that_stops_reading_ends) {
  stranger stuck{""};
  bench parts;
  const auto file = make_file("stuck", 12'000'000);
  link_request request;
  request.method = "POST";
  request.target = "/server/files/upload";
  request.file = file;
  request.file_name = "a.gcode";
  request.timeout = 300ms;
  const auto began = steady::now();
  const auto response = ask(*parts.links, stuck.port(), request);
  BOOST_TEST((steady::now() - began < 2s));
  BOOST_TEST(response.status == 0);
  BOOST_TEST(response.sent);
  BOOST_TEST(response.why == reason::link_timeout);
  request.file = "/nonexistent/a.gcode";
  const auto missing = ask(*parts.links, stuck.port(), request);
  BOOST_TEST(missing.why == reason::not_found);
  BOOST_TEST(!missing.sent);
  std::filesystem::remove(file);
}

BOOST_AUTO_TEST_CASE(answers_beyond_the_limit_are_refused) {
  stranger flood{"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n"};
  bench parts;
  link_request request;
  request.target = "/";
  request.timeout = 1s;
  BOOST_TEST(ask(*parts.links, flood.port(), request).why == reason::link_protocol);
}

BOOST_AUTO_TEST_CASE(the_end_takes_less_than_a_second_whatever_is_under_way) {
  stranger stuck{""};
  farm printers;
  const auto file = make_file("end", 12'000'000);
  const auto heard = std::make_shared<recorder>();
  auto parts = std::make_unique<bench>();
  std::vector<std::unique_ptr<printer_port>> ports;
  ports.push_back(parts->ports->open(bench::address(printers.port()), heard));
  ports.push_back(parts->ports->open(bench::address(stuck.port()), heard));
  auto nowhere = bench::address(7125);
  nowhere.host = "192.0.2.1";
  ports.push_back(parts->ports->open(nowhere, heard));
  nowhere.host = "a-slow-name.example.invalid";
  ports.push_back(parts->ports->open(nowhere, heard));
  BOOST_REQUIRE(heard->reports([](const device_report&) { return true; }));
  std::atomic<int> verdicts = 0;
  parts->ports->probe(bench::address(stuck.port()), [&](const port_answer&) { ++verdicts; });
  std::this_thread::sleep_for(300ms);
  ports.front()->upload(1, file, "", "gantry/end.gcode");
  const auto began = steady::now();
  ports.clear();
  parts.reset();
  BOOST_TEST((steady::now() - began < 1s));
  BOOST_TEST(verdicts == 1);
  heard->answer(1, 1ms);
  std::filesystem::remove(file);
}
