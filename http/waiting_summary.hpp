// One sentence about why a run waits.
#pragma once

#include "actors/live_table.hpp"

#include <string>
#include <vector>

namespace gantry::http {

/// What `rejections` say in one sentence: the printer that is about to take the run; the reason of
/// the only printer; or how many printers have which obstacle, the most frequent one first. Empty
/// if there is no printer at all.
[[nodiscard]] std::string waiting_summary(const std::vector<actors::rejection>& rejections);

} // namespace gantry::http
