// The ledger on disk, written by a thread of its own: the guard's loop never waits for a disk.
#pragma once

#include "hal/guard/ledger.hpp"

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

namespace gantry::guard {

/// Reads a ledger file. Nothing if there is none yet; refuses with `guard_ledger_damaged`.
[[nodiscard]] result<std::optional<ledger>> load_ledger(const std::string& path);

/// Replaces a ledger file: durable and whole, or not at all. The text of the fault, or nothing.
[[nodiscard]] std::string store_ledger(const std::string& path, const ledger& content);

/// Writes the newest ledger that it was given. Thread-safe.
class ledger_writer {
public:
  /// A write that ended.
  struct done {
    uint64_t number = 0;
    std::string problem; ///< Empty if it is durable.
  };

  explicit ledger_writer(std::string path);
  /// Writes what waits, then ends.
  ~ledger_writer();
  ledger_writer(const ledger_writer&) = delete;
  ledger_writer& operator=(const ledger_writer&) = delete;

  /// Replaces whatever waits.
  void submit(uint64_t number, ledger content);
  /// Readable while `take_done` has something.
  [[nodiscard]] int descriptor() const { return event_; }
  /// The writes that ended since the last call.
  [[nodiscard]] std::vector<done> take_done();

private:
  void work();

  std::string path_;
  int event_ = -1;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<std::pair<uint64_t, ledger>> waiting_;
  std::vector<done> done_;
  bool ending_ = false;
  std::thread thread_;
};

} // namespace gantry::guard
