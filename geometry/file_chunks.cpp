#include "geometry/file_chunks.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace gantry::geometry {

file_chunks::file_chunks(const std::filesystem::path& path) {
  // O_NONBLOCK: opening a fifo by mistake must not wait for a writer.
  descriptor_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (descriptor_ < 0)
    return;
  struct stat facts = {};
  if (::fstat(descriptor_, &facts) != 0 || !S_ISREG(facts.st_mode)) {
    ::close(descriptor_);
    descriptor_ = -1;
    return;
  }
  size_bytes_ = static_cast<std::uint64_t>(facts.st_size);
}

file_chunks::~file_chunks() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
}

std::size_t file_chunks::read(std::span<char> buffer) {
  std::size_t filled = 0;
  while (filled < buffer.size()) {
    const auto count = ::read(descriptor_, buffer.data() + filled, buffer.size() - filled);
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      break;
    filled += static_cast<std::size_t>(count);
  }
  return filled;
}

} // namespace gantry::geometry
