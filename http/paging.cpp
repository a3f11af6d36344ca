#include "http/paging.hpp"

#include <charconv>

namespace gantry::http {

std::optional<uint64_t> number_of(std::string_view text) {
  uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || error != std::errc{} || end != text.data() + text.size())
    return std::nullopt;
  return number;
}

result<paging> paging_of(const request& asked) {
  paging read;
  if (const auto text = asked.parameter("limit"); !text.empty()) {
    const auto limit = number_of(text);
    if (!limit || *limit < 1 || *limit > page_limit_max)
      return refusal{reason::field_invalid,
                     {{"field", "limit"}, {"detail", "a number from 1 to 500 is expected"}}};
    read.limit = static_cast<size_t>(*limit);
  }
  if (const auto text = asked.parameter("cursor"); !text.empty()) {
    const auto cursor = number_of(text);
    if (!cursor || *cursor == 0)
      return refusal{reason::cursor_invalid, {}};
    read.cursor = *cursor;
  }
  if (const auto text = asked.parameter("open"); !text.empty()) {
    if (text != "true" && text != "false")
      return refusal{reason::field_invalid,
                     {{"field", "open"}, {"detail", "true or false is expected"}}};
    read.open_only = text == "true";
  }
  return read;
}

} // namespace gantry::http
