#include "rules/station_draft.hpp"

#include "rules/folds.hpp"

namespace gantry::rules {

void station_draft::put(any_event event) {
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
