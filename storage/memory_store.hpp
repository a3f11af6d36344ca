// A store in memory that can crash like one on disk, for simulation and tests.
#pragma once

#include "storage/store.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace gantry::storage {

/// What kind of crash befalls a store.
enum class crash_mode : uint8_t {
  process_kill, ///< The operating system survives: every finished write is kept.
  power_loss,   ///< Synced writes and a random prefix of the ones after them are kept.
};

/// A store in memory. Writes are ordered as in a write-ahead log: a synced write makes all earlier
/// ones durable too. Thread-safe reading; one writer.
class memory_store final : public store {
public:
  memory_store();
  ~memory_store() override;

  void write(const batch& changes, bool synced) override;
  [[nodiscard]] std::unique_ptr<snapshot> read() const override;
  [[nodiscard]] uint64_t free_bytes() const override;

  /// Forgets what a crash of this kind would lose; `seed` draws what is kept of unsynced writes.
  /// The store can be used again at once, as if it were opened anew.
  void crash(crash_mode mode, uint64_t seed);
  /// Number of writes that a power loss could take.
  [[nodiscard]] size_t unsynced_writes() const;
  /// Lets `free_bytes` answer `bytes`.
  void set_free_bytes(uint64_t bytes);
  /// Lets the next write throw `storage_error`, after applying it if `applied`.
  void fail_next_write(bool applied);

  /// The keys and values of one family.
  using table = std::map<std::string, std::string, std::less<>>;

private:
  void apply(const change& what, batch& undo);
  table& writable(family where);

  /// Shared with snapshots, which may outlive the store.
  std::shared_ptr<std::mutex> guard_ = std::make_shared<std::mutex>();
  /// Shared with snapshots, and copied before a change while one of them lives.
  std::vector<std::shared_ptr<table>> tables_;
  /// Per unsynced write, what takes it back.
  std::vector<batch> undo_;
  uint64_t free_bytes_ = UINT64_MAX;
  bool fail_next_ = false;
  bool apply_failing_ = false;
};

} // namespace gantry::storage
