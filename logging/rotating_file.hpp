// A file that never grows beyond a bound, and its predecessors.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace gantry::logging {

/// `gantry.log` in `folder`, and up to `files_max - 1` older ones called `gantry.1.log` (the
/// newest) and so on. Not thread-safe. Nothing is synced: the log explains, the store remembers.
class rotating_file {
public:
  rotating_file(std::filesystem::path folder, uint64_t bytes_max, unsigned files_max);
  ~rotating_file();
  rotating_file(const rotating_file&) = delete;
  rotating_file& operator=(const rotating_file&) = delete;

  /// Appends `line`; false if the disk refused it. The next call tries again.
  [[nodiscard]] bool append(std::string_view line);

private:
  [[nodiscard]] std::filesystem::path name(unsigned age) const;
  void rotate();
  void open();
  void close();

  std::filesystem::path folder_;
  uint64_t bytes_max_;
  unsigned files_max_;
  uint64_t bytes_ = 0;
  int fd_ = -1;
};

} // namespace gantry::logging
