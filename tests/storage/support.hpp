// Folders, events and a small fold that the tests of the store share.
#pragma once

#include "schemas/envelope.hpp"
#include "storage/journal.hpp"
#include "storage/memory_store.hpp"
#include "storage/rocksdb_store.hpp"

#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace gantry::storage::testing {

/// A folder that goes when the test ends.
class scratch_folder {
public:
  scratch_folder();
  ~scratch_folder();
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;

  [[nodiscard]] const std::string& path() const { return path_; }
  /// A path below the folder.
  [[nodiscard]] std::string operator/(const std::string& name) const { return path_ + "/" + name; }

private:
  std::string path_;
};

/// Opens the store of `folder` and fails the test if that is refused.
std::unique_ptr<rocksdb_store> open_disk(const std::string& folder, uint64_t ballast_bytes = 0);

/// An event with `data` and wall time `at_ms`.
event_envelope make_event(const std::string& data, int64_t at_ms = 1'000'000'000'000);

/// The state of the test's fold after `event`: the number of events and the last one's data.
result<std::string> test_evolve(entity_kind kind, const std::string& before,
                                const event_envelope& event);

/// A commit of one event on each of `entities`, decided on what `where` holds.
commit make_commit(const journal& where, const std::vector<entity_ref>& entities,
                   const std::string& data, bool open = true);

/// Writes every open group, synced.
void write_all(journal& from, store& to);

/// Everything in a store, family by family.
using dump = std::vector<std::map<std::string, std::string>>;
dump dump_of(const store& what);

} // namespace gantry::storage::testing
