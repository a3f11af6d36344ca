// The oracle of the telemetry claim: which frames were heard, left out, or lost.
#include "bench/frame_matcher.hpp"

#include <boost/test/unit_test.hpp>

using namespace gantry::bench;
using std::chrono::milliseconds;

namespace {

const std::chrono::steady_clock::time_point start{};

marked_frame at(int ms, int64_t nozzle_mc) {
  return {start + milliseconds{ms}, nozzle_mc};
}

} // namespace

BOOST_AUTO_TEST_CASE(the_nozzle_is_found_in_a_frame_of_moonraker) {
  const auto frame = R"({"method":"notify_status_update","params":[{"extruder":{"temperature":)"
                     R"(199.73},"heater_bed":{"temperature":60.1}},12.5]})";
  BOOST_TEST(nozzle_in_device_frame(frame).value_or(0) == 199'730);
  BOOST_TEST(!nozzle_in_device_frame(R"({"params":[{"heater_bed":{"temperature":60.1}}]})"));
  BOOST_TEST(!nozzle_in_device_frame(R"({"params":[{"extruder":{"target":200}}]})"));
}

BOOST_AUTO_TEST_CASE(delays_are_those_of_the_frames_that_were_heard) {
  const auto found = match_frames({at(0, 100), at(1'000, 200)}, {at(5, 100), at(1'008, 200)},
                                  start + milliseconds{2'000});
  BOOST_TEST(found.delays_ms == (std::vector<double>{5, 8}), boost::test_tools::per_element());
  BOOST_TEST(found.conflated == 0u);
  BOOST_TEST(found.lost == 0u);
}

BOOST_AUTO_TEST_CASE(a_frame_that_a_newer_one_replaced_is_told_apart_from_a_lost_one) {
  const std::vector<marked_frame> sent{at(0, 100), at(10, 110), at(20, 120), at(30, 130)};
  const auto found = match_frames(sent, {at(22, 120)}, start + milliseconds{100});
  BOOST_TEST(found.conflated == 2u);
  BOOST_TEST(found.lost == 1u);
  // The last one may still be on its way.
  BOOST_TEST(match_frames(sent, {at(22, 120)}, start + milliseconds{25}).lost == 0u);
}

BOOST_AUTO_TEST_CASE(a_value_that_comes_again_is_taken_for_the_oldest_frame_that_fits) {
  const auto found =
      match_frames({at(0, 100), at(10, 100)}, {at(12, 100), at(13, 100)}, start + milliseconds{50});
  BOOST_TEST(found.delays_ms == (std::vector<double>{12, 3}), boost::test_tools::per_element());
  const auto repeated =
      match_frames({at(0, 100)}, {at(1, 100), at(2, 100)}, start + milliseconds{50});
  BOOST_TEST(repeated.delays_ms.size() == 1u);
}
