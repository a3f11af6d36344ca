// Decoded states of entities that were used lately, so that a decision costs no decoding.
#pragma once

#include "actors/journal_messages.hpp"

#include <list>
#include <map>

namespace gantry::actors {

/// A bounded cache, least recently used out first. Not thread-safe.
class state_cache {
public:
  /// Entities kept; about 2 kB each.
  explicit state_cache(size_t limit = 2'048) : limit_{limit} {}

  void put(const versioned_state& newest);
  /// The newest state, or null.
  [[nodiscard]] const versioned_state* find(const entity_ref& entity);
  /// Every cached state of `kind`.
  [[nodiscard]] std::vector<versioned_state> of_kind(entity_kind kind) const;

private:
  size_t limit_;
  std::list<versioned_state> order_; ///< Most recently used first.
  std::map<entity_ref, std::list<versioned_state>::iterator> by_ref_;
};

} // namespace gantry::actors
