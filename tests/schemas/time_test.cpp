// Instants, zones and due dates.
#include "schemas/time.hpp"
#include "tests/schemas/generated.hpp"

#include <boost/test/unit_test.hpp>

using namespace gantry;

namespace {

std::string instant(std::string_view local, const std::string& zone) {
  const auto at = local_to_instant(local, zone);
  return at ? format_timestamp(*at) : "nothing";
}

std::string parsed(std::string_view text) {
  const auto at = parse_timestamp(text);
  return at ? format_timestamp(*at) : "nothing";
}

} // namespace

BOOST_AUTO_TEST_CASE(instants_are_written_with_milliseconds_and_read_back) {
  BOOST_TEST(format_timestamp(timestamp{}) == "1970-01-01T00:00:00.000Z");
  BOOST_TEST(format_timestamp(timestamp{std::chrono::milliseconds{-1}})
             == "1969-12-31T23:59:59.999Z");
  test::generator values{7};
  for (int i = 0; i < 1'000; ++i) {
    timestamp at;
    values.fill(at);
    BOOST_TEST((parse_timestamp(format_timestamp(at)) == at));
  }
}

BOOST_AUTO_TEST_CASE(an_instant_may_leave_out_seconds_and_name_an_offset) {
  BOOST_TEST(parsed("2026-11-21T03:10Z") == "2026-11-21T03:10:00.000Z");
  BOOST_TEST(parsed("2026-11-21T03:10:17Z") == "2026-11-21T03:10:17.000Z");
  BOOST_TEST(parsed("2026-11-21T03:10:17.5Z") == "nothing");
  BOOST_TEST(parsed("2026-11-21T03:10+02:00") == "2026-11-21T01:10:00.000Z");
  BOOST_TEST(parsed("2026-01-01T00:00-05:30") == "2026-01-01T05:30:00.000Z");
  BOOST_TEST(parsed("2028-02-29T12:00Z") == "2028-02-29T12:00:00.000Z");
}

BOOST_AUTO_TEST_CASE(everything_else_is_no_instant) {
  for (const auto* text : {"",
                           "2026",
                           "2026-11-21",
                           "2026-11-21T03:10",
                           "2026-11-21 03:10Z",
                           "2026-02-29T00:00Z",
                           "2026-13-01T00:00Z",
                           "2026-00-01T00:00Z",
                           "2026-01-32T00:00Z",
                           "2026-01-01T24:00Z",
                           "2026-01-01T00:60Z",
                           "2026-01-01T00:00:60Z",
                           "2026-01-01T00:00Zz",
                           "2026-01-01T00:00+15:00",
                           "2026-01-01T00:00+0100",
                           "2026-01-01T00:00+01:60",
                           "-026-01-01T00:00Z",
                           "2026--1-01T00:00Z",
                           "2026-01-01T-1:00Z",
                           "+2026-01-01T00:00Z",
                           "2026-1-1T0:0Z"})
    BOOST_TEST_CONTEXT(text) {
      BOOST_TEST(parsed(text) == "nothing");
    }
}

BOOST_AUTO_TEST_CASE(defect_a_zone_moved_an_instant_beyond_the_years_that_can_be_written) {
  BOOST_TEST(!parse_timestamp("9999-12-31T23:59:59.999-03:59"));
  BOOST_TEST(!parse_timestamp("0000-01-01T00:00+00:01"));
  BOOST_TEST(parse_timestamp("9999-12-31T23:59:59.999Z").has_value());
  BOOST_TEST(parse_timestamp("0000-01-01T00:00Z").has_value());
  BOOST_TEST(!local_to_instant("9999-12-31", "America/New_York"));
}

BOOST_AUTO_TEST_CASE(a_date_alone_means_the_end_of_that_day_where_it_was_promised) {
  BOOST_TEST(instant("2026-12-01", "UTC") == "2026-12-01T23:59:59.000Z");
  BOOST_TEST(instant("2026-12-01", "Europe/Berlin") == "2026-12-01T22:59:59.000Z");
  BOOST_TEST(instant("2026-07-01", "Europe/Berlin") == "2026-07-01T21:59:59.000Z");
  BOOST_TEST(instant("2026-12-01", "Asia/Kolkata") == "2026-12-01T18:29:59.000Z");
  BOOST_TEST(instant("2026-12-01T18:00", "America/New_York") == "2026-12-01T23:00:00.000Z");
}

BOOST_AUTO_TEST_CASE(a_local_time_that_is_skipped_means_the_instant_after_the_gap) {
  // In Berlin 02:00 to 03:00 does not exist on 29 March 2026.
  BOOST_TEST(instant("2026-03-29T01:59", "Europe/Berlin") == "2026-03-29T00:59:00.000Z");
  BOOST_TEST(instant("2026-03-29T02:00", "Europe/Berlin") == "2026-03-29T01:00:00.000Z");
  BOOST_TEST(instant("2026-03-29T02:30", "Europe/Berlin") == "2026-03-29T01:00:00.000Z");
  BOOST_TEST(instant("2026-03-29T03:00", "Europe/Berlin") == "2026-03-29T01:00:00.000Z");
}

BOOST_AUTO_TEST_CASE(a_local_time_that_exists_twice_means_the_earlier_instant) {
  // In Berlin 02:00 to 03:00 comes twice on 25 October 2026.
  BOOST_TEST(instant("2026-10-25T02:30", "Europe/Berlin") == "2026-10-25T00:30:00.000Z");
  BOOST_TEST(instant("2026-10-25T03:00", "Europe/Berlin") == "2026-10-25T02:00:00.000Z");
}

BOOST_AUTO_TEST_CASE(unknown_zones_and_texts_name_no_instant) {
  for (const auto* zone : {"", "Europe/Atlantis", "europe/berlin", "../../etc/passwd", "UTC+1"}) {
    BOOST_TEST_CONTEXT(zone) {
      BOOST_TEST(!known_zone(zone));
      BOOST_TEST(instant("2026-12-01", zone) == "nothing");
    }
  }
  for (const auto* text : {"", "tomorrow", "2026-12-01T", "2026-12-01T18:00Z", "2026-02-30"})
    BOOST_TEST_CONTEXT(text) {
      BOOST_TEST(instant(text, "UTC") == "nothing");
    }
}
