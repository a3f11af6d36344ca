// Described values as JSON text, without a document in between. Included by the sources of the
// codec alone.
#pragma once

#include "schemas/describe.hpp"
#include "schemas/ids.hpp"
#include "schemas/reason.hpp"
#include "schemas/time.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace gantry::detail {

/// Appends `text` as a JSON string. Bytes that are not UTF-8 become U+FFFD: states may hold what a
/// device reported.
void append_quoted(std::string& out, std::string_view text);

/// Appends a whole number.
void append_number(std::string& out, int64_t value);
void append_number(std::string& out, uint64_t value);

template <class T>
struct is_optional : std::false_type {};
template <class T>
struct is_optional<std::optional<T>> : std::true_type {};

template <class T>
struct is_vector : std::false_type {};
template <class T>
struct is_vector<std::vector<T>> : std::true_type {};

template <class T>
struct is_id : std::false_type {};
template <class Tag>
struct is_id<basic_id<Tag>> : std::true_type {};

template <class T>
void append_json(std::string& out, const T& value);

/// Where the text of a field lies among the texts of its object.
struct field_text {
  std::string_view name;
  size_t begin = 0;
  size_t end = 0;
};

/// The order in which `fields` are written: by name, so that one value has one text, however its
/// fields are declared.
[[nodiscard]] std::vector<size_t> order_by_name(const std::vector<field_text>& fields);

/// Appends an object whose fields have been written to `texts`.
void append_fields(std::string& out, std::string_view texts, const std::vector<field_text>& fields,
                   const std::vector<size_t>& order);

/// The texts of an object's fields in the order of their declaration.
struct field_texts {
  std::string texts{};
  std::vector<field_text> fields{};

  /// Writes the name; the value is to follow.
  void begin(std::string_view name);
  void end();
};

template <class T>
struct field_writer {
  const T& source;
  field_texts& to;

  template <class Field>
  void operator()(std::string_view name, Field T::*member, std::string_view, field_rule = {}) {
    to.begin(name);
    append_json(to.texts, source.*member);
    to.end();
  }
};

template <class T>
void append_object(std::string& out, const T& value) {
  field_texts written;
  T::describe(field_writer<T>{value, written});
  static const auto order = order_by_name(written.fields);
  append_fields(out, written.texts, written.fields, order);
}

void append_params(std::string& out, const reason_params& params);

template <class T>
void append_list(std::string& out, const std::vector<T>& list) {
  char before = '[';
  for (const auto& item : list) {
    out += before;
    append_json(out, item);
    before = ',';
  }
  out += before == '[' ? "[]" : "]";
}

/// Appends `value` in its shortest form, keys in ascending order.
template <class T>
void append_json(std::string& out, const T& value) {
  if constexpr (std::is_same_v<T, reason>) {
    append_quoted(out, to_string(value));
  } else if constexpr (named_enum<T>) {
    append_quoted(out, name_of(value));
  } else if constexpr (is_id<T>::value) {
    append_quoted(out, value.value);
  } else if constexpr (std::is_same_v<T, timestamp>) {
    append_quoted(out, format_timestamp(value));
  } else if constexpr (std::is_same_v<T, bool>) {
    out += value ? "true" : "false";
  } else if constexpr (std::is_unsigned_v<T>) {
    append_number(out, static_cast<uint64_t>(value));
  } else if constexpr (std::is_integral_v<T>) {
    append_number(out, static_cast<int64_t>(value));
  } else if constexpr (std::is_same_v<T, std::string>) {
    append_quoted(out, value);
  } else if constexpr (is_optional<T>::value) {
    if (value)
      append_json(out, *value);
    else
      out += "null";
  } else if constexpr (is_vector<T>::value) {
    append_list(out, value);
  } else if constexpr (std::is_same_v<T, reason_params>) {
    append_params(out, value);
  } else {
    static_assert(described<T>);
    append_object(out, value);
  }
}

} // namespace gantry::detail
