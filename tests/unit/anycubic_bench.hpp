// A connector on a scripted stream: the test is the machine. Time moves only when the test says so.
#pragma once

#include "hal/anycubic/anycubic_connector.hpp"

#include <boost/test/unit_test.hpp>

namespace gantry::tests {

using namespace std::chrono_literals;

class stopped_clock final : public hal::clock {
public:
  hal::mono_time mono() const override { return now; }
  timestamp wall() const override {
    return timestamp{1'800'000'000s} + std::chrono::floor<std::chrono::milliseconds>(now);
  }
  std::string boot_id() const override { return "boot"; }

  hal::mono_time now{1'000s};
};

class counted_chance final : public hal::id_source {
public:
  uint64_t bits() override { return next += 7'919; }
  uint64_t next = 0;
};

/// What the connector did with its link.
struct stream_net {
  std::vector<uint64_t> opened;
  std::vector<uint64_t> closed;
  std::vector<std::pair<hal::mono_time, std::string>> sent;
  std::optional<std::chrono::milliseconds> wake;
};

class scripted_link final : public hal::link {
public:
  scripted_link(stream_net& net, const stopped_clock& clock) : net_{net}, clock_{clock} {}

  uint64_t open_websocket(const hal::link_address&, const std::string&,
                          const std::vector<hal::link_header>&) override {
    BOOST_FAIL("resin printers have no WebSockets");
    return 0;
  }
  uint64_t open_stream(const hal::link_address&) override {
    net_.opened.push_back(net_.opened.size() + 1);
    return net_.opened.back();
  }
  void send(uint64_t number, std::string bytes) override {
    BOOST_TEST(number == net_.opened.back());
    net_.sent.emplace_back(clock_.now, std::move(bytes));
  }
  void close(uint64_t number) override { net_.closed.push_back(number); }
  uint64_t request(const hal::link_address&, hal::link_request) override {
    BOOST_FAIL("resin printers have no HTTP");
    return 0;
  }
  void wake_after(std::chrono::milliseconds pause) override { net_.wake = pause; }

private:
  stream_net& net_;
  const stopped_clock& clock_;
};

class resin_recorder final : public hal::resin_listener {
public:
  void on_report(const resin_report& report) override { reports.push_back(report); }
  void on_answer(uint64_t ticket, const hal::port_answer& answer) override {
    answers.emplace_back(ticket, answer);
    reports_at_answer.push_back(reports.size());
  }
  void on_files(uint64_t ticket, const std::vector<hal::resin_file>& found) override {
    BOOST_TEST(answers_of(ticket) == 0);
    files = found;
  }
  long answers_of(uint64_t ticket) const {
    return std::count_if(answers.begin(), answers.end(),
                         [ticket](const auto& item) { return item.first == ticket; });
  }

  std::vector<resin_report> reports;
  std::vector<std::pair<uint64_t, hal::port_answer>> answers;
  std::vector<std::size_t> reports_at_answer;
  std::vector<hal::resin_file> files;
};

struct anycubic_bench {
  explicit anycubic_bench(hal::anycubic_settings settings = {}) {
    hal::resin_config config;
    config.host = "printer";
    core = std::make_unique<hal::anycubic_connector>(config, listener, clock, chance, settings);
    core->begin(std::make_unique<scripted_link>(net, clock));
  }

  /// Lets time pass, running the timer whenever it is due.
  void wait(std::chrono::milliseconds time) {
    const auto end = clock.now + time;
    while (net.wake && clock.now + *net.wake <= end) {
      clock.now += *net.wake;
      net.wake.reset();
      core->on_timer();
    }
    if (net.wake)
      *net.wake -= std::chrono::duration_cast<std::chrono::milliseconds>(end - clock.now);
    clock.now = end;
  }

  void open() { core->on_open(net.opened.back()); }
  void drop(reason why = reason::link_closed) { core->on_close(net.opened.back(), why, "gone"); }
  void say(const std::string& bytes) { core->on_bytes(net.opened.back(), bytes); }
  /// Answers the newest request, which must be `request`.
  void reply(const std::string& request, const std::string& bytes) {
    BOOST_REQUIRE(!net.sent.empty());
    BOOST_TEST_REQUIRE(net.sent.back().second == request + ",");
    say(bytes);
  }
  long count(const std::string& request) const {
    return std::count_if(net.sent.begin(), net.sent.end(),
                         [&](const auto& item) { return item.second == request + ","; });
  }
  const std::string& last_sent() const { return net.sent.back().second; }
  hal::mono_time last_sent_at() const { return net.sent.back().first; }

  /// From a new connection to a machine that shows `status`.
  void bring_up(const std::string& status = idle) {
    open();
    reply("getmode", "getmode,0,end");
    reply("getstatus", status);
    reply("sysinfo", "sysinfo,Photon Mono X 6K,V0.2.2,0000170300020034,SkyNet,end");
  }
  const resin_report& last() const { return listener->reports.back(); }
  const hal::port_answer& answer() const { return listener->answers.back().second; }
  std::size_t answers() const { return listener->answers.size(); }

  static std::string printing(int layer, const std::string& word = "print") {
    return "getstatus," + word + ",Widget.pwmb/46.pwmb,2338," + std::to_string(layer * 100 / 2338)
           + "," + std::to_string(layer) + "," + std::to_string(layer * 25) + ","
           + std::to_string((2338 - layer) * 25) + ",~178mL,UV,39.38,0.05,0,end";
  }
  static std::string paused(int layer) { return printing(layer, "pause"); }
  static inline const std::string idle = "getstatus,stop\r\n,end";

  stopped_clock clock;
  counted_chance chance;
  stream_net net;
  std::shared_ptr<resin_recorder> listener = std::make_shared<resin_recorder>();
  std::unique_ptr<hal::anycubic_connector> core;
};

} // namespace gantry::tests
