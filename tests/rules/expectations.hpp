// Short checks for tests of the rules. For one program's use; includes Boost.Test.
#pragma once

#include "tests/rules/consistency.hpp"

#include <boost/test/unit_test.hpp>

/// Checks that an enumerator has the given name, and shows both if not.
#define GANTRY_EXPECT(value, expected) BOOST_TEST(name_of(value) == std::string_view{expected})
/// Checks the code of a ruling.
#define GANTRY_ANSWERS(ruling, expected)                                                           \
  BOOST_TEST(to_string((ruling).code) == std::string_view{expected})
/// Checks every invariant of a farm.
#define GANTRY_WHOLE(shop)                                                                         \
  for (const auto& problem : gantry::test::inconsistencies(shop))                                  \
  BOOST_ERROR(problem)
