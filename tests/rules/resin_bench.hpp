// A resin station in memory: the real rules on one state, with machines whose reports a test
// writes. For tests that read as sentences.
#pragma once

#include "rules/ruling.hpp"

#include <string>
#include <utility>
#include <vector>

namespace gantry::test {

/// A station with fill pumps a, b and c, a drain, full reservoirs, and a printer that is stopped.
class resin_bench {
public:
  resin_bench();

  // -- bringing it into a state ---------------------------------------------

  /// Stores the recipe `A,5` style: material letter and layer, in order.
  resin_bench& with_recipe(const std::vector<recipe_step>& steps);
  /// A print of 200 layers is started and observed at layer 1.
  resin_bench& printing(int64_t layer = 1);
  /// The print reaches `layer` and the change that is due there is under way up to `step`.
  resin_bench& changing(change_step step, int64_t layer = 50);

  // -- what happens ---------------------------------------------------------

  /// A person asks.
  rules::ruling ask(any_command body);
  /// The station's controller tells.
  rules::ruling tell(any_command body);
  /// The printer reports a state and a layer.
  rules::ruling reports(resin_state state, int64_t layer);
  /// The printer has been silent for a while; `failed` attempts to reconnect have failed.
  rules::ruling silent_for(int64_t seconds, int64_t failed);
  /// The timed step under way lasts as long as planned.
  rules::ruling wait_over();
  /// What came back for the command of the step under way.
  rules::ruling answered(control_outcome outcome, const std::string& detail = {});
  /// The pump that is on ran as planned.
  rules::ruling pump_ran();
  /// The pump that is on stopped early.
  rules::ruling pump_failed(int64_t on_time_ms, bool started = true,
                            reason why = reason::pump_actuation_failed);
  /// A person answers the open question.
  rules::ruling answers(station_answer answer, const std::string& vat = {});
  /// The controller begins anew.
  rules::ruling wakes();

  // -- what is there --------------------------------------------------------

  [[nodiscard]] const station& now() const { return state_; }
  [[nodiscard]] const station_job& job() const { return state_.job.value(); }
  [[nodiscard]] const material_change& change() const { return *state_.change(); }
  [[nodiscard]] std::string state() const { return std::string{name_of(state_.state)}; }
  /// The step under way, or empty.
  [[nodiscard]] std::string step() const;
  /// Cause of the error, or empty.
  [[nodiscard]] std::string cause() const;
  /// Commands that were sent to the printer, as `pause`, `resume`, ...; emptied by the call.
  [[nodiscard]] std::vector<std::string> sent();
  /// Runs that were switched on, as `drain 10000`; emptied by the call.
  [[nodiscard]] std::vector<std::string> pumped();
  [[nodiscard]] size_t stops() const { return stops_; }
  /// Everything that was recorded; emptied by the call.
  [[nodiscard]] std::vector<any_event> recorded() { return std::exchange(recorded_, {}); }
  /// Changes the state behind the rules' back.
  station& edit() { return state_; }

  station_facts live; ///< What the machines say now.

private:
  rules::ruling submit(any_command body, const principal& who);

  station state_;
  entity_version version_ = 0;
  timestamp at_{std::chrono::hours{24 * 365 * 56}};
  uint64_t keys_ = 0;
  std::vector<std::string> sent_;
  std::vector<std::string> pumped_;
  std::vector<any_event> recorded_;
  size_t stops_ = 0;
};

/// What a person would enter about the bench's station.
[[nodiscard]] station_setup bench_setup(const std::string& name = "Resin 1");

/// A sample of every command about `id`, in every variety that matters.
struct station_trial {
  std::string name;
  any_command body;
  bool by_person = true;
};
[[nodiscard]] std::vector<station_trial> station_trials(const resin_bench& bench);

/// A bench in each state, sub-state and error, by name.
struct station_stage {
  std::string name;
  resin_bench bench;
};
[[nodiscard]] std::vector<station_stage> station_stages();

/// What is wrong with a station's state; empty if nothing is.
[[nodiscard]] std::vector<std::string> station_faults(const station& now);

} // namespace gantry::test
