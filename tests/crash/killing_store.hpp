// A store that ends the process around its n-th synced write.
#pragma once

#include "storage/store.hpp"
#include "tests/crash/kill_point.hpp"

namespace gantry::test {

/// `inner` and `killer` outlive it.
[[nodiscard]] std::unique_ptr<storage::store> make_killing_store(storage::store& inner,
                                                                 executioner& killer);

} // namespace gantry::test
