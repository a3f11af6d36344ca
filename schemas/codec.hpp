// JSON in and out of every described struct. Only this header's users see nlohmann/json, and only
// types that codec.cpp or another user of codec_impl.hpp lists are instantiated.
#pragma once

#include "schemas/result.hpp"

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace gantry {

/// How strictly JSON is read.
enum class strictness : uint8_t {
  stored,  ///< Our own records: missing fields keep defaults, unknown ones (a newer version's) are
           ///< ignored.
  request, ///< From outside: unknown and missing fields, lengths and ranges are refused with their
           ///< path.
};

/// Nesting depth at which a JSON text from outside is refused.
inline constexpr int json_depth_max = 32;

/// Parses text from outside: refuses malformed, non-UTF-8 and too deeply nested JSON.
[[nodiscard]] result<nlohmann::json> parse_json(std::string_view text);

/// Encodes a described struct.
template <class T>
[[nodiscard]] nlohmann::json to_json_value(const T& value);

/// Encodes a described struct as compact text.
template <class T>
[[nodiscard]] std::string to_json_text(const T& value);

/// Decodes a described struct; a refusal names the field by its path.
template <class T>
[[nodiscard]] result<T> from_json_value(const nlohmann::json& value, strictness how);

/// Parses and decodes.
template <class T>
[[nodiscard]] result<T> from_json_text(std::string_view text, strictness how);

/// The JSON Schema (2020-12) of a described struct, nested types inlined.
template <class T>
[[nodiscard]] nlohmann::json json_schema_of();

} // namespace gantry
