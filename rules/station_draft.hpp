// A ruling in the making about one station: each event is applied at once, so that what follows is
// decided on the state that it leads to.
#pragma once

#include "rules/deciders.hpp"

namespace gantry::rules {

/// The station as it will be, and the ruling that leads there.
class station_draft {
public:
  station_draft(const station& before, timestamp at) : now_{before}, at_{at} {}

  /// The station after everything that was put so far.
  [[nodiscard]] const station& now() const { return now_; }
  /// The change in progress; there must be one.
  [[nodiscard]] const material_change& change() const { return *now_.job->change; }
  /// Adds an event; one of a print that is a dry run is marked as such.
  void put(any_event event);
  /// Adds what is done once the ruling is durable.
  void act(effect what) { answer_.effects.push_back(std::move(what)); }
  /// Names the reason that the events carry; the first one counts.
  void because(reason code, reason_params params = {});
  /// The finished ruling.
  [[nodiscard]] ruling take() { return std::move(answer_); }

private:
  station now_;
  timestamp at_;
  ruling answer_;
};

} // namespace gantry::rules
