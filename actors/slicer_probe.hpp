// What the health report says about the slicer.
#pragma once

#include "actors/kernel.hpp"
#include "actors/services.hpp"

#include <memory>

namespace gantry::actors {

/// What is known of the slicer. Asking it takes a second of work, so that waits until somebody
/// wants to know, and nobody waits for the answer. Thread-safe.
class slicer_probe {
public:
  slicer_probe();

  /// The newest knowledge, at once; healthy as long as the slicer was not asked. Has the pool of
  /// `shared` ask it unless it answered well before.
  [[nodiscard]] health_check check(const services& shared);

private:
  struct knowledge;
  std::shared_ptr<knowledge> known_;
};

} // namespace gantry::actors
