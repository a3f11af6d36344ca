#include "storage/entity_cache.hpp"

#include <utility>

namespace gantry::storage {

const cached_entity* entity_cache::find(const entity_ref& entity) {
  const auto position = by_entity_.find(entity);
  if (position == by_entity_.end())
    return nullptr;
  by_use_.splice(by_use_.begin(), by_use_, position->second);
  return &by_use_.front();
}

const cached_entity& entity_cache::put(cached_entity what, uint64_t durable_seq) {
  if (find(what.entity) != nullptr) {
    by_use_.front() = std::move(what);
  } else {
    by_use_.push_front(std::move(what));
    by_entity_.emplace(by_use_.front().entity, by_use_.begin());
    shrink(durable_seq);
  }
  return by_use_.front();
}

void entity_cache::shrink(uint64_t durable_seq) {
  // Pending entities are few (one group or two), so looking past them at the end stays cheap.
  auto position = by_use_.end();
  while (by_use_.size() > size_max_ && position != by_use_.begin()) {
    --position;
    if (position == by_use_.begin())
      return;
    if (position->header.updated_seq > durable_seq)
      continue;
    by_entity_.erase(position->entity);
    position = by_use_.erase(position);
  }
}

} // namespace gantry::storage
