#include "bench/browser_script.hpp"

#include "bench/claims.hpp"

#include <cstdlib>
#include <fstream>
#include <stdexcept>

namespace gantry::bench {

browser_script::browser_script(const scratch_folder& folder, std::string_view script,
                               const std::map<std::string, std::string>& variables) {
  std::ofstream{folder.path("browser.mjs")} << browser_module();
  const auto path = folder.path("script.mjs");
  std::ofstream{path} << script;
  for (const auto& [name, value] : variables)
    ::setenv(name.c_str(), value.c_str(), 1);
  pipe_ = ::popen(("node '" + path + "'").c_str(), "r");
  if (pipe_ == nullptr)
    throw std::runtime_error{"node cannot be started"};
}

browser_script::~browser_script() {
  ::pclose(pipe_);
}

std::string browser_script::line() {
  std::string text;
  for (int next = 0; (next = std::fgetc(pipe_)) != EOF;) {
    if (next == '\n')
      return text;
    text.push_back(static_cast<char>(next));
  }
  throw std::runtime_error{
      "the browser was not driven to the end: node, Chromium and a checkout whose dashboard was "
      "built are needed in the working folder"};
}

} // namespace gantry::bench
