#include "storage/rocksdb_store.hpp"

#include "storage/data_folder.hpp"
#include "storage/scan_range.hpp"

#include <algorithm>
#include <array>
#include <cstdarg>
#include <cstdio>
#include <rocksdb/cache.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/iterator.h>
#include <rocksdb/options.h>
#include <rocksdb/slice.h>
#include <rocksdb/table.h>
#include <rocksdb/utilities/checkpoint.h>
#include <rocksdb/write_batch.h>
#include <rocksdb/write_buffer_manager.h>
#include <utility>

namespace gantry::storage {

namespace {

/// Families by number, as the database handles them.
using handles = std::array<rocksdb::ColumnFamilyHandle*, family_count>;

/// Forwards warnings and drops the rest. The database must not keep a log file of its own: it
/// aborts when that one meets a full disk.
class warning_logger : public rocksdb::Logger {
public:
  explicit warning_logger(std::function<void(const std::string&)> warn)
      : rocksdb::Logger{rocksdb::InfoLogLevel::WARN_LEVEL}, warn_{std::move(warn)} {}

  using rocksdb::Logger::Logv;
  void Logv(const char* format, va_list arguments) override {
    if (!warn_)
      return;
    std::array<char, 1024> text{};
    const auto length = std::vsnprintf(text.data(), text.size(), format, arguments);
    if (length > 0)
      warn_({text.data(), std::min(static_cast<size_t>(length), text.size() - 1)});
  }

private:
  std::function<void(const std::string&)> warn_;
};

std::string_view view_of(const rocksdb::Slice& slice) {
  return {slice.data(), slice.size()};
}

rocksdb::Slice slice_of(std::string_view text) {
  return {text.data(), text.size()};
}

refusal refusal_of(const rocksdb::Status& status) {
  refusal why{reason::storage_failed, {{"detail", status.ToString()}}};
  // A file that is missing is damage; that a disk does not work or is full may pass.
  if (status.IsIOError() && !status.IsPathNotFound())
    why.params.emplace("cause", "disk");
  return why;
}

/// Ends the work where the outcome of an operation is not known.
void require(const rocksdb::Status& status) {
  if (!status.ok())
    throw storage_error{status.ToString()};
}

rocksdb::DBOptions database_options(const rocksdb_options& wanted) {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.env = wanted.env != nullptr ? wanted.env : rocksdb::Env::Default();
  options.info_log = std::make_shared<warning_logger>(wanted.warn);
  options.info_log_level = rocksdb::InfoLogLevel::WARN_LEVEL;
  // A record that is cut off at the end was never acknowledged and is dropped; damage before the
  // end stops the start instead of losing what was acknowledged.
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  // Bounds what the next start replays.
  options.max_total_wal_size = wanted.write_buffer_bytes;
  // A start needs no free disk space: replayed writes stay in memory and in their log.
  options.avoid_flush_during_recovery = true;
  // The limit is over all families; a limit per family would be multiplied by their number.
  options.write_buffer_manager =
      std::make_shared<rocksdb::WriteBufferManager>(wanted.write_buffer_bytes);
  options.max_background_jobs = 2; // One flush and one compaction: printers come first.
  options.max_subcompactions = 1;
  // A table that is open costs some 40 kB, and opening all of them costs start-up.
  options.max_open_files = 64;
  // By default every family starts 16 threads to open its tables: 300 of them at each start.
  options.max_file_opening_threads = 1;
  options.skip_stats_update_on_db_open = true;
  options.skip_checking_sst_file_sizes_on_db_open = true; // It asks the disk for every file.
  options.stats_dump_period_sec = 0;                      // No timer thread.
  options.stats_persist_period_sec = 0;
  options.paranoid_checks = true;   // Damage stops us rather than spreading.
  options.use_fsync = false;        // fdatasync suffices: sizes are part of it.
  options.recycle_log_file_num = 0; // Old records in a reused log would weaken the recovery mode.
  options.max_manifest_file_size = 4ull << 20;
  options.max_bgerror_resume_count = 0; // Recovery from disk is the tested path.
  options.allow_fallocate = false;      // No hidden use of disk space below the floor.
  options.table_cache_numshardbits = 2;
  return options;
}

rocksdb::ColumnFamilyOptions family_options(const rocksdb_options& wanted) {
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = rocksdb::NewLRUCache(wanted.block_cache_bytes, 2);
  table.cache_index_and_filter_blocks = true; // Bounded by the cache instead of growing with data.
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10, false)); // Most misses skip the disk.
  table.format_version = 5; // Pinned, so that an upgrade of the library changes no files.
  rocksdb::ColumnFamilyOptions options;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  options.compression = rocksdb::CompressionType::kLZ4Compression;
  options.write_buffer_size = 4ull << 20;
  options.arena_block_size = 32ull << 10; // Two dozen families, most of them nearly empty.
  options.max_write_buffer_number = 2;
  // Small files keep a compaction's temporary space far below the journal's floor.
  options.target_file_size_base = 4ull << 20;
  options.max_bytes_for_level_base = 16ull << 20;
  options.max_compaction_bytes = 32ull << 20;
  options.level0_file_num_compaction_trigger = 4;
  return options;
}

class rocksdb_snapshot : public snapshot {
public:
  rocksdb_snapshot(rocksdb::DB* db, const handles& families)
      : db_{db}, families_{families}, view_{db->GetSnapshot()} {
    how_.snapshot = view_;
  }
  ~rocksdb_snapshot() override { db_->ReleaseSnapshot(view_); }
  rocksdb_snapshot(const rocksdb_snapshot&) = delete;
  rocksdb_snapshot& operator=(const rocksdb_snapshot&) = delete;

  std::optional<std::string> get(family where, std::string_view key) const override {
    std::string value;
    const auto status = db_->Get(how_, handle(where), slice_of(key), &value);
    if (status.IsNotFound())
      return std::nullopt;
    require(status);
    return value;
  }

  void scan(family where, std::string_view prefix, std::string_view from, bool descending,
            const std::function<bool(std::string_view, std::string_view)>& visit) const override {
    const std::unique_ptr<rocksdb::Iterator> position{db_->NewIterator(how_, handle(where))};
    if (descending)
      seek_descending(*position, start_descending(prefix, from));
    else
      position->Seek(slice_of(std::max(prefix, from)));
    while (position->Valid() && view_of(position->key()).starts_with(prefix)
           && visit(view_of(position->key()), view_of(position->value()))) {
      if (descending)
        position->Prev();
      else
        position->Next();
    }
    require(position->status());
  }

private:
  static void seek_descending(rocksdb::Iterator& position, const descending_start& start) {
    if (!start.key) {
      position.SeekToLast();
      return;
    }
    position.SeekForPrev(*start.key);
    if (!start.inclusive && position.Valid() && position.key() == *start.key)
      position.Prev();
  }

  rocksdb::ColumnFamilyHandle* handle(family where) const {
    return families_[static_cast<size_t>(where)];
  }

  rocksdb::DB* db_;
  const handles& families_;
  const rocksdb::Snapshot* view_;
  rocksdb::ReadOptions how_;
};

/// An open database.
struct opened_database {
  std::unique_ptr<rocksdb::DB> db;
  std::vector<rocksdb::ColumnFamilyHandle*> handles;
};

class disk_store : public rocksdb_store {
public:
  /// Takes over what is open, even half of it: then only the destructor may be called.
  disk_store(std::string folder, folder_lock lock, opened_database opened)
      : folder_{std::move(folder)},
        lock_{std::move(lock)},
        opened_{std::move(opened.handles)},
        db_{std::move(opened.db)} {
    const auto names = names_of(family{});
    for (auto* handle : opened_) {
      const auto position = std::ranges::find(names, std::string_view{handle->GetName()});
      if (position != names.end())
        families_[static_cast<size_t>(position - names.begin())] = handle;
    }
  }

  ~disk_store() override {
    if (!db_)
      return;
    // After an error this fails too, and the log on disk has everything that was acknowledged.
    db_->Flush({}, opened_).PermitUncheckedError();
    for (auto* handle : opened_)
      db_->DestroyColumnFamilyHandle(handle).PermitUncheckedError();
    db_->Close().PermitUncheckedError();
  }
  disk_store(const disk_store&) = delete;
  disk_store& operator=(const disk_store&) = delete;

  void write(const batch& changes, bool synced) override {
    rocksdb::WriteBatch together;
    for (const auto& x : changes) {
      auto* handle = families_[static_cast<size_t>(x.where)];
      require(x.value ? together.Put(handle, x.key, *x.value) : together.Delete(handle, x.key));
    }
    rocksdb::WriteOptions how;
    how.sync = synced;
    require(db_->Write(how, &together));
  }

  std::unique_ptr<snapshot> read() const override {
    return std::make_unique<rocksdb_snapshot>(db_.get(), families_);
  }

  uint64_t free_bytes() const override { return free_bytes_of(folder_); }

  outcome checkpoint(const std::string& path) override {
    rocksdb::Checkpoint* raw = nullptr;
    auto status = rocksdb::Checkpoint::Create(db_.get(), &raw);
    const std::unique_ptr<rocksdb::Checkpoint> maker{raw};
    if (status.ok())
      status = maker->CreateCheckpoint(path);
    return status.ok() ? success() : outcome{refusal_of(status)};
  }

private:
  std::string folder_;
  folder_lock lock_;
  handles families_{};
  std::vector<rocksdb::ColumnFamilyHandle*> opened_;
  std::unique_ptr<rocksdb::DB> db_;
};

/// The families that the database at `path` has, those of a newer version included.
result<std::vector<std::string>> families_at(const rocksdb::DBOptions& options,
                                             const std::string& path) {
  std::vector<std::string> found{rocksdb::kDefaultColumnFamilyName};
  if (options.env->FileExists(path + "/CURRENT").ok()) {
    const auto status = rocksdb::DB::ListColumnFamilies(options, path, &found);
    if (!status.ok())
      return refusal_of(status);
  }
  return found;
}

/// Makes durable what a killed process wrote to the database's log and did not sync. The database
/// reads it without doing so, and a request that is repeated would be answered with it.
rocksdb::Status sync_log(const rocksdb::DBOptions& options, const std::string& path) {
  std::vector<std::string> names;
  auto status = options.env->GetChildren(path, &names);
  if (status.IsNotFound())
    return rocksdb::Status::OK();
  for (const auto& name : names) {
    std::unique_ptr<rocksdb::WritableFile> file;
    if (!status.ok() || !name.ends_with(".log"))
      continue;
    status =
        options.env->ReopenWritableFile(path + "/" + name, &file, rocksdb::EnvOptions{options});
    if (status.ok())
      status = file->Fsync();
    if (status.ok())
      status = file->Close();
  }
  return status;
}

/// Opens every family there is and makes ours that are missing, all at once: one by one, the first
/// start would take seconds on an SD card.
rocksdb::Status open_families(const rocksdb::DBOptions& options,
                              const rocksdb::ColumnFamilyOptions& each, const std::string& path,
                              const std::vector<std::string>& found, opened_database& result) {
  std::vector<rocksdb::ColumnFamilyDescriptor> wanted;
  for (const auto& name : found)
    wanted.emplace_back(name, each);
  rocksdb::DB* db = nullptr;
  // Or the first start would report a missing folder. If it fails, opening fails with the cause.
  options.env->CreateDirIfMissing(path).PermitUncheckedError();
  auto status = rocksdb::DB::Open(options, path, wanted, &result.handles, &db);
  result.db.reset(db);
  std::vector<std::string> missing;
  for (const auto name : names_of(family{}))
    if (std::ranges::find(found, name) == found.end())
      missing.emplace_back(name);
  if (!status.ok() || missing.empty())
    return status;
  std::vector<rocksdb::ColumnFamilyHandle*> made;
  status = db->CreateColumnFamilies(each, missing, &made);
  result.handles.insert(result.handles.end(), made.begin(), made.end());
  return status;
}

} // namespace

result<std::unique_ptr<rocksdb_store>> open_rocksdb_store(const std::string& folder,
                                                          rocksdb_options options) {
  auto lock = folder_lock::acquire(folder);
  if (!lock)
    return lock.why();
  make_ballast(folder, options.ballast_bytes);
  const auto path = database_path(folder);
  const auto how = database_options(options);
  const auto found = families_at(how, path);
  if (!found)
    return found.why();
  opened_database opened;
  auto status = sync_log(how, path);
  if (!status.ok())
    return refusal_of(status);
  status = open_families(how, family_options(options), path, *found, opened);
  auto made = std::make_unique<disk_store>(folder, std::move(*lock), std::move(opened));
  if (!status.ok())
    return refusal_of(status);
  return std::unique_ptr<rocksdb_store>{std::move(made)};
}

} // namespace gantry::storage
