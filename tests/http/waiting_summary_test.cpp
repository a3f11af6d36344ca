// Goal: a waiting run says why in one sentence that a person reads without a key. Method: lists of
// rejections as the dispatcher makes them.
#include "http/waiting_summary.hpp"

#include <boost/test/unit_test.hpp>

using namespace gantry;

namespace {

std::string summary_of(const std::vector<reason>& reasons) {
  std::vector<actors::rejection> list;
  for (const auto why : reasons)
    list.push_back({printer_id{"prn-abcdefghijkl2"}, "Ada", why, {{"printer", "Ada"}}});
  return http::waiting_summary(list);
}

} // namespace

BOOST_AUTO_TEST_CASE(no_printer_and_one_printer_need_no_numbers) {
  BOOST_TEST(summary_of({}) == "");
  BOOST_TEST(summary_of({reason::printer_in_maintenance})
             == render(reason::printer_in_maintenance, {{"printer", "Ada"}}));
}

BOOST_AUTO_TEST_CASE(a_printer_that_can_take_it_is_named_whatever_the_others_say) {
  BOOST_TEST(summary_of({reason::bed_not_clear, reason::printer_suitable})
             == "Ada is about to take it.");
}

BOOST_AUTO_TEST_CASE(the_most_frequent_obstacle_comes_first) {
  BOOST_TEST(
      summary_of({reason::printer_in_maintenance, reason::bed_not_clear, reason::bed_not_clear})
      == "None of 3 printers can take it yet: 2 have a print on their beds, 1 is in maintenance.");
}

BOOST_AUTO_TEST_CASE(one_obstacle_of_all_is_said_once) {
  BOOST_TEST(summary_of({reason::colour_mismatch, reason::colour_mismatch})
             == "All 2 printers have other colours loaded.");
}

BOOST_AUTO_TEST_CASE(an_obstacle_without_words_of_its_own_is_still_named) {
  BOOST_TEST(summary_of({reason::profile_unknown, reason::bed_unknown})
             == "None of 2 printers can take it yet: 1 has a bed that nobody has confirmed clear, "
                "1 says: profile unknown.");
}
