#include "storage/station_files/text_file.hpp"

#include "storage/data_folder.hpp"
#include "storage/station_files/open_file.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace gantry::storage {

namespace fs = std::filesystem;

namespace {

refusal problem(reason code, const std::string& path, std::string detail) {
  return {code, {{"file", fs::path{path}.filename().string()}, {"detail", std::move(detail)}}};
}

refusal unreadable(const std::string& path, std::string detail) {
  return problem(reason::station_file_unreadable, path, std::move(detail));
}

refusal not_written(const std::string& path) {
  return problem(reason::station_file_not_written, path, std::strerror(errno));
}

/// Writes and syncs a new file; leaves none behind if that fails.
outcome write_new_file(const std::string& path, std::string_view bytes, unsigned mode) {
  ::unlink(path.c_str());
  const open_file file{path, O_WRONLY | O_CREAT | O_EXCL, mode};
  if (!file.is_open())
    return not_written(path);
  if (file.write(bytes) && ::fsync(file.number()) == 0)
    return success();
  auto why = not_written(path);
  ::unlink(path.c_str());
  return why;
}

/// Removes the oldest backups of `name` beyond `count_max`. Failing to is no error: the next save
/// tries again.
void drop_old_backups(const fs::path& folder, const std::string& name, size_t count_max) {
  std::vector<std::pair<int64_t, fs::path>> found;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator{folder, ignored}) {
    const auto file = entry.path().filename().string();
    if (!file.starts_with(name + "."))
      continue;
    int64_t revision = 0;
    const auto* last = file.data() + file.size();
    const auto [end, error] = std::from_chars(file.data() + name.size() + 1, last, revision);
    if (error == std::errc{} && end == last)
      found.emplace_back(revision, entry.path());
  }
  std::ranges::sort(found);
  for (size_t i = 0; i + count_max < found.size(); ++i)
    fs::remove(found[i].second, ignored);
}

} // namespace

result<std::optional<std::string>> read_text_file(const std::string& path) {
  // Not waiting: a pipe that somebody put there would block for ever.
  const open_file file{path, O_RDONLY | O_NONBLOCK};
  if (!file.is_open() && errno == ENOENT)
    return std::optional<std::string>{};
  if (!file.is_open())
    return unreadable(path, std::strerror(errno));
  struct stat status {};
  if (::fstat(file.number(), &status) != 0 || !S_ISREG(status.st_mode))
    return unreadable(path, "it is no regular file");
  std::string bytes(station_file_bytes_max + 1, '\0');
  size_t size = 0;
  for (;;) {
    const auto count = ::read(file.number(), bytes.data() + size, bytes.size() - size);
    if (count < 0 && errno == EINTR)
      continue;
    if (count < 0)
      return unreadable(path, std::strerror(errno));
    if (count == 0)
      break;
    size += static_cast<size_t>(count);
    if (size > station_file_bytes_max)
      return unreadable(path,
                        "it is larger than " + std::to_string(station_file_bytes_max) + " bytes");
  }
  bytes.resize(size);
  return std::optional{std::move(bytes)};
}

outcome replace_text_file(const std::string& path, std::string_view bytes, unsigned mode) {
  const auto temporary = path + ".new";
  if (auto written = write_new_file(temporary, bytes, mode); !written)
    return written;
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    auto why = not_written(path);
    ::unlink(temporary.c_str());
    return why;
  }
  // The new content is in place; only its survival of a power cut is in doubt now.
  return sync_folder(fs::path{path}.parent_path().string());
}

outcome keep_backup(const std::string& path, int64_t revision, size_t count_max, unsigned mode) {
  auto present = read_text_file(path);
  if (!present)
    return present.why();
  if (!*present)
    return success();
  const auto folder = fs::path{path}.parent_path() / "backups";
  const auto name = fs::path{path}.filename().string();
  std::error_code error;
  fs::create_directories(folder, error);
  if (error)
    return problem(reason::station_file_not_written, path, error.message());
  auto kept = replace_text_file((folder / (name + "." + std::to_string(revision))).string(),
                                **present, mode);
  if (kept)
    drop_old_backups(folder, name, count_max);
  return kept;
}

} // namespace gantry::storage
