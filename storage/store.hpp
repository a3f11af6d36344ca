// A durable, ordered key-value store with column families and atomic synced batches.
// `rocksdb_store` is the real one, `memory_store` the one with crash semantics for simulation.
#pragma once

#include "schemas/result.hpp"
#include "storage/families.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::storage {

/// One change of a batch; no value = delete.
struct change {
  family where = family::meta;
  std::string key;
  std::optional<std::string> value;
};

/// Changes that happen together or not at all.
using batch = std::vector<change>;

/// An unchanging view of a store at one moment. Thread-safe. Must not outlive its store.
class snapshot {
public:
  virtual ~snapshot() = default;
  /// The value of `key`; nothing if it is absent. Throws `storage_error` if the store cannot be
  /// read.
  [[nodiscard]] virtual std::optional<std::string> get(family where,
                                                       std::string_view key) const = 0;
  /// Calls `visit` for keys >= `from` in ascending order (or <= `from` in descending order) that
  /// start with `prefix`, until it returns false. An empty `from` stands for the first (last) key.
  /// What `visit` gets is valid during the call only.
  virtual void
  scan(family where, std::string_view prefix, std::string_view from, bool descending,
       const std::function<bool(std::string_view key, std::string_view value)>& visit) const = 0;
};

/// Thrown where a store cannot do its work; the process ends, because recovery from disk is the
/// tested path.
class storage_error : public std::runtime_error {
public:
  using std::runtime_error::runtime_error;
};

/// The store. Reading is thread-safe; writing is done by one thread.
class store {
public:
  virtual ~store() = default;
  /// Applies `changes` atomically. With `synced`, they survive power loss once this returns.
  /// Throws `storage_error` if the outcome is not known.
  virtual void write(const batch& changes, bool synced) = 0;
  [[nodiscard]] virtual std::unique_ptr<snapshot> read() const = 0;
  /// Free bytes on the disk of the store; the largest number if there is no such limit.
  [[nodiscard]] virtual uint64_t free_bytes() const = 0;
};

} // namespace gantry::storage
