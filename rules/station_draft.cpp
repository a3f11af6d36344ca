#include "rules/station_draft.hpp"

#include "rules/folds.hpp"

namespace gantry::rules {

namespace {

/// Says in every event that can say so that it belongs to a dry run. A pump's run knows by itself
/// what it was: one by hand may be real while a dry run is paused.
void mark_simulation(any_event& event) {
  const auto mark = []<class Event>(Event& x) {
    if constexpr (requires { x.simulation; } && !std::is_same_v<Event, events::station_pump_ended>)
      x.simulation = true;
  };
  std::visit(mark, event);
}

} // namespace

void station_draft::put(any_event event) {
  if (now_.has_open_job() && now_.job->simulation)
    mark_simulation(event);
  fold(now_, event, at_);
  answer_.add(ref_of(now_.id), std::move(event));
}

void station_draft::because(reason code, reason_params params) {
  if (answer_.event_reason != reason::requested)
    return;
  answer_.event_reason = code;
  answer_.event_params = std::move(params);
}

} // namespace gantry::rules
