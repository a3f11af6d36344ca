// Goal: a number that others wrote is taken as it stands or not at all.
#include "schemas/json_integer.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdint>
#include <limits>

using gantry::integer_in;
using nlohmann::json;

BOOST_AUTO_TEST_CASE(whole_numbers_within_the_type_are_taken) {
  BOOST_TEST(integer_in<int64_t>(json::parse("-9223372036854775808")).value()
             == std::numeric_limits<int64_t>::min());
  BOOST_TEST(integer_in<int64_t>(json::parse("9223372036854775807")).value()
             == std::numeric_limits<int64_t>::max());
  BOOST_TEST(integer_in<uint64_t>(json::parse("18446744073709551615")).value()
             == std::numeric_limits<uint64_t>::max());
  BOOST_TEST(integer_in<int>(json::parse("-7")).value() == -7);
  BOOST_TEST(integer_in<uint64_t>(json(0)).value() == 0u);
}

BOOST_AUTO_TEST_CASE(everything_else_is_nothing) {
  for (const auto* text : {"9223372036854775808", "-9223372036854775809", "1e30", "1.0", "-0.5",
                           "33333333333333333333333333", "\"1\"", "true", "null", "[1]", "{}"})
    BOOST_TEST(!integer_in<int64_t>(json::parse(text)), text);
  BOOST_TEST(!integer_in<uint64_t>(json::parse("-1")));
  BOOST_TEST(!integer_in<uint64_t>(json::parse("18446744073709551616")));
  BOOST_TEST(!integer_in<int>(json::parse("2147483648")));
}
