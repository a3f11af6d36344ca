#include "rules/deciders.hpp"

#include <algorithm>

namespace gantry::rules {

using namespace commands;

namespace {

std::string line_number(size_t index) {
  return std::to_string(index + 1);
}

/// The profile of a line: the one that it names, or the first one (by name) for its material.
const profile* profile_for(const order_line& line, const facts& known) {
  if (!line.profile.empty())
    return known.find<profile>(ref_of(line.profile));
  const profile* best = nullptr;
  for (const auto* each : known.all<profile>())
    if (each->material == line.material && (!best || each->name < best->name))
      best = each;
  return best;
}

std::string known_materials(const facts& known) {
  std::string text;
  for (const auto* each : known.all<material>())
    text += (text.empty() ? "" : ", ") + each->name;
  return text.empty() ? "none yet" : text;
}

std::optional<ruling> refuse_line(const order_line& line, size_t index, const facts& known) {
  if (line.quantity < 1 || line.pieces_per_plate < 1 || line.quantity % line.pieces_per_plate != 0)
    return refuse(reason::order_line_not_divisible,
                  {{"line", line_number(index)},
                   {"quantity", std::to_string(line.quantity)},
                   {"per_plate", std::to_string(line.pieces_per_plate)}});
  const auto* model = known.find<artifact>(ref_of(line.model));
  if (!model)
    return refuse(reason::artifact_unknown, {{"artifact", line.model.value}});
  if (model->kind != artifact_kind::model)
    return refuse(reason::artifact_not_a_model, {{"artifact", line.model.value}});
  const auto materials = known.all<material>();
  if (std::ranges::none_of(materials, [&](const auto* x) { return x->name == line.material; }))
    return refuse(reason::material_unknown,
                  {{"material", line.material}, {"known", known_materials(known)}});
  if (!profile_for(line, known))
    return refuse(
        reason::profile_unknown,
        {{"profile", line.profile.empty() ? "for " + line.material : line.profile.value}});
  return std::nullopt;
}

/// Fills the instant of a due date, or refuses it.
std::optional<ruling> settle_due(std::optional<due_date>& due, timestamp now) {
  if (!due)
    return std::nullopt;
  if (!known_zone(due->zone))
    return refuse(reason::zone_unknown, {{"zone", due->zone}});
  due->at = local_to_instant(due->text, due->zone);
  if (!due->at)
    return refuse(reason::field_invalid,
                  {{"field", "due.text"},
                   {"detail", "a date such as 2026-12-01 or 2026-12-01T18:00 is expected"}});
  if (*due->at <= now)
    return refuse(reason::due_in_the_past, {{"due", due->text + " " + due->zone}});
  return std::nullopt;
}

void create_plan(ruling& answer, const order_id& id, const order_line& line, size_t index,
                 const facts& known) {
  events::plan_created created;
  created.id.value = derive_id(plan_id::prefix, id.value, std::to_string(index));
  created.order = id;
  created.line = static_cast<int64_t>(index);
  created.name = line.name;
  created.model = line.model;
  created.quantity = line.quantity;
  created.pieces_per_plate = line.pieces_per_plate;
  created.material = line.material;
  created.colour = line.colour;
  created.profile = profile_for(line, known)->id;
  created.breaker.value = derive_id(breaker_id::prefix, created.id.value, "plan-loop");
  answer.add(ref_of(created.breaker), events::breaker_installed{created.breaker, created.id});
  const auto entity = ref_of(created.id);
  answer.add(entity, std::move(created));
}

} // namespace

ruling decide_order(const case_file& file, const create_order& x) {
  const order_id id{file.initiator.id};
  if (file.known.find<order>(ref_of(id)))
    return refuse(reason::already_exists, {{"entity", file.initiator.text()}});
  if (x.lines.empty())
    return refuse(reason::field_invalid, {{"field", "lines"}, {"detail", "it is empty"}});
  events::order_accepted accepted;
  accepted.id = id;
  accepted.reference = x.reference;
  accepted.due = x.due;
  accepted.priority = x.priority;
  accepted.note = x.note;
  if (auto no = settle_due(accepted.due, file.context.at))
    return *no;
  ruling answer;
  for (size_t i = 0; i < x.lines.size(); ++i) {
    auto line = x.lines[i];
    if (auto no = refuse_line(line, i, file.known))
      return *no;
    line.profile = profile_for(line, file.known)->id;
    accepted.plans.push_back({derive_id(plan_id::prefix, id.value, std::to_string(i))});
    accepted.lines.push_back(line);
  }
  if (x.customer_record) {
    accepted.customer.value = derive_id(customer_id::prefix, id.value, "customer");
    answer.records.push_back({accepted.customer.value, *x.customer_record, {}});
  }
  const auto lines = accepted.lines;
  answer.add(ref_of(id), std::move(accepted));
  for (size_t i = 0; i < lines.size(); ++i)
    create_plan(answer, id, lines[i], i, file.known);
  return answer;
}

ruling decide_order(const case_file& file, const cancel_order& x) {
  const auto* promise = file.known.find<order>(ref_of(x.id));
  if (!promise)
    return refuse(reason::not_found, {{"kind", "order"}, {"id", x.id.value}});
  if (!is_open(any_state{*promise}))
    return refuse(reason::order_not_in_state, {{"order", x.id.value},
                                               {"state", std::string{name_of(promise->state)}},
                                               {"action", "be cancelled"}});
  ruling answer;
  answer.add(ref_of(x.id), events::order_cancelled{});
  for (const auto& line : promise->lines) {
    if (const auto* how = file.known.find<plan>(ref_of(line.plan)); how && is_open(any_state{*how}))
      answer.add(ref_of(line.plan), events::plan_cancelled{});
    for (const auto& id : line.plates) {
      const auto* arranged = file.known.find<plate>(ref_of(id));
      if (!arranged || !is_open(any_state{*arranged}))
        continue;
      answer.add(ref_of(id), events::plate_cancelled{});
      const auto* last =
          arranged->runs.empty() ? nullptr : file.known.find<run>(ref_of(arranged->runs.back()));
      if (!last)
        continue;
      if (last->state == run_state::queued || last->state == run_state::approval) {
        answer.add(ref_of(last->id), events::run_cancelled{reason::run_cancelled_by_person});
        // An approval that stayed pending could later bring the run back.
        if (!last->pending_decision.empty())
          answer.add(ref_of(last->pending_decision), events::decision_lapsed{});
      } else if (last->on_printer())
        // The machine is asked by the actor that owns its ticket; until it answers, the run goes
        // on.
        answer.effects.push_back(effects::forward{cancel_run{last->id, x.note}});
    }
  }
  return answer;
}

} // namespace gantry::rules
