#include "rules/folds.hpp"
#include "schemas/defect.hpp"

#include <algorithm>

namespace gantry::rules {

using namespace events;

namespace {

/// The state of the whole order follows from its lines.
void summarise(order& state) {
  const auto any = [&state](line_state wanted) {
    return std::ranges::any_of(state.lines, [wanted](const auto& x) { return x.state == wanted; });
  };
  if (any(line_state::held))
    state.state = order_state::held;
  else if (any(line_state::producing) || any(line_state::complete))
    state.state = order_state::producing;
  else
    state.state = order_state::accepted;
}

order_progress* line_of(order& state, int64_t index) {
  const auto i = static_cast<size_t>(index);
  return i < state.lines.size() ? &state.lines[i] : nullptr;
}

void accept(order& state, const order_accepted& x, timestamp at) {
  state.id = x.id;
  state.reference = x.reference;
  state.customer = x.customer;
  state.due = x.due;
  state.priority = x.priority;
  state.note = x.note;
  state.accepted_at = at;
  for (size_t i = 0; i < x.lines.size() && i < x.plans.size(); ++i) {
    order_progress progress;
    progress.line = x.lines[i];
    progress.plan = x.plans[i];
    state.lines.push_back(std::move(progress));
  }
}

void set_line(order& state, int64_t index, line_state to, reason why, const reason_params& params) {
  if (auto* line = line_of(state, index)) {
    line->state = to;
    line->why = why;
    line->why_params = params;
    if (GANTRY_DEFECT("INV-22"))
      ++line->line.quantity;
  }
  summarise(state);
}

void pass_pieces(order& state, const order_pieces_passed& x) {
  if (auto* line = line_of(state, x.line)) {
    line->pieces_good += x.pieces;
    if (line->pieces_good >= line->line.quantity) {
      line->state = line_state::complete;
      line->why = reason::ok;
    }
  }
  summarise(state);
}

void close(order& state, order_state to, timestamp at) {
  if (to == order_state::cancelled)
    for (auto& line : state.lines)
      if (line.state != line_state::complete)
        line.state = line_state::cancelled;
  state.state = to;
  state.closed_at = at;
}

} // namespace

void fold(order& state, const any_event& event, timestamp at) {
  std::visit(event_handlers{
                 [&](const order_accepted& x) { accept(state, x, at); },
                 [&](const order_line_released& x) {
                   if (auto* line = line_of(state, x.line); line && !x.plates.empty())
                     line->plates = x.plates;
                   set_line(state, x.line, line_state::producing, reason::ok, {});
                 },
                 [&](const order_line_held& x) {
                   set_line(state, x.line, line_state::held, x.why, x.why_params);
                 },
                 [&](const order_line_preparing& x) {
                   set_line(state, x.line, line_state::preparing, reason::ok, {});
                 },
                 [&](const order_pieces_passed& x) { pass_pieces(state, x); },
                 [&](const order_fulfilled&) { close(state, order_state::fulfilled, at); },
                 [&](const order_cancelled&) { close(state, order_state::cancelled, at); },
                 any_other_event{},
             },
             event);
}

} // namespace gantry::rules
