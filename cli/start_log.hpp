// What really happened, from the simulators' own logs: the oracle that our database is not.
#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace gantry::cli {

/// How often each run's file began to print on any printer, by run id. Starts of other files are
/// not counted. Lines that cannot be read are skipped: the last one may be half written.
[[nodiscard]] std::map<std::string, int64_t> starts_per_run(const std::string& log_folder);

} // namespace gantry::cli
