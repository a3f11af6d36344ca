// What a busy farm writes to its disk, by component.
#include "bench/busy_farm.hpp"
#include "bench/claims.hpp"
#include "bench/disk_watch.hpp"

#include <chrono>
#include <cstdio>
#include <thread>

namespace gantry::bench {

namespace {

constexpr double day_s = 86'400;
/// The burst of uploads and starts is written by then.
constexpr std::chrono::seconds settling{5};

} // namespace

std::vector<figure> measure_writes(const effort& how) {
  farm_options options;
  options.park.printers = how.quick ? 10 : 50;
  options.park.sample_ms = 1'000;
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
    const auto farms = 50.0 / static_cast<double>(options.park.printers);
    return static_cast<double>(bytes) * farms / interval_s * day_s / 1e6;
  };
  std::printf("component          bytes in %d s    MB/day for 50\n", interval_s);
  for (const auto& [component, bytes] : grown)
    std::printf("%-16s  %14llu  %15.1f\n", component.c_str(),
                static_cast<unsigned long long>(bytes), per_day_mb(bytes));
  std::printf("%-16s  %14llu  %15.1f\n", "handed to disk", static_cast<unsigned long long>(all),
              per_day_mb(all));
  return {plain_figure("all", per_day_mb(all))};
}

} // namespace gantry::bench
