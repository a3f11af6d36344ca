// Whole numbers of JSON that others wrote.
#pragma once

#include <nlohmann/json.hpp>

#include <concepts>
#include <optional>
#include <utility>

namespace gantry {

/// The whole number in `value`; nothing if it is something else, a fraction or beyond the type's
/// range. The library's own `get` converts whatever it finds, and to convert a number that does not
/// fit is undefined behaviour.
template <std::integral Integer>
[[nodiscard]] std::optional<Integer> integer_in(const nlohmann::json& value) {
  if (const auto* natural = value.get_ptr<const nlohmann::json::number_unsigned_t*>())
    return std::in_range<Integer>(*natural) ? std::optional{static_cast<Integer>(*natural)}
                                            : std::nullopt;
  if (const auto* whole = value.get_ptr<const nlohmann::json::number_integer_t*>())
    return std::in_range<Integer>(*whole) ? std::optional{static_cast<Integer>(*whole)}
                                          : std::nullopt;
  return std::nullopt;
}

} // namespace gantry
