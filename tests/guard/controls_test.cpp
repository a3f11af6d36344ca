// Negative controls: with a defect in the guard that breaks an invariant, the random histories must
// find it. A check that no defect can trip would prove nothing.
#include "schemas/defect.hpp"
#include "tests/guard/core_history.hpp"

#include <algorithm>
#include <array>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>

namespace data = boost::unit_test::data;
using namespace gantry::test;

namespace {

constexpr unsigned seeds_max = 40;
const std::array<std::string, 5> invariants{"INV-10", "INV-11", "INV-12", "INV-13", "INV-15"};

bool violates(const history_result& done, const std::string& id) {
  return std::ranges::any_of(done.violations,
                             [&](const std::string& text) { return text.starts_with(id + ":"); });
}

} // namespace

BOOST_DATA_TEST_CASE(the_defect_of_each_invariant_is_found, data::make(invariants), id) {
  gantry::chosen_defect = "defect/" + id;
  unsigned seed = 1;
  bool caught = false;
  for (; seed <= seeds_max && !caught; ++seed)
    caught = violates(play_history(seed, true), id) || violates(play_history(seed, false), id);
  gantry::chosen_defect.clear();
  BOOST_TEST(caught, id << " was not violated in " << seeds_max << " seeds");
  BOOST_TEST_MESSAGE(id << " was caught at seed " << seed - 1);
}
