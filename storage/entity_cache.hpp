// The journal's memory of entities: admitted but not yet durable states, and the hottest durable
// ones.
#pragma once

#include "storage/record.hpp"

#include <list>
#include <string>
#include <unordered_map>

namespace gantry::storage {

/// One entity as the journal knows it.
struct cached_entity {
  entity_ref entity;
  record_header header;
  std::string json;
};

/// Entities, least recently used first out; one whose newest event is not durable never goes. Not
/// thread-safe.
class entity_cache {
public:
  explicit entity_cache(size_t size_max) : size_max_{size_max} {}

  /// The entity, now the most recently used one; null if it is not here.
  [[nodiscard]] const cached_entity* find(const entity_ref& entity);
  /// Adds or replaces an entity. `durable_seq` tells which others may go. The reference stays valid
  /// until the next call.
  const cached_entity& put(cached_entity what, uint64_t durable_seq);

private:
  struct hash {
    size_t operator()(const entity_ref& x) const noexcept {
      return std::hash<std::string>{}(x.id) * 31 + static_cast<size_t>(x.kind);
    }
  };
  using order = std::list<cached_entity>;

  void shrink(uint64_t durable_seq);

  size_t size_max_;
  order by_use_; ///< Most recently used first.
  std::unordered_map<entity_ref, order::iterator, hash> by_entity_;
};

} // namespace gantry::storage
