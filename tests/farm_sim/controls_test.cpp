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

void expect_caught(const std::string& defect, sim_options options) {
  gantry::chosen_defect = "defect/" + defect;
  const auto id = defect.substr(0, defect.find('/'));
  bool caught = false;
  for (options.seed = 1; options.seed <= seeds_max && !caught; ++options.seed)
    caught = violates(simulate(options), id);
  gantry::chosen_defect.clear();
  BOOST_TEST(caught, defect << " was not violated in " << seeds_max << " seeds");
  BOOST_TEST_MESSAGE(defect << " was caught at seed " << options.seed - 1);
}

/// Defects whose violation is seen at stations alone; some invariants have several.
const std::vector<std::string> about_pumps{
    "INV-10",     "INV-11", "INV-12", "INV-13", "INV-13/repeat", "INV-13/credit", "INV-14",
    "INV-14/vat", "INV-15", "ESTOP",  "LATE",   "LATE/begin",    "PAUSE",         "QUIET"};

} // namespace

BOOST_DATA_TEST_CASE(the_defect_of_each_invariant_is_found, data::make(invariants_in_scope({})),
                     id) {
  sim_options options;
  options.printers = 2;
  options.hours = 4;
  expect_caught(id, options);
}

BOOST_DATA_TEST_CASE(the_defect_of_each_invariant_about_pumps_is_found, data::make(about_pumps),
                     id) {
  sim_options options;
  options.printers = 0;
  options.stations = 2;
  options.hours = 6;
  expect_caught(id, options);
}
