#include "rules/evolve.hpp"

#include "rules/folds.hpp"

namespace gantry::rules {

any_state evolve(any_state state, const any_event& event, timestamp at) {
  std::visit([&](auto& x) { fold(x, event, at); }, state);
  return state;
}

} // namespace gantry::rules
