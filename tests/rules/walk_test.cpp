// Random walks: whatever people, printers and the kernel's parts ask for, in whatever order, late
// or twice, the farm stays whole and no start is sent twice.
#include "schemas/digest.hpp"
#include "schemas/envelope.hpp"
#include "tests/rules/consistency.hpp"
#include "tests/rules/stages.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <deque>
#include <random>
#include <set>

using namespace gantry;
using namespace gantry::test;
using namespace gantry::commands;

namespace {

/// A farm that random commands come to, mostly sensible ones.
class walk {
public:
  explicit walk(uint32_t seed) : chance_{seed} {
    settings rules;
    rules.reprint_ceiling = 4;
    shop_.with_settings(rules);
    shop_.with_printer("A").with_printer("B").with_printer("C", "gated");
  }

  void step() {
    if (below(100) < 3)
      tidy_up();
    const auto [body, by_person] = choose();
    history_.push_back({body, by_person});
    if (history_.size() > 40)
      history_.pop_front();
    const auto beds = shop_;
    const auto starts = shop_.starts_sent.size();
    const auto answer = by_person ? shop_.ask(body) : shop_.tell(body);
    refused_ += answer.code == reason::ok ? 0 : 1;
    record(answer);
    check_starts(beds, starts);
  }

  [[nodiscard]] const farm& shop() const { return shop_; }
  [[nodiscard]] size_t started() const { return files_.size(); }
  [[nodiscard]] size_t fulfilled() const { return fulfilled_; }
  [[nodiscard]] size_t refused() const { return refused_; }
  [[nodiscard]] std::string digest() { return hash_.finish_hex(); }

private:
  using choice = std::pair<any_command, bool>;

  size_t below(size_t limit) { return chance_() % limit; }

  template <class State>
  const State* any() {
    const auto all = shop_.all<State>();
    return all.empty() ? nullptr : all[below(all.size())];
  }

  choice choose() {
    const auto dice = below(100);
    if (dice < 6 && !history_.empty())
      return history_[below(history_.size())]; // late, or twice
    if (dice < 9 && !shop_.forwarded.empty()) {
      auto body = shop_.forwarded.front();
      shop_.forwarded.erase(shop_.forwarded.begin());
      return {body, true};
    }
    if (dice < 65)
      return next_step();
    return dice < 88 ? wish() : junk();
  }

  /// What a well-behaved kernel, printer or operator would do next somewhere.
  choice next_step() {
    if (below(4) == 0 || open_orders() == 0)
      return desk_step();
    const auto& where = *any<printer>();
    if (where.ticket)
      return ticket_step(where, *where.ticket);
    if (where.bed != bed_state::clear)
      return {confirm_bed_clear{where.id, "seen", {}}, true};
    if (where.foreign)
      return {observe{where.id, shop_.idle()}, false};
    for (const auto* what : shop_.all<run>())
      if (what->state == run_state::queued && below(2) == 0)
        return {reserve_run{where.id, what->id, shop_.idle()}, false};
    return desk_step();
  }

  choice desk_step() {
    for (const auto* asked : shop_.all<decision>())
      if (asked->approval == approval_state::pending)
        return {settle_approval{asked->id, below(4) > 0, {}}, true};
    for (const auto* how : shop_.all<plan>()) {
      if (how->state == plan_state::checking)
        return {model_checked{how->id, {}, {1'000, 1'000, 1'000}}, false};
      if (how->state == plan_state::slicing)
        return {slicing_settled{how->id, revision_of(*how), reason::sliced, {}}, false};
      if (how->state == plan_state::review && below(4) == 0)
        return {reset_breaker{how->breaker, {}}, true};
    }
    for (const auto* what : shop_.all<run>())
      if (what->state == run_state::inspecting)
        return {inspection_of(*what), true};
    if (open_orders() < 3)
      return {shop_.order_for(static_cast<int64_t>(1 + below(2)) * 2, 2), true};
    return {reprint_plate{any_plate(), {}}, true};
  }

  choice ticket_step(const printer& where, const print_ticket& ticket) {
    switch (ticket.phase) {
    case ticket_phase::reserved:
      return {begin_upload{where.id, ticket.attempt}, false};
    case ticket_phase::uploading:
      return {upload_settled{where.id, ticket.attempt, true, {}, {}, ticket.gcode_size_bytes},
              false};
    case ticket_phase::uploaded:
      return {begin_start{where.id, ticket.attempt, shop_.idle()}, false};
    case ticket_phase::starting:
      if (below(3) == 0)
        return {start_overdue{where.id, ticket.attempt, report_of(where)}, false};
      if (ticket.answer == start_answer::pending && below(2) == 0)
        return {
            start_settled{where.id, ticket.attempt, static_cast<start_answer>(1 + below(3)), {}},
            false};
      return {observe{where.id, report_of(where)}, false};
    case ticket_phase::fencing:
      return {
          fence_settled{
              where.id, ticket.attempt, static_cast<fence_answer>(below(3)), {}, report_of(where)},
          false};
    case ticket_phase::printing:
    case ticket_phase::paused:
      return {observe{where.id, report_of(where)}, false};
    case ticket_phase::attention:
      return {settle_run{ticket.run, verdicts[below(3)], {}, {}}, true};
    }
    return junk();
  }

  /// What people ask for at any time.
  choice wish() {
    const auto& where = *any<printer>();
    const auto what = any_run();
    switch (below(12)) {
    case 0:
    case 1:
      return {cancel_run{what, {}}, true};
    case 2:
      return {pause_run{what, {}}, true};
    case 3:
      return {resume_run{what, {}}, true};
    case 4:
      return {settle_run{what, verdicts[below(3)], static_cast<attribution>(below(5)), {}}, true};
    case 5:
      if (below(6) > 0)
        break;
      return {cancel_order{any<order>() ? any<order>()->id : order_id{}, {}}, true};
    case 6:
      return {set_printer_mode{
                  where.id, below(3) ? printer_mode::active : printer_mode::maintenance, {}},
              true};
    case 7:
      return {request_revision{any<plan>() ? any<plan>()->id : plan_id{}, {}, {}}, true};
    case 8:
      return {settle_foreign{where.id, static_cast<foreign_verdict>(below(3)), {}}, true};
    case 9:
      return {confirm_printer{where.id, {}}, true};
    case 10:
      return {reprint_plate{any_plate(), {}}, true};
    default:
      break;
    }
    return {confirm_bed_clear{where.id, "seen", {}}, below(3) > 0};
  }

  /// What should not happen at this moment, or rarely does.
  choice junk() {
    const auto& where = *any<printer>();
    const auto attempt = static_cast<int64_t>(below(4));
    switch (below(12)) {
    case 0:
      return {begin_upload{where.id, attempt}, false};
    case 1:
      return {upload_settled{where.id, attempt, below(2) == 0, {}, {}, 12'345}, false};
    case 2:
      return {begin_start{where.id, attempt, report_of(where)}, false};
    case 3:
      return {start_settled{where.id, attempt, static_cast<start_answer>(below(4)), {}}, false};
    case 4:
      return {start_overdue{where.id, attempt, report_of(where)}, false};
    case 5:
      return {fence_settled{
                  where.id, attempt, static_cast<fence_answer>(below(3)), {}, report_of(where)},
              false};
    case 6:
      return {action_settled{where.id, static_cast<wanted_action>(below(4)), below(2) == 0, {}},
              false};
    case 7:
      return {reserve_run{where.id, any_run(), report_of(where)}, false};
    case 8:
      return {below(8) ? any_command{confirm_printer{where.id, {}}}
                       : any_command{mark_unreconciled{where.id}},
              below(2) == 0};
    case 9:
      return {below(8) ? any_command{set_printer_mode{where.id, printer_mode::active, {}}}
                       : any_command{quarantine_printer{where.id, 3}},
              true};
    default:
      return {observe{where.id, report_of(where)}, false};
    }
  }

  device_report report_of(const printer& where) {
    auto report = shop_.idle();
    if (below(12) == 0)
      report.link = static_cast<link_state>(below(4));
    if (below(15) == 0)
      report.firmware = static_cast<firmware_state>(below(6));
    report.print = static_cast<print_state>(below(7));
    if (below(2) == 0)
      report.print = below(2) ? print_state::printing : print_state::complete;
    if (where.ticket && below(6) > 0)
      report.file = where.ticket->file;
    else if (below(2) == 0)
      report.file = files_.empty() ? "other.gcode" : *files_.begin();
    report.is_active = report.print == print_state::printing;
    report.is_paused = report.print == print_state::paused;
    report.progress_permille = static_cast<int64_t>(below(1'001));
    report.message = below(2) ? "Move out of range" : "Heater extruder not heating";
    return report;
  }

  inspect_run inspection_of(const run& what) {
    const auto& arranged = shop_.get<plate>(ref_of(what.plate));
    std::vector<item_outcome> items(arranged.items.size());
    for (auto& item : items)
      item = below(3) ? item_outcome::good : static_cast<item_outcome>(below(4));
    return {what.id, items, static_cast<attribution>(below(5)), {}};
  }

  plan_revision revision_of(const plan& how) const {
    plan_revision made;
    made.profile = how.profile;
    made.gcode_sha256 = std::string(64, 'b');
    made.gcode = artifact_id{derive_id("art", "name", made.gcode_sha256)};
    made.gcode_size_bytes = 12'345;
    made.estimate.duration_s = 3'600;
    return made;
  }

  run_id any_run() {
    const auto* what = any<run>();
    return what ? what->id : run_id{make_id("run", 1)};
  }

  plate_id any_plate() {
    const auto* arranged = any<plate>();
    return arranged ? arranged->id : plate_id{make_id("plt", 1)};
  }

  size_t open_orders() {
    return static_cast<size_t>(std::ranges::count_if(
        shop_.all<order>(), [](const order* x) { return is_open(any_state{*x}); }));
  }

  /// Closed orders whose runs have all ended leave the memory, as they leave a kernel's.
  void tidy_up() {
    std::vector<order_id> closed;
    for (const auto* promise : shop_.all<order>()) {
      const auto busy = [&](const run* x) {
        return x->order == promise->id && is_open(any_state{*x});
      };
      if (!is_open(any_state{*promise}) && std::ranges::none_of(shop_.all<run>(), busy)) {
        fulfilled_ += promise->state == order_state::fulfilled ? 1 : 0;
        closed.push_back(promise->id);
      }
    }
    for (const auto& id : closed)
      shop_.forget(id);
  }

  void record(const rules::ruling& answer) {
    hash_.update(to_string(answer.code));
    for (const auto& [entity, events] : answer.writes) {
      hash_.update(entity.text());
      for (const auto& event : events) {
        hash_.update(type_of(event));
        hash_.update(encode_event(event));
      }
    }
  }

  void check_starts(const farm& before, size_t known) {
    for (size_t i = known; i < shop_.starts_sent.size(); ++i) {
      const auto& start = shop_.starts_sent[i];
      BOOST_TEST(files_.insert(start.file).second, start.file << " was started twice");
      for (size_t printer = 0; printer < before.printers().size(); ++printer) {
        const auto& where = before.the_printer(printer);
        if (where.ticket && where.ticket->file == start.file) {
          BOOST_TEST((where.bed == bed_state::clear));
          BOOST_TEST((where.mode == printer_mode::active));
          BOOST_TEST(!where.foreign.has_value());
          BOOST_TEST(!where.unreconciled);
          BOOST_TEST((where.ticket->phase == ticket_phase::uploaded));
        }
      }
    }
  }

  static constexpr const char* verdicts[] = {"it_printed", "it_failed", "keep_watching"};

  farm shop_;
  std::mt19937 chance_;
  std::deque<choice> history_;
  std::set<std::string> files_;
  sha256 hash_;
  size_t fulfilled_ = 0;
  size_t refused_ = 0;
};

/// Walks until the end or the first inconsistency.
void go(walk& random, size_t steps) {
  for (size_t i = 0; i < steps; ++i) {
    random.step();
    const auto problems = inconsistencies(random.shop());
    for (const auto& problem : problems)
      BOOST_ERROR("step " << i << ": " << problem);
    if (!problems.empty())
      return;
  }
}

} // namespace

BOOST_AUTO_TEST_CASE(a_hundred_thousand_random_commands_never_break_an_invariant) {
  size_t started = 0, fulfilled = 0, refused = 0;
  for (uint32_t seed = 1; seed <= 10; ++seed) {
    BOOST_TEST_CONTEXT("seed " << seed) {
      walk random{seed};
      go(random, 10'000);
      started += random.started();
      fulfilled += random.fulfilled();
      refused += random.refused();
    }
  }
  BOOST_TEST_MESSAGE(started << " starts, " << fulfilled << " orders fulfilled, " << refused
                             << " refusals");
  // The walk must get somewhere, and must also be told no.
  BOOST_TEST(started > 1'000u);
  BOOST_TEST(fulfilled > 50u);
  BOOST_TEST(refused > 10'000u);
}

BOOST_AUTO_TEST_CASE(two_walks_with_one_seed_record_the_same_events) {
  walk one{42}, two{42}, other{43};
  go(one, 2'000);
  go(two, 2'000);
  go(other, 2'000);
  const auto digest = one.digest();
  BOOST_TEST(digest == two.digest());
  BOOST_TEST(digest != other.digest());
}
