// Lists, pages and streams of events as the API reads them.
#include "storage/reader.hpp"
#include "support.hpp"

#include <boost/test/unit_test.hpp>

using namespace gantry;
using namespace gantry::storage;
using namespace gantry::storage::testing;

namespace {

/// Ten orders, created in the order of their numbers; every third one is closed.
struct ten_orders {
  memory_store memory;
  journal log{memory, {}};

  ten_orders() {
    for (size_t i = 0; i < 10; ++i)
      (void)log.admit(make_commit(log, {order(i)}, "made"));
    for (size_t i = 0; i < 10; i += 3)
      (void)log.admit(make_commit(log, {order(i)}, "done", false));
    write_all(log, memory);
  }

  /// Names run against the order of creation.
  static entity_ref order(size_t i) { return {entity_kind::order, "ord-" + std::to_string(9 - i)}; }

  /// All pages of a list, as digits.
  std::string pages(list_query query) const {
    const reader view{memory};
    std::string found;
    for (size_t page_count = 0; page_count < 20; ++page_count) {
      const auto page = view.list(query);
      for (const auto& x : page.items)
        found += x.entity.id.back();
      if (page.next_cursor == 0)
        return found;
      found += '|';
      query.cursor = page.next_cursor;
    }
    return found + " and no end";
  }
};

} // namespace

BOOST_FIXTURE_TEST_CASE(a_list_is_in_the_order_of_creation, ten_orders) {
  BOOST_TEST(pages({.filter = {}}) == "0123456789");
  BOOST_TEST(pages({.descending = false, .filter = {}}) == "9876543210");
  BOOST_TEST(pages({.kind = entity_kind::run, .filter = {}}) == "");
}

BOOST_FIXTURE_TEST_CASE(pages_follow_one_another_without_gap_or_repetition, ten_orders) {
  BOOST_TEST(pages({.limit = 4, .filter = {}}) == "0123|4567|89");
  BOOST_TEST(pages({.limit = 5, .descending = false, .filter = {}}) == "98765|43210");
  BOOST_TEST(pages({.open_only = true, .limit = 4, .filter = {}}) == "1245|78");
  BOOST_TEST(pages({.open_only = true, .limit = 4, .descending = false, .filter = {}})
             == "8754|21");
}

BOOST_FIXTURE_TEST_CASE(a_filtered_list_stops_scanning_and_can_go_on, ten_orders) {
  const auto even = [](const stored_entity& x) { return x.entity.id.back() % 2 == 0; };
  BOOST_TEST(pages({.filter = even}) == "02468");
  BOOST_TEST(pages({.filter = even, .scan_max = 3}) == "02|4|68|");
}

BOOST_FIXTURE_TEST_CASE(a_page_names_the_newest_event_of_its_snapshot, ten_orders) {
  const reader before{memory};
  (void)log.admit(make_commit(log, {order(0)}, "x"));
  write_all(log, memory);
  BOOST_TEST(before.list({.filter = {}}).as_of_seq == 14u);
  BOOST_TEST(before.get(order(0))->version == 2u);
  const auto after = reader{memory}.get(order(0));
  BOOST_TEST(after->version == 3u);
  BOOST_TEST(after->created_seq == 1u);
  BOOST_TEST(after->updated_seq == 15u);
}

BOOST_FIXTURE_TEST_CASE(events_are_read_from_any_point_and_per_entity, ten_orders) {
  const reader view{memory};
  std::vector<uint64_t> seen;
  const auto note = [&](uint64_t seq, std::string_view) {
    seen.push_back(seq);
    return seen.size() < 3;
  };
  view.events_after(10, note);
  BOOST_TEST(seen == (std::vector<uint64_t>{11, 12, 13}), boost::test_tools::per_element());
  seen.clear();
  view.events_of(order(3), note);
  BOOST_TEST(seen == (std::vector<uint64_t>{4, 12}), boost::test_tools::per_element());
  seen.clear();
  view.events_of(order(3), note, event_order::newest_first);
  BOOST_TEST(seen == (std::vector<uint64_t>{12, 4}), boost::test_tools::per_element());
  seen.clear();
  view.events_after(UINT64_MAX, note);
  view.events_of({entity_kind::order, "ord-"}, note);
  BOOST_TEST(seen.empty());
}
