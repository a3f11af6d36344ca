// PrusaSlicer 2.5 as a subprocess.
#pragma once

#include "hal/slicer/slicer.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

namespace gantry::slicer {

/// Where the program is and how far it may go. A million triangles need 430 MB, 40 s and 44 MB of
/// output.
struct prusa_slicer_config {
  /// Path, or a name that is looked up in /usr/bin and /bin.
  std::string program = "prusa-slicer";
  std::uint64_t memory_max_bytes = std::uint64_t{4} << 30;
  std::chrono::seconds cpu_time_max{600};
  std::chrono::seconds wall_time_max{600};
  std::uint64_t gcode_max_bytes = 1'000'000'000;
};

/// Makes the adapter. It is not required that the program exists: its absence is the reason
/// slicer_missing of each request, and it may be installed later.
[[nodiscard]] std::unique_ptr<slicer> make_prusa_slicer(prusa_slicer_config config);

} // namespace gantry::slicer
