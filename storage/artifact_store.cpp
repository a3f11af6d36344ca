#include "storage/artifact_store.hpp"

#include "storage/data_folder.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <mutex>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>
#include <vector>

namespace gantry::storage {

namespace fs = std::filesystem;

namespace {

/// Free space that no upload may take: twice the floor of the journal, so that a large file never
/// brings commits to a stop.
constexpr uint64_t free_bytes_reserve = 128ull << 20;

/// Bytes of an upload that may gather in memory. A sync of the journal stands behind what the file
/// system has not written yet of other new files (ext4 orders data before the names of its blocks),
/// so a large toolpath would make every command wait.
constexpr uint64_t gathered_bytes_max = 512 << 10;

constexpr std::string_view temporary_prefix = "upload-";

refusal failed(const std::string& what) {
  if (errno == ENOSPC)
    return {reason::storage_low, {{"floor", std::to_string(free_bytes_reserve >> 20)}}};
  return {reason::storage_failed, {{"detail", what + ": " + std::strerror(errno)}}};
}

bool is_digest(std::string_view text) {
  return text.size() == 64 && std::ranges::all_of(text, [](char x) {
           return (x >= '0' && x <= '9') || (x >= 'a' && x <= 'f');
         });
}

/// What the store shares with its uploads.
struct folder_state {
  std::string path;
  std::function<uint64_t()> free_bytes;
  std::atomic<uint64_t> next_upload{1};
  /// Held while a file gets its name and while a sweep decides, so that a file which is stored
  /// again is not swept at that moment.
  std::mutex naming;

  std::string path_of(const std::string& sha256) const {
    return path + "/" + sha256.substr(0, 2) + "/" + sha256.substr(2);
  }
};

class file_upload final : public artifact_upload {
public:
  file_upload(std::shared_ptr<folder_state> folder, uint64_t size_max)
      : folder_{std::move(folder)},
        size_max_{size_max},
        path_{folder_->path + "/" + std::string{temporary_prefix} + std::to_string(::getpid()) + "-"
              + std::to_string(folder_->next_upload++)},
        descriptor_{::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)} {}

  ~file_upload() override {
    if (descriptor_ < 0)
      return;
    ::close(descriptor_);
    if (!named_)
      ::unlink(path_.c_str());
  }
  file_upload(const file_upload&) = delete;
  file_upload& operator=(const file_upload&) = delete;

  bool is_open() const { return descriptor_ >= 0; }

  outcome append(std::string_view bytes) override {
    if (problem_)
      return *problem_;
    if (bytes.size() > size_max_ - size_)
      return stop({reason::payload_too_large, {{"limit", std::to_string(size_max_)}}});
    if (folder_->free_bytes() < free_bytes_reserve + bytes.size())
      return stop({reason::storage_low, {{"floor", std::to_string(free_bytes_reserve >> 20)}}});
    hash_.update(bytes);
    size_ += bytes.size();
    while (!bytes.empty()) {
      const auto written = ::write(descriptor_, bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR)
        continue;
      if (written < 0)
        return stop(failed("cannot write a file"));
      bytes.remove_prefix(static_cast<size_t>(written));
    }
    return hand_on();
  }

  result<stored_file> finish() override {
    if (problem_)
      return *problem_;
    problem_ = refusal{reason::internal_error, {}}; // An upload is finished once.
    const stored_file done{hash_.finish_hex(), size_};
    if (::fsync(descriptor_) != 0)
      return failed("cannot sync a file");
    const std::lock_guard lock{folder_->naming};
    const auto target = folder_->path_of(done.sha256);
    const auto parent = fs::path{target}.parent_path();
    std::error_code error;
    if (fs::exists(target, error)) {
      // Fresh again, so that the grace period protects it until something refers to it.
      fs::last_write_time(target, fs::file_time_type::clock::now(), error);
    } else {
      fs::create_directory(parent, error);
      if (::rename(path_.c_str(), target.c_str()) != 0)
        return failed("cannot name a file");
      named_ = true;
    }
    // Also for a file that is there: its first upload may have died before its name was synced.
    for (const auto& x : {parent.string(), folder_->path})
      if (auto synced = sync_folder(x); !synced)
        return synced.why();
    return done;
  }

private:
  /// Has what has gathered written to the disk, and waits for it. That makes nothing durable.
  outcome hand_on() {
    const auto gathered = size_ - handed_on_;
    if (gathered < gathered_bytes_max)
      return success();
    constexpr unsigned write_and_wait =
        SYNC_FILE_RANGE_WAIT_BEFORE | SYNC_FILE_RANGE_WRITE | SYNC_FILE_RANGE_WAIT_AFTER;
    const auto done = ::sync_file_range(descriptor_, static_cast<off64_t>(handed_on_),
                                        static_cast<off64_t>(gathered), write_and_wait);
    const bool unable =
        errno == ENOSYS || errno == EINVAL || errno == ESPIPE || errno == EOPNOTSUPP;
    // Not every file system can do it; any other error is told once, here.
    if (done != 0 && !unable)
      return stop(failed("cannot write a file"));
    handed_on_ = size_;
    return success();
  }

  outcome stop(refusal why) {
    problem_ = std::move(why);
    return *problem_;
  }

  std::shared_ptr<folder_state> folder_;
  uint64_t size_max_;
  std::string path_;
  int descriptor_;
  uint64_t size_ = 0;
  uint64_t handed_on_ = 0; ///< Bytes whose writing was waited for.
  bool named_ = false;
  sha256 hash_;
  std::optional<refusal> problem_;
};

class file_artifact_store final : public artifact_store {
public:
  explicit file_artifact_store(std::shared_ptr<folder_state> folder) : folder_{std::move(folder)} {}

  result<std::unique_ptr<artifact_upload>> begin(uint64_t size_max) override {
    auto upload = std::make_unique<file_upload>(folder_, size_max);
    if (!upload->is_open())
      return failed("cannot begin a file");
    return std::unique_ptr<artifact_upload>{std::move(upload)};
  }

  result<stored_file> adopt(const std::string& path) override {
    const auto descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
      return failed("cannot read " + path);
    auto done = copy_from(descriptor, path);
    ::close(descriptor);
    return done;
  }

  std::string path_of(const std::string& sha256) const override {
    if (!is_digest(sha256))
      return {};
    auto path = folder_->path_of(sha256);
    std::error_code error;
    return fs::is_regular_file(path, error) ? path : std::string{};
  }

  size_t sweep(const std::function<bool(const std::string&)>& used, int64_t grace_s) override {
    const auto newest = fs::file_time_type::clock::now() - std::chrono::seconds{grace_s};
    size_t removed = 0;
    std::error_code error;
    for (const auto& x : files()) {
      const auto digest = x.parent_path().filename().string() + x.filename().string();
      const std::lock_guard lock{folder_->naming};
      const auto old = fs::last_write_time(x, error) <= newest && !error;
      const auto temporary = x.filename().string().starts_with(temporary_prefix);
      if (old && (temporary || (is_digest(digest) && !used(digest))))
        removed += fs::remove(x, error) ? 1u : 0u;
    }
    return removed;
  }

private:
  result<stored_file> copy_from(int descriptor, const std::string& path) {
    auto upload = begin(UINT64_MAX);
    if (!upload)
      return upload.why();
    std::vector<char> buffer(256 * 1024);
    while (true) {
      const auto count = ::read(descriptor, buffer.data(), buffer.size());
      if (count < 0 && errno == EINTR)
        continue;
      if (count < 0)
        return failed("cannot read " + path);
      if (count == 0)
        return (*upload)->finish();
      if (auto taken = (*upload)->append({buffer.data(), static_cast<size_t>(count)}); !taken)
        return taken.why();
    }
  }

  std::vector<fs::path> files() const {
    std::vector<fs::path> found;
    std::error_code error;
    for (fs::recursive_directory_iterator x{folder_->path, error}, end; x != end && !error;
         x.increment(error))
      if (x->is_regular_file(error))
        found.push_back(x->path());
    return found;
  }

  std::shared_ptr<folder_state> folder_;
};

} // namespace

result<std::unique_ptr<artifact_store>> open_artifact_store(const std::string& path,
                                                            std::function<uint64_t()> free_bytes) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error)
    return refusal{reason::storage_failed, {{"detail", path + ": " + error.message()}}};
  // Whoever left temporary files is gone: the data folder has one user.
  for (const auto& x : fs::directory_iterator{path, error})
    if (x.path().filename().string().starts_with(temporary_prefix))
      fs::remove(x.path(), error);
  auto folder = std::make_shared<folder_state>();
  folder->path = path;
  folder->free_bytes = free_bytes ? std::move(free_bytes) : [path] { return free_bytes_of(path); };
  return std::unique_ptr<artifact_store>{std::make_unique<file_artifact_store>(std::move(folder))};
}

} // namespace gantry::storage
