#include "rules/folds.hpp"

#include <algorithm>

namespace gantry::rules {

using namespace events;

namespace {

/// A piece that was once good stays good: a later run of the plate only adds to it.
void inspect(plate& state, const plate_inspected& x) {
  for (size_t i = 0; i < state.items.size() && i < x.items.size(); ++i)
    if (state.items[i] != item_outcome::good)
      state.items[i] = x.items[i];
  const bool all_good = std::ranges::all_of(
      state.items, [](item_outcome item) { return item == item_outcome::good; });
  state.state = all_good ? plate_state::passed : plate_state::waiting;
}

} // namespace

void fold(plate& state, const any_event& event, timestamp) {
  std::visit(event_handlers{
                 [&](const plate_composed& x) {
                   state.id = x.id;
                   state.order = x.order;
                   state.line = x.line;
                   state.plan = x.plan;
                   state.items.assign(static_cast<size_t>(x.pieces), item_outcome::pending);
                 },
                 [&](const plate_run_queued& x) {
                   state.runs.push_back(x.run);
                   state.state = plate_state::waiting;
                   state.why = reason::ok;
                 },
                 [&](const plate_print_began&) { state.state = plate_state::printing; },
                 [&](const plate_print_ended&) { state.state = plate_state::inspecting; },
                 [&](const plate_inspected& x) { inspect(state, x); },
                 [&](const plate_held& x) {
                   state.state = plate_state::held;
                   state.why = x.why;
                 },
                 [&](const plate_cancelled&) { state.state = plate_state::cancelled; },
                 any_other_event{},
             },
             event);
}

} // namespace gantry::rules
