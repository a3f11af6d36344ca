// What the program says about itself, for people and for programs.
#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::logging {

/// How much a line matters.
enum class level : uint8_t { debug, info, warning, error };

/// The level's lower-case name.
[[nodiscard]] std::string_view name_of(level severity);

/// A named value that belongs to a message. The key is a literal: it outlives the record.
struct field {
  std::string_view key;
  std::string value;
};

/// Records a message of `component` (a literal, e.g. `journal`). Thread-safe; never waits for a
/// disk or a terminal: a full queue drops the message and counts it. Without a `log_service` the
/// message goes nowhere.
void write(level severity, std::string_view component, std::string message,
           std::vector<field> fields = {});

/// Waits until everything written so far has left the queue, at most two seconds. For the last
/// words before the process ends.
void flush();

/// How the log itself fares.
struct log_health {
  uint64_t written = 0;     ///< Records that left the queue.
  uint64_t dropped = 0;     ///< Records that found the queue full.
  uint64_t file_errors = 0; ///< Lines that could not be written to one of the files.
  uint64_t queued = 0;      ///< Records that wait now.
  bool failing = false;     ///< True if the newest line could not be written to one of the files.
};

/// The log's health since the service started. Thread-safe.
[[nodiscard]] log_health health();

/// Where a `log_service` writes, and what.
struct log_settings {
  /// Folder of `app.log` (lines for people) and `app.jsonl` (the same as JSON), made if missing;
  /// empty writes no files.
  std::filesystem::path folder;
  level file_level = level::info;
  level terminal_level = level::info;
  /// Descriptor of the lines for people; coloured if it is a terminal and NO_COLOR is not set.
  int terminal_fd = 2;
  /// The wall time of a record; called from any thread, must be fast and must not log.
  std::function<std::chrono::sys_time<std::chrono::milliseconds>()> wall;
  /// Bytes after which each file is rotated, and how many of each are kept in all.
  uint64_t file_bytes_max = 10'000'000;
  unsigned files_max = 5;
  /// Records that may wait; 8192 cover a burst of some seconds on a stalled SD card.
  size_t queue_max = 8192;
};

/// Runs the log from construction to destruction, which writes out what waits. One at a time.
class log_service {
public:
  explicit log_service(log_settings settings);
  ~log_service();
  log_service(const log_service&) = delete;
  log_service& operator=(const log_service&) = delete;
};

} // namespace gantry::logging
