// A file that never grows beyond a bound, and its predecessors.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

namespace gantry::logging {

/// A file `<stem><ending>` in `folder`, and up to `files_max - 1` older ones called
/// `<stem>.1<ending>` (the newest) and so on. Not thread-safe. Nothing is synced: the log explains,
/// the store remembers.
class rotating_file {
public:
  rotating_file(std::filesystem::path folder, std::string stem, std::string ending,
                uint64_t bytes_max, unsigned files_max);
  ~rotating_file();
  rotating_file(const rotating_file&) = delete;
  rotating_file& operator=(const rotating_file&) = delete;

  /// Appends `line`; false if the disk refused it, and then nothing of it is left in the file. The
  /// next call tries again.
  [[nodiscard]] bool append(std::string_view line);

private:
  [[nodiscard]] std::filesystem::path name(unsigned age) const;
  void rotate();
  void open();
  void close();

  std::filesystem::path folder_;
  std::string stem_;
  std::string ending_;
  uint64_t bytes_max_;
  unsigned files_max_;
  uint64_t bytes_ = 0;
  int fd_ = -1;
};

} // namespace gantry::logging
