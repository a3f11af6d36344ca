// The dashboard in a real browser, with a farm at work behind it.
#include "bench/busy_farm.hpp"
#include "bench/claims.hpp"

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <stdexcept>

namespace gantry::bench {

using nlohmann::json;

namespace {

constexpr size_t runs = 500;

/// What a program prints. Throws `std::runtime_error` if it fails.
std::string output_of(const std::string& command_line) {
  std::string text;
  const auto pipe = ::popen(command_line.c_str(), "r");
  if (pipe == nullptr)
    throw std::runtime_error{"a program cannot be started"};
  char piece[4096];
  for (size_t count = 0; (count = std::fread(piece, 1, sizeof piece, pipe)) > 0;)
    text.append(piece, count);
  if (::pclose(pipe) != 0)
    throw std::runtime_error{
        "the browser was not driven to the end: node, Chromium and a checkout whose dashboard was "
        "built are needed in the working folder"};
  return text;
}

void tell(const char* name, const std::string& value) {
  ::setenv(name, value.c_str(), 1);
}

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
  const auto script = farm.scratch().path("ui.mjs");
  std::ofstream{script} << ui_script();
  tell("BENCH_LINK",
       "http://127.0.0.1:" + std::to_string(farm.port()) + "/#/login?token=" + farm.token());
  tell("BENCH_PRINTERS", std::to_string(options.park.printers));
  tell("BENCH_LOADS", how.quick ? "2" : "7");
  tell("BENCH_CLICKS", how.quick ? "4" : "40");
  const auto told = json::parse(output_of("node '" + script + "'"));
  const auto loads_ms = told.at("load_ms").get<std::vector<double>>();
  const auto clicks_ms = told.at("click_ms").get<std::vector<double>>();
  std::printf("           times  p50 [ms]  p95 [ms]  slowest [ms]\n");
  for (const auto& [name, times] : {std::pair{"first load", &loads_ms}, {"click", &clicks_ms}})
    std::printf("%-10s %5zu  %8.0f  %8.0f  %12.0f\n", name, times->size(), quantile(*times, 0.5),
                quantile(*times, 0.95), quantile(*times, 1));
  return {plain_figure("click", quantile(clicks_ms, 0.95)),
          plain_figure("first load", median(loads_ms))};
}

} // namespace gantry::bench
