// A connector on a scripted link: the test is the machine. Time moves only when the test says so.
#pragma once

#include "tests/unit/fake_link.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>

namespace gantry::tests {

/// A recorded session or exchange.
inline json recording(const std::string& name) {
  std::ifstream file{std::string{GANTRY_SOURCE_DIR} + "/tests/data/moonraker/" + name + ".json"};
  BOOST_REQUIRE_MESSAGE(file, name);
  return json::parse(file);
}

/// The recorded result of an HTTP exchange.
inline json recorded_result(const std::string& name) {
  return recording(name).at("response").at("body").at("result");
}

struct moonraker_bench {
  explicit moonraker_bench(hal::port_config config = make_config()) {
    core = std::make_unique<hal::connector>(config, listener, clock, chance);
    core->begin(std::make_unique<fake_link>(net));
  }

  static hal::port_config make_config() {
    hal::port_config config;
    config.host = "printer";
    config.api_key = "0123456789abcdef";
    return config;
  }

  uint64_t socket() const { return net.opened.back(); }
  const device_report& last() const { return listener->reports.back(); }
  const hal::port_answer& answer() const { return listener->answers.back().second; }

  /// Lets time pass, running the timer whenever it is due.
  void wait(std::chrono::milliseconds time) {
    const auto end = clock.now + time;
    while (net.wake && clock.now + *net.wake - drift_ <= end) {
      clock.now += *net.wake - drift_;
      drift_ = {};
      net.wake.reset();
      core->on_timer();
    }
    drift_ += end - clock.now;
    clock.now = end;
  }

  void frame(const json& content) { core->on_frame(socket(), content.dump()); }
  void notify(const std::string& method, const json& params = nullptr) {
    json content{{"jsonrpc", "2.0"}, {"method", method}};
    if (!params.is_null())
      content["params"] = params;
    frame(content);
  }

  /// The newest call of `method` that was sent, or null.
  json call(const std::string& method) const {
    for (auto item = net.sent.rbegin(); item != net.sent.rend(); ++item)
      if (item->at("method") == method)
        return *item;
    return nullptr;
  }
  long count(const std::string& method) const {
    return std::count_if(net.sent.begin(), net.sent.end(),
                         [&](const json& item) { return item.at("method") == method; });
  }
  void reply(const std::string& method, const json& result) {
    const auto asked = call(method);
    BOOST_REQUIRE_MESSAGE(!asked.is_null(), "not asked: " + method);
    frame({{"jsonrpc", "2.0"}, {"id", asked.at("id")}, {"result", result}});
  }
  void reply_error(const std::string& method, int code, const std::string& text) {
    const auto asked = call(method);
    BOOST_REQUIRE_MESSAGE(!asked.is_null(), "not asked: " + method);
    frame({{"jsonrpc", "2.0"},
           {"id", asked.at("id")},
           {"error", {{"code", code}, {"message", text}}}});
  }
  /// Answers the newest HTTP request.
  void respond(int status, const json& body, int64_t file_size_bytes = 0) {
    hal::link_response response;
    response.status = status;
    response.body = body.dump();
    response.sent = true;
    response.file_size_bytes = file_size_bytes;
    core->on_response(net.requests.back().first, response);
  }
  void break_request(bool sent) {
    hal::link_response response;
    response.why = reason::link_closed;
    response.sent = sent;
    core->on_response(net.requests.back().first, response);
  }

  /// Opens the socket and answers up to the question for the objects.
  void greet() {
    core->on_open(socket());
    reply("server.connection.identify", {{"connection_id", 1}});
    reply("server.info", ready_info());
  }
  /// From a new socket to a subscription that shows `status`.
  void bring_up(const json& status = idle_status()) {
    greet();
    load(status);
  }
  void load(const json& status) {
    reply("printer.objects.list", recorded_result("objects-list"));
    reply("printer.objects.subscribe", {{"eventtime", 1.0}, {"status", status}});
    reply("server.history.list", newest_job());
    reply("server.job_queue.status", {{"queued_jobs", json::array()}, {"queue_state", "ready"}});
  }
  void drop(reason why = reason::link_closed) { core->on_close(socket(), why, "gone"); }

  /// A history with one job, or with none.
  static json newest_job(const std::string& id = {}, const std::string& file = {}) {
    auto jobs = json::array();
    if (!id.empty())
      jobs.push_back({{"job_id", id}, {"filename", file}, {"status", "completed"}});
    return {{"count", jobs.size()}, {"jobs", jobs}};
  }
  static json ready_info() {
    return {{"klippy_connected", true}, {"klippy_state", "ready"}, {"api_version", {1, 5, 0}}};
  }
  static json info(bool connected, const std::string& state) {
    return {{"klippy_connected", connected}, {"klippy_state", state}, {"api_version", {1, 5, 0}}};
  }
  static json idle_status() { return recorded_result("objects-query-idle").at("status"); }

  /// The snapshot of a recorded session, and what came after it.
  static json snapshot_of(const json& session) {
    for (const auto& item : session.at("frames"))
      if (item.at("dir") == "recv" && item.at("frame").contains("result")
          && item.at("frame").at("result").contains("status"))
        return item.at("frame").at("result").at("status");
    BOOST_FAIL("no snapshot in the recording");
    return nullptr;
  }
  /// Plays the notifications of a session at their times, from after `skip` snapshots on, as long
  /// as `go_on` holds.
  void play(const json& session, const std::function<bool(const json&)>& go_on) {
    double at_s = 0;
    for (const auto& item : session.at("frames")) {
      const double next_s = item.at("t").get<double>();
      wait(std::chrono::milliseconds{static_cast<int64_t>((next_s - at_s) * 1'000)});
      at_s = next_s;
      if (item.at("dir") != "recv" || !item.at("frame").contains("method"))
        continue;
      frame(item.at("frame"));
      // The machine keeps answering the connector's own questions.
      answer_questions();
      if (!go_on(item.at("frame")))
        return;
    }
  }
  void answer_questions() {
    for (const auto* method :
         {"server.job_queue.status", "server.files.metadata", "server.history.list"})
      if (!call(method).is_null())
        reply_error(method, -32601, "Method not found");
  }

  stopped_clock clock;
  counted_chance chance;
  fake_net net;
  std::shared_ptr<fake_listener> listener = std::make_shared<fake_listener>();
  std::unique_ptr<hal::connector> core;

private:
  std::chrono::nanoseconds drift_{};
};

} // namespace gantry::tests
