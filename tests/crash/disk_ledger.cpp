#include "tests/crash/disk_ledger.hpp"

#include <algorithm>
#include <fstream>
#include <map>
#include <sstream>
#include <vector>

namespace gantry::test {

namespace fs = std::filesystem;

namespace {

/// One line: step, number, path, and a second path for renames and removals.
struct entry {
  disk_step step = disk_step::create;
  uint64_t number = 0; ///< Synced bytes, or the number of what was kept (0 = nothing was).
  std::string path;
  std::string other;
};

std::vector<entry> entries_in(const fs::path& ledger) {
  std::vector<entry> found;
  std::ifstream file{ledger};
  for (std::string line; std::getline(file, line);) {
    std::istringstream words{line};
    std::string step;
    entry each;
    words >> step >> each.number >> each.path >> each.other;
    const auto at = std::ranges::find(disk_step_names, step);
    // The last line may be cut off by the end of its process.
    if (at == disk_step_names.end() || each.path.empty())
      continue;
    each.step = static_cast<disk_step>(at - disk_step_names.begin());
    found.push_back(std::move(each));
  }
  return found;
}

std::string folder_of(const std::string& path) {
  return fs::path{path}.parent_path().string();
}

/// Files as the ledger leaves them, and the changes of names that no folder was synced after.
struct disk_state {
  std::map<std::string, uint64_t> synced_bytes;
  std::vector<entry> loose_names;

  void apply(const entry& each) {
    switch (each.step) {
    case disk_step::append:
      return;
    case disk_step::sync:
      synced_bytes[each.path] = std::max(synced_bytes[each.path], each.number);
      return;
    case disk_step::sync_folder:
      std::erase_if(loose_names, [&](const entry& x) { return folder_of(x.path) == each.path; });
      return;
    case disk_step::create:
      synced_bytes[each.path] = 0;
      break;
    case disk_step::rename:
      synced_bytes[each.other] = synced_bytes[each.path];
      synced_bytes.erase(each.path);
      break;
    case disk_step::remove:
      synced_bytes.erase(each.path);
      break;
    }
    loose_names.push_back(each);
  }
};

/// Makes one change of names undone; false if it never happened.
bool undo(const entry& what, const fs::path& kept) {
  std::error_code error;
  if (what.step == disk_step::create)
    return fs::remove(what.path, error);
  const auto copy = kept / std::to_string(what.number);
  if (what.step == disk_step::rename) {
    if (!fs::exists(what.other) || fs::exists(what.path))
      return false;
    fs::rename(what.other, what.path, error);
    if (what.number > 0)
      fs::rename(copy, what.other, error);
    return !error;
  }
  if (what.number == 0 || fs::exists(what.path))
    return false;
  fs::rename(copy, what.path, error);
  return !error;
}

} // namespace

fs::path fault_path(const fs::path& ledger) {
  return ledger.string() + ".fault";
}

fs::path kept_path(const fs::path& ledger) {
  return ledger.string() + ".kept";
}

uint64_t disk_steps_in(const fs::path& ledger) {
  return entries_in(ledger).size();
}

lost_power lose_power(const fs::path& ledger, std::mt19937_64& random) {
  lost_power result;
  disk_state disk;
  for (const auto& each : entries_in(ledger))
    disk.apply(each);
  for (const auto& [path, synced] : disk.synced_bytes) {
    std::error_code error;
    const auto size = fs::file_size(path, error);
    if (error || size <= synced)
      continue;
    const auto left = synced + random() % (size - synced + 1);
    fs::resize_file(path, left);
    result.files_cut += left < size ? 1u : 0u;
    result.bytes += size - left;
  }
  // A journaling file system keeps the order of changes: the newest are undone, the others last.
  std::ranges::reverse(disk.loose_names);
  const auto undone = random() % (disk.loose_names.size() + 1);
  for (size_t i = 0; i < undone; ++i)
    result.names_undone += undo(disk.loose_names[i], kept_path(ledger)) ? 1u : 0u;
  fs::remove(ledger);
  fs::remove_all(kept_path(ledger));
  return result;
}

} // namespace gantry::test
