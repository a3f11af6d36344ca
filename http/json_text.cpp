#include "http/json_text.hpp"

#include <nlohmann/json.hpp>

namespace gantry::http {

namespace {

/// Position after the JSON string that begins at `at`.
size_t after_string(std::string_view text, size_t at) {
  for (++at; at < text.size(); ++at) {
    if (text[at] == '\\')
      ++at;
    else if (text[at] == '"')
      return at + 1;
  }
  return text.size();
}

/// Position after the JSON value that begins at `at`.
size_t after_value(std::string_view text, size_t at) {
  int depth = 0;
  while (at < text.size()) {
    const char c = text[at];
    if (c == '"') {
      at = after_string(text, at);
      if (depth == 0)
        return at;
      continue;
    }
    if (c == '{' || c == '[')
      ++depth;
    else if (c == '}' || c == ']') {
      if (depth == 0)
        return at;
      if (--depth == 0)
        return at + 1;
    } else if (c == ',' && depth == 0)
      return at;
    ++at;
  }
  return at;
}

} // namespace

std::string json_quoted(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

std::string_view field_of(std::string_view object, std::string_view key) {
  size_t at = 1;
  while (at < object.size() && object[at] == '"') {
    const auto name_end = after_string(object, at);
    const auto name = object.substr(at + 1, name_end - at - 2);
    const auto value_end = after_value(object, name_end + 1);
    if (name == key)
      return object.substr(name_end + 1, value_end - name_end - 1);
    at = value_end + 1;
  }
  return {};
}

std::string_view text_of(std::string_view object, std::string_view key) {
  const auto value = field_of(object, key);
  if (value.size() < 2 || value.front() != '"')
    return {};
  return value.substr(1, value.size() - 2);
}

} // namespace gantry::http
