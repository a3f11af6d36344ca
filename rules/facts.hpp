// What a decision may rely on: entity states with the versions at which they were read.
#pragma once

#include "schemas/entity.hpp"

#include <map>
#include <vector>

namespace gantry::rules {

/// One entity as it was read. Version 0 = it does not exist, and `state` is blank.
struct fact {
  entity_version version = 0;
  any_state state;
};

/// The read set of a decision.
class facts {
public:
  void put(const entity_ref& entity, fact what) { known_[entity] = std::move(what); }
  /// True if `entity` was read, whether it exists or not.
  [[nodiscard]] bool has(const entity_ref& entity) const { return known_.contains(entity); }
  /// The version of `entity`; 0 if it does not exist or was not read.
  [[nodiscard]] entity_version version_of(const entity_ref& entity) const;
  /// The state of `entity`, or null if it does not exist or was not read.
  template <class State>
  [[nodiscard]] const State* find(const entity_ref& entity) const {
    const auto position = known_.find(entity);
    if (position == known_.end() || position->second.version == 0)
      return nullptr;
    return std::get_if<State>(&position->second.state);
  }
  /// Every existing entity of one kind that was read, by id.
  template <class State>
  [[nodiscard]] std::vector<const State*> all() const {
    std::vector<const State*> result;
    for (const auto& [entity, what] : known_)
      if (const auto* state = std::get_if<State>(&what.state); state && what.version > 0)
        result.push_back(state);
    return result;
  }
  /// Tells that every entity of `kind` was read.
  void mark_complete(entity_kind kind) { complete_[kind] = true; }
  [[nodiscard]] bool complete(entity_kind kind) const { return complete_.contains(kind); }
  [[nodiscard]] const std::map<entity_ref, fact>& items() const { return known_; }

  /// The settings; the defaults if none were stored.
  [[nodiscard]] const settings& farm_settings() const;

private:
  std::map<entity_ref, fact> known_;
  std::map<entity_kind, bool> complete_;
};

} // namespace gantry::rules
