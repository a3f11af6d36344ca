// The simulation itself: a farm at peace, and the same seed twice.
#include "bench/farm_sim/simulation.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using gantry::farm_sim::sim_options;
using gantry::farm_sim::sim_result;
using gantry::farm_sim::simulate;

sim_options small(uint64_t seed) {
  sim_options options;
  options.seed = seed;
  options.printers = 1;
  options.hours = 2;
  return options;
}

void require_no_violation(const sim_result& found) {
  for (const auto& text : found.violations)
    BOOST_ERROR("seed " << found.seed << ": " << text << " with " << found.mix);
}

} // namespace

BOOST_AUTO_TEST_CASE(one_printer_prints_what_is_ordered_and_the_orders_are_fulfilled) {
  const auto found = simulate(small(3));
  require_no_violation(found);
  BOOST_TEST(found.starts > 0U);
  BOOST_TEST(found.checks.at("LIV-5") > 0U);
}

BOOST_AUTO_TEST_CASE(the_same_seed_is_the_same_run) {
  const auto once = simulate(small(4));
  const auto again = simulate(small(4));
  BOOST_TEST(once.trace_hash == again.trace_hash);
  BOOST_TEST(once.steps == again.steps);
}

BOOST_AUTO_TEST_CASE(another_seed_is_another_run) {
  BOOST_TEST(simulate(small(5)).trace_hash != simulate(small(6)).trace_hash);
}

BOOST_AUTO_TEST_CASE(printed_events_change_nothing) {
  auto loud = small(7);
  loud.keep_events = true;
  const auto heard = simulate(loud);
  BOOST_TEST(heard.trace_hash == simulate(small(7)).trace_hash);
  BOOST_TEST(!heard.last_events.empty());
}

BOOST_AUTO_TEST_CASE(a_farm_on_disk_does_the_same_as_one_in_memory_while_nothing_is_lost) {
  auto on_disk = small(8);
  on_disk.on_disk = true;
  const auto found = simulate(on_disk);
  require_no_violation(found);
  BOOST_TEST(found.starts > 0U);
}
