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

/// What was found at one number of connections.
struct comparison {
  std::vector<double> rates;   ///< Requests per second as a share of the bare handler's.
  std::vector<double> slowest; ///< 99th percentile as a multiple of the bare handler's.
};

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
  served_farm farm;
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
    for (int round = 0; round < (how.quick ? 3 : 7); ++round) {
      const auto ours = put_load(farm.port(), request, connections, how.quick ? 0.5 : 1);
      const auto theirs = put_load(bare_port, request, connections, how.quick ? 0.5 : 1);
      each.rates.push_back(ours.per_s / theirs.per_s);
      each.slowest.push_back(ours.p99_us / theirs.p99_us);
      std::printf("%11zu  %12.0f  %10.0f  %5.2f  %8.0f, %10.0f  %8.0f, %8.0f\n", connections,
                  ours.per_s, theirs.per_s, each.rates.back(), ours.p50_us, ours.p99_us,
                  theirs.p50_us, theirs.p99_us);
    }
  }
  return found;
}

} // namespace

double measure_list(const effort& how) {
  double worst = 1e9;
  for (const auto& each : compare(how))
    worst = std::min(worst, median(each.rates));
  return worst;
}

double measure_list_p99(const effort& how) {
  double worst = 0;
  for (const auto& each : compare(how))
    worst = std::max(worst, median(each.slowest));
  return worst;
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
