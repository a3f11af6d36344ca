#include "rules/deciders.hpp"
#include "rules/outcomes.hpp"

#include <algorithm>

namespace gantry::rules {

using namespace commands;

namespace {

ruling refuse_state(const run& what, std::string action) {
  return refuse(reason::run_not_in_state, {{"run", what.id.value},
                                           {"state", std::string{name_of(what.state)}},
                                           {"action", std::move(action)}});
}

/// The printer decides about runs that hold its ticket.
ruling redirect_to_printer(const run& what) {
  ruling answer;
  answer.redirect = ref_of(what.printer);
  return answer;
}

/// A command that only makes sense on a printer.
ruling needs_printer(const case_file& file, const run_id& id, std::string action) {
  const auto* what = file.known.find<run>(ref_of(id));
  if (!what)
    return refuse(reason::not_found, {{"kind", "run"}, {"id", id.value}});
  return what->on_printer() ? redirect_to_printer(*what) : refuse_state(*what, std::move(action));
}

/// Pieces that are good now and were not before.
int64_t newly_good(const plate& arranged, const std::vector<item_outcome>& items) {
  int64_t count = 0;
  for (size_t i = 0; i < items.size(); ++i)
    count += items[i] == item_outcome::good && arranged.items[i] != item_outcome::good ? 1 : 0;
  return count;
}

/// True if every piece that is still owed came out good.
bool all_owed_good(const plate& arranged, const std::vector<item_outcome>& items) {
  for (size_t i = 0; i < items.size(); ++i)
    if (items[i] != item_outcome::good && arranged.items[i] != item_outcome::good)
      return false;
  return true;
}

void credit_pieces(ruling& answer, const order& promise, const run& what, const plate& arranged,
                   int64_t pieces) {
  if (pieces == 0 || !is_open(any_state{promise}))
    return;
  answer.add(ref_of(promise.id), events::order_pieces_passed{arranged.line, pieces, what.id});
  const auto complete = [&](size_t index) {
    const auto& line = promise.lines[index];
    const auto added = static_cast<int64_t>(index) == arranged.line ? pieces : 0;
    return line.pieces_good + added >= line.line.quantity;
  };
  if (complete(static_cast<size_t>(arranged.line)))
    answer.add(ref_of(arranged.plan), events::plan_completed{});
  for (size_t i = 0; i < promise.lines.size(); ++i)
    if (!complete(i))
      return;
  answer.add(ref_of(promise.id), events::order_fulfilled{});
}

} // namespace

ruling decide_run(const case_file& file, const reprint_plate& x) {
  const auto* arranged = file.known.find<plate>(ref_of(x.id));
  const auto* how = arranged ? file.known.find<plan>(ref_of(arranged->plan)) : nullptr;
  const auto* promise = how ? file.known.find<order>(ref_of(how->order)) : nullptr;
  if (!promise)
    return refuse(reason::not_found, {{"kind", "plate"}, {"id", x.id.value}});
  if (arranged->state != plate_state::held || how->state != plan_state::ready)
    return refuse(reason::plan_not_in_state,
                  {{"plan", how->id.value},
                   {"state", std::string{name_of(how->state)} + " and its plate "
                                 + std::string{name_of(arranged->state)}},
                   {"action", "be printed again"}});
  ruling answer;
  queue_run(answer,
            {arranged->id, how->id, *promise, static_cast<int64_t>(arranged->runs.size()) + 1});
  answer.add(ref_of(promise->id), events::order_line_released{how->line, {}});
  return answer;
}

ruling decide_run(const case_file& file, const cancel_run& x) {
  const auto* what = file.known.find<run>(ref_of(x.id));
  const auto* arranged = what ? file.known.find<plate>(ref_of(what->plate)) : nullptr;
  if (!arranged)
    return refuse(reason::not_found, {{"kind", "run"}, {"id", x.id.value}});
  if (what->on_printer())
    return redirect_to_printer(*what);
  if (what->state != run_state::queued && what->state != run_state::approval)
    return refuse_state(*what, "be cancelled");
  ruling answer;
  answer.add(ref_of(x.id), events::run_cancelled{reason::run_cancelled_by_person});
  if (!what->pending_decision.empty())
    answer.add(ref_of(what->pending_decision), events::decision_lapsed{});
  follow_cancellation(answer, *what, *arranged, reason::run_cancelled_by_person);
  if (const auto* promise = file.known.find<order>(ref_of(what->order));
      promise && is_open(any_state{*promise}))
    answer.add(ref_of(what->order),
               events::order_line_held{arranged->line, reason::run_cancelled_by_person, {}});
  return answer;
}

ruling decide_run(const case_file& file, const pause_run& x) {
  return needs_printer(file, x.id, "be paused");
}

ruling decide_run(const case_file& file, const resume_run& x) {
  return needs_printer(file, x.id, "be resumed");
}

ruling decide_run(const case_file& file, const settle_run& x) {
  return needs_printer(file, x.id, "be settled");
}

ruling decide_run(const case_file& file, const inspect_run& x) {
  const auto* what = file.known.find<run>(ref_of(x.id));
  const auto* arranged = what ? file.known.find<plate>(ref_of(what->plate)) : nullptr;
  const auto* how = arranged ? file.known.find<plan>(ref_of(arranged->plan)) : nullptr;
  const auto* guard = how ? file.known.find<breaker>(ref_of(how->breaker)) : nullptr;
  const auto* promise = how ? file.known.find<order>(ref_of(how->order)) : nullptr;
  if (!guard || !promise)
    return refuse(reason::not_found, {{"kind", "run"}, {"id", x.id.value}});
  if (what->state != run_state::inspecting)
    return refuse_state(*what, "be inspected");
  const bool pending = std::ranges::find(x.items, item_outcome::pending) != x.items.end();
  if (x.items.size() != arranged->items.size() || pending)
    return refuse(reason::run_inspection_incomplete,
                  {{"given", std::to_string(x.items.size())},
                   {"expected", std::to_string(arranged->items.size())}});
  ruling answer;
  const bool passed = all_owed_good(*arranged, x.items);
  answer.event_reason = passed ? reason::run_inspection_passed : reason::run_inspection_failed;
  answer.add(ref_of(x.id),
             events::run_inspected{passed, x.items, passed ? attribution::unknown : x.attributed_to,
                                   x.note});
  if (is_open(any_state{*arranged}))
    answer.add(ref_of(arranged->id), events::plate_inspected{x.id, x.items});
  credit_pieces(answer, *promise, *what, *arranged, newly_good(*arranged, x.items));
  if (!passed)
    follow_failure(answer, {*what,
                            *arranged,
                            *how,
                            *promise,
                            *guard,
                            file.known.farm_settings(),
                            x.attributed_to,
                            reason::run_inspection_failed,
                            {}});
  return answer;
}

} // namespace gantry::rules
