// Resident memory of the kernel: idle, under load, and after it.
#include "bench/claims.hpp"
#include "bench/event_client.hpp"
#include "bench/served_farm.hpp"

#include <chrono>
#include <cstdio>
#include <memory>
#include <thread>

namespace gantry::bench {

namespace {

constexpr size_t farm_sizes[] = {50, 200, 1'000};
constexpr size_t readers = 10;
constexpr size_t list_clients = 8;
/// Threads that were needed for the load are gone by then.
constexpr std::chrono::seconds rest{15};

struct sizes {
  double idle_mb = 0;
  double loaded_mb = 0;
  double after_mb = 0;
};

double resident_mb(const served_farm& farm) {
  return static_cast<double>(farm.kernel().resident_bytes()) / 1e6;
}

/// Ten dashboards, printers that say something new each second, and lists as fast as they come.
double put_under_load(const served_farm& farm, std::chrono::seconds duration) {
  farm.park().heat();
  std::vector<std::unique_ptr<event_client>> streams;
  for (size_t i = 0; i < readers; ++i)
    streams.push_back(
        std::make_unique<event_client>(farm.port(), farm.token(), true, [](std::string_view) {}));
  const auto request = get_text("/api/v1/printers?limit=500", farm.token());
  static_cast<void>(
      put_load(farm.port(), request, list_clients, static_cast<double>(duration.count())));
  return resident_mb(farm);
}

sizes measure(size_t printers, const effort& how) {
  farm_options options;
  options.park.printers = printers;
  options.park.sample_ms = 1'000;
  served_farm farm{options};
  farm.start();
  farm.await_printers();
  std::this_thread::sleep_for(std::chrono::seconds{how.quick ? 3 : 10});
  sizes found;
  found.idle_mb = resident_mb(farm);
  found.loaded_mb = put_under_load(farm, std::chrono::seconds{how.quick ? 3 : 10});
  std::this_thread::sleep_for(rest);
  found.after_mb = resident_mb(farm);
  return found;
}

} // namespace

std::vector<figure> measure_memory(const effort& how) {
  std::vector<figure> figures;
  figure after{"after load", 0, std::nullopt, 0};
  std::printf("printers  idle [MB]  loaded [MB]  after load [MB]\n");
  for (const auto printers : farm_sizes) {
    if (how.quick && printers > 50)
      break;
    const auto found = measure(printers, how);
    std::printf("%8zu  %9.1f  %11.1f  %15.1f\n", printers, found.idle_mb, found.loaded_mb,
                found.after_mb);
    std::fflush(stdout);
    figures.push_back(plain_figure(std::to_string(printers) + " idle", found.idle_mb));
    if (found.after_mb / found.idle_mb > *after.ratio)
      after = limited_figure("after load", found.after_mb, found.idle_mb);
  }
  figures.push_back(after);
  return figures;
}

} // namespace gantry::bench
