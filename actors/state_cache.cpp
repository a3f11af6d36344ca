#include "actors/state_cache.hpp"

namespace gantry::actors {

void state_cache::put(const versioned_state& newest) {
  if (const auto known = by_ref_.find(newest.entity); known != by_ref_.end()) {
    *known->second = newest;
    order_.splice(order_.begin(), order_, known->second);
    return;
  }
  order_.push_front(newest);
  by_ref_[newest.entity] = order_.begin();
  if (order_.size() > limit_) {
    by_ref_.erase(order_.back().entity);
    order_.pop_back();
  }
}

const versioned_state* state_cache::find(const entity_ref& entity) {
  const auto known = by_ref_.find(entity);
  if (known == by_ref_.end())
    return nullptr;
  order_.splice(order_.begin(), order_, known->second);
  return &*known->second;
}

std::vector<versioned_state> state_cache::of_kind(entity_kind kind) const {
  std::vector<versioned_state> result;
  for (auto position = by_ref_.lower_bound({kind, {}});
       position != by_ref_.end() && position->first.kind == kind; ++position)
    result.push_back(*position->second);
  return result;
}

} // namespace gantry::actors
