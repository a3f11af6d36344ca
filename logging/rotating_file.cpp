#include "logging/rotating_file.hpp"

#include <cerrno>
#include <fcntl.h>
#include <string>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace gantry::logging {

rotating_file::rotating_file(std::filesystem::path folder, std::string stem, std::string ending,
                             uint64_t bytes_max, unsigned files_max)
    : folder_{std::move(folder)},
      stem_{std::move(stem)},
      ending_{std::move(ending)},
      bytes_max_{bytes_max},
      files_max_{files_max} {}

rotating_file::~rotating_file() {
  close();
}

bool rotating_file::append(std::string_view line) {
  if (fd_ < 0)
    open();
  if (fd_ >= 0 && bytes_ > 0 && bytes_ + line.size() > bytes_max_)
    rotate();
  if (fd_ < 0)
    return false;
  for (auto rest = line; !rest.empty();) {
    auto count = ::write(fd_, rest.data(), rest.size());
    if (count < 0 && errno == EINTR)
      continue;
    if (count <= 0) {
      // Half a line would be glued to the next one. The file may also have been on a disk that was
      // replaced: the next line opens it anew.
      static_cast<void>(::ftruncate(fd_, static_cast<off_t>(bytes_)));
      close();
      return false;
    }
    rest.remove_prefix(static_cast<size_t>(count));
  }
  bytes_ += line.size();
  return true;
}

std::filesystem::path rotating_file::name(unsigned age) const {
  return folder_ / (stem_ + (age == 0 ? "" : "." + std::to_string(age)) + ending_);
}

void rotating_file::rotate() {
  close();
  std::error_code ignored;
  for (auto age = files_max_ - 1; age > 0; --age)
    std::filesystem::rename(name(age - 1), name(age), ignored);
  if (files_max_ <= 1)
    std::filesystem::remove(name(0), ignored);
  open();
}

void rotating_file::open() {
  std::error_code ignored;
  std::filesystem::create_directories(folder_, ignored);
  fd_ = ::open(name(0).c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0640);
  struct stat status {};
  bytes_ = fd_ >= 0 && ::fstat(fd_, &status) == 0 ? static_cast<uint64_t>(status.st_size) : 0;
}

void rotating_file::close() {
  if (fd_ >= 0)
    ::close(fd_);
  fd_ = -1;
}

} // namespace gantry::logging
