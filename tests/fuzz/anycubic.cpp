// What a resin printer, or whatever answers in its place, may send: bytes, hang-ups and silence, in
// any order, while the kernel asks for things.
//
// An input is a list of steps, one a line; in BYTES `\xNN` stands for any byte:
//   open | close | say BYTES | end BYTES (the reply to the newest request, with its end)
//   live (the whole greeting of a machine that is ready) | wait MILLISECONDS
//   files | start NAME | pause | resume | stop | refresh | silence MILLISECONDS
//   probe BYTES (an answer to the test of an address)
#include "hal/anycubic/act_text.hpp"
#include "hal/anycubic/anycubic_probe.hpp"
#include "schemas/codec.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/unit/scripted_stream.hpp"

#include <charconv>
#include <map>

namespace gantry::fuzz {

namespace {

constexpr int steps_max = 60;
constexpr int timers_max = 40;
constexpr int64_t wait_ms_max = 86'400'000;
/// A control that was lost is sent again three times at most.
constexpr int64_t sent_per_control_max = 4;

std::chrono::milliseconds time_of(std::string_view text) {
  int64_t number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return std::chrono::milliseconds{std::clamp<int64_t>(number, 0, wait_ms_max)};
}

/// A connector whose machine is the input.
class scripted_machine {
public:
  scripted_machine() {
    core_ = std::make_unique<hal::anycubic_connector>(config(), listener_, clock_, chance_);
    core_->begin(std::make_unique<tests::scripted_link>(net_, clock_));
  }

  void step(std::string_view what, std::string_view rest) {
    if (what == "wait")
      wait(time_of(rest));
    else if (what == "probe")
      probe(hal::unescaped_bytes(rest));
    else if (!device_step(what, rest))
      kernel_step(what, rest);
  }

  /// What must hold at every moment.
  void check() {
    check_sent();
    for (const auto& [ticket, answer] : listener_->answers) {
      require(ticket >= 1 && ticket <= tickets_, "only what was asked is answered");
      require(answer.detail.size() <= 400 && hal::is_utf8(answer.detail),
              "an answer's words are bounded text");
    }
    require(listener_->files.size() <= 1'000, "a list of files is bounded");
    const auto& report = listener_->reports.back();
    require(report.link_detail.size() <= 400 && report.file.size() <= 300
                && report.raw_state.size() <= 300 && report.model.size() <= 300,
            "a report is bounded");
    const auto text = to_json_text(report);
    const auto again = from_json_text<resin_report>(text, strictness::stored);
    require(again && to_json_text(*again) == text, "a report can be written and read");
  }

  /// Ends the connection: then everything that was asked has exactly one answer.
  void finish() {
    core_->end();
    check();
    require_one_answer_each(listener_->answers, tickets_);
  }

private:
  static hal::resin_config config() {
    hal::resin_config made;
    made.host = "printer";
    return made;
  }

  bool device_step(std::string_view what, std::string_view rest) {
    if (what == "open")
      core_->on_open(net_.opened.back());
    else if (what == "close")
      core_->on_close(net_.opened.back(), reason::link_closed, std::string{rest});
    else if (what == "say")
      say(hal::unescaped_bytes(rest));
    else if (what == "end")
      answer(rest);
    else if (what == "live")
      bring_up();
    else
      return false;
    return true;
  }

  void kernel_step(std::string_view what, std::string_view rest) {
    if (what == "files")
      core_->list_files(++tickets_);
    else if (what == "start") {
      ++asked_["goprint"];
      core_->start(++tickets_, std::string{rest});
    } else if (what == "pause") {
      ++asked_["gopause"];
      core_->pause(++tickets_);
    } else if (what == "resume") {
      ++asked_["goresume"];
      core_->resume(++tickets_);
    } else if (what == "stop") {
      ++asked_["gostop"];
      silent_until_ = {};
      core_->stop(++tickets_);
    } else if (what == "refresh")
      core_->refresh(++tickets_);
    else if (what == "silence") {
      const auto length = time_of(rest);
      silent_until_ = std::max(silent_until_, clock_.now + length);
      core_->keep_silent(length);
    }
  }

  void say(const std::string& bytes) { core_->on_bytes(net_.opened.back(), bytes); }

  /// Ends a reply to the newest request, as the machine would.
  void answer(std::string_view rest) {
    if (net_.sent.empty())
      return;
    const auto& request = net_.sent.back().second;
    say(request.substr(0, request.find(',') + 1) + hal::unescaped_bytes(rest) + ",end");
  }

  void bring_up() {
    core_->on_open(net_.opened.back());
    answer("0");
    answer("stop\\x0d\\x0a");
    answer("Photon Mono X 6K,V0.2.2,0000170300020034,net");
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
      check_sent();
    }
    if (net_.wake)
      *net_.wake -= std::min(
          *net_.wake, std::chrono::duration_cast<std::chrono::milliseconds>(end - clock_.now));
    clock_.now = std::max(clock_.now, end);
  }

  void check_sent() {
    for (; checked_ < net_.sent.size(); ++checked_) {
      const auto& [at, request] = net_.sent[checked_];
      const auto name = request.substr(0, request.find(','));
      require(at >= silent_until_, "nothing is sent in a silence");
      require(request.ends_with(',') && request.find_first_of("\r\n") == std::string::npos
                  && std::ranges::count(request, ',') == (name == "goprint" ? 2 : 1),
              "a request is one request");
      ++sent_[name];
    }
    require(sent_["goprint"] <= asked_["goprint"], "a start is sent at most once");
    require(sent_["gostop"] <= asked_["gostop"], "a stop is sent at most once");
    for (const auto* control : {"gopause", "goresume"})
      require(sent_[control] <= sent_per_control_max * asked_[control],
              "a control is sent again a few times at most");
  }

  void probe(const std::string& bytes) {
    tests::stream_net net;
    int verdicts = 0;
    hal::anycubic_probe test{clock_, [&verdicts](const hal::port_answer& answer) {
                               ++verdicts;
                               require(hal::is_utf8(answer.detail), "a verdict has text");
                             }};
    test.begin(std::make_unique<tests::scripted_link>(net, clock_), config(),
               std::chrono::seconds{3});
    test.on_open(1);
    test.on_bytes(1, bytes);
    test.on_close(1, reason::link_closed, bytes);
    test.on_timer();
    test.end();
    require(verdicts == 1, "a test of an address has one verdict");
  }

  tests::stopped_clock clock_;
  tests::counted_chance chance_;
  tests::stream_net net_;
  std::shared_ptr<tests::resin_recorder> listener_ = std::make_shared<tests::resin_recorder>();
  std::unique_ptr<hal::anycubic_connector> core_;
  uint64_t tickets_ = 0;
  hal::mono_time silent_until_{};
  size_t checked_ = 0;
  std::map<std::string, int64_t> asked_;
  std::map<std::string, int64_t> sent_;
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
    machine.step(what, words.rest());
    machine.check();
  }
  machine.finish();
  return 0;
}
