// Finds the kernel below a guard, to kill it.
#pragma once

#include <map>
#include <string>
#include <sys/types.h>

namespace gantry::test {

/// The processes whose command line names the data folder, each with its parent.
[[nodiscard]] std::map<pid_t, pid_t> processes_serving(const std::string& data);

/// The kernel of a guarded folder: the process whose parent serves the folder too; 0 if there is
/// none.
[[nodiscard]] pid_t guarded_kernel(const std::string& data);

} // namespace gantry::test
