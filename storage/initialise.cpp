#include "storage/initialise.hpp"

#include "schemas/ids.hpp"
#include "storage/reader.hpp"

#include <charconv>

namespace gantry::storage {

namespace {

uint64_t number_of(const std::string& text) {
  uint64_t number = UINT64_MAX;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

} // namespace

result<identity> initialise(store& where, const random_names& random, const fold_table& folds) {
  const reader view{where};
  const auto layout = view.record(family::meta, "layout");
  if (!layout) {
    if (view.last_seq() != 0)
      return refusal{reason::storage_failed, {{"detail", "the store has events but no layout"}}};
    const identity made{.site = make_id("site", random.site_bits),
                        .epoch = make_id("epoch", random.epoch_bits),
                        .restored_from = {},
                        .fresh = true};
    batch changes{{family::meta, "site", made.site},
                  {family::meta, "epoch", made.epoch},
                  {family::meta, "layout", std::to_string(layout_version)}};
    add_fold_versions(changes, folds);
    where.write(changes, true);
    return made;
  }
  if (number_of(*layout) > layout_version)
    return refusal{reason::store_too_new, {{"detail", "layout " + *layout}}};
  return identity{.site = view.site(),
                  .epoch = view.epoch(),
                  .restored_from = view.restored_from(),
                  .fresh = false};
}

} // namespace gantry::storage
