// Every command in every state has an answer, and no answer leaves the farm in disorder.
#include "tests/rules/consistency.hpp"
#include "tests/rules/stages.hpp"

#include <boost/test/unit_test.hpp>
#include <set>

using namespace gantry;
using namespace gantry::test;

namespace {

void expect_consistent(const farm& shop) {
  for (const auto& problem : inconsistencies(shop))
    BOOST_ERROR(problem);
}

} // namespace

BOOST_AUTO_TEST_CASE(there_is_a_stage_for_every_state_and_it_is_in_that_state) {
  std::map<std::string_view, size_t> count;
  for (const auto& each : every_stage()) {
    BOOST_TEST_CONTEXT(each.about << " " << each.state) {
      BOOST_TEST(state_of(each.about, each.shop) == each.state);
      expect_consistent(each.shop);
    }
    ++count[each.about];
  }
  BOOST_TEST(count["order"] == names_of(order_state{}).size());
  BOOST_TEST(count["plan"] == names_of(plan_state{}).size());
  BOOST_TEST(count["plate"] == names_of(plate_state{}).size());
  BOOST_TEST(count["run"] == names_of(run_state{}).size());
  BOOST_TEST(count["ticket"] == names_of(ticket_phase{}).size() + 1);
}

BOOST_AUTO_TEST_CASE(the_trials_hold_every_kind_of_command) {
  std::set<size_t> kinds;
  for (const auto& each : every_trial(every_stage().front().shop))
    kinds.insert(each.body.index());
  // Commands about stations follow the others, and have trials of their own.
  BOOST_TEST(kinds.size() == any_command{commands::add_station{}}.index());
}

BOOST_AUTO_TEST_CASE(
    every_command_in_every_state_is_refused_with_a_reason_or_keeps_the_farm_whole) {
  size_t tried = 0;
  for (const auto& each : every_stage())
    for (const auto& trial : every_trial(each.shop)) {
      BOOST_TEST_CONTEXT(each.about << " " << each.state << ", " << trial.name) {
        auto shop = each.shop;
        const auto starts = shop.starts_sent.size();
        const auto answer = trial.by_person ? shop.ask(trial.body) : shop.tell(trial.body);
        BOOST_TEST(static_cast<int>(entry_of(answer.code).code) == static_cast<int>(answer.code));
        if (answer.code != reason::ok)
          BOOST_TEST(entry_of(answer.code).http_status >= 400);
        expect_consistent(shop);
        shop.settle_forwarded();
        expect_consistent(shop);
        const bool may_start = std::holds_alternative<commands::begin_start>(trial.body);
        BOOST_TEST(shop.starts_sent.size() - starts <= (may_start ? 1u : 0u));
        ++tried;
      }
    }
  BOOST_TEST(tried > 2'500u);
}

BOOST_AUTO_TEST_CASE(any_two_commands_after_one_another_keep_the_farm_whole) {
  for (const auto& each : every_stage())
    for (const auto& first : every_trial(each.shop)) {
      auto shop = each.shop;
      const auto before = (first.by_person ? shop.ask(first.body) : shop.tell(first.body));
      if (before.writes.empty())
        continue;
      for (const auto& second : every_trial(shop)) {
        auto next = shop;
        second.by_person ? next.ask(second.body) : next.tell(second.body);
        next.settle_forwarded();
        const auto problems = inconsistencies(next);
        BOOST_TEST_CONTEXT(each.about << " " << each.state << ", " << first.name << ", then "
                                      << second.name) {
          BOOST_TEST(problems.empty(), (problems.empty() ? "" : problems.front()));
        }
      }
    }
}

BOOST_AUTO_TEST_CASE(commands_about_what_does_not_exist_are_refused_as_not_found) {
  farm shop = farm{}.with_printer("A").with_order();
  const auto refused = [&shop](any_command body) {
    return std::string{to_string(shop.ask(std::move(body)).code)};
  };
  using namespace commands;
  const run_id what{make_id("run", 9)};
  const printer_id where{make_id("prn", 9)};
  BOOST_TEST(refused(cancel_order{order_id{make_id("ord", 9)}, {}}) == "not_found");
  BOOST_TEST(refused(cancel_run{what, {}}) == "not_found");
  BOOST_TEST(refused(pause_run{what, {}}) == "not_found");
  BOOST_TEST(refused(resume_run{what, {}}) == "not_found");
  BOOST_TEST(refused(settle_run{what, "it_printed", {}, {}}) == "not_found");
  BOOST_TEST(refused(inspect_run{what, {}, {}, {}}) == "not_found");
  BOOST_TEST(refused(reprint_plate{plate_id{make_id("plt", 9)}, {}}) == "not_found");
  BOOST_TEST(refused(request_revision{plan_id{make_id("pln", 9)}, {}, {}}) == "not_found");
  BOOST_TEST(refused(model_checked{plan_id{make_id("pln", 9)}, {}, {}}) == "not_found");
  BOOST_TEST(refused(reset_breaker{breaker_id{make_id("brk", 9)}, {}}) == "not_found");
  BOOST_TEST(refused(settle_approval{decision_id{make_id("dec", 9)}, true, {}}) == "not_found");
  BOOST_TEST(refused(revoke_token{token_id{make_id("tok", 9)}, {}}) == "not_found");
  BOOST_TEST(refused(confirm_bed_clear{where, "seen", {}}) == "not_found");
  BOOST_TEST(refused(begin_upload{where, 0}) == "not_found");
  BOOST_TEST(refused(begin_start{where, 0, shop.idle()}) == "not_found");
  BOOST_TEST(refused(observe{where, shop.idle()}) == "not_found");
  BOOST_TEST(refused(action_settled{where, {}, true, {}}) == "not_found");
  BOOST_TEST(refused(mark_unreconciled{where}) == "not_found");
  BOOST_TEST(refused(quarantine_printer{where, 1}) == "not_found");
  BOOST_TEST(refused(settle_foreign{where, {}, {}}) == "not_found");
}
