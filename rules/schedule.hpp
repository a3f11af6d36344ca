// First fit by urgency: which waiting run goes to which printer now, and why the others wait.
#pragma once

#include "rules/dispatch.hpp"

#include <map>
#include <vector>

namespace gantry::rules {

/// A printer as the scheduler sees it.
struct candidate {
  const printer* where = nullptr;
  device_report report;
  bool cooling_down = false; ///< A dispatch to it failed a moment ago.
};

/// A run for a printer.
struct proposal {
  run_id what;
  printer_id where;
};

/// Why one printer does not take one run.
struct explained_objection {
  printer_id printer;
  std::string name;
  objection why;
};

/// What the scheduler found.
struct schedule {
  std::vector<proposal> proposals;
  /// For each run without a proposal: every printer and its objection.
  std::map<run_id, std::vector<explained_objection>> waiting;
};

/// True if `a` is to be served before `b`: by priority, due date (none last), time of queuing, then
/// id.
[[nodiscard]] bool more_urgent(const run& a, const run& b);

/// Assigns each run to the first printer (by name) that fits; a printer takes one run. Runs that
/// are not `queued` are explained but not proposed.
[[nodiscard]] schedule make_schedule(std::vector<dispatch_need> runs,
                                     std::vector<candidate> printers, const settings& rules);

} // namespace gantry::rules
