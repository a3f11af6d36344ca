// One record of the log, and its two forms.
#pragma once

#include "logging/log.hpp"

#include <string>

namespace gantry::logging {

/// A message on its way to the writer.
struct record {
  std::chrono::sys_time<std::chrono::milliseconds> at;
  level severity = level::info;
  std::string_view component;
  std::string message;
  std::vector<field> fields;
};

/// One line of JSON: `at`, `level`, `component`, `message` and the fields below `fields`. Bytes
/// that are not UTF-8 become U+FFFD.
[[nodiscard]] std::string json_line(const record& entry);

/// One line for people. Control characters are escaped, because values come from the network and a
/// terminal would obey them.
[[nodiscard]] std::string human_line(const record& entry, bool coloured);

} // namespace gantry::logging
