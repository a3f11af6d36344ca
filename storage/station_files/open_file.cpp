#include "storage/station_files/open_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>

namespace gantry::storage {

open_file::open_file(const std::string& path, int flags, unsigned mode)
    : number_{::open(path.c_str(), flags | O_CLOEXEC, mode)} {
  // nop
}

open_file::~open_file() {
  if (is_open())
    ::close(number_);
}

bool open_file::write(std::string_view bytes) const {
  while (!bytes.empty()) {
    const auto count = ::write(number_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0)
      return false;
    bytes.remove_prefix(static_cast<size_t>(count));
  }
  return true;
}

} // namespace gantry::storage
