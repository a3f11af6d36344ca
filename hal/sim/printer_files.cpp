#include "hal/sim/printer_files.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <map>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gantry::sim {
namespace {

namespace fs = std::filesystem;

using shared_bytes = std::shared_ptr<const std::string>;

class memory_reader final : public file_reader {
public:
  explicit memory_reader(shared_bytes bytes) : bytes_(std::move(bytes)) {}
  uint64_t size() const override { return bytes_->size(); }
  size_t read(uint64_t offset, char* to, size_t length) override {
    if (offset >= bytes_->size())
      return 0;
    return bytes_->copy(to, length, static_cast<size_t>(offset));
  }

private:
  shared_bytes bytes_;
};

class memory_staged final : public staged_file {
public:
  bool write(std::string_view bytes) override {
    bytes_.append(bytes);
    return true;
  }
  std::string take() { return std::move(bytes_); }

private:
  std::string bytes_;
};

class memory_files final : public printer_files {
public:
  std::unique_ptr<staged_file> stage() override { return std::make_unique<memory_staged>(); }
  bool commit(std::unique_ptr<staged_file> file, const std::string& path,
              double modified_s) override {
    auto bytes = std::make_shared<const std::string>(static_cast<memory_staged&>(*file).take());
    files_[path] = {std::move(bytes), modified_s};
    return true;
  }
  std::optional<file_info> find(const std::string& path) const override {
    const auto found = files_.find(path);
    if (found == files_.end())
      return std::nullopt;
    return file_info{path, found->second.bytes->size(), found->second.modified_s};
  }
  std::vector<file_info> list() const override {
    std::vector<file_info> result;
    for (const auto& [path, entry] : files_)
      result.push_back({path, entry.bytes->size(), entry.modified_s});
    return result;
  }
  bool remove(const std::string& path) override { return files_.erase(path) == 1; }
  bool rename(const std::string& from, const std::string& to) override {
    auto node = files_.extract(from);
    if (node.empty())
      return false;
    node.key() = to;
    files_.erase(to);
    files_.insert(std::move(node));
    return true;
  }
  std::unique_ptr<file_reader> open(const std::string& path) const override {
    const auto found = files_.find(path);
    if (found == files_.end())
      return nullptr;
    return std::make_unique<memory_reader>(found->second.bytes);
  }

private:
  struct stored {
    shared_bytes bytes;
    double modified_s = 0;
  };
  std::map<std::string, stored> files_;
};

class folder_reader final : public file_reader {
public:
  folder_reader(int descriptor, uint64_t size) : descriptor_(descriptor), size_(size) {}
  folder_reader(const folder_reader&) = delete;
  folder_reader& operator=(const folder_reader&) = delete;
  ~folder_reader() override { ::close(descriptor_); }
  uint64_t size() const override { return size_; }
  size_t read(uint64_t offset, char* to, size_t length) override {
    const auto count = ::pread(descriptor_, to, length, static_cast<off_t>(offset));
    return count > 0 ? static_cast<size_t>(count) : 0;
  }

private:
  int descriptor_;
  uint64_t size_;
};

class folder_staged final : public staged_file {
public:
  explicit folder_staged(fs::path path) : path_(std::move(path)) {
    descriptor_ = ::open(path_.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0644);
  }
  folder_staged(const folder_staged&) = delete;
  folder_staged& operator=(const folder_staged&) = delete;
  ~folder_staged() override {
    if (descriptor_ >= 0)
      ::close(descriptor_);
    if (!path_.empty())
      ::unlink(path_.c_str());
  }
  bool write(std::string_view bytes) override {
    while (!bytes.empty()) {
      const auto count = ::write(descriptor_, bytes.data(), bytes.size());
      if (count <= 0)
        return false;
      bytes.remove_prefix(static_cast<size_t>(count));
    }
    return true;
  }
  bool move_to(const fs::path& target) {
    std::error_code error;
    fs::rename(path_, target, error);
    if (!error)
      path_.clear();
    return !error;
  }

private:
  fs::path path_;
  int descriptor_ = -1;
};

double modified_of(const struct stat& status) {
  return static_cast<double>(status.st_mtim.tv_sec)
         + static_cast<double>(status.st_mtim.tv_nsec) / 1e9;
}

class folder_files final : public printer_files {
public:
  explicit folder_files(fs::path folder) : root_(folder / "gcodes"), staging_(folder / "staging") {
    std::error_code error;
    fs::remove_all(staging_, error);
    fs::create_directories(root_, error);
    fs::create_directories(staging_, error);
  }
  std::unique_ptr<staged_file> stage() override {
    return std::make_unique<folder_staged>(staging_ / std::to_string(++staged_count_));
  }
  bool commit(std::unique_ptr<staged_file> file, const std::string& path, double) override {
    std::error_code error;
    const auto target = root_ / path;
    fs::create_directories(target.parent_path(), error);
    return static_cast<folder_staged&>(*file).move_to(target);
  }
  std::optional<file_info> find(const std::string& path) const override {
    struct stat status {};
    if (::stat((root_ / path).c_str(), &status) != 0 || !S_ISREG(status.st_mode))
      return std::nullopt;
    return file_info{path, static_cast<uint64_t>(status.st_size), modified_of(status)};
  }
  std::vector<file_info> list() const override {
    std::vector<file_info> result;
    std::error_code error;
    for (fs::recursive_directory_iterator at(root_, error), end; !error && at != end;
         at.increment(error)) {
      if (auto info = find(fs::relative(at->path(), root_, error).generic_string()))
        result.push_back(std::move(*info));
    }
    std::sort(result.begin(), result.end(),
              [](const auto& a, const auto& b) { return a.path < b.path; });
    return result;
  }
  bool remove(const std::string& path) override {
    std::error_code error;
    return fs::remove(root_ / path, error) && !error;
  }
  bool rename(const std::string& from, const std::string& to) override {
    std::error_code error;
    fs::create_directories((root_ / to).parent_path(), error);
    fs::rename(root_ / from, root_ / to, error);
    return !error;
  }
  std::unique_ptr<file_reader> open(const std::string& path) const override {
    const int descriptor = ::open((root_ / path).c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0)
      return nullptr;
    struct stat status {};
    ::fstat(descriptor, &status);
    return std::make_unique<folder_reader>(descriptor, static_cast<uint64_t>(status.st_size));
  }

private:
  fs::path root_;
  fs::path staging_;
  uint64_t staged_count_ = 0;
};

std::string lower(std::string_view text) {
  std::string result(text);
  for (auto& c : result)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return result;
}

} // namespace

std::unique_ptr<printer_files> make_memory_files() {
  return std::make_unique<memory_files>();
}

std::unique_ptr<printer_files> make_folder_files(const std::filesystem::path& folder) {
  return std::make_unique<folder_files>(folder);
}

bool is_safe_path(std::string_view path) {
  if (path.empty() || path.front() == '/' || path.size() > 1024
      || path.find('\0') != std::string_view::npos)
    return false;
  while (!path.empty()) {
    const auto end = path.find('/');
    const auto part = path.substr(0, end);
    if (part == ".." || part.size() > 255)
      return false;
    if (end == std::string_view::npos)
      break;
    path.remove_prefix(end + 1);
  }
  return true;
}

std::optional<file_info> find_any_case(const printer_files& files, std::string_view path) {
  if (!is_safe_path(path))
    return std::nullopt;
  if (auto exact = files.find(std::string(path)))
    return exact;
  const auto wanted = lower(path);
  for (auto& info : files.list())
    if (lower(info.path) == wanted)
      return info;
  return std::nullopt;
}

bool store_file(printer_files& files, const std::string& path, std::string_view content,
                double modified_s) {
  auto staged = files.stage();
  return staged->write(content) && files.commit(std::move(staged), path, modified_s);
}

} // namespace gantry::sim
