// Goal: whatever is asked, whoever is killed and whatever the clocks do, never two pumps on, no
// window exceeded, no run longer than it may be, no charge less than the truth. Method: random
// histories; the lines' own log in true time is the oracle. A failure names its seed.
#include "tests/guard/core_history.hpp"

#include <boost/test/unit_test.hpp>

using namespace gantry::test;

namespace {

constexpr unsigned seeds = 300;

void play_histories(bool master_relay) {
  int started = 0, refused = 0;
  for (unsigned seed = 1; seed <= seeds; ++seed) {
    const auto done = play_history(seed, master_relay);
    for (const auto& each : done.violations)
      BOOST_ERROR("seed " << seed << ": " << each);
    started += done.started;
    refused += done.refused;
  }
  // Neither a guard that refuses everything nor one that is never tempted would prove anything.
  BOOST_TEST_MESSAGE(started << " runs accepted, " << refused << " refused");
  BOOST_TEST(started > static_cast<int>(seeds) * 10);
  BOOST_TEST(refused > static_cast<int>(seeds) * 10);
}

} // namespace

BOOST_AUTO_TEST_CASE(no_history_breaks_a_limit_when_lines_fall_with_the_guard) {
  play_histories(true);
}

BOOST_AUTO_TEST_CASE(no_history_has_two_pumps_on_even_if_lines_keep_their_level) {
  play_histories(false);
}
