#include "tests/binary/guarded_kernel.hpp"

#include "tests/binary/kernel_process.hpp"

#include <algorithm>
#include <filesystem>
#include <sstream>

namespace gantry::test {

std::map<pid_t, pid_t> processes_serving(const std::string& data) {
  std::map<pid_t, pid_t> found;
  for (const auto& each : std::filesystem::directory_iterator{"/proc"}) {
    const auto name = each.path().filename().string();
    if (name.find_first_not_of("0123456789") != std::string::npos
        || bytes_of(each.path() / "cmdline").find(data) == std::string::npos)
      continue;
    const auto stat = bytes_of(each.path() / "stat");
    std::istringstream fields{stat.substr(std::min(stat.size(), stat.rfind(')') + 2))};
    char state = 0;
    pid_t parent = 0;
    if (fields >> state >> parent && state != 'Z')
      found[std::stoi(name)] = parent;
  }
  return found;
}

pid_t guarded_kernel(const std::string& data) {
  const auto all = processes_serving(data);
  for (const auto& [process, parent] : all)
    if (all.contains(parent))
      return process;
  return 0;
}

} // namespace gantry::test
