// How long a line of the log takes: until its caller goes on, and until it is in both files.
#include "bench/claims.hpp"
#include "bench/measurement.hpp"
#include "bench/served_farm.hpp"
#include "logging/log.hpp"

#include <atomic>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <stdexcept>
#include <thread>

namespace gantry::bench {

namespace {

/// Others that write meanwhile, each this many lines a second: far more than a farm says.
constexpr size_t others = 4;
constexpr std::chrono::milliseconds pause_of_others{10};
/// The pause lets the writer's thread fall asleep, which is the slow case.
constexpr std::chrono::milliseconds line_pause{5};

double ms_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

void say(const char* component, size_t number) {
  logging::write(logging::level::info, component, "a pump was switched off after its planned time",
                 {{"station", "station-aaaaaaaaaaaaa"}, {"number", std::to_string(number)}});
}

} // namespace

std::vector<figure> measure_log(const effort& how) {
  const scratch_folder scratch;
  const auto count = how.quick ? size_t{400} : size_t{4'000};
  std::vector<double> until_back, until_stored;
  logging::log_settings settings;
  settings.folder = scratch.path("logs");
  settings.terminal_level = logging::level::error;
  settings.wall = [] {
    return std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
  };
  {
    const logging::log_service service{settings};
    std::atomic<bool> over = false;
    std::vector<std::thread> writers;
    for (size_t i = 0; i < others; ++i)
      writers.emplace_back([&over] {
        for (size_t line = 0; !over; ++line) {
          say("others", line);
          std::this_thread::sleep_for(pause_of_others);
        }
      });
    for (size_t i = 0; i < count; ++i) {
      const auto start = std::chrono::steady_clock::now();
      say("bench", i);
      until_back.push_back(ms_since(start));
      logging::flush();
      until_stored.push_back(ms_since(start));
      std::this_thread::sleep_for(line_pause);
    }
    over = true;
    for (auto& writer : writers)
      writer.join();
    const auto state = logging::health();
    if (state.dropped > 0 || state.file_errors > 0)
      throw std::runtime_error{"lines were lost while the log was measured"};
  }
  std::printf("%zu lines      p50 [ms]  p95 [ms]  p99 [ms]\n", count);
  for (const auto& [name, values] :
       {std::pair{"caller goes on", &until_back}, std::pair{"in both files ", &until_stored}})
    std::printf("%s  %8.3f  %8.3f  %8.3f\n", name, quantile(*values, 0.5), quantile(*values, 0.95),
                quantile(*values, 0.99));
  return {plain_figure("p95", quantile(until_stored, 0.95)),
          plain_figure("caller p95", quantile(until_back, 0.95))};
}

} // namespace gantry::bench
