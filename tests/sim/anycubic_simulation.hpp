// Simulated resin printers on real ports, in this process, with their control.
#pragma once

#include "hal/sim/anycubic_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>
#include <thread>

namespace gantry::tests {

/// One simulated machine; `options.machine` may be changed before.
class resin_simulation {
public:
  explicit resin_simulation(const sim::anycubic_simulator_options& options = {})
      : simulator_{options} {
    thread_ = std::thread{[this] { simulator_.run(false); }};
  }
  ~resin_simulation() {
    simulator_.stop();
    thread_.join();
  }
  resin_simulation(const resin_simulation&) = delete;
  resin_simulation& operator=(const resin_simulation&) = delete;

  /// One file of a thousand layers of a fifth of a second.
  static sim::anycubic_simulator_options quick() {
    sim::anycubic_simulator_options options;
    auto& machine = options.machine;
    machine.files.resize(1);
    machine.files.front().layers = 1'000;
    machine.files.front().layer_s = 0.2;
    machine.mechanics = {.prepare_s = 0.1, .lift_s = 0.1, .lower_s = 0.1, .stop_s = 0.2};
    return options;
  }

  uint16_t port() const { return simulator_.printers().front().port; }

  /// Sends one request to the control and returns the body of the answer.
  nlohmann::json control(const std::string& method, const std::string& path,
                         const std::string& body = {}) const {
    namespace asio = boost::asio;
    asio::io_context io;
    asio::ip::tcp::socket socket{io};
    socket.connect({asio::ip::address_v4::loopback(), simulator_.printers().front().control_port});
    const auto request = method + " " + path + " HTTP/1.1\r\nHost: sim\r\nConnection: close\r\n"
                         + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
    asio::write(socket, asio::buffer(request));
    std::string answer;
    boost::system::error_code ended;
    asio::read(socket, asio::dynamic_buffer(answer), ended);
    const auto begin = answer.find("\r\n\r\n");
    BOOST_REQUIRE(begin != std::string::npos);
    return nlohmann::json::parse(answer.substr(begin + 4));
  }
  void inject(const nlohmann::json& fault) const {
    const auto answer = control("POST", "/sim/fault", fault.dump());
    BOOST_TEST(answer.contains("ok"), answer.dump());
  }
  nlohmann::json state() const { return control("GET", "/sim/state"); }
  /// Returns the log entries of one event, in order.
  std::vector<nlohmann::json> logged(const std::string& event) const {
    std::vector<nlohmann::json> found;
    const auto log = control("GET", "/sim/log");
    for (const auto& entry : log.at("entries"))
      if (entry.at("event") == event)
        found.push_back(entry);
    return found;
  }

private:
  sim::anycubic_simulator simulator_;
  std::thread thread_;
};

} // namespace gantry::tests
