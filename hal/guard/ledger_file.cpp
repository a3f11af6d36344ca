#include "hal/guard/ledger_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sys/eventfd.h>
#include <system_error>
#include <unistd.h>

namespace gantry::guard {

namespace {

std::string error_text(const std::string& what) {
  return what + ": " + std::generic_category().message(errno);
}

/// Writes and syncs a new file.
std::string write_synced(const std::string& path, const std::string& text) {
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (file < 0)
    return error_text(path);
  std::string problem;
  for (size_t done = 0; done < text.size() && problem.empty();) {
    const auto count = ::write(file, text.data() + done, text.size() - done);
    if (count >= 0)
      done += static_cast<size_t>(count);
    else if (errno != EINTR)
      problem = error_text(path);
  }
  if (problem.empty() && ::fdatasync(file) != 0)
    problem = error_text(path);
  ::close(file);
  return problem;
}

std::string sync_folder(const std::string& path) {
  auto folder = std::filesystem::path{path}.parent_path().string();
  const int opened = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_CLOEXEC);
  if (opened < 0)
    return error_text(folder);
  const auto problem = ::fsync(opened) == 0 ? std::string{} : error_text(folder);
  ::close(opened);
  return problem;
}

} // namespace

result<std::optional<ledger>> load_ledger(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  if (!in) {
    if (errno == ENOENT)
      return std::optional<ledger>{};
    return refusal{reason::guard_ledger_damaged, {{"detail", error_text(path)}}};
  }
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  if (in.bad())
    return refusal{reason::guard_ledger_damaged, {{"detail", path + " cannot be read"}}};
  auto read = read_ledger(text);
  if (!read)
    return read.why();
  return std::optional{std::move(*read)};
}

std::string store_ledger(const std::string& path, const ledger& content) {
  const auto fresh = path + ".new";
  if (auto problem = write_synced(fresh, to_text(content)); !problem.empty())
    return problem;
  if (::rename(fresh.c_str(), path.c_str()) != 0)
    return error_text(path);
  return sync_folder(path);
}

ledger_writer::ledger_writer(std::string path)
    : path_{std::move(path)}, event_{::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)}, thread_{[this] {
        work();
      }} {
  // nop
}

ledger_writer::~ledger_writer() {
  {
    std::lock_guard lock{mutex_};
    ending_ = true;
  }
  changed_.notify_one();
  thread_.join();
  ::close(event_);
}

void ledger_writer::submit(uint64_t number, ledger content) {
  {
    std::lock_guard lock{mutex_};
    waiting_.emplace(number, std::move(content));
  }
  changed_.notify_one();
}

std::vector<ledger_writer::done> ledger_writer::take_done() {
  uint64_t count = 0;
  [[maybe_unused]] const auto cleared = ::read(event_, &count, sizeof count);
  std::lock_guard lock{mutex_};
  return std::exchange(done_, {});
}

void ledger_writer::work() {
  std::unique_lock lock{mutex_};
  for (;;) {
    changed_.wait(lock, [this] { return ending_ || waiting_; });
    if (!waiting_)
      return;
    const auto next = std::move(*std::exchange(waiting_, std::nullopt));
    lock.unlock();
    auto problem = store_ledger(path_, next.second);
    lock.lock();
    done_.push_back({next.first, std::move(problem)});
    const uint64_t one = 1;
    [[maybe_unused]] const auto woken = ::write(event_, &one, sizeof one);
  }
}

} // namespace gantry::guard
