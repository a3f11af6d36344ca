// One fold per kind of entity; `evolve` dispatches to them.
#pragma once

#include "schemas/entity.hpp"

namespace gantry::rules {

void fold(order& state, const any_event& event, timestamp at);
void fold(plan& state, const any_event& event, timestamp at);
void fold(plate& state, const any_event& event, timestamp at);
void fold(run& state, const any_event& event, timestamp at);
void fold(printer& state, const any_event& event, timestamp at);
void fold(breaker& state, const any_event& event, timestamp at);
void fold(decision& state, const any_event& event, timestamp at);
void fold(artifact& state, const any_event& event, timestamp at);
void fold(profile& state, const any_event& event, timestamp at);
void fold(material& state, const any_event& event, timestamp at);
void fold(token& state, const any_event& event, timestamp at);
void fold(settings& state, const any_event& event, timestamp at);
void fold(station& state, const any_event& event, timestamp at);

/// A visitor made of lambdas; events without one of their own change nothing.
template <class... Handlers>
struct event_handlers : Handlers... {
  using Handlers::operator()...;
};
template <class... Handlers>
event_handlers(Handlers...) -> event_handlers<Handlers...>;

/// Takes every event that no other handler of a fold takes.
struct any_other_event {
  template <class Event>
  void operator()(const Event&) const {
    // nop
  }
};

} // namespace gantry::rules
