// The list of printers against a bare handler in a process of its own, in turns.
#include "bench/claims.hpp"
#include "bench/http_load.hpp"
#include "bench/measurement.hpp"
#include "bench/served_farm.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <httplib.h>
#include <stdexcept>
#include <thread>

namespace gantry::bench {

namespace {

constexpr size_t connection_counts[] = {1, 8, 32};
/// Keeps a thread for every connection, like the kernel's own server.
constexpr size_t bare_threads = 64;

/// The machine is never quiet, so both are measured in short turns.
constexpr double slice_s = 0.25;

/// What was found at one number of connections.
struct comparison {
  std::vector<double> rates;        ///< Requests per second.
  std::vector<double> bare_rates;   ///< The same of the bare handler.
  std::vector<double> rate_ratios;  ///< Per round.
  std::vector<double> slowest;      ///< 99th percentile in microseconds.
  std::vector<double> bare_slowest; ///< The same of the bare handler.
  std::vector<double> slowest_ratios;
};

/// One round: both servers, one after the other.
void add_round(comparison& to, const load_result& ours, const load_result& theirs) {
  to.rates.push_back(ours.per_s);
  to.bare_rates.push_back(theirs.per_s);
  to.rate_ratios.push_back(ours.per_s / theirs.per_s);
  to.slowest.push_back(ours.p99_us);
  to.bare_slowest.push_back(theirs.p99_us);
  to.slowest_ratios.push_back(ours.p99_us / theirs.p99_us);
}

void await_listener(uint16_t port) {
  for (int i = 0; i < 1'000; ++i) {
    if (http_client client{port}; client.connected())
      return;
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
  throw std::runtime_error{"the bare handler does not start"};
}

/// Measures both servers in turns and prints what was found.
std::vector<comparison> compare(const effort& how) {
  served_farm farm{farm_options{}};
  farm.start();
  farm.await_printers();
  const auto request = get_text("/api/v1/printers?limit=50", farm.token());
  http_client once{farm.port()};
  if (once.ask(request) != 200)
    throw std::runtime_error{"the kernel does not list its printers"};
  const auto page = farm.scratch().path("page.json");
  std::ofstream{page} << once.body();
  const auto bare_port = free_port();
  child_process bare{{"bench", "bare-server", std::to_string(bare_port), page},
                     farm.scratch().path("bare.log")};
  await_listener(bare_port);
  std::printf("%zu bytes a page\nconnections  gantry [1/s]  bare [1/s]  ratio  gantry p50, p99 "
              "[us]  bare p50, p99 [us]\n",
              once.body().size());
  std::vector<comparison> found;
  for (const auto connections : connection_counts) {
    auto& each = found.emplace_back();
    for (int round = 0; round < (how.quick ? 9 : 25); ++round) {
      const auto ours = put_load(farm.port(), request, connections, slice_s);
      const auto theirs = put_load(bare_port, request, connections, slice_s);
      add_round(each, ours, theirs);
      std::printf("%11zu  %12.0f  %10.0f  %5.2f  %8.0f, %10.0f  %8.0f, %8.0f\n", connections,
                  ours.per_s, theirs.per_s, each.rate_ratios.back(), ours.p50_us, ours.p99_us,
                  theirs.p50_us, theirs.p99_us);
    }
  }
  return found;
}

} // namespace

std::vector<figure> measure_list(const effort& how) {
  const auto found = compare(how);
  const auto by_rate = [](const comparison& x) { return median(x.rate_ratios); };
  const auto by_slowest = [](const comparison& x) { return median(x.slowest_ratios); };
  const auto& slow = *std::ranges::min_element(found, {}, by_rate);
  const auto& late = *std::ranges::max_element(found, {}, by_slowest);
  return {{"rate", median(slow.rates), median(slow.bare_rates), by_rate(slow)},
          {"p99", median(late.slowest), median(late.bare_slowest), by_slowest(late)}};
}

int bare_server_main(int argc, char** argv) {
  if (argc != 2)
    return 2;
  std::ifstream in{argv[1]};
  const std::string page{std::istreambuf_iterator<char>{in}, {}};
  httplib::Server server;
  server.set_tcp_nodelay(true);
  server.set_keep_alive_max_count(1'000'000);
  server.new_task_queue = [] { return new httplib::ThreadPool{bare_threads}; };
  server.Get(".*", [&page](const httplib::Request&, httplib::Response& out) {
    out.set_content(page, "application/json");
  });
  return server.listen("127.0.0.1", std::stoi(argv[0])) ? 0 : 1;
}

} // namespace gantry::bench
