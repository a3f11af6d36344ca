// Claims about a farm that is started and then does nothing.
#include "bench/child_process.hpp"
#include "bench/claims.hpp"
#include "bench/measurement.hpp"
#include "bench/served_farm.hpp"

#include <chrono>
#include <cstdio>
#include <stdexcept>
#include <thread>

namespace gantry::bench {

namespace {

void pause_s(int seconds) {
  std::this_thread::sleep_for(std::chrono::seconds{seconds});
}

/// A farm that has been idle for a while.
void settle(served_farm& farm, const effort& how) {
  farm.start();
  farm.await_printers();
  pause_s(how.quick ? 3 : 10);
}

/// The same program from its start to its end when it has nothing to do: what the system and the
/// dynamic loader take.
double empty_run_ms(const scratch_folder& folder) {
  const auto began = std::chrono::steady_clock::now();
  child_process child{{"--version"}, folder.path("version.log")};
  if (child.wait() != 0)
    throw std::runtime_error{"the program cannot tell its version"};
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - began)
      .count();
}

} // namespace

std::vector<figure> measure_start(const effort& how) {
  served_farm farm{farm_options{}};
  std::vector<double> times_ms;
  std::vector<double> empty_ms;
  std::printf("start  until healthy [ms]  processor time [ms]  nothing to do [ms]\n");
  for (int i = 0; i < (how.quick ? 5 : 15); ++i) {
    times_ms.push_back(farm.start());
    const auto processor_ms = farm.kernel().processor_s() * 1'000;
    farm.await_printers();
    farm.stop();
    empty_ms.push_back(empty_run_ms(farm.scratch()));
    std::printf("%5d  %18.1f  %19.0f  %18.1f\n", i + 1, times_ms.back(), processor_ms,
                empty_ms.back());
  }
  return {limited_figure("until healthy", median(times_ms), median(empty_ms))};
}

std::vector<figure> measure_idle(const effort& how) {
  served_farm farm{farm_options{}};
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

} // namespace gantry::bench
