#include "bench/browser_script.hpp"

#include "bench/claims.hpp"

#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <stdexcept>
#include <unistd.h>
#include <vector>

namespace gantry::bench {

browser_script::browser_script(const scratch_folder& folder, std::string_view script,
                               const std::map<std::string, std::string>& variables) {
  std::ofstream{folder.path("browser.mjs")} << browser_module();
  const auto path = folder.path("script.mjs");
  std::ofstream{path} << script;
  for (const auto& [name, value] : variables)
    ::setenv(name.c_str(), value.c_str(), 1);
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw std::runtime_error{"no pipe to node can be made"};
  lines_ = ::fdopen(ends[0], "r");
  try {
    node_.emplace("node", std::vector{path}, ends[1]);
  } catch (...) {
    ::close(ends[1]);
    std::fclose(lines_);
    throw;
  }
  ::close(ends[1]);
}

browser_script::~browser_script() {
  node_->stop();
  std::fclose(lines_);
}

std::string browser_script::line() {
  std::string text;
  for (int next = 0; (next = std::fgetc(lines_)) != EOF;) {
    if (next == '\n')
      return text;
    text.push_back(static_cast<char>(next));
  }
  throw std::runtime_error{
      "the browser was not driven to the end: node, Chromium and a checkout whose dashboard was "
      "built are needed in the working folder"};
}

} // namespace gantry::bench
