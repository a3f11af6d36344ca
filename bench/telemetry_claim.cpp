// How soon a reader of the stream hears what a printer says, and what that costs in bytes.
#include "bench/claims.hpp"
#include "bench/event_client.hpp"
#include "bench/frame_matcher.hpp"
#include "bench/loopback.hpp"
#include "bench/served_farm.hpp"

#include <charconv>
#include <chrono>
#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <thread>
#include <time.h>

namespace gantry::bench {

namespace {

using clock = std::chrono::steady_clock;

constexpr size_t readers = 10;
/// Until the printers' first frames and the streams' first pages are through.
constexpr std::chrono::seconds warm_up{3};
/// What was said in the last moments may still be on its way.
constexpr std::chrono::seconds grace{1};

struct setting {
  const char* name;
  size_t printers;
  int64_t sample_ms;
};

constexpr setting farms[] = {
    {"50 at 1 Hz", 50, 1'000}, {"200 at 4 Hz", 200, 250}, {"1000 at 1 Hz", 1'000, 1'000}};
/// The short form measures only at Moonraker's own pace, where a frame that is held back too long
/// meets the next one.
constexpr int64_t quick_sample_ms = 250;

farm_options farm_of(const setting& wanted, frame_log& sent, std::mutex& guard) {
  farm_options options;
  options.past = no_past;
  options.park.printers = wanted.printers;
  options.park.sample_ms = wanted.sample_ms;
  options.park.on_frame = [&sent, &guard](size_t printer, std::string_view frame) {
    if (const auto nozzle_mc = nozzle_in_device_frame(frame)) {
      const std::lock_guard lock{guard};
      sent[printer].push_back({clock::now(), *nozzle_mc});
    }
  };
  return options;
}

/// Picks the nozzle temperatures out of the stream's text.
class live_reader {
public:
  live_reader(const std::map<std::string, size_t, std::less<>>& numbers, size_t printers)
      : numbers_{numbers}, heard_(printers) {}

  [[nodiscard]] const frame_log& heard() const { return heard_; }

  void take(std::string_view piece) {
    const auto now = clock::now();
    text_ += piece;
    size_t at = 0;
    for (auto end = text_.find("\n\n"); end != std::string::npos; end = text_.find("\n\n", at)) {
      take_event(std::string_view{text_}.substr(at, end - at), now);
      at = end + 2;
    }
    text_.erase(0, at);
  }

private:
  void take_event(std::string_view event, clock::time_point now) {
    if (!event.starts_with("event: live\n"))
      return;
    // The part about printers comes first.
    event = event.substr(0, event.find(R"(},"runs":{)"));
    constexpr std::string_view report = R"(":{"report":{)";
    constexpr std::string_view reading = R"("temperatures":[{"actual_mc":)";
    for (auto at = event.find(report); at != event.npos; at = event.find(report, at + 1)) {
      const auto begin = event.rfind('"', at - 1) + 1;
      const auto number = numbers_.find(event.substr(begin, at - begin));
      const auto value_at = event.find(reading, at);
      if (number == numbers_.end() || value_at == event.npos)
        continue;
      int64_t nozzle_mc = 0;
      const auto value = event.substr(value_at + reading.size());
      std::from_chars(value.data(), value.data() + value.size(), nozzle_mc);
      heard_[number->second].push_back({now, nozzle_mc});
    }
  }

  const std::map<std::string, size_t, std::less<>>& numbers_;
  std::string text_;
  frame_log heard_;
};

struct outcome {
  double p50_ms = 0;
  double p99_ms = 0;
  double round_trip_p99_ms = 0;
  double kernel_share = 0; ///< Of a core.
  double bench_share = 0;  ///< Of a core: the machines and the readers, beside the kernel.
  size_t heard = 0;
  size_t conflated = 0;
  size_t lost = 0;
};

std::map<std::string, size_t, std::less<>> numbers_of(const served_farm& farm) {
  std::map<std::string, size_t, std::less<>> numbers;
  for (size_t i = 0; i < farm.printer_ids().size(); ++i)
    numbers[farm.printer_ids()[i]] = i;
  return numbers;
}

/// Drops what was before `from`.
std::vector<marked_frame> since(const std::vector<marked_frame>& frames, clock::time_point from) {
  std::vector<marked_frame> newer;
  for (const auto& each : frames)
    if (each.at >= from)
      newer.push_back(each);
  return newer;
}

outcome judge_passage(const frame_log& sent, const std::vector<std::unique_ptr<live_reader>>& all,
                      clock::time_point from, clock::time_point until) {
  outcome found;
  std::vector<double> delays_ms;
  for (const auto& reader : all)
    for (size_t i = 0; i < sent.size(); ++i) {
      const auto passed =
          match_frames(since(sent[i], from), since(reader->heard()[i], from), until);
      delays_ms.insert(delays_ms.end(), passed.delays_ms.begin(), passed.delays_ms.end());
      found.conflated += passed.conflated;
      found.lost += passed.lost;
    }
  if (delays_ms.empty())
    throw std::runtime_error{"nothing was heard of the printers"};
  found.heard = delays_ms.size();
  found.p50_ms = quantile(delays_ms, 0.5);
  found.p99_ms = quantile(delays_ms, 0.99);
  return found;
}

/// Processor time of this process so far.
double own_processor_s() {
  timespec used{};
  ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
  return static_cast<double>(used.tv_sec) + static_cast<double>(used.tv_nsec) / 1e9;
}

outcome measure(const setting& wanted, std::chrono::seconds duration) {
  std::mutex guard;
  frame_log sent(wanted.printers);
  served_farm farm{farm_of(wanted, sent, guard)};
  farm.start();
  farm.await_printers();
  farm.park().heat();
  const auto numbers = numbers_of(farm);
  std::vector<std::unique_ptr<live_reader>> all;
  std::vector<std::unique_ptr<event_client>> streams;
  for (size_t i = 0; i < readers; ++i) {
    all.push_back(std::make_unique<live_reader>(numbers, wanted.printers));
    streams.push_back(std::make_unique<event_client>(
        farm.port(), farm.token(), false,
        [reader = all.back().get()](std::string_view piece) { reader->take(piece); }));
  }
  std::this_thread::sleep_for(warm_up);
  loopback_probe probe;
  const auto from = clock::now();
  const auto kernel_before_s = farm.kernel().processor_s();
  const auto own_before_s = own_processor_s();
  std::this_thread::sleep_for(duration);
  const auto until = clock::now();
  const auto lasted_s = std::chrono::duration<double>(until - from).count();
  const auto kernel_share = (farm.kernel().processor_s() - kernel_before_s) / lasted_s;
  const auto bench_share = (own_processor_s() - own_before_s) / lasted_s;
  const auto round_trips_ms = probe.stop();
  std::this_thread::sleep_for(grace);
  for (const auto& each : streams)
    if (!each->open())
      throw std::runtime_error{"the kernel ended a stream"};
  streams.clear();
  const std::lock_guard lock{guard};
  auto found = judge_passage(sent, all, from, until);
  found.round_trip_p99_ms = quantile(round_trips_ms, 0.99);
  found.kernel_share = kernel_share;
  found.bench_share = bench_share;
  return found;
}

} // namespace

std::vector<figure> measure_telemetry(const effort& how) {
  std::vector<figure> figures;
  size_t lost = 0;
  std::printf(
      "%zu readers\nprinters      heard  conflated  lost  p50 [ms]  p99 [ms]  round trip p99 "
      "[ms]  kernel [%% of a core]  machines and readers [%%]\n",
      readers);
  for (const auto& each : farms) {
    if (how.quick && each.sample_ms != quick_sample_ms)
      continue;
    const auto found = measure(each, std::chrono::seconds{how.quick ? 5 : 20});
    std::printf("%-12s %6zu  %9zu  %4zu  %8.2f  %8.2f  %18.3f  %20.0f  %24.0f\n", each.name,
                found.heard, found.conflated, found.lost, found.p50_ms, found.p99_ms,
                found.round_trip_p99_ms, found.kernel_share * 100, found.bench_share * 100);
    std::fflush(stdout);
    figures.push_back(limited_figure(each.name, found.p99_ms, found.round_trip_p99_ms));
    lost += found.lost;
  }
  figures.push_back(plain_figure("lost", static_cast<double>(lost)));
  return figures;
}

std::vector<figure> measure_bytes(const effort& how) {
  farm_options options;
  options.past = no_past;
  options.park.sample_ms = 1'000;
  served_farm farm{options};
  farm.start();
  farm.await_printers();
  farm.park().heat();
  const auto ignore = [](std::string_view) {};
  event_client browser{farm.port(), farm.token(), true, ignore};
  event_client plain{farm.port(), farm.token(), false, ignore};
  std::this_thread::sleep_for(warm_up);
  const auto duration = std::chrono::seconds{how.quick ? 5 : 30};
  const auto browser_before = browser.bytes();
  const auto plain_before = plain.bytes();
  std::this_thread::sleep_for(duration);
  const auto rate = [duration](uint64_t bytes) {
    return static_cast<double>(bytes) / 1e3 / static_cast<double>(duration.count());
  };
  const auto browser_kb = rate(browser.bytes() - browser_before);
  const auto plain_kb = rate(plain.bytes() - plain_before);
  std::printf("reader                kB/s\nwith gzip       %10.2f\nwithout gzip    %10.2f\n",
              browser_kb, plain_kb);
  if (plain_kb < browser_kb)
    throw std::runtime_error{"the printers say too little to be measured"};
  return {plain_figure("per reader", browser_kb)};
}

} // namespace gantry::bench
