// Command lines: small, and strict. What is not understood is refused, never guessed at.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace gantry::cli {

/// What follows an option.
enum class option_kind : uint8_t { flag, text, integer, real };

/// An option of a subcommand.
struct option {
  std::string_view name; ///< With its dashes: `--data`.
  option_kind kind = option_kind::flag;
  std::string_view placeholder; ///< Name of the value in the help text.
  std::string_view help;
  double low = 0;  ///< Smallest number.
  double high = 0; ///< Largest number.
};

/// What a command line said.
class arguments {
public:
  [[nodiscard]] bool has(std::string_view name) const { return values_.contains(name); }
  [[nodiscard]] std::string text(std::string_view name, std::string fallback = {}) const;
  [[nodiscard]] int64_t integer(std::string_view name, int64_t fallback) const;
  [[nodiscard]] double real(std::string_view name, double fallback) const;
  /// Every value of an option that was given repeatedly.
  [[nodiscard]] std::vector<std::string> all(std::string_view name) const;
  /// What is not an option, in order.
  [[nodiscard]] const std::vector<std::string>& positional() const { return positional_; }

private:
  friend class argument_reader;
  std::multimap<std::string, std::string, std::less<>> values_;
  std::vector<std::string> positional_;
};

/// A command line that was refused, in one sentence.
struct usage_error {
  std::string text;
};

/// Reads `words` (without the program's and the subcommand's names). `--name value` and
/// `--name=value` mean the same; after `--` everything is positional. Unknown options get a hint,
/// numbers are checked against their range, and there must be `positional_min` to `positional_max`
/// other words.
[[nodiscard]] std::variant<arguments, usage_error>
read_arguments(const std::vector<std::string>& words, const std::vector<option>& known,
               size_t positional_min, size_t positional_max);

/// The name in `known` that is most like `word`; empty if none is.
[[nodiscard]] std::string_view nearest(std::string_view word,
                                       const std::vector<std::string_view>& known);

} // namespace gantry::cli
