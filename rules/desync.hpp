// Where belief and machine differ, in words for people.
#pragma once

#include "schemas/device_report.hpp"
#include "schemas/printer.hpp"

#include <optional>
#include <string>

namespace gantry::rules {

/// What is believed and what is observed.
struct disagreement {
  std::string believed;
  std::string observed;
  bool operator==(const disagreement&) const = default;
};

/// The difference between the printer's ticket and its report; nothing if they agree, or if the
/// report says nothing (a silent printer is stale, not out of step).
[[nodiscard]] std::optional<disagreement> find_disagreement(const printer& where,
                                                            const device_report& report);

} // namespace gantry::rules
