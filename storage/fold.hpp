// Versions of the folds: which `evolve` a stored projection was made with.
#pragma once

#include "schemas/entity.hpp"
#include "storage/store.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace gantry::storage {

/// A fold version per kind, in the order of `entity_kind`.
using fold_table = std::array<uint16_t, entity_kinds>;

/// The fold versions of this program. Raise one whenever the same events give another state or
/// another JSON; the next start then rebuilds the projections of that kind from the log.
inline constexpr fold_table fold_versions = {1, 1, 1, 1, 2, 1, 1, 1, 1, 1, 1, 1, 3};
static_assert(fold_versions.back() != 0, "one version for each kind");

/// The fold version of `kind` in `table`.
constexpr uint16_t fold_of(const fold_table& table, entity_kind kind) {
  return table[static_cast<size_t>(kind)];
}

/// Key in `meta` of the fold version with which all records of `kind` agree.
[[nodiscard]] std::string fold_key(entity_kind kind);

/// Adds the whole `table` to `changes`.
void add_fold_versions(batch& changes, const fold_table& table);

} // namespace gantry::storage
