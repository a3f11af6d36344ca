// One seed: a whole farm in virtual time on one thread.
#pragma once

#include "bench/farm_sim/fault_mix.hpp"
#include "bench/farm_sim/ledger.hpp"

namespace gantry::farm_sim {

/// What came of a seed.
struct sim_result {
  uint64_t seed = 0;
  uint64_t trace_hash = 0;
  double printer_hours = 0;
  uint64_t steps = 0;
  uint64_t starts = 0;
  uint64_t restarts = 0;
  uint64_t restarts_in_transit = 0; ///< Restarts that fell into a transient state of a run.
  counters faults;
  counters checks;
  std::vector<std::string> violations;
  std::string mix;
  std::deque<std::string> last_events;
};

/// Faults and invariants that a simulation of such a farm is there for, in order.
[[nodiscard]] std::vector<std::string> faults_in_scope(const sim_options& options);
[[nodiscard]] std::vector<std::string> invariants_in_scope(const sim_options& options);

/// Simulates one seed. Stops at the first violation.
[[nodiscard]] sim_result simulate(const sim_options& options);

} // namespace gantry::farm_sim
