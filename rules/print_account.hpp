// What a machine printed while nobody watched: its newest job is held against the newest print that
// was taken into account, so that a bed is not believed clear after a print that nobody saw.
#pragma once

#include "rules/ruling.hpp"
#include "schemas/device_report.hpp"
#include "schemas/printer.hpp"

namespace gantry::rules {

/// Takes into account what `report` shows of finished prints. A print that was neither ours nor
/// seen while it ran makes a clear bed unknown. Writes nothing if there is no news, or if the
/// machine cannot be believed now (not online, firmware not ready, history not read).
///
/// A machine without a history shows only the print that it names now: one that began and ended in
/// between, followed by a restart, is noticed only if the restart took away the name of another.
[[nodiscard]] ruling account_for_prints(const printer& where, const device_report& report);

/// True if nothing that `report` shows is still to be taken into account; false while the machine
/// has not said what it printed last.
[[nodiscard]] bool prints_accounted(const printer& where, const device_report& report);

} // namespace gantry::rules
