#pragma once

// A simulated printer in virtual time with helpers that read like a protocol script.

#include <algorithm>
#include <chrono>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "hal/sim/moonraker_device.hpp"

namespace gantry::sim::test {

using nlohmann::json;
using namespace std::chrono_literals;

/// Reads a file below tests/data; fails the test when it is missing.
inline std::string read_data(const std::string& path) {
  std::ifstream file(std::string(GANTRY_SOURCE_DIR) + "/tests/data/" + path, std::ios::binary);
  BOOST_REQUIRE_MESSAGE(file.good(), "missing test data " << path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// A reply of the API.
struct api_reply {
  int status = 0;
  std::string reason;
  std::map<std::string, std::string> headers;
  std::string text;
  bool reset = false;
  json body() const { return json::parse(text, nullptr, false); }
};

/// One printer, its log and its clients.
class printer_fixture {
public:
  explicit printer_fixture(device_options options = {})
      : device(std::move(options), make_memory_files()) {
    device.set_log([this](std::string_view line) { log.push_back(json::parse(line)); });
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
      if (output.what == device_output::kind::frame) {
        frames[output.connection].push_back(json::parse(output.text));
      } else if (output.what == device_output::kind::close) {
        closes[output.connection] = output.code;
      } else if (output.request != 0) {
        replies[output.request] = {output.code,
                                   output.reason,
                                   {output.headers.begin(), output.headers.end()},
                                   output.text,
                                   output.what == device_output::kind::reset};
      } else {
        closes[output.connection] = 1006;
      }
    }
  }

  request_id send(std::string method, std::string target, std::string body = {},
                  std::vector<std::pair<std::string, std::string>> headers = {}) {
    if (!body.empty() && headers.empty())
      headers.emplace_back("Content-Type", "application/json");
    return device.http({std::move(method), std::move(target), std::move(headers), std::move(body)});
  }

  /// Waits up to `limit` of virtual time; `waited` says how long it took.
  api_reply wait_for(request_id request, model_time limit = 60s) {
    const auto begin = now;
    while (!replies.contains(request) && now - begin < limit)
      run(10ms);
    waited = now - begin;
    return replies.contains(request) ? replies[request] : api_reply{};
  }

  api_reply call(std::string method, std::string target, std::string body = {},
                 std::vector<std::pair<std::string, std::string>> headers = {}) {
    return wait_for(
        send(std::move(method), std::move(target), std::move(body), std::move(headers)));
  }

  api_reply upload(const std::string& filename, const std::string& content,
                   const std::map<std::string, std::string>& fields = {},
                   const std::string& part = "file",
                   std::vector<std::pair<std::string, std::string>> headers = {}) {
    std::string body;
    for (const auto& [name, value] : fields)
      body += "--line\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value
              + "\r\n";
    if (!part.empty())
      body += "--line\r\nContent-Disposition: form-data; name=\"" + part + "\"; filename=\""
              + filename + "\"\r\nContent-Type: application/octet-stream\r\n\r\n" + content
              + "\r\n";
    body += "--line--\r\n";
    headers.emplace_back("Content-Type", "multipart/form-data; boundary=line");
    return call("POST", "/server/files/upload", body, headers);
  }

  /// Opens a WebSocket.
  connection_id connect(std::vector<std::pair<std::string, std::string>> headers = {}) {
    return device.open_websocket({"GET", "/websocket", std::move(headers), {}});
  }

  /// Sends a JSON-RPC call and waits for its answer, which is returned whole.
  json rpc(connection_id from, const std::string& method, json params = json::object(),
           model_time limit = 60s) {
    const auto id = ++last_rpc;
    post(from, method, std::move(params), id);
    const auto begin = now;
    while (now - begin < limit) {
      collect();
      for (const auto& frame : frames[from])
        if (frame.is_object() && frame.contains("id") && frame["id"] == id)
          return frame;
      run(10ms);
    }
    return nullptr;
  }

  void post(connection_id from, const std::string& method, json params, uint64_t id) {
    device.receive_frame(
        from,
        json{{"jsonrpc", "2.0"}, {"method", method}, {"params", std::move(params)}, {"id", id}}
            .dump());
  }

  /// Returns the notifications of one method that a connection received, in order.
  std::vector<json> notifications(connection_id at, const std::string& method) {
    std::vector<json> found;
    for (const auto& frame : frames[at])
      if (frame.is_object() && frame.value("method", "") == method)
        found.push_back(frame.value("params", json()));
    return found;
  }

  /// Returns the log entries of one event, in order.
  std::vector<json> logged(const std::string& event) const {
    std::vector<json> found;
    std::copy_if(log.begin(), log.end(), std::back_inserter(found),
                 [&](const json& entry) { return entry["event"] == event; });
    return found;
  }

  /// Asks for objects over HTTP and returns their status.
  json objects(const std::string& query) {
    return call("GET", "/printer/objects/query?" + query).body()["result"]["status"];
  }

  api_reply start(const std::string& file) {
    return call("POST", "/printer/print/start", json{{"filename", file}}.dump());
  }

  moonraker_device device;
  model_time now{0};
  model_time waited{0};
  uint64_t last_rpc = 0;
  std::vector<json> log;
  std::map<request_id, api_reply> replies;
  std::map<connection_id, std::vector<json>> frames;
  std::map<connection_id, int> closes;
};

/// A short print: six layers of moves after heating, about half a minute.
inline std::string cube_gcode() {
  return read_data("moonraker/cube.gcode");
}

/// The same with sixty layers.
inline std::string long_gcode() {
  return read_data("moonraker/long.gcode");
}

} // namespace gantry::sim::test
