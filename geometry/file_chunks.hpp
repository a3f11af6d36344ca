// Reading a regular file from front to back in bounded memory.
//
// Files are not mapped: a file that is cut short while it is mapped ends the process with SIGBUS.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>

namespace gantry::geometry {

/// An open regular file. One thread at a time.
class file_chunks {
public:
  /// Opens the file for reading; look at `ok()` before anything else.
  explicit file_chunks(const std::filesystem::path& path);
  ~file_chunks();
  file_chunks(const file_chunks&) = delete;
  file_chunks& operator=(const file_chunks&) = delete;

  /// Whether the file could be opened and is a regular file.
  [[nodiscard]] bool ok() const { return descriptor_ >= 0; }

  /// Size in bytes when it was opened.
  [[nodiscard]] std::uint64_t size_bytes() const { return size_bytes_; }

  /// Fills the buffer from the current position; fewer bytes than asked for mean the end of the
  /// file or a read error.
  [[nodiscard]] std::size_t read(std::span<char> buffer);

private:
  int descriptor_ = -1;
  std::uint64_t size_bytes_ = 0;
};

} // namespace gantry::geometry
