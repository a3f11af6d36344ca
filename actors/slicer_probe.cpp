#include "actors/slicer_probe.hpp"

#include "hal/slicer/slicer.hpp"

#include <caf/send.hpp>
#include <mutex>
#include <utility>

namespace gantry::actors {

struct slicer_probe::knowledge {
  std::mutex mutex;
  bool asking = false;
  bool answered_well = false;
  health_check newest{"slicer", true, "The slicer has not told its version yet."};
};

slicer_probe::slicer_probe() : known_{std::make_shared<knowledge>()} {
  // nop
}

health_check slicer_probe::check(const services& shared) {
  if (!shared.parts.slicer)
    return {"slicer", true, "No slicer is used."};
  const std::lock_guard guard{known_->mutex};
  if (!known_->answered_well && !std::exchange(known_->asking, true)) {
    // A kernel that stops does not wait for a slicer that is slow to answer.
    const auto task = [known = known_, slicer = shared.parts.slicer, cancel = &shared.stopping] {
      const auto version = slicer->version(cancel);
      const std::lock_guard answer_guard{known->mutex};
      known->asking = false;
      known->answered_well = static_cast<bool>(version);
      known->newest.healthy = known->answered_well;
      known->newest.detail = version ? *version : version.why().text();
    };
    caf::anon_send(shared.pool, work_atom_v,
                   task_ptr{std::make_shared<const std::function<void()>>(task)});
  }
  return known_->newest;
}

} // namespace gantry::actors
