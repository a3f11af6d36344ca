// A file that exists in memory only, for readers that want a path.
#pragma once

#include "tests/fuzz/fuzz.hpp"

#include <sys/mman.h>
#include <unistd.h>

namespace gantry::fuzz {

/// Holds `bytes` as a regular file as long as it lives.
class memory_file {
public:
  explicit memory_file(std::string_view bytes) : file_{::memfd_create("input", MFD_CLOEXEC)} {
    require(file_ >= 0, "a file in memory can be made");
    require(::write(file_, bytes.data(), bytes.size()) == static_cast<ssize_t>(bytes.size()),
            "a file in memory takes all bytes");
  }
  ~memory_file() { ::close(file_); }
  memory_file(const memory_file&) = delete;
  memory_file& operator=(const memory_file&) = delete;

  [[nodiscard]] std::string path() const { return "/proc/self/fd/" + std::to_string(file_); }

private:
  int file_;
};

} // namespace gantry::fuzz
