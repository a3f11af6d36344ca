// `gantry serve`, as it is shipped, on a disk that keeps a ledger and fails on order.
#pragma once

#include "tests/binary/program.hpp"
#include "tests/crash/disk_ledger.hpp"
#include "tests/crash/farm_client.hpp"

#include <memory>

namespace gantry::test {

/// Where a farm lives that is killed again and again.
struct victim_home {
  std::filesystem::path folder;
  /// Where its data are; below `folder` if empty. On a disk that is full the ledger must not be.
  std::filesystem::path data_folder{};

  [[nodiscard]] std::filesystem::path data() const {
    return data_folder.empty() ? folder / "data" : data_folder;
  }
  [[nodiscard]] std::filesystem::path ledger() const { return folder / "ledger"; }
  /// Variables that put a program on the disk; `orders` are more of them.
  [[nodiscard]] std::vector<std::string> variables(std::vector<std::string> orders = {}) const;
  /// `gantry doctor` in a process of its own, on the same disk.
  [[nodiscard]] finished_program examine() const;
  /// Makes the disk fail; see `fault_path`. Without words it works again.
  void fail_disk(const std::string& words) const;
};

/// One life. The destructor kills it.
class victim {
public:
  explicit victim(const victim_home& home, std::vector<std::string> orders = {});

  /// Waits until it listens; false if it ended before, or does not for 30 s.
  [[nodiscard]] bool listens();
  [[nodiscard]] farm_client client(promise_journal& journal) const;
  [[nodiscard]] program& child() { return child_; }
  /// SIGKILL, and waits for the end.
  void kill();
  /// SIGTERM; the exit code, or nothing if it takes longer than 10 s.
  [[nodiscard]] std::optional<int> stop();

private:
  victim_home home_;
  program child_;
  uint16_t port_ = 0;
};

} // namespace gantry::test
