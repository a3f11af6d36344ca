// What a printer, or whatever answers in its place, may send: frames, answers and silence, in any
// order, while the kernel asks for things.
//
// An input is a list of steps, one a line:
//   open | close | drop | wait MILLISECONDS
//   frame TEXT | reply METHOD RESULT | error METHOD CODE | http STATUS BODY
//   live (the whole greeting of a printer that is ready)
//   upload NAME | start NAME | pause | resume | cancel | remove NAME | refresh
//   probe STATUS BODY (an answer to the test of an address)
#include "hal/moonraker/probe.hpp"
#include "schemas/codec.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/unit/fake_link.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace gantry::fuzz {

namespace {

using nlohmann::json;

constexpr int steps_max = 60;
constexpr int timers_max = 40;

int64_t number_of(std::string_view text) {
  int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

/// A connector whose machine is the input.
class scripted_machine {
public:
  scripted_machine() {
    hal::port_config config;
    config.host = "printer";
    core_ = std::make_unique<hal::connector>(config, listener_, clock_, chance_);
    core_->begin(std::make_unique<tests::fake_link>(net_));
  }

  void step(std::string_view what, input& words) {
    if (what == "probe")
      return probe(words);
    if (device_step(what, words))
      return;
    kernel_step(what, std::string{words.rest()});
  }

  /// What must hold at every moment.
  void check() const {
    for (const auto& [ticket, answer] : listener_->answers) {
      require(ticket >= 1 && ticket <= tickets_, "only what was asked is answered");
      require(answer.detail.size() <= 400, "an answer's words are bounded");
    }
    require(starts_sent() <= starts_asked_, "a start is sent at most once");
    if (listener_->reports.empty())
      return;
    const auto& report = listener_->reports.back();
    require(report.progress_permille >= 0 && report.progress_permille <= 1'000,
            "progress is a share");
    require(report.message.size() <= 1'000 && report.file.size() <= 512
                && report.temperatures.size() <= 16,
            "a report is bounded");
    const auto text = to_json_text(report);
    const auto again = from_json_text<device_report>(text, strictness::stored);
    require(again && to_json_text(*again) == text, "a report can be written and read");
  }

  /// Ends the connection: then everything that was asked has exactly one answer.
  void finish() {
    core_->end();
    check();
    require_one_answer_each(listener_->answers, tickets_);
  }

private:
  bool device_step(std::string_view what, input& words) {
    if (what == "open")
      core_->on_open(socket());
    else if (what == "close")
      core_->on_close(socket(), reason::link_closed, std::string{words.rest()});
    else if (what == "decline")
      core_->on_close(socket(), reason::link_not_klipper, std::string{words.rest()});
    else if (what == "frame")
      core_->on_frame(socket(), words.rest());
    else if (what == "reply" || what == "error")
      answer_call(what, words);
    else if (what == "http" || what == "drop")
      answer_request(what, words);
    else if (what == "wait")
      wait(std::chrono::milliseconds{std::clamp<int64_t>(number_of(words.rest()), 0, 86'400'000)});
    else if (what == "live")
      bring_up();
    else
      return false;
    return true;
  }

  void kernel_step(std::string_view what, const std::string& name) {
    if (what == "upload")
      core_->upload(++tickets_, "/model", std::string(64, 'a'), name);
    else if (what == "start") {
      ++starts_asked_;
      core_->start(++tickets_, name);
    } else if (what == "pause")
      core_->pause(++tickets_);
    else if (what == "resume")
      core_->resume(++tickets_);
    else if (what == "cancel")
      core_->cancel(++tickets_);
    else if (what == "remove")
      core_->remove_file(++tickets_, name);
    else if (what == "refresh")
      core_->refresh(++tickets_);
  }

  [[nodiscard]] uint64_t socket() const { return net_.opened.empty() ? 0 : net_.opened.back(); }

  void answer_call(std::string_view what, input& words) {
    const auto method = words.until(' ');
    const auto asked =
        std::find_if(net_.sent.rbegin(), net_.sent.rend(), [method](const json& item) {
          return item.at("method").get_ref<const std::string&>() == method;
        });
    if (asked == net_.sent.rend())
      return;
    const auto body = what == "reply"
                          ? R"("result":)" + std::string{words.rest()}
                          : R"("error":{"message":"no","code":)" + std::string{words.rest()} + "}";
    core_->on_frame(socket(),
                    R"({"jsonrpc":"2.0","id":)" + asked->at("id").dump() + "," + body + "}");
  }

  void answer_request(std::string_view what, input& words) {
    const auto open = std::ranges::find_if(
        net_.requests, [this](const auto& item) { return !ended_.contains(item.first); });
    if (open == net_.requests.end())
      return;
    hal::link_response response;
    response.sent = what == "http";
    if (what == "http") {
      response.status = static_cast<int>(std::clamp<int64_t>(number_of(words.until(' ')), 0, 999));
      response.body = words.rest();
    }
    if (response.status == 0)
      response.why = reason::link_closed;
    const auto number = open->first;
    ended_.insert(number);
    core_->on_response(number, response);
  }

  static void probe(input& words) {
    tests::fake_net net;
    int verdicts = 0;
    hal::probe test{[&verdicts](const hal::port_answer& answer) {
      ++verdicts;
      require(answer.detail.size() <= 400, "a verdict's words are bounded");
    }};
    hal::port_config config;
    config.host = "printer";
    test.begin(std::make_unique<tests::fake_link>(net), config, std::chrono::seconds{3});
    hal::link_response response;
    response.sent = true;
    response.status = static_cast<int>(std::clamp<int64_t>(number_of(words.until(' ')), 0, 999));
    response.body = words.rest();
    response.detail = words.rest();
    if (response.status == 0)
      response.why = reason::link_closed;
    test.on_response(net.numbers, response);
    test.on_timer();
    test.end();
    require(verdicts == 1, "a test of an address has one verdict");
  }

  void wait(std::chrono::milliseconds time) {
    const auto end = clock_.now + time;
    for (int fired = 0; net_.wake && fired < timers_max; ++fired) {
      const auto due = clock_.now + *net_.wake;
      if (due > end)
        break;
      clock_.now = due;
      net_.wake.reset();
      core_->on_timer();
    }
    clock_.now = std::max(clock_.now, end);
  }

  void reply(const char* text) {
    input words{reinterpret_cast<const uint8_t*>(text), std::string_view{text}.size()};
    answer_call("reply", words);
  }

  void bring_up() {
    core_->on_open(socket());
    reply(R"(server.connection.identify {"connection_id":1})");
    reply(R"(server.info {"klippy_connected":true,"klippy_state":"ready","api_version":[1,5,0]})");
    reply(R"(printer.objects.list {"objects":["webhooks","print_stats","virtual_sdcard",)"
          R"("extruder","heater_bed","idle_timeout","pause_resume","display_status"]})");
    reply(R"(printer.objects.subscribe {"eventtime":1.0,"status":{"webhooks":{"state":"ready",)"
          R"("state_message":""},"print_stats":{"state":"standby","filename":""},)"
          R"("virtual_sdcard":{"is_active":false,"progress":0.0}}})");
    reply(R"(server.job_queue.status {"queued_jobs":[],"queue_state":"ready"})");
  }

  [[nodiscard]] int64_t starts_sent() const {
    return std::ranges::count_if(
               net_.sent,
               [](const json& item) { return item.at("method") == "printer.print.start"; })
           + std::ranges::count_if(net_.requests, [](const auto& item) {
               return item.second.target.starts_with("/printer/print/start");
             });
  }

  tests::stopped_clock clock_;
  tests::counted_chance chance_;
  tests::fake_net net_;
  std::shared_ptr<tests::fake_listener> listener_ = std::make_shared<tests::fake_listener>();
  std::unique_ptr<hal::connector> core_;
  uint64_t tickets_ = 0;
  int64_t starts_asked_ = 0;
  std::set<uint64_t> ended_; ///< Requests that were answered.
};

} // namespace

} // namespace gantry::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gantry::fuzz;
  input bytes{data, size};
  scripted_machine machine;
  for (int step = 0; step < steps_max && !bytes.empty(); ++step) {
    const auto line = bytes.line();
    input words{reinterpret_cast<const uint8_t*>(line.data()), line.size()};
    const auto what = words.until(' ');
    machine.step(what, words);
    machine.check();
  }
  machine.finish();
  return 0;
}
