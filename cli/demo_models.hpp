// The models that the demonstration orders.
#pragma once

#include <span>
#include <string_view>

namespace gantry::cli {

/// A model from examples/.
struct demo_model {
  std::string_view name;
  std::string_view stl;
};

/// A cube, and a part with an overhang.
[[nodiscard]] std::span<const demo_model> demo_models();

} // namespace gantry::cli
