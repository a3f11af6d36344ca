// What the demonstration puts into a data folder before it begins.
#pragma once

#include "cli/api_client.hpp"
#include "cli/simulator_child.hpp"
#include "hal/clock.hpp"

#include <string>
#include <vector>

namespace gantry::cli {

/// Random idempotency keys for one process.
class key_maker {
public:
  explicit key_maker(hal::id_source& ids) : ids_{ids} {}
  [[nodiscard]] std::string next();

private:
  hal::id_source& ids_;
};

/// A printer of the farm that is one of our simulated ones.
struct demo_printer {
  std::string id;
  std::string name;
  uint16_t port = 0;
};

/// Adds the simulated printers, or corrects their addresses if they are known already. `added` gets
/// the ids of the new ones. Returns a sentence if the API refused, empty otherwise.
[[nodiscard]] std::string set_up_printers(api_client& api, key_maker& keys,
                                          const std::vector<simulated_printer>& simulated,
                                          std::vector<demo_printer>& printers,
                                          std::vector<std::string>& added);

/// Uploads the models and submits `count` orders, unless there is an order already. Returns a
/// sentence if the API refused, empty otherwise.
[[nodiscard]] std::string set_up_orders(api_client& api, key_maker& keys, int64_t count);

/// The secret of a token called "demo operator" that may do what a person at the farm does; kept in
/// `path`. Empty if it cannot be had.
[[nodiscard]] std::string operator_secret(api_client& admin, key_maker& keys,
                                          const std::string& path);

} // namespace gantry::cli
