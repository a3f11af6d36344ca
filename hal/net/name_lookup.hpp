// Names to addresses, away from the links' thread: the system's resolver blocks for many seconds
// when a name server is silent, and cannot be interrupted.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace gantry::hal {

/// What a look-up found: numeric addresses in the system's order of preference, or the system's
/// words why there are none.
struct lookup_answer {
  std::vector<std::string> addresses;
  std::string error;
};

/// Looks names up on up to 16 threads; further names wait. Thread-safe.
class name_lookup {
public:
  name_lookup();
  /// Returns at once. Look-ups that still run end by themselves and are never heard of again.
  ~name_lookup();
  name_lookup(const name_lookup&) = delete;
  name_lookup& operator=(const name_lookup&) = delete;

  /// Calls `then` from another thread, unless this object is gone by then. `then` must only hand
  /// over: it runs under a lock.
  void find(const std::string& host, std::function<void(lookup_answer)> then);

private:
  struct shared;
  std::shared_ptr<shared> shared_;
};

} // namespace gantry::hal
