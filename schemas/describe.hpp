// One description of a struct's fields. `T::describe(visitor)` calls the visitor once per field;
// the JSON codec, the strict request decoder and the JSON Schema generator are such visitors, so a
// field cannot be known to one of them and not to another.
#pragma once

#include <cstdint>
#include <limits>
#include <string_view>

namespace gantry {

/// What a field may hold beyond its type. Checked for requests; documented in the JSON Schema.
struct field_rule {
  int64_t minimum = std::numeric_limits<int64_t>::min(); ///< Smallest integer.
  int64_t maximum = std::numeric_limits<int64_t>::max(); ///< Largest integer.
  size_t max_length = 400; ///< Longest text in bytes, or array length.
  bool defaulted = false;  ///< True if the field may be left out.
};

/// The integers from `minimum` to `maximum`.
constexpr field_rule between(int64_t minimum, int64_t maximum) {
  return {.minimum = minimum, .maximum = maximum};
}

/// Text of at most `length` bytes, or an array of at most `length` items.
constexpr field_rule at_most(size_t length) {
  return {.max_length = length};
}

/// The same rule for a field that may be left out and then keeps its default value.
constexpr field_rule defaulted(field_rule rule = {}) {
  rule.defaulted = true;
  return rule;
}

namespace detail {

struct probe_visitor {
  template <class Owner, class Field>
  void operator()(std::string_view, Field Owner::*, std::string_view, field_rule = {}) {
    // nop
  }
};

} // namespace detail

/// A struct that describes its fields.
template <class T>
concept described = requires(detail::probe_visitor visitor) {
  T::describe(visitor);
};

/// An enum with a name per enumerator (`names_of`, found by argument-dependent look-up), numbered
/// from 0.
template <class T>
concept named_enum = requires(T value) {
  names_of(value);
};

/// The name of an enumerator.
template <named_enum T>
constexpr std::string_view name_of(T value) {
  return names_of(value)[static_cast<size_t>(value)];
}

/// Finds the enumerator called `name`; returns false if there is none.
template <named_enum T>
constexpr bool parse_name(std::string_view name, T& out) {
  const auto names = names_of(T{});
  for (size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) {
      out = static_cast<T>(i);
      return true;
    }
  return false;
}

} // namespace gantry
