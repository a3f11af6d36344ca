#include "schemas/json_writer.hpp"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <numeric>

namespace gantry::detail {

namespace {

/// True if `c` stands for itself in a JSON string.
bool is_plain(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte >= 0x20 && byte < 0x80 && c != '"' && c != '\\';
}

template <class Number>
void append(std::string& out, Number value) {
  char digits[24];
  const auto end = std::to_chars(digits, digits + sizeof digits, value).ptr;
  out.append(digits, end);
}

} // namespace

void append_quoted(std::string& out, std::string_view text) {
  if (!std::ranges::all_of(text, is_plain)) {
    using nlohmann::json;
    out += json(text).dump(-1, ' ', false, json::error_handler_t::replace);
    return;
  }
  out += '"';
  out += text;
  out += '"';
}

std::vector<size_t> order_by_name(const std::vector<field_text>& fields) {
  std::vector<size_t> order(fields.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::ranges::sort(order, {}, [&fields](size_t i) { return fields[i].name; });
  return order;
}

void field_texts::begin(std::string_view name) {
  fields.push_back({name, texts.size(), 0});
  append_quoted(texts, name);
  texts += ':';
}

void field_texts::end() {
  fields.back().end = texts.size();
}

void append_fields(std::string& out, std::string_view texts, const std::vector<field_text>& fields,
                   const std::vector<size_t>& order) {
  out.reserve(out.size() + texts.size() + fields.size() + 2);
  out += '{';
  for (const auto i : order) {
    if (i != order.front())
      out += ',';
    out += texts.substr(fields[i].begin, fields[i].end - fields[i].begin);
  }
  out += '}';
}

void append_params(std::string& out, const reason_params& params) {
  out += '{';
  for (const auto& [name, value] : params) {
    if (out.back() != '{')
      out += ',';
    append_quoted(out, name);
    out += ':';
    append_quoted(out, value);
  }
  out += '}';
}

void append_number(std::string& out, int64_t value) {
  append(out, value);
}

void append_number(std::string& out, uint64_t value) {
  append(out, value);
}

} // namespace gantry::detail
