// Negative controls: for every invariant there is a defect, and the simulation must find it. A
// check that no defect can trip would prove nothing.
#include "bench/farm_sim/simulation.hpp"
#include "schemas/defect.hpp"

#include <algorithm>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace data = boost::unit_test::data;
using namespace gantry::farm_sim;

namespace {

/// A defect may need a rare fault to show.
constexpr uint64_t seeds_max = 60;

bool violates(const sim_result& found, const std::string& id) {
  return std::ranges::any_of(found.violations,
                             [&](const std::string& text) { return text.starts_with(id + ":"); });
}

} // namespace

BOOST_DATA_TEST_CASE(the_defect_of_each_invariant_is_found, data::make(invariants_in_scope()), id) {
  gantry::chosen_defect = "defect/" + id;
  uint64_t seed = 1;
  bool caught = false;
  for (; seed <= seeds_max && !caught; ++seed) {
    sim_options options;
    options.seed = seed;
    options.hours = 6;
    caught = violates(simulate(options), id);
  }
  gantry::chosen_defect.clear();
  BOOST_TEST(caught, id << " was not violated in " << seeds_max << " seeds");
  BOOST_TEST_MESSAGE(id << " was caught at seed " << seed - 1);
}
