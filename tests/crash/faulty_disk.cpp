// A disk that keeps a ledger, dies on order and fails on order. It is loaded in front of the
// database's library (LD_PRELOAD), so that the very program that is shipped stands on it: the only
// thing that changes is what rocksdb::Env::Default() answers.
#include "tests/crash/disk_ledger.hpp"

#include <algorithm>
#include <atomic>
#include <csignal>
#include <cstdlib>
#include <dlfcn.h>
#include <fcntl.h>
#include <fstream>
#include <iterator>
#include <mutex>
#include <rocksdb/env.h>
#include <rocksdb/file_system.h>
#include <unistd.h>

namespace gantry::test {

namespace {

namespace rdb = rocksdb;
using rdb::IODebugContext;
using rdb::IOOptions;
using rdb::IOStatus;
using rdb::Slice;

enum class death : uint8_t { before, torn, after };

/// The orders, the ledger and the count of operations. Thread-safe.
class disk_control {
public:
  explicit disk_control(const char* path)
      : path_{path},
        ledger_{::open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)},
        forgetful_{std::getenv(disk_order::forgetful) != nullptr} {
    std::filesystem::create_directories(kept_path(path_));
    for (const auto& x : std::filesystem::directory_iterator{kept_path(path_)})
      kept_ = std::max<uint64_t>(kept_, std::stoull(x.path().filename().string()));
    const auto* order = std::getenv(disk_order::kill);
    if (!order)
      return;
    const std::string text{order};
    const auto colon = text.find(':');
    const auto when = text.substr(0, colon);
    when_ = when == "before" ? death::before : when == "torn" ? death::torn : death::after;
    last_ = std::stoull(text.substr(colon + 1));
  }

  [[nodiscard]] bool forgetful() const { return forgetful_; }

  /// Carries out one operation: `act` on its way to the disk, then `note` in the ledger. `tear` is
  /// what an operation does that is cut off in its middle.
  template <class Act, class Tear>
  IOStatus around(const Act& act, const Tear& tear) {
    const auto number = ++count_;
    const bool dies = number == last_;
    if (dies && when_ != death::after) {
      if (when_ == death::torn)
        tear();
      std::raise(SIGKILL);
    }
    auto status = act();
    if (dies)
      std::raise(SIGKILL);
    return status;
  }
  template <class Act>
  IOStatus around(const Act& act) {
    return around(act, [] {});
  }

  void note(disk_step step, uint64_t number, const std::string& path, const std::string& other) {
    const auto line = std::string{disk_step_names[static_cast<size_t>(step)]} + " "
                      + std::to_string(number) + " " + path + " " + other + "\n";
    if (::write(ledger_, line.data(), line.size()) != static_cast<ssize_t>(line.size()))
      std::abort(); // Without its ledger a test would prove nothing.
  }
  void note(disk_step step, uint64_t number, const std::string& path) {
    note(step, number, path, {});
  }

  /// Keeps what `path` names now; returns its number, 0 if there is nothing.
  uint64_t keep(const std::string& path) {
    const std::lock_guard guard{mutex_};
    const auto name = kept_path(path_) / std::to_string(kept_ + 1);
    return ::link(path.c_str(), name.c_str()) == 0 ? ++kept_ : 0;
  }

  /// The failure that is ordered for `what`; fine if there is none.
  [[nodiscard]] IOStatus failure(const std::string& what) const {
    std::ifstream file{fault_path(path_)};
    const std::string words{std::istreambuf_iterator<char>{file}, {}};
    if (words.find(what) == std::string::npos)
      return IOStatus::OK();
    if (words.find("die") != std::string::npos)
      std::raise(SIGKILL);
    if (words.find("full") == std::string::npos)
      return IOStatus::IOError("Input/output error", what);
    auto status = IOStatus::NoSpace("No space left on device", what);
    status.SetRetryable(true);
    return status;
  }

private:
  std::filesystem::path path_;
  int ledger_;
  bool forgetful_;
  death when_ = death::before;
  uint64_t last_ = 0;
  std::atomic<uint64_t> count_{0};
  std::mutex mutex_;
  uint64_t kept_ = 0;
};

class ledger_file final : public rdb::FSWritableFileOwnerWrapper {
public:
  /// `size`: bytes that are in the file already.
  ledger_file(std::unique_ptr<rdb::FSWritableFile> inner, std::string path, uint64_t size,
              disk_control& control)
      : FSWritableFileOwnerWrapper{std::move(inner)},
        path_{std::move(path)},
        control_{control},
        size_{size} {
    // nop
  }

  IOStatus Append(const Slice& data, const IOOptions& how, IODebugContext* debug) override {
    return append(data, [&](const Slice& x) { return target()->Append(x, how, debug); });
  }
  IOStatus Append(const Slice& data, const IOOptions& how, const rdb::DataVerificationInfo& check,
                  IODebugContext* debug) override {
    return append(data, [&](const Slice& x) {
      return x.size() == data.size() ? target()->Append(x, how, check, debug)
                                     : target()->Append(x, how, debug);
    });
  }
  IOStatus Sync(const IOOptions& how, IODebugContext* debug) override {
    return sync([&] { return target()->Sync(how, debug); });
  }
  IOStatus Fsync(const IOOptions& how, IODebugContext* debug) override {
    return sync([&] { return target()->Fsync(how, debug); });
  }

private:
  template <class Write>
  IOStatus append(const Slice& data, const Write& write) {
    if (auto failure = control_.failure("append"); !failure.ok())
      return failure;
    return control_.around(
        [&] {
          auto status = write(data);
          size_ += data.size();
          control_.note(disk_step::append, data.size(), path_);
          return status;
        },
        [&] {
          write({data.data(), data.size() / 2}).PermitUncheckedError();
        });
  }

  template <class Wait>
  IOStatus sync(const Wait& wait) {
    if (auto failure = control_.failure("sync"); !failure.ok())
      return failure;
    return control_.around([&] {
      const uint64_t size = size_;
      if (control_.forgetful() && path_.ends_with(".log"))
        return IOStatus::OK();
      auto status = wait();
      if (status.ok())
        control_.note(disk_step::sync, size, path_);
      return status;
    });
  }

  std::string path_;
  disk_control& control_;
  std::atomic<uint64_t> size_;
};

class failing_reader final : public rdb::FSRandomAccessFileOwnerWrapper {
public:
  failing_reader(std::unique_ptr<rdb::FSRandomAccessFile> inner, disk_control& control)
      : FSRandomAccessFileOwnerWrapper{std::move(inner)}, control_{control} {
    // nop
  }
  IOStatus Read(uint64_t offset, size_t size, const IOOptions& how, Slice* result, char* scratch,
                IODebugContext* debug) const override {
    auto failure = control_.failure("read");
    return failure.ok() ? target()->Read(offset, size, how, result, scratch, debug) : failure;
  }
  IOStatus MultiRead(rdb::FSReadRequest* requests, size_t count, const IOOptions& how,
                     IODebugContext* debug) override {
    auto failure = control_.failure("read");
    return failure.ok() ? target()->MultiRead(requests, count, how, debug) : failure;
  }

private:
  disk_control& control_;
};

class ledger_folder final : public rdb::FSDirectoryWrapper {
public:
  ledger_folder(std::unique_ptr<rdb::FSDirectory> inner, std::string path, disk_control& control)
      : FSDirectoryWrapper{std::move(inner)}, path_{std::move(path)}, control_{control} {
    // nop
  }
  IOStatus Fsync(const IOOptions& how, IODebugContext* debug) override {
    return sync([&] { return FSDirectoryWrapper::Fsync(how, debug); });
  }
  IOStatus FsyncWithDirOptions(const IOOptions& how, IODebugContext* debug,
                               const rdb::DirFsyncOptions& more) override {
    return sync([&] { return FSDirectoryWrapper::FsyncWithDirOptions(how, debug, more); });
  }

private:
  template <class Wait>
  IOStatus sync(const Wait& wait) {
    if (auto failure = control_.failure("sync"); !failure.ok())
      return failure;
    return control_.around([&] {
      auto status = wait();
      if (status.ok())
        control_.note(disk_step::sync_folder, 0, path_);
      return status;
    });
  }

  std::string path_;
  disk_control& control_;
};

/// Path without repeated and trailing slashes, so that names compare.
std::string plain(const std::string& path) {
  auto text = std::filesystem::path{path}.lexically_normal().string();
  while (text.size() > 1 && text.back() == '/')
    text.pop_back();
  return text;
}

class faulty_file_system final : public rdb::FileSystemWrapper {
public:
  faulty_file_system(const std::shared_ptr<rdb::FileSystem>& inner, const char* ledger)
      : FileSystemWrapper{inner}, control_{ledger} {
    // nop
  }

  [[nodiscard]] const char* Name() const override { return "gantry-faulty-disk"; }

  IOStatus NewWritableFile(const std::string& path, const rdb::FileOptions& how,
                           std::unique_ptr<rdb::FSWritableFile>* made,
                           IODebugContext* debug) override {
    if (auto failure = control_.failure("open"); !failure.ok())
      return failure;
    return control_.around([&] {
      control_.note(disk_step::create, 0, plain(path));
      auto status = target()->NewWritableFile(path, how, made, debug);
      if (status.ok())
        *made = std::make_unique<ledger_file>(std::move(*made), plain(path), 0, control_);
      return status;
    });
  }
  IOStatus ReopenWritableFile(const std::string& path, const rdb::FileOptions& how,
                              std::unique_ptr<rdb::FSWritableFile>* made,
                              IODebugContext* debug) override {
    if (auto failure = control_.failure("open"); !failure.ok())
      return failure;
    auto status = target()->ReopenWritableFile(path, how, made, debug);
    if (status.ok())
      *made = std::make_unique<ledger_file>(std::move(*made), plain(path),
                                            std::filesystem::file_size(path), control_);
    return status;
  }
  IOStatus NewRandomAccessFile(const std::string& path, const rdb::FileOptions& how,
                               std::unique_ptr<rdb::FSRandomAccessFile>* made,
                               IODebugContext* debug) override {
    if (auto failure = control_.failure("open"); !failure.ok())
      return failure;
    auto status = target()->NewRandomAccessFile(path, how, made, debug);
    if (status.ok())
      *made = std::make_unique<failing_reader>(std::move(*made), control_);
    return status;
  }
  IOStatus NewSequentialFile(const std::string& path, const rdb::FileOptions& how,
                             std::unique_ptr<rdb::FSSequentialFile>* made,
                             IODebugContext* debug) override {
    auto failure = control_.failure("open");
    return failure.ok() ? target()->NewSequentialFile(path, how, made, debug) : failure;
  }
  IOStatus NewDirectory(const std::string& path, const IOOptions& how,
                        std::unique_ptr<rdb::FSDirectory>* made, IODebugContext* debug) override {
    auto status = target()->NewDirectory(path, how, made, debug);
    if (status.ok())
      *made = std::make_unique<ledger_folder>(std::move(*made), plain(path), control_);
    return status;
  }
  IOStatus RenameFile(const std::string& from, const std::string& to, const IOOptions& how,
                      IODebugContext* debug) override {
    return control_.around([&] {
      control_.note(disk_step::rename, control_.keep(to), plain(from), plain(to));
      return target()->RenameFile(from, to, how, debug);
    });
  }
  IOStatus DeleteFile(const std::string& path, const IOOptions& how,
                      IODebugContext* debug) override {
    return control_.around([&] {
      control_.note(disk_step::remove, control_.keep(path), plain(path));
      return target()->DeleteFile(path, how, debug);
    });
  }

private:
  disk_control control_;
};

} // namespace

} // namespace gantry::test

namespace {

/// True once the process ends: the library's own then asks whether it is the default, and joins its
/// threads if it is.
std::atomic<bool> ending{false};

rocksdb::Env* own_default() {
  using function = rocksdb::Env* (*)();
  static const auto real =
      reinterpret_cast<function>(::dlsym(RTLD_NEXT, "_ZN7rocksdb3Env7DefaultEv"));
  auto* const result = real();
  // After the library's own was made, so that it comes before that one goes.
  static const int registered = std::atexit([] { ending = true; });
  return registered == 0 ? result : nullptr;
}

} // namespace

/// Stands in front of the library's own. It is never destroyed.
rocksdb::Env* rocksdb::Env::Default() {
  static thread_local bool making = false;
  auto* const own = own_default();
  const auto* ledger = std::getenv(gantry::test::disk_order::ledger);
  // The library asks for its own while ours is being made.
  if (!ledger || making || ending)
    return own;
  making = true;
  static auto* const faulty =
      rocksdb::NewCompositeEnv(
          std::make_shared<gantry::test::faulty_file_system>(own->GetFileSystem(), ledger))
          .release();
  making = false;
  return faulty;
}
