#include "rules/deciders.hpp"
#include "rules/outcomes.hpp"
#include "schemas/defect.hpp"

namespace gantry::rules {

using namespace commands;

ruling decide_governance(const case_file& file, const settle_approval& x) {
  const auto* asked = file.known.find<decision>(ref_of(x.id));
  const auto* what = asked ? file.known.find<run>(ref_of(asked->run)) : nullptr;
  const auto* arranged = what ? file.known.find<plate>(ref_of(what->plate)) : nullptr;
  if (!arranged)
    return refuse(reason::not_found, {{"kind", "approval"}, {"id", x.id.value}});
  if (asked->approval != approval_state::pending)
    return refuse(reason::approval_not_pending, {{"state", std::string{name_of(asked->approval)}}});
  ruling answer;
  const auto& by = file.context.who.name;
  if (x.approve) {
    answer.event_reason = reason::approval_given;
    answer.event_params = {{"principal", by}};
    answer.add(ref_of(x.id), events::decision_approved{by, x.note});
    answer.add(ref_of(what->id), events::run_approved{x.id, asked->printer_class, asked->revision});
    return answer;
  }
  answer.event_reason = reason::approval_rejected;
  answer.event_params = {{"principal", by}};
  answer.add(ref_of(x.id), events::decision_rejected{by, x.note});
  answer.add(ref_of(what->id), events::run_approval_rejected{x.id});
  follow_cancellation(answer, *what, *arranged, reason::approval_rejected);
  answer.add(
      ref_of(what->order),
      events::order_line_held{arranged->line, reason::approval_rejected, {{"principal", by}}});
  return answer;
}

ruling decide_governance(const case_file& file, const reset_breaker& x) {
  const auto* guard = file.known.find<breaker>(ref_of(x.id));
  const auto* how = guard ? file.known.find<plan>(ref_of(guard->plan)) : nullptr;
  const auto* promise = how ? file.known.find<order>(ref_of(how->order)) : nullptr;
  if (!promise)
    return refuse(reason::not_found, {{"kind", "breaker"}, {"id", x.id.value}});
  if (guard->state == breaker_state::closed)
    return refuse(reason::breaker_closed_already, {{"plan", guard->plan.value}});
  ruling answer;
  if (GANTRY_DEFECT("LIV-4"))
    return answer;
  answer.event_reason = reason::breaker_reset;
  answer.event_params = {{"principal", file.context.who.name}};
  answer.add(ref_of(x.id), events::breaker_was_reset{x.note});
  if (!is_open(any_state{*how}) || !is_open(any_state{*promise}))
    return answer;
  if (how->state == plan_state::review) {
    answer.add(ref_of(how->id), events::plan_review_passed{});
    answer.add(ref_of(promise->id), events::order_line_released{how->line, {}});
  }
  // Plates that a person held for another reason stay held.
  for (const auto& id : how->plates)
    if (const auto* arranged = file.known.find<plate>(ref_of(id));
        arranged && arranged->state == plate_state::held && arranged->why == reason::breaker_open)
      queue_run(answer, {id, how->id, *promise, static_cast<int64_t>(arranged->runs.size()) + 1});
  return answer;
}

ruling decide_governance(const case_file& file, const change_settings& x) {
  ruling answer;
  auto content = x.content;
  content.id.value = file.initiator.id;
  if (file.known.version_of(file.initiator) > 0 && file.known.farm_settings() == content)
    return answer;
  answer.add(file.initiator, events::settings_changed{std::move(content)});
  return answer;
}

} // namespace gantry::rules
