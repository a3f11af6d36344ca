#include "cli/data_folder.hpp"

#include "storage/data_folder.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <unistd.h>

namespace gantry::cli {

namespace fs = std::filesystem;

std::string data_folder(const arguments& given) {
  if (given.has("--data"))
    return fs::absolute(given.text("--data")).lexically_normal().string();
  const auto* chosen = std::getenv("XDG_DATA_HOME");
  if (chosen && *chosen)
    return std::string{chosen} + "/gantry";
  const auto* home = std::getenv("HOME");
  if (::geteuid() == 0 || !home || !*home)
    return "/var/lib/gantry";
  return std::string{home} + "/.local/share/gantry";
}

std::string admin_token_path(const std::string& folder) {
  return folder + "/admin-token";
}

std::string listen_path(const std::string& folder) {
  return folder + "/listens-at";
}

outcome write_private_file(const std::string& path, const std::string& text) {
  auto failed = [&path] {
    return refusal{reason::storage_failed, {{"detail", path + ": " + std::strerror(errno)}}};
  };
  auto temporary = path + ".new";
  int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0)
    return failed();
  auto line = text + "\n";
  bool written = ::write(fd, line.data(), line.size()) == static_cast<ssize_t>(line.size())
                 && ::fsync(fd) == 0;
  ::close(fd);
  if (!written || ::rename(temporary.c_str(), path.c_str()) != 0)
    return failed();
  return storage::sync_folder(fs::path{path}.parent_path().string());
}

std::string first_line(const std::string& path) {
  std::ifstream in{path};
  std::string line;
  std::getline(in, line);
  return line;
}

} // namespace gantry::cli
