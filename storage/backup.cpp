#include "storage/backup.hpp"

#include "schemas/digest.hpp"
#include "schemas/ids.hpp"
#include "schemas/json_integer.hpp"
#include "storage/data_folder.hpp"
#include "storage/reader.hpp"

#include <algorithm>
#include <array>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <unistd.h>
#include <utility>

namespace gantry::storage {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr int backup_format = 1;
constexpr uint64_t manifest_bytes_max = 256ull << 20;

/// One file of a backup; `path` is relative to the backup.
struct backup_file {
  std::string path;
  uint64_t size_bytes = 0;
  std::string sha256;
};

struct manifest {
  backup_summary summary;
  std::vector<backup_file> files;
};

refusal backup_failed(const std::string& detail) {
  return {reason::storage_failed, {{"detail", detail}}};
}

std::string manifest_path(const std::string& backup) {
  return backup + "/manifest.json";
}

std::string digest_path(const std::string& backup) {
  return backup + "/manifest.sha256";
}

/// Reads `path` in pieces; false if it cannot be read to its end.
bool read_file(const std::string& path, const std::function<void(std::string_view)>& visit) {
  std::ifstream file{path, std::ios::binary};
  std::vector<char> buffer(256 * 1024);
  while (file.read(buffer.data(), static_cast<std::streamsize>(buffer.size())) || file.gcount() > 0)
    visit({buffer.data(), static_cast<size_t>(file.gcount())});
  return file.eof();
}

result<std::string> digest_of(const std::string& path) {
  sha256 hash;
  if (!read_file(path, [&hash](std::string_view bytes) { hash.update(bytes); }))
    return backup_failed("cannot read " + path);
  return hash.finish_hex();
}

outcome write_file(const std::string& path, const std::string& text) {
  std::ofstream file{path, std::ios::binary};
  file << text;
  file.close();
  return file ? success() : outcome{backup_failed("cannot write " + path)};
}

/// Makes everything on the disk of `path` durable.
outcome sync_disk(const std::string& path) {
  const auto descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const auto synced = descriptor >= 0 && ::syncfs(descriptor) == 0;
  if (descriptor >= 0)
    ::close(descriptor);
  return synced ? success() : outcome{backup_failed("cannot sync " + path)};
}

/// Links `from` to `to`, or copies it where that cannot be done.
outcome link_or_copy(const fs::path& from, const fs::path& to) {
  std::error_code error;
  fs::create_hard_link(from, to, error);
  if (error)
    fs::copy_file(from, to, error);
  return error ? outcome{backup_failed(to.string() + ": " + error.message())} : success();
}

/// Files of the artifact store as path and digest; unfinished uploads are left out.
std::vector<std::pair<fs::path, std::string>> artifacts_in(const std::string& path) {
  std::vector<std::pair<fs::path, std::string>> found;
  std::error_code error;
  for (fs::recursive_directory_iterator x{path, error}, end; x != end && !error;
       x.increment(error)) {
    const auto digest = x->path().parent_path().filename().string() + x->path().filename().string();
    if (x.depth() == 1 && digest.size() == 64 && x->is_regular_file(error))
      found.emplace_back(x->path(), digest);
  }
  std::ranges::sort(found);
  return found;
}

outcome add_artifacts(const std::string& folder, const std::string& target, manifest& list) {
  for (const auto& [path, digest] : artifacts_in(artifacts_path(folder))) {
    const auto relative = "artifacts/" + digest.substr(0, 2) + "/" + digest.substr(2);
    const auto to = fs::path{target} / relative;
    std::error_code error;
    fs::create_directories(to.parent_path(), error);
    if (auto copied = link_or_copy(path, to); !copied)
      return copied;
    list.files.push_back({relative, fs::file_size(to, error), digest});
  }
  return success();
}

outcome add_database_files(const std::string& target, manifest& list) {
  std::error_code error;
  for (const auto& x : fs::directory_iterator{database_path(target), error}) {
    auto digest = digest_of(x.path().string());
    if (!digest)
      return digest.why();
    list.files.push_back({"db/" + x.path().filename().string(), x.file_size(error), *digest});
  }
  return error ? outcome{backup_failed(error.message())} : success();
}

outcome write_manifest(const std::string& target, manifest& list) {
  auto files = json::array();
  for (const auto& x : list.files) {
    list.summary.size_bytes += x.size_bytes;
    files.push_back({{"path", x.path}, {"size_bytes", x.size_bytes}, {"sha256", x.sha256}});
  }
  list.summary.files = list.files.size();
  const json whole{{"format", backup_format},
                   {"site", list.summary.site},
                   {"epoch", list.summary.epoch},
                   {"last_seq", list.summary.last_seq},
                   {"files", std::move(files)}};
  const auto text = whole.dump(1);
  list.summary.manifest_sha256 = sha256_hex(text);
  if (auto written = write_file(manifest_path(target), text); !written)
    return written;
  return write_file(digest_path(target), list.summary.manifest_sha256 + "\n");
}

/// A path that stays below the backup: `db/<name>` or `artifacts/<2>/<62>`.
bool is_backup_path(const std::string& text) {
  const fs::path path{text};
  return path.is_relative() && (text.starts_with("db/") || text.starts_with("artifacts/"))
         && std::ranges::none_of(path, [](const fs::path& x) { return x == ".." || x == "."; });
}

/// Throws what a missing member or one of another type makes the library throw.
result<manifest> manifest_of(const json& whole) {
  manifest list;
  list.summary.site = whole.at("site").get<std::string>();
  list.summary.epoch = whole.at("epoch").get<std::string>();
  const auto last_seq = integer_in<uint64_t>(whole.at("last_seq"));
  if (!last_seq)
    return backup_failed("the manifest's last number is not whole");
  list.summary.last_seq = *last_seq;
  for (const auto& x : whole.at("files")) {
    const auto size_bytes = integer_in<uint64_t>(x.at("size_bytes"));
    if (!size_bytes)
      return backup_failed("the manifest has a size that is not whole");
    list.files.push_back(
        {x.at("path").get<std::string>(), *size_bytes, x.at("sha256").get<std::string>()});
    list.summary.size_bytes += list.files.back().size_bytes;
  }
  list.summary.files = list.files.size();
  return list;
}

result<manifest> read_manifest(const std::string& source) {
  std::error_code error;
  const auto path = manifest_path(source);
  if (fs::file_size(path, error) > manifest_bytes_max || error)
    return backup_failed(source + " has no manifest: it is no backup, or an interrupted one");
  std::string text;
  std::string digest;
  const auto append_to = [](std::string& target) {
    return [&target](std::string_view bytes) { target += bytes; };
  };
  if (!read_file(path, append_to(text)) || !read_file(digest_path(source), append_to(digest))
      || digest.substr(0, 64) != sha256_hex(text))
    return backup_failed("the manifest of " + source + " is damaged");
  try {
    const auto whole = json::parse(text);
    const auto format = integer_in<int>(whole.at("format"));
    if (!format)
      return backup_failed("the manifest of " + source + " has no format");
    if (*format > backup_format)
      return refusal{reason::store_too_new, {{"detail", "backup " + source}}};
    auto list = manifest_of(whole);
    if (list)
      list->summary.manifest_sha256 = digest.substr(0, 64);
    return list;
  } catch (const json::exception& problem) {
    return backup_failed(source + ": " + problem.what());
  }
}

/// Copies one file of a backup and checks what was copied.
outcome copy_checked(const std::string& source, const backup_file& file, const fs::path& to) {
  std::error_code error;
  fs::create_directories(to.parent_path(), error);
  sha256 hash;
  std::ofstream copy{to, std::ios::binary | std::ios::trunc};
  const auto whole = read_file(source + "/" + file.path, [&](std::string_view bytes) {
    hash.update(bytes);
    copy.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  });
  copy.close();
  if (!whole || !copy)
    return backup_failed("cannot copy " + file.path);
  return hash.finish_hex() == file.sha256 ? success()
                                          : outcome{backup_failed(file.path + " is damaged")};
}

/// Where the files of a restore lie until its database gets its name.
std::string stage_path(const std::string& folder) {
  return folder + "/restoring";
}

outcome copy_files(const std::string& source, const manifest& list, const std::string& folder) {
  for (const auto& x : list.files) {
    if (!is_backup_path(x.path))
      return backup_failed("not a path of a backup: " + x.path);
    // Artifacts lie under their digest, so that half of them do no harm; the database is staged.
    const auto base = x.path.starts_with("db/") ? stage_path(folder) : folder;
    if (auto copied = copy_checked(source, x, fs::path{base} / x.path); !copied)
      return copied;
  }
  return success();
}

/// Gives the staged database its new epoch and the mark of a restore.
outcome mark_restored(const std::string& folder, const backup_summary& from, uint64_t epoch_bits) {
  auto opened = open_rocksdb_store(stage_path(folder), {.ballast_bytes = 0, .warn = {}});
  if (!opened)
    return opened.why();
  (*opened)->write({{family::meta, "epoch", make_id("epoch", epoch_bits)},
                    {family::meta, "restored", from.epoch + "." + std::to_string(from.last_seq)}},
                   true);
  return success();
}

} // namespace

result<backup_summary> make_backup(rocksdb_store& where, const std::string& folder,
                                   const std::string& target) {
  std::error_code error;
  if (fs::exists(target, error))
    return refusal{reason::already_exists, {{"entity", target}}};
  fs::create_directories(target, error);
  if (auto copied = where.checkpoint(database_path(target)); !copied)
    return copied.why();
  manifest list;
  // Read from the copy: the kernel may have gone on since. Opening it leaves the files that the
  // manifest then lists.
  {
    auto opened = open_rocksdb_store(target, {.ballast_bytes = 0, .warn = {}});
    if (!opened)
      return opened.why();
    const reader view{**opened};
    list.summary.site = view.site();
    list.summary.epoch = view.epoch();
    list.summary.last_seq = view.last_seq();
  }
  // After the database, so that whatever it refers to is there.
  if (auto added = add_artifacts(folder, target, list); !added)
    return added.why();
  if (auto added = add_database_files(target, list); !added)
    return added.why();
  if (auto written = write_manifest(target, list); !written)
    return written.why();
  if (auto synced = sync_disk(target); !synced)
    return synced.why();
  return list.summary;
}

result<backup_summary> restore_backup(const std::string& source, const std::string& folder,
                                      uint64_t epoch_bits) {
  const auto list = read_manifest(source);
  if (!list)
    return list.why();
  const auto lock = folder_lock::acquire(folder);
  if (!lock)
    return lock.why();
  std::error_code error;
  if (fs::exists(database_path(folder), error))
    return refusal{reason::already_exists, {{"entity", folder}}};
  fs::remove_all(stage_path(folder), error);
  if (auto copied = copy_files(source, *list, folder); !copied)
    return copied.why();
  if (auto marked = mark_restored(folder, list->summary, epoch_bits); !marked)
    return marked.why();
  if (auto synced = sync_disk(folder); !synced)
    return synced.why();
  fs::rename(database_path(stage_path(folder)), database_path(folder), error);
  if (error)
    return backup_failed("cannot name the database: " + error.message());
  fs::remove_all(stage_path(folder), error);
  if (auto synced = sync_folder(folder); !synced)
    return synced.why();
  return list->summary;
}

result<rehearsal> rehearse_restore(const std::string& source, const std::string& scratch,
                                   const evolve_function& evolve, const fold_table& folds) {
  std::error_code error;
  if (fs::exists(scratch, error))
    return refusal{reason::already_exists, {{"entity", scratch}}};
  rehearsal found;
  const auto examine_copy = [&]() -> outcome {
    // The copy is thrown away: its epoch need not be unlike others.
    auto restored = restore_backup(source, scratch, 0);
    if (!restored)
      return restored.why();
    found.backup = std::move(*restored);
    auto opened = open_rocksdb_store(scratch, {.ballast_bytes = 0, .warn = {}});
    if (!opened)
      return opened.why();
    found.report = examine(**opened, evolve, folds);
    return success();
  };
  const auto done = examine_copy();
  fs::remove_all(scratch, error);
  if (!done)
    return done.why();
  return found;
}

} // namespace gantry::storage
