// What follows from the end of a run: pieces credited, failures counted and attributed, new runs
// queued. Used by every decision that ends one.
#pragma once

#include "rules/ruling.hpp"

namespace gantry::rules {

/// Where a new run comes from.
struct run_origin {
  plate_id plate;
  plan_id plan;
  const order& promise;
  int64_t ordinal = 1;
};

/// Adds a new run to the queue.
void queue_run(ruling& answer, const run_origin& origin);

/// A run that failed, with everything around it.
struct failure {
  const run& what;
  const plate& arranged;
  const plan& how;
  const order& promise;
  const breaker& guard;
  const settings& rules;
  attribution attributed_to = attribution::unknown;
  reason why = reason::run_failed_at_printer;
  reason_params why_params;
};

/// Adds what follows from a failure: the breaker counts it if the plan is to blame and opens at its
/// limit; otherwise the plate is queued again up to the reprint ceiling. A closed order or plate
/// asks for nothing more.
void follow_failure(ruling& answer, const failure& failed);

/// Adds what follows when a run ended by a person's will: the plate waits for somebody to ask for a
/// reprint.
void follow_cancellation(ruling& answer, const run& what, const plate& arranged, reason why);

} // namespace gantry::rules
