// Many seeds, in several processes, and what they have in common.
#pragma once

#include "bench/farm_sim/simulation.hpp"

namespace gantry::farm_sim {

/// What a batch is asked to do.
struct batch_options {
  sim_options each; ///< `seed` is the first one.
  uint64_t seeds = 1;
  unsigned jobs = 1; ///< Processes.
};

/// The sum of a batch.
struct batch_result {
  uint64_t first_seed = 0;
  uint64_t seeds = 0;
  uint64_t trace_hash = 0; ///< Of all seeds together.
  double printer_hours = 0;
  double wall_s = 0;
  uint64_t steps = 0;
  uint64_t starts = 0;
  uint64_t restarts = 0;
  uint64_t restarts_in_transit = 0;
  uint64_t reruns = 0;     ///< Seeds that were run twice.
  uint64_t mismatches = 0; ///< Seeds whose second run had another trace.
  counters faults;
  counters checks;
  std::vector<sim_result> violated; ///< The seeds with violations.
  std::vector<std::string> vacuous; ///< What the batch has not tried.

  [[nodiscard]] bool holds() const {
    return violated.empty() && vacuous.empty() && mismatches == 0;
  }
};

/// Simulates all seeds. One in twenty is run twice, one in fifty on RocksDB.
[[nodiscard]] batch_result run_batch(const batch_options& options);

/// The command that simulates the same seed again, with all its events.
[[nodiscard]] std::string replay_command(const sim_options& options);

} // namespace gantry::farm_sim
