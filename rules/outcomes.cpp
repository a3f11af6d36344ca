#include "rules/outcomes.hpp"
#include "schemas/defect.hpp"

namespace gantry::rules {

void queue_run(ruling& answer, const run_origin& origin) {
  events::run_queued queued;
  queued.id.value = derive_id(run_id::prefix, origin.plate.value, std::to_string(origin.ordinal));
  queued.plate = origin.plate;
  queued.plan = origin.plan;
  queued.order = origin.promise.id;
  queued.ordinal = origin.ordinal;
  queued.priority = origin.promise.priority;
  if (origin.promise.due)
    queued.due_at = origin.promise.due->at;
  answer.add(ref_of(origin.plate), events::plate_run_queued{queued.id});
  const auto entity = ref_of(queued.id);
  answer.add(entity, std::move(queued));
}

namespace {

void hold(ruling& answer, const failure& failed, reason why, reason_params params) {
  answer.add(ref_of(failed.arranged.id), events::plate_held{why});
  answer.add(ref_of(failed.promise.id),
             events::order_line_held{failed.how.line, why, std::move(params)});
}

/// Counts the failure; returns true if the breaker opened.
bool count_for_breaker(ruling& answer, const failure& failed) {
  const auto count = static_cast<int64_t>(failed.guard.failures.size()) + 1;
  answer.add(ref_of(failed.guard.id), events::breaker_failure_counted{failed.what.id, failed.why});
  if (failed.guard.state == breaker_state::open
      || count < failed.rules.breaker_limit + (GANTRY_DEFECT("INV-30") ? 1 : 0))
    return failed.guard.state == breaker_state::open;
  answer.add(ref_of(failed.guard.id), events::breaker_opened{failed.rules.breaker_limit});
  // A plan whose order was cancelled is not brought back by the failures of its last runs.
  if (is_open(any_state{failed.how}))
    answer.add(ref_of(failed.how.id), events::plan_review_required{count});
  return true;
}

} // namespace

void follow_failure(ruling& answer, const failure& failed) {
  const bool to_blame = failed.attributed_to == attribution::plan;
  const bool opened = to_blame && count_for_breaker(answer, failed);
  if (!is_open(any_state{failed.promise}) || !is_open(any_state{failed.arranged}))
    return;
  if (opened)
    return hold(answer, failed, reason::breaker_open,
                {{"count", std::to_string(failed.guard.failures.size() + 1)}});
  if (static_cast<int64_t>(failed.arranged.runs.size()) >= failed.rules.reprint_ceiling)
    return hold(answer, failed, failed.why, failed.why_params);
  queue_run(answer, {failed.arranged.id, failed.how.id, failed.promise,
                     static_cast<int64_t>(failed.arranged.runs.size()) + 1});
}

void follow_cancellation(ruling& answer, const run& what, const plate& arranged, reason why) {
  if (!is_open(any_state{arranged}))
    return;
  answer.add(ref_of(what.plate), events::plate_held{why});
}

} // namespace gantry::rules
