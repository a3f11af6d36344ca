#include "rules/schedule.hpp"
#include "schemas/defect.hpp"

#include <algorithm>
#include <tuple>

namespace gantry::rules {

namespace {

/// The objection of one printer to one run, given what this pass has already assigned.
std::optional<objection> objection_now(const candidate& printer, const dispatch_need& need,
                                       const std::map<printer_id, run_id>& taken,
                                       const settings& rules) {
  if (!rules.dispatch_enabled)
    return objection{reason::dispatch_paused, {}};
  if (need.how && need.how->state == plan_state::review)
    return objection{reason::breaker_open, need.how->why_params};
  if (const auto other = taken.find(printer.where->id); other != taken.end())
    return objection{reason::printer_busy,
                     {{"printer", printer.where->setup.name}, {"run", other->second.value}}};
  if (auto no = objection_to_dispatch(*printer.where, printer.report, need, rules))
    return no;
  if (printer.cooling_down)
    return objection{reason::printer_settling, {{"printer", printer.where->setup.name}}};
  return std::nullopt;
}

} // namespace

bool more_urgent(const run& a, const run& b) {
  const auto key = [](const run& x) {
    return std::tuple{x.priority, x.due_at.value_or(timestamp::max()),
                      x.queued_at.value_or(timestamp::max()), x.id.value};
  };
  return key(a) < key(b);
}

schedule make_schedule(std::vector<dispatch_need> runs, std::vector<candidate> printers,
                       const settings& rules) {
  std::ranges::sort(runs, [](const dispatch_need& a, const dispatch_need& b) {
    return more_urgent(*a.what, *b.what);
  });
  std::ranges::sort(printers, [](const candidate& a, const candidate& b) {
    return std::tie(a.where->setup.name, a.where->id) < std::tie(b.where->setup.name, b.where->id);
  });
  schedule result;
  std::map<printer_id, run_id> taken;
  for (const auto& need : runs) {
    std::vector<explained_objection> objections;
    bool placed = false;
    for (const auto& printer : printers) {
      auto no = objection_now(printer, need, taken, rules);
      const bool passed_over = GANTRY_DEFECT("LIV-5") && need.what->ordinal > 1;
      if (!no && need.what->state == run_state::queued && !passed_over) {
        taken.emplace(printer.where->id, need.what->id);
        result.proposals.push_back({need.what->id, printer.where->id});
        placed = true;
        break;
      }
      objections.push_back({printer.where->id, printer.where->setup.name,
                            no.value_or(objection{reason::printer_suitable,
                                                  {{"printer", printer.where->setup.name}}})});
    }
    if (!placed)
      result.waiting.emplace(need.what->id, std::move(objections));
  }
  return result;
}

} // namespace gantry::rules
