#include "rules/ruling.hpp"

#include <algorithm>

namespace gantry::rules {

void ruling::add(const entity_ref& entity, any_event event) {
  auto position = std::ranges::find(writes, entity, &entity_events::entity);
  if (position == writes.end())
    position = writes.insert(writes.end(), entity_events{entity, {}});
  position->events.push_back(std::move(event));
}

ruling refuse(reason code, reason_params params) {
  ruling result;
  result.code = code;
  result.params = std::move(params);
  return result;
}

} // namespace gantry::rules
