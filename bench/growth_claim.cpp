// Whether a long past makes commands dearer or the kernel larger.
#include "bench/claims.hpp"
#include "bench/farm_api.hpp"
#include "bench/served_farm.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <thread>

namespace gantry::bench {

namespace {

constexpr size_t pasts[] = {1'000, 10'000, 100'000, 1'000'000};
/// The one that the short form compares with the first.
constexpr size_t quick_past = 100'000;
constexpr size_t commands_per_round = 400;
constexpr size_t printers = 10;
/// Compactions of the past are over by then.
constexpr std::chrono::seconds settling{4};

struct cost {
  double command_us = 0; ///< Processor time of the kernel.
  double resident_mb = 0;
};

/// Processor time per command, commands and the first page of orders in turn.
double round_of_commands(const served_farm& farm, farm_api& api, size_t round) {
  const auto before_s = farm.kernel().processor_s();
  for (size_t i = 0; i < commands_per_round; ++i) {
    const auto name = "G" + std::to_string(i % 40);
    const auto density = 1'000 + static_cast<int64_t>(round * 100 + i / 40);
    api.require("/materials", {{"name", name}, {"density_mg_per_cm3", density}});
    static_cast<void>(api.get("/orders?limit=20"));
  }
  return (farm.kernel().processor_s() - before_s) * 1e6 / commands_per_round;
}

} // namespace

std::vector<figure> measure_growth(const effort& how) {
  std::vector<std::unique_ptr<served_farm>> farms;
  std::vector<size_t> orders;
  for (const auto count : pasts) {
    if (how.quick && count != pasts[0] && count != quick_past)
      continue;
    farm_options options;
    options.park.printers = printers;
    options.past = {.orders = count, .events_per_order = 2};
    farms.push_back(std::make_unique<served_farm>(options));
    farms.back()->start();
    farms.back()->await_printers();
    orders.push_back(count);
  }
  std::this_thread::sleep_for(settling);
  // Not before the last farm runs: a server closes a connection that is silent for a minute, and a
  // long past takes longer to write.
  std::vector<std::unique_ptr<farm_api>> clients;
  for (const auto& farm : farms)
    clients.push_back(std::make_unique<farm_api>(farm->port(), farm->token(), "growth"));
  // In turns, so that a busy machine is busy for all of them.
  std::vector<std::vector<double>> rounds_us(farms.size());
  for (size_t round = 0; round < (how.quick ? 3u : 9u); ++round)
    for (size_t i = 0; i < farms.size(); ++i)
      rounds_us[i].push_back(round_of_commands(*farms[i], *clients[i], round));
  std::vector<cost> found;
  std::printf("past orders  processor per command [us]  resident [MB]\n");
  for (size_t i = 0; i < farms.size(); ++i) {
    found.push_back(
        {median(rounds_us[i]), static_cast<double>(farms[i]->kernel().resident_bytes()) / 1e6});
    std::printf("%11zu  %26.0f  %13.1f\n", orders[i], found[i].command_us, found[i].resident_mb);
  }
  const auto dearest = *std::ranges::max_element(found, {}, &cost::command_us);
  const auto largest = *std::ranges::max_element(found, {}, &cost::resident_mb);
  // The shortest past is what the others are compared with.
  return {limited_figure("command", dearest.command_us, found.front().command_us),
          limited_figure("memory", largest.resident_mb, found.front().resident_mb)};
}

} // namespace gantry::bench
