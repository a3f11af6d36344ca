// What a busy farm writes to its disk, by component.
#include "actors/telemetry_recorder.hpp"
#include "bench/busy_farm.hpp"
#include "bench/claims.hpp"
#include "bench/disk_watch.hpp"

#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <thread>

namespace gantry::bench {

namespace {

constexpr double day_s = 86'400;
constexpr double farm_printers = 50;
/// The printers' clocks run faster, so that a short time sees progress; a day is so much shorter.
constexpr double speed = 20;
/// A block of telemetry goes into the write-ahead log and into a table.
constexpr double copies = 2;
/// The burst of uploads and starts is written by then.
constexpr std::chrono::seconds settling{5};

/// Bytes of telemetry that one printer hands to the store in a day of printing: the recorder
/// itself, in virtual time, because a block takes ten minutes to fill.
size_t telemetry_bytes_per_day() {
  actors::telemetry_recorder recorder;
  device_report report;
  report.link = link_state::online;
  report.print = print_state::printing;
  size_t bytes = 0;
  for (int64_t second = 0; second < static_cast<int64_t>(day_s); ++second) {
    report.progress_permille = second * 1'000 / static_cast<int64_t>(day_s);
    report.layer = second / 60;
    report.temperatures = {{"extruder", 214'700 + second * 7 % 600, 215'000},
                           {"heater_bed", 59'800 + second * 3 % 400, 60'000}};
    const std::chrono::seconds now{second};
    if (const auto block = recorder.take(report, now, timestamp{now}))
      bytes += block->bytes.size();
  }
  return bytes;
}

} // namespace

std::vector<figure> measure_writes(const effort& how) {
  farm_options options;
  options.park.printers = how.quick ? 10 : 50;
  options.park.speed = speed;
  if (how.quick)
    options.past = no_past;
  served_farm farm{options};
  farm.start();
  farm.await_printers();
  farm_api api{farm.port(), farm.token(), "writes"};
  static_cast<void>(put_to_work(farm, api, 2 * options.park.printers));
  std::this_thread::sleep_for(settling);
  const auto interval_s = how.quick ? 20 : 90;
  const auto before = farm.kernel().written_bytes();
  disk_watch watch{farm.scratch().path("data")};
  std::this_thread::sleep_for(std::chrono::seconds{interval_s});
  const auto grown = watch.stop();
  const auto all = farm.kernel().written_bytes() - before;
  // A farm of 50, whatever was simulated.
  const auto per_day_mb = [&](uint64_t bytes) {
    const auto farms = farm_printers / static_cast<double>(options.park.printers);
    return static_cast<double>(bytes) * farms / (interval_s * speed) * day_s / 1e6;
  };
  std::printf("component          bytes in %d s    MB/day for 50\n", interval_s);
  for (const auto& [component, bytes] : grown)
    std::printf("%-16s  %14llu  %15.1f\n", component.c_str(),
                static_cast<unsigned long long>(bytes), per_day_mb(bytes));
  if (all == 0)
    throw std::runtime_error{"nothing was written, so nothing was measured"};
  const auto telemetry_mb =
      static_cast<double>(telemetry_bytes_per_day()) * farm_printers * copies / 1e6;
  std::printf("%-16s  %14s  %15.1f\n", "telemetry", "", telemetry_mb);
  std::printf("%-16s  %14llu  %15.1f\n", "handed to disk", static_cast<unsigned long long>(all),
              per_day_mb(all));
  return {plain_figure("all", per_day_mb(all) + telemetry_mb)};
}

} // namespace gantry::bench
