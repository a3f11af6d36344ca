// Goal: an idle printer is asked no more often than its budget allows, and the use that is shown is
// the true one. Method: count at the simulated machine for three poll intervals.
#include "tests/scenarios/farm.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>
#include <thread>

using namespace gantry;
using namespace gantry::test;
using namespace std::chrono_literals;

namespace {

/// What one poll may cost: the values that are not pushed, and the machine's own queue.
constexpr int64_t requests_per_poll = 2;
constexpr int64_t poll_interval_s = 5;

int64_t counted_at_machine(uint16_t port) {
  const auto counters = truth_of_machine(port).at("counters");
  return counters.at("http_requests").get<int64_t>() + counters.at("rpc_calls").get<int64_t>();
}

} // namespace

BOOST_AUTO_TEST_CASE(an_idle_printer_is_polled_within_its_budget_and_the_use_is_shown) {
  scratch_folder folder;
  simulated_printers printers{sim::simulator_options{}};
  running_kernel kernel{folder.path() / "data"};
  commands::add_printer body;
  body.setup.name = "idle";
  body.setup.address = {"127.0.0.1", printers.port(0), false, 0};
  body.setup.poll_interval_s = poll_interval_s;
  const printer_id where{kernel.ask(body).entity.id};
  const auto shown = [&] {
    const auto live = kernel.kernel().live().printer(where);
    return live ? live->report.requests_total : 0;
  };
  BOOST_REQUIRE(kernel.wait_until([&] {
    const auto live = kernel.kernel().live().printer(where);
    return live && live->report.firmware == firmware_state::ready;
  }));
  // The handshake's last answers are in by then.
  std::this_thread::sleep_for(2s);
  const auto before = counted_at_machine(printers.port(0));
  std::this_thread::sleep_for(3 * std::chrono::seconds{poll_interval_s});
  const auto asked = counted_at_machine(printers.port(0)) - before;
  BOOST_TEST(asked > 0);
  BOOST_TEST(asked <= (3 + 1) * requests_per_poll);
  // A report may be older than the newest request, by one poll at most.
  const auto total = counted_at_machine(printers.port(0));
  BOOST_TEST(shown() <= total);
  BOOST_TEST(shown() >= total - requests_per_poll);
}
