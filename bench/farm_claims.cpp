// Claims about a farm that is started and then does nothing.
#include "bench/claims.hpp"
#include "bench/measurement.hpp"
#include "bench/served_farm.hpp"

#include <chrono>
#include <cstdio>
#include <thread>

namespace gantry::bench {

namespace {

constexpr double megabyte = 1e6;
constexpr double day_s = 86'400;

void pause_s(int seconds) {
  std::this_thread::sleep_for(std::chrono::seconds{seconds});
}

/// A farm that has been idle for a while.
void settle(served_farm& farm, const effort& how) {
  farm.start();
  farm.await_printers();
  pause_s(how.quick ? 3 : 10);
}

} // namespace

std::vector<figure> measure_start(const effort& how) {
  served_farm farm;
  std::vector<double> times_ms;
  std::printf("start  until healthy [ms]  processor time [ms]\n");
  for (int i = 0; i < (how.quick ? 5 : 15); ++i) {
    times_ms.push_back(farm.start());
    std::printf("%5d  %18.1f  %19.0f\n", i + 1, times_ms.back(),
                farm.kernel().processor_s() * 1'000);
    farm.await_printers();
    farm.stop();
  }
  return {plain_figure("until healthy", median(times_ms))};
}

std::vector<figure> measure_memory(const effort& how) {
  served_farm farm;
  std::vector<double> sizes_mb;
  std::printf("start  resident [MB]  threads\n");
  for (int i = 0; i < (how.quick ? 1 : 3); ++i) {
    settle(farm, how);
    sizes_mb.push_back(static_cast<double>(farm.kernel().resident_bytes()) / megabyte);
    std::printf("%5d  %13.1f  %7llu\n", i + 1, sizes_mb.back(),
                static_cast<unsigned long long>(farm.kernel().threads()));
    farm.stop();
  }
  return {plain_figure("50 idle", median(sizes_mb))};
}

std::vector<figure> measure_idle(const effort& how) {
  served_farm farm;
  settle(farm, how);
  const int interval_s = how.quick ? 3 : 10;
  std::vector<double> shares;
  std::printf("interval  processor [%% of a core]\n");
  for (int i = 0; i < 3; ++i) {
    const auto before_s = farm.kernel().processor_s();
    pause_s(interval_s);
    shares.push_back((farm.kernel().processor_s() - before_s) / interval_s * 100);
    std::printf("%6d s  %22.2f\n", interval_s, shares.back());
  }
  return {plain_figure("processor", median(shares))};
}

std::vector<figure> measure_writes(const effort& how) {
  served_farm farm;
  settle(farm, how);
  const int interval_s = how.quick ? 10 : 60;
  const auto before = farm.kernel().written_bytes();
  pause_s(interval_s);
  const auto written = static_cast<double>(farm.kernel().written_bytes() - before);
  std::printf("%d s: %.0f bytes\n", interval_s, written);
  return {plain_figure("all", written / interval_s * day_s / megabyte)};
}

} // namespace gantry::bench
