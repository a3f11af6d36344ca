#include "actors/state_cache.hpp"

#include <boost/test/unit_test.hpp>

using namespace gantry;
using namespace gantry::actors;

namespace {

versioned_state state_of(const std::string& id, entity_version version) {
  return {{entity_kind::run, id}, version, std::make_shared<const any_state>(run{})};
}

} // namespace

BOOST_AUTO_TEST_CASE(the_least_recently_used_state_leaves_first) {
  state_cache cache{2};
  cache.put(state_of("a", 1));
  cache.put(state_of("b", 1));
  BOOST_TEST(cache.find({entity_kind::run, "a"}) != nullptr);
  cache.put(state_of("c", 1));
  BOOST_TEST(cache.find({entity_kind::run, "b"}) == nullptr);
  BOOST_TEST(cache.find({entity_kind::run, "a"}) != nullptr);
}

BOOST_AUTO_TEST_CASE(a_newer_state_replaces_the_older_one) {
  state_cache cache{2};
  cache.put(state_of("a", 1));
  cache.put(state_of("a", 2));
  BOOST_TEST(cache.find({entity_kind::run, "a"})->version == 2u);
  BOOST_TEST(cache.of_kind(entity_kind::run).size() == 1u);
  BOOST_TEST(cache.of_kind(entity_kind::plan).empty());
}
