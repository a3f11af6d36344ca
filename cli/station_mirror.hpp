// Files beside the store: the stations' settings, which are followed in both directions, and what
// says in plain text what the stations do: lines of the program's log, `logs/material_events.jsonl`
// and `runtime_status.json`.
#pragma once

#include "actors/kernel.hpp"
#include "actors/station_settings.hpp"

#include <memory>
#include <string>

namespace gantry::cli {

/// How often `runtime_status.json` is written.
inline constexpr std::chrono::seconds status_interval{60};

/// Reads the files of all stations once, then keeps files and stations in step, and writes the
/// status once more when it ends, as that of a kernel that was stopped. Has a thread of its own.
class station_mirror {
public:
  /// `kernel` and `settings` outlive the mirror; `folder` is the data folder.
  station_mirror(actors::kernel& kernel, actors::station_settings& settings, std::string folder,
                 std::string version);
  ~station_mirror();
  station_mirror(const station_mirror&) = delete;
  station_mirror& operator=(const station_mirror&) = delete;

private:
  struct state;
  std::unique_ptr<state> state_;
};

/// The text of `runtime_status.json`: when, the health checks of a kernel that runs, and of each
/// station that is in use its state, layer, material and the state of its machines.
[[nodiscard]] std::string runtime_status(actors::kernel& kernel, const std::string& version,
                                         bool stopped);

} // namespace gantry::cli
