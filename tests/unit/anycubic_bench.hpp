// A connector on a scripted stream: the test is the machine. Time moves only when the test says so.
#pragma once

#include "tests/unit/scripted_stream.hpp"

#include <boost/test/unit_test.hpp>

namespace gantry::tests {

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
