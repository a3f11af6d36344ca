// The dashboard in a real browser, with a farm at work behind it.
#include "bench/browser_script.hpp"
#include "bench/busy_farm.hpp"
#include "bench/claims.hpp"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace gantry::bench {

using nlohmann::json;

namespace {

constexpr size_t runs = 500;

} // namespace

std::vector<figure> measure_ui(const effort& how) {
  farm_options options;
  options.park.printers = how.quick ? 10 : 50;
  // They are warm soon, and the box takes them an hour and more of their own time.
  options.park.speed = 10;
  served_farm farm{options};
  farm.start();
  farm.await_printers();
  farm_api api{farm.port(), farm.token(), "ui"};
  static_cast<void>(put_to_work(farm, api, runs));
  browser_script browser{farm.scratch(),
                         ui_script(),
                         {{"BENCH_LINK", "http://127.0.0.1:" + std::to_string(farm.port())
                                             + "/#/login?token=" + farm.token()},
                          {"BENCH_PRINTERS", std::to_string(options.park.printers)},
                          {"BENCH_LOADS", how.quick ? "2" : "7"},
                          {"BENCH_CLICKS", how.quick ? "4" : "40"}}};
  const auto told = json::parse(browser.line());
  const auto loads_ms = told.at("load_ms").get<std::vector<double>>();
  const auto clicks_ms = told.at("click_ms").get<std::vector<double>>();
  std::printf("           times  p50 [ms]  p95 [ms]  slowest [ms]\n");
  for (const auto& [name, times] : {std::pair{"first load", &loads_ms}, {"click", &clicks_ms}})
    std::printf("%-10s %5zu  %8.0f  %8.0f  %12.0f\n", name, times->size(), quantile(*times, 0.5),
                quantile(*times, 0.95), quantile(*times, 1));
  const auto click_ms = quantile(clicks_ms, 0.95);
  return {plain_figure("click", click_ms), plain_figure("click, wanted", click_ms),
          plain_figure("first load", median(loads_ms))};
}

} // namespace gantry::bench
