// What is no content in a file that people edit: blanks around a text, and the mark before it.
#pragma once

#include <string_view>

namespace gantry::storage {

/// Blanks of INI files and recipes.
inline constexpr std::string_view blanks = " \t\r\n\f\v";

/// Some editors put it before a text in UTF-8.
inline constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// `text` without blanks around it.
[[nodiscard]] inline std::string_view trimmed(std::string_view text) {
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

} // namespace gantry::storage
