#include "storage/data_folder.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <mutex>
#include <set>
#include <sys/statvfs.h>
#include <unistd.h>

namespace gantry::storage {

namespace fs = std::filesystem;

namespace {

refusal folder_failed(const std::string& what) {
  return {reason::storage_failed, {{"detail", what + ": " + std::strerror(errno)}}};
}

/// The folders that this process uses, by their canonical paths. The system's lock keeps other
/// processes away, and is lost as soon as its process closes any descriptor of the file.
class used_folders {
public:
  [[nodiscard]] bool add(const std::string& folder) {
    const std::lock_guard guard{mutex_};
    return folders_.insert(folder).second;
  }
  void remove(const std::string& folder) {
    const std::lock_guard guard{mutex_};
    folders_.erase(folder);
  }

private:
  std::mutex mutex_;
  std::set<std::string> folders_;
};

used_folders& used() {
  static used_folders only;
  return only;
}

} // namespace

std::string database_path(const std::string& folder) {
  return folder + "/db";
}

std::string artifacts_path(const std::string& folder) {
  return folder + "/artifacts";
}

std::string stations_path(const std::string& folder) {
  return folder + "/stations";
}

std::string ballast_path(const std::string& folder) {
  return folder + "/ballast";
}

result<folder_lock> folder_lock::acquire(const std::string& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  const auto canonical = fs::weakly_canonical(folder, error).string();
  if (error)
    return refusal{reason::storage_failed, {{"detail", folder + ": " + error.message()}}};
  const refusal locked{reason::store_locked, {{"folder", folder}}};
  if (!used().add(canonical))
    return locked;
  const auto path = folder + "/lock";
  const auto descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  // A record lock, since flock's would live on in a child that was forked and is no program yet.
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (descriptor >= 0 && ::fcntl(descriptor, F_SETLK, &whole) == 0)
    return folder_lock{descriptor, canonical};
  const auto busy = descriptor >= 0 && (errno == EACCES || errno == EAGAIN);
  auto why = busy ? locked : folder_failed("cannot lock " + path);
  if (descriptor >= 0)
    ::close(descriptor);
  used().remove(canonical);
  return why;
}

folder_lock::folder_lock(folder_lock&& other) noexcept
    : descriptor_{std::exchange(other.descriptor_, -1)}, folder_{std::move(other.folder_)} {
  // nop
}

folder_lock& folder_lock::operator=(folder_lock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  std::swap(folder_, other.folder_);
  return *this;
}

folder_lock::~folder_lock() {
  if (descriptor_ < 0)
    return;
  ::close(descriptor_);
  used().remove(folder_);
}

uint64_t free_bytes_of(const std::string& path) {
  struct statvfs answer {};
  if (::statvfs(path.c_str(), &answer) != 0)
    return 0;
  return static_cast<uint64_t>(answer.f_bavail) * answer.f_frsize;
}

void make_ballast(const std::string& folder, uint64_t size_bytes) {
  const auto path = ballast_path(folder);
  std::error_code error;
  if (size_bytes == 0 || fs::exists(path, error) || free_bytes_of(folder) / 4 < size_bytes)
    return;
  const auto descriptor = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0)
    return;
  const auto reserved = ::posix_fallocate(descriptor, 0, static_cast<off_t>(size_bytes)) == 0;
  ::close(descriptor);
  if (!reserved)
    fs::remove(path, error);
}

uint64_t release_ballast(const std::string& folder) {
  const auto path = ballast_path(folder);
  std::error_code error;
  const auto size = fs::file_size(path, error);
  if (error || !fs::remove(path, error))
    return 0;
  return size;
}

outcome sync_folder(const std::string& path) {
  const auto descriptor = ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0)
    return folder_failed("cannot open " + path);
  const auto synced = ::fsync(descriptor) == 0;
  auto answer = synced ? success() : outcome{folder_failed("cannot sync " + path)};
  ::close(descriptor);
  return answer;
}

} // namespace gantry::storage
