#pragma once

// The command lines of the simulators: flags, some of them with a value.

#include <charconv>
#include <cstdio>
#include <functional>
#include <map>
#include <optional>
#include <string_view>
#include <system_error>

namespace gantry::sim {

/// Parses a number that fills all of `text` and lies from `low` to `high`.
template <class Number>
bool parse_number(std::string_view text, Number low, Number high, Number& to) {
  Number value{};
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc() || parsed.ptr != text.data() + text.size()
      || !(value >= low && value <= high))
    return false;
  to = value;
  return true;
}

/// What a command line may say.
template <class Options>
struct command_line {
  std::string_view program; ///< For messages.
  std::string_view usage;
  std::map<std::string_view, std::function<void(Options&)>> switches;
  /// Flags with a value; false for a value that is not valid.
  std::map<std::string_view, std::function<bool(Options&, std::string_view)>> values;

  /// Reads a command line into `options`. Returns the exit code of the process if there is nothing
  /// to run: 0 after --help, 2 after a mistake, which is named on standard error.
  [[nodiscard]] std::optional<int> read(int argc, char** argv, Options& options) const {
    constexpr int usage_error = 2;
    for (int i = 1; i < argc; ++i) {
      const std::string_view flag = argv[i];
      if (flag == "--help" || flag == "-h") {
        std::fwrite(usage.data(), 1, usage.size(), stdout);
        return 0;
      }
      if (const auto found = switches.find(flag); found != switches.end()) {
        found->second(options);
        continue;
      }
      const auto found = values.find(flag);
      const bool known = found != values.end();
      if (!known || i + 1 >= argc || !found->second(options, argv[i + 1])) {
        std::fprintf(stderr, "%.*s: %s: %s\n", static_cast<int>(program.size()), program.data(),
                     argv[i], known ? "needs a valid value" : "unknown option, see --help");
        return usage_error;
      }
      ++i;
    }
    return std::nullopt;
  }
};

} // namespace gantry::sim
