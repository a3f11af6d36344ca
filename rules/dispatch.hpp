// What stands between a waiting run and a printer, with a reason for every "no".
#pragma once

#include "rules/facts.hpp"
#include "schemas/device_report.hpp"
#include "schemas/printer.hpp"

#include <optional>

namespace gantry::rules {

/// A "no" with its values.
struct objection {
  reason code = reason::ok;
  reason_params params;
  bool operator==(const objection&) const = default;
};

/// Everything about a run that matters for choosing a printer.
struct dispatch_need {
  const run* what = nullptr;
  const plan* how = nullptr;
  const profile* slicing = nullptr;
};

/// Why `where` cannot take work at all now: mode, ticket, bed, foreign print, reconciliation.
/// Nothing = it can.
[[nodiscard]] std::optional<objection> objection_to_printer(const printer& where);

/// Why the machine itself is not fit for a start, by its own report. `known` false = no report yet.
[[nodiscard]] std::optional<objection>
objection_to_report(const printer& where, const device_report& report, const settings& rules);

/// Why the loaded material, nozzle, volume or profile do not fit. An unknown need is an objection.
[[nodiscard]] std::optional<objection> objection_to_match(const printer& where,
                                                          const dispatch_need& need);

/// The first objection of the three above, in that order.
[[nodiscard]] std::optional<objection> objection_to_dispatch(const printer& where,
                                                             const device_report& report,
                                                             const dispatch_need& need,
                                                             const settings& rules);

/// True if what is loaded satisfies `rule`.
[[nodiscard]] bool colour_fits(const colour_rule& rule, const std::string& loaded);

/// True if the reported file is `file`: the same path, compared without case as Klipper does.
[[nodiscard]] bool same_file(const std::string& reported, const std::string& file);

} // namespace gantry::rules
