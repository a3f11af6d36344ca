#include "rules/deciders.hpp"
#include "rules/outcomes.hpp"

#include <algorithm>

namespace gantry::rules {

using namespace commands;

namespace {

ruling refuse_state(const plan& how, std::string action) {
  return refuse(reason::plan_not_in_state, {{"plan", how.id.value},
                                            {"state", std::string{name_of(how.state)}},
                                            {"action", std::move(action)}});
}

reason_params params_of(const check& failed) {
  return {{"value", std::to_string(failed.value)},
          {"limit", std::to_string(failed.limit)},
          {"unit", failed.unit},
          {"detail", failed.id}};
}

/// The plates of a plan's first revision, each with its first run.
std::vector<plate_id> compose_plates(ruling& answer, const plan& how, const order& promise) {
  std::vector<plate_id> plates;
  for (int64_t i = 0; i < how.quantity / how.pieces_per_plate; ++i) {
    const plate_id id{derive_id(plate_id::prefix, how.id.value, std::to_string(i))};
    answer.add(ref_of(id),
               events::plate_composed{id, how.order, how.line, how.id, how.pieces_per_plate});
    queue_run(answer, run_origin{id, how.id, promise, 1});
    plates.push_back(id);
  }
  return plates;
}

} // namespace

ruling decide_plan(const case_file& file, const model_checked& x) {
  const auto* how = file.known.find<plan>(ref_of(x.id));
  if (!how)
    return refuse(reason::not_found, {{"kind", "plan"}, {"id", x.id.value}});
  if (how->state != plan_state::checking)
    return refuse_state(*how, "take the result of a model check");
  ruling answer;
  const auto failed = std::ranges::find(x.checks, check_verdict::fail, &check::verdict);
  if (failed == x.checks.end()) {
    answer.event_reason = reason::model_checked;
    answer.add(ref_of(x.id), events::plan_model_checked{x.checks, x.size});
    return answer;
  }
  answer.event_reason = failed->why;
  answer.event_params = params_of(*failed);
  answer.add(ref_of(x.id), events::plan_model_rejected{x.checks, failed->why, params_of(*failed)});
  answer.add(ref_of(how->order),
             events::order_line_held{how->line, failed->why, params_of(*failed)});
  return answer;
}

ruling decide_plan(const case_file& file, const slicing_settled& x) {
  const auto* how = file.known.find<plan>(ref_of(x.id));
  const auto* promise = how ? file.known.find<order>(ref_of(how->order)) : nullptr;
  if (!promise)
    return refuse(reason::not_found, {{"kind", "plan"}, {"id", x.id.value}});
  if (how->state != plan_state::slicing)
    return refuse_state(*how, "take the result of a slicing");
  ruling answer;
  answer.event_reason = x.why;
  answer.event_params = x.why_params;
  if (!x.revision) {
    answer.add(ref_of(x.id), events::plan_slicing_failed{x.why, x.why_params});
    answer.add(ref_of(how->order), events::order_line_held{how->line, x.why, x.why_params});
    return answer;
  }
  auto revision = *x.revision;
  revision.number = static_cast<int64_t>(how->revisions.size()) + 1;
  if (!file.known.find<artifact>(ref_of(revision.gcode)))
    answer.add(ref_of(revision.gcode),
               events::artifact_stored{revision.gcode, artifact_kind::gcode, how->name + ".gcode",
                                       revision.gcode_sha256, revision.gcode_size_bytes});
  auto plates =
      how->plates.empty() ? compose_plates(answer, *how, *promise) : std::vector<plate_id>{};
  answer.add(ref_of(how->order), events::order_line_released{how->line, plates});
  answer.add(ref_of(x.id), events::plan_revised{revision, std::move(plates)});
  // A new revision does not settle a review: a person does, by resetting the breaker.
  const auto* guard = file.known.find<breaker>(ref_of(how->breaker));
  if (guard && guard->state == breaker_state::open) {
    const auto failures = static_cast<int64_t>(guard->failures.size());
    answer.add(ref_of(x.id), events::plan_review_required{failures});
    answer.add(ref_of(how->order), events::order_line_held{how->line,
                                                           reason::breaker_open,
                                                           {{"count", std::to_string(failures)}}});
  }
  return answer;
}

ruling decide_plan(const case_file& file, const request_revision& x) {
  const auto* how = file.known.find<plan>(ref_of(x.id));
  if (!how)
    return refuse(reason::not_found, {{"kind", "plan"}, {"id", x.id.value}});
  if (how->state != plan_state::ready && how->state != plan_state::failed
      && how->state != plan_state::review)
    return refuse_state(*how, "be sliced anew");
  const auto wanted = x.profile.empty() ? how->profile : x.profile;
  const auto* chosen = file.known.find<profile>(ref_of(wanted));
  if (!chosen)
    return refuse(reason::profile_unknown, {{"profile", wanted.value}});
  if (chosen->material != how->material)
    return refuse(reason::field_invalid, {{"field", "profile"},
                                          {"detail", "it is for " + chosen->material
                                                         + ", the plan is for " + how->material}});
  ruling answer;
  answer.add(ref_of(x.id), events::plan_revision_requested{wanted});
  answer.add(ref_of(how->order), events::order_line_preparing{how->line});
  return answer;
}

} // namespace gantry::rules
