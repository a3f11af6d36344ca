#pragma once

// A simulated resin printer in virtual time with helpers that read like a conversation.

#include <algorithm>
#include <map>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "hal/sim/anycubic_device.hpp"

namespace gantry::sim::test {

using nlohmann::json;
using namespace std::chrono_literals;

/// One machine, its log and its clients.
class resin_fixture {
public:
  explicit resin_fixture(anycubic_options options = quick_options()) : device(std::move(options)) {
    device.set_log([this](std::string_view line) { log.push_back(json::parse(line)); });
  }

  /// A Mono X 6K with one file of ten layers of ten seconds.
  static anycubic_options quick_options() {
    auto options = *anycubic_model("mono-x-6k");
    options.files.resize(1);
    options.files.front().layers = 10;
    options.files.front().layer_s = 10;
    return options;
  }

  /// Lets time pass in the steps the device asks for, collecting what it sends.
  void run(model_time duration) {
    const auto end = now + duration;
    while (true) {
      collect();
      const auto next = device.next_deadline();
      if (!next || *next > end)
        break;
      now = std::max(now, *next);
      device.advance(now);
    }
    now = end;
    device.advance(now);
    collect();
  }

  void collect() {
    for (auto& output : device.take_outputs()) {
      if (output.what == stream_output::kind::bytes) {
        heard[output.connection] += output.bytes;
        pieces[output.connection].push_back(std::move(output.bytes));
      } else {
        ends[output.connection] = output.what;
      }
    }
  }

  /// Sends bytes and returns what came back by now.
  std::string ask(connection_id from, const std::string& bytes) {
    heard[from].clear();
    device.receive(from, bytes);
    collect();
    return heard[from];
  }

  void inject(const json& fault) { BOOST_TEST(device.inject(fault.dump()) == ""); }
  json state() const { return json::parse(device.state_json()); }

  /// Returns the log entries of one event, in order.
  std::vector<json> logged(const std::string& event) const {
    std::vector<json> found;
    std::copy_if(log.begin(), log.end(), std::back_inserter(found),
                 [&](const json& entry) { return entry["event"] == event; });
    return found;
  }

  anycubic_device device;
  model_time now{0};
  std::vector<json> log;
  std::map<connection_id, std::string> heard;
  std::map<connection_id, std::vector<std::string>> pieces;
  std::map<connection_id, stream_output::kind> ends;
};

} // namespace gantry::sim::test
