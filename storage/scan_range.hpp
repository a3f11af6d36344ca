// Where a scan over keys with a common prefix begins; shared by the stores.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace gantry::storage {

/// The smallest key greater than every key that starts with `prefix`; nothing if there is none.
[[nodiscard]] inline std::optional<std::string> after_prefix(std::string_view prefix) {
  std::string bound{prefix};
  while (!bound.empty() && bound.back() == '\xff')
    bound.pop_back();
  if (bound.empty())
    return std::nullopt;
  bound.back() = static_cast<char>(static_cast<unsigned char>(bound.back()) + 1);
  return bound;
}

/// Where a descending scan begins.
struct descending_start {
  std::optional<std::string> key; ///< Nothing = at the last key of the family.
  bool inclusive = true;          ///< False: at the last key before `key`.
};

/// The start of a descending scan over `prefix` from `from` (empty = from the prefix's end).
[[nodiscard]] inline descending_start start_descending(std::string_view prefix,
                                                       std::string_view from) {
  auto bound = after_prefix(prefix);
  if (!from.empty() && (!bound || from < *bound))
    return {std::string{from}, true};
  return {std::move(bound), false};
}

} // namespace gantry::storage
