// Who writes to the disk: the bytes by which the files of a data folder grow, by component.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <thread>

namespace gantry::bench {

/// Looks at a data folder several times a second. What grows and is removed between two looks is
/// missed; the kernel's own counter tells how much that may be.
class disk_watch {
public:
  explicit disk_watch(std::string folder);
  ~disk_watch();
  disk_watch(const disk_watch&) = delete;
  disk_watch& operator=(const disk_watch&) = delete;

  /// Ends and returns the bytes by component: write-ahead log, tables, log, artifacts, other.
  /// Called once.
  [[nodiscard]] std::map<std::string, uint64_t> stop();

private:
  void look(bool count);

  const std::string folder_;
  std::map<std::string, uint64_t> sizes_; ///< Largest size seen per file.
  std::map<std::string, uint64_t> grown_;
  std::jthread thread_;
};

/// The component that the file at `path` belongs to.
[[nodiscard]] std::string component_of(const std::string& path);

} // namespace gantry::bench
