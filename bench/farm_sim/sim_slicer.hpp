// A slicer that answers at once with a small toolpath; how long it seems to take is up to the
// kernel's worker.
#pragma once

#include "bench/farm_sim/fault_mix.hpp"
#include "hal/slicer/slicer.hpp"

namespace gantry::farm_sim {

/// Makes toolpaths whose length follows from the request alone.
class sim_slicer final : public slicer::slicer {
public:
  /// Prints last from 10 to `minutes_max` minutes.
  explicit sim_slicer(int64_t minutes_max) : minutes_max_{minutes_max} {}

  [[nodiscard]] gantry::slicer::slice_outcome
  slice(const gantry::slicer::slice_request& request,
        const gantry::slicer::slice_progress& progress) override;
  [[nodiscard]] result<std::string> version(const std::atomic<bool>*) override {
    return std::string{"sim-slicer 1"};
  }

private:
  int64_t minutes_max_;
};

/// A box of this size as a binary STL file.
[[nodiscard]] std::string box_model(double x_mm, double y_mm, double z_mm);

} // namespace gantry::farm_sim
