// A script that drives Chromium, as a child.
#pragma once

#include "bench/child_process.hpp"
#include "bench/served_farm.hpp"

#include <cstdio>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::bench {

/// Runs `script` with node and reads what it prints. Needs node, Chromium and, as the working
/// folder, a checkout whose dashboard was built.
class browser_script {
public:
  /// `variables` are its environment. Throws `std::runtime_error` if it cannot be started.
  browser_script(const scratch_folder& folder, std::string_view script,
                 const std::map<std::string, std::string>& variables);
  /// Ends it and its browser, whether or not it had come to its end.
  ~browser_script();
  browser_script(const browser_script&) = delete;
  browser_script& operator=(const browser_script&) = delete;

  /// Its next line. Throws `std::runtime_error` if it ends before.
  [[nodiscard]] std::string line();

private:
  std::FILE* lines_ = nullptr;
  std::optional<child_process> node_;
};

} // namespace gantry::bench
