// The store on disk.
#pragma once

#include "storage/store.hpp"

#include <functional>
#include <memory>
#include <string>

namespace rocksdb {
class Env;
} // namespace rocksdb

namespace gantry::storage {

/// How a store on disk is opened.
struct rocksdb_options {
  /// Bytes of writes kept in memory over all families; replaying as many bounds the time to open
  /// after a crash.
  size_t write_buffer_bytes = 16ull << 20;
  /// Bytes of the cache of blocks, indexes and filters.
  size_t block_cache_bytes = 4ull << 20;
  /// Bytes kept in reserve for a full disk; 0 = none.
  uint64_t ballast_bytes = 16ull << 20;
  /// Gets the database's warnings and errors, possibly from its own threads. Must not throw.
  std::function<void(const std::string& text)> warn;
  /// File system to use, for fault injection; null = the machine's. Must outlive the store.
  rocksdb::Env* env = nullptr;
};

/// A store on disk.
class rocksdb_store : public store {
public:
  /// Writes a consistent copy into `path`, which must not exist; files are linked where the file
  /// system can. May run while another thread writes.
  [[nodiscard]] virtual outcome checkpoint(const std::string& path) = 0;
};

/// Opens (and makes) the store of the data folder `folder`. Refuses with `store_locked` while
/// another process has it and with `storage_failed` if it cannot be opened; its parameter `cause`
/// is `disk` if that is for the disk, full or failing, and not for what is on it. Families that
/// this version does not know stay as they are. The destructor flushes, so that the next start has
/// nothing to replay.
[[nodiscard]] result<std::unique_ptr<rocksdb_store>> open_rocksdb_store(const std::string& folder,
                                                                        rocksdb_options options);

} // namespace gantry::storage
