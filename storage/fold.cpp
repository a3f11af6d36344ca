#include "storage/fold.hpp"

namespace gantry::storage {

std::string fold_key(entity_kind kind) {
  return "fold/" + std::string{name_of(kind)};
}

void add_fold_versions(batch& changes, const fold_table& table) {
  for (size_t i = 0; i < entity_kinds; ++i)
    changes.push_back(
        {family::meta, fold_key(static_cast<entity_kind>(i)), std::to_string(table[i])});
}

} // namespace gantry::storage
