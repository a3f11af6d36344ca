// What a data folder must know about itself before anything else is read from it.
#pragma once

#include "storage/fold.hpp"
#include "storage/store.hpp"

#include <cstdint>
#include <string>

namespace gantry::storage {

/// Version of the key layouts. A store with a higher one is not opened.
inline constexpr uint64_t layout_version = 1;

/// Random bits for the names that are made at the first start; each must be drawn anew.
struct random_names {
  uint64_t site_bits = 0;
  uint64_t epoch_bits = 0;
};

/// Who a store is.
struct identity {
  std::string site;          ///< Id of this installation, for good.
  std::string epoch;         ///< Id of this log; new after each restore.
  std::string restored_from; ///< Not empty: printers have to be confirmed after a restore.
  bool fresh = false;        ///< True if this call made it.
};

/// Gives a new store its identity in one synced batch, or reads the one that it has. Refuses with
/// `store_too_new` what a newer version wrote.
[[nodiscard]] result<identity> initialise(store& where, const random_names& random,
                                          const fold_table& folds = fold_versions);

} // namespace gantry::storage
