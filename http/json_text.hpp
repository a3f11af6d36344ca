// Working on JSON as text: the projections of the store are served without being parsed.
#pragma once

#include <string>
#include <string_view>

namespace gantry::http {

/// `text` as a JSON string; bytes that are not UTF-8 are replaced.
[[nodiscard]] std::string json_quoted(std::string_view text);

/// The raw JSON of the field `key` at the top level of `object`, which must be valid compact JSON;
/// empty if there is none.
[[nodiscard]] std::string_view field_of(std::string_view object, std::string_view key);

/// The same for a field whose value is text without escapes, such as ids and state names; without
/// the quotes.
[[nodiscard]] std::string_view text_of(std::string_view object, std::string_view key);

/// Appends `object`, a JSON object with at least one field, without its closing brace, so that
/// further fields can follow.
inline void append_open(std::string& out, std::string_view object) {
  out.append(object.substr(0, object.size() - 1));
}

} // namespace gantry::http
