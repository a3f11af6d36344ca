#include "rules/facts.hpp"

namespace gantry::rules {

entity_version facts::version_of(const entity_ref& entity) const {
  const auto position = known_.find(entity);
  return position == known_.end() ? 0 : position->second.version;
}

const settings& facts::farm_settings() const {
  static const settings defaults;
  const auto* stored = find<settings>(settings_ref());
  return stored ? *stored : defaults;
}

} // namespace gantry::rules
