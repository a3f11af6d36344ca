// Models that no printer should get, made here or taken from the source tree.
#pragma once

#include <string>
#include <vector>

namespace gantry::test {

/// A model and the reason that its order is held for.
struct bad_model {
  std::string name;
  std::string bytes;
  std::string reason;
};

/// One of each kind.
[[nodiscard]] std::vector<bad_model> bad_models();

} // namespace gantry::test
