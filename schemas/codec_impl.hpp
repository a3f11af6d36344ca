// The codec's templates. Included by codec.cpp, which instantiates them for every stored type, and
// by the few sources that instantiate them for types of their own folder.
#pragma once

#include "schemas/codec.hpp"
#include "schemas/json_writer.hpp"

#include <nlohmann/json.hpp>
#include <span>
#include <utility>

namespace gantry::detail {

using nlohmann::json;

/// Where in the document the decoder is, and what stopped it.
struct decode_context {
  strictness how = strictness::stored;
  std::string path;
  std::optional<refusal> problem;

  void refuse(reason code, std::string detail = {});
};

// What follows knows no type of its own: it is compiled once, in codec.cpp, not once per type.

/// The fields of one object.
struct object_source {
  const json& source;
  decode_context& context;
  std::vector<std::string_view> known{};
  size_t length = 0; ///< Of the object's own path.

  /// Goes to the field `name`; null, or a refusal in the context, if there is nothing to decode.
  const json* enter(std::string_view name, const field_rule& rule);
  /// Goes back to the object.
  void leave();
  void refuse_unknown();
};

void decode_text(const json& from, std::string& to, const field_rule& rule,
                 decode_context& context);
void decode_id(const json& from, std::string& to, std::string_view prefix, const field_rule& rule,
               decode_context& context);
void decode_flag(const json& from, bool& to, decode_context& context);
void decode_instant(const json& from, timestamp& to, decode_context& context);
void decode_reason(const json& from, reason& to, decode_context& context);
void decode_params(const json& from, reason_params& to, decode_context& context);
/// A whole number within `rule`; nothing, and a refusal in the context, if it is none.
std::optional<int64_t> decode_integer(const json& from, const field_rule& rule,
                                      decode_context& context);
/// The number is none that the field's type can hold.
void refuse_range(decode_context& context);
void refuse_name(std::span<const std::string_view> expected, decode_context& context);
bool is_object(const json& from, decode_context& context);
bool is_list(const json& from, const field_rule& rule, decode_context& context);
/// Goes to item `index` of the list at `length` bytes of the path.
void enter_item(size_t index, decode_context& context);
void leave_item(size_t length, decode_context& context);

/// The schema of an object, field by field.
struct object_schema {
  json properties = json::object();
  json required = json::array();

  void add(std::string_view name, json field, const field_rule& rule);
  [[nodiscard]] json finish();
};

json schema_of_names(std::span<const std::string_view> names);
json schema_of_id(std::string_view prefix);
json schema_of_text(const field_rule& rule);
json schema_of_integer(const field_rule& rule);
json schema_of_list(const field_rule& rule, json item);
json schema_or_null(json value);
json schema_of_instant();
json schema_of_flag();
json schema_of_reason();
json schema_of_params();
void describe_schema(json& made, std::string_view doc);

/// The document that a text of our own holds.
json parse_own(const std::string& text);

template <class T>
void decode(const json& from, T& to, const field_rule& rule, decode_context& context);

template <class T>
struct decoder {
  object_source& fields;
  T& target;

  template <class Field>
  void operator()(std::string_view name, Field T::*member, std::string_view, field_rule rule = {}) {
    if (const auto* found = fields.enter(name, rule)) {
      decode(*found, target.*member, rule, fields.context);
      fields.leave();
    }
  }
};

template <class T>
void decode_list(const json& from, std::vector<T>& to, const field_rule& rule,
                 decode_context& context) {
  if (!is_list(from, rule, context))
    return;
  to.clear();
  to.reserve(from.size());
  const auto length = context.path.size();
  for (size_t i = 0; i < from.size() && !context.problem; ++i) {
    enter_item(i, context);
    decode(from[i], to.emplace_back(), field_rule{}, context);
    leave_item(length, context);
  }
}

template <class T>
void decode(const json& from, T& to, const field_rule& rule, decode_context& context) {
  if constexpr (std::is_same_v<T, reason>) {
    decode_reason(from, to, context);
  } else if constexpr (named_enum<T>) {
    if (!from.is_string() || !parse_name(from.get_ref<const std::string&>(), to))
      refuse_name(names_of(T{}), context);
  } else if constexpr (is_id<T>::value) {
    decode_id(from, to.value, T::prefix, rule, context);
  } else if constexpr (std::is_same_v<T, timestamp>) {
    decode_instant(from, to, context);
  } else if constexpr (std::is_same_v<T, bool>) {
    decode_flag(from, to, context);
  } else if constexpr (std::is_integral_v<T>) {
    if (const auto value = decode_integer(from, rule, context)) {
      if (std::in_range<T>(*value))
        to = static_cast<T>(*value);
      else
        refuse_range(context);
    }
  } else if constexpr (std::is_same_v<T, std::string>) {
    decode_text(from, to, rule, context);
  } else if constexpr (is_optional<T>::value) {
    if (from.is_null())
      to.reset();
    else
      decode(from, to.emplace(), rule, context);
  } else if constexpr (is_vector<T>::value) {
    decode_list(from, to, rule, context);
  } else if constexpr (std::is_same_v<T, reason_params>) {
    decode_params(from, to, context);
  } else {
    static_assert(described<T>);
    if (!is_object(from, context))
      return;
    object_source fields{from, context};
    T::describe(decoder<T>{fields, to});
    fields.refuse_unknown();
  }
}

template <class T>
json schema(const field_rule& rule = {}, std::string_view doc = {});

template <class T>
struct schema_builder {
  object_schema& made;

  template <class Field>
  void operator()(std::string_view name, Field T::*, std::string_view doc, field_rule rule = {}) {
    made.add(name, schema<Field>(rule, doc), rule);
  }
};

template <class T>
json schema_of_type(const field_rule& rule) {
  if constexpr (std::is_same_v<T, reason>) {
    return schema_of_reason();
  } else if constexpr (named_enum<T>) {
    return schema_of_names(names_of(T{}));
  } else if constexpr (is_id<T>::value) {
    return schema_of_id(T::prefix);
  } else if constexpr (std::is_same_v<T, std::string>) {
    return schema_of_text(rule);
  } else if constexpr (std::is_same_v<T, timestamp>) {
    return schema_of_instant();
  } else if constexpr (std::is_same_v<T, bool>) {
    return schema_of_flag();
  } else if constexpr (std::is_integral_v<T>) {
    return schema_of_integer(rule);
  } else if constexpr (is_optional<T>::value) {
    return schema_or_null(schema<typename T::value_type>(rule));
  } else if constexpr (is_vector<T>::value) {
    return schema_of_list(rule, schema<typename T::value_type>());
  } else if constexpr (std::is_same_v<T, reason_params>) {
    return schema_of_params();
  } else {
    object_schema made;
    T::describe(schema_builder<T>{made});
    return made.finish();
  }
}

template <class T>
json schema(const field_rule& rule, std::string_view doc) {
  auto result = schema_of_type<T>(rule);
  describe_schema(result, doc);
  return result;
}

} // namespace gantry::detail

namespace gantry {

template <class T>
std::string to_json_text(const T& value) {
  std::string text;
  detail::append_json(text, value);
  return text;
}

template <class T>
nlohmann::json to_json_value(const T& value) {
  return detail::parse_own(to_json_text(value));
}

template <class T>
result<T> from_json_value(const nlohmann::json& value, strictness how) {
  T target{};
  detail::decode_context context{.how = how, .path = {}, .problem = {}};
  detail::decode(value, target, field_rule{}, context);
  if (context.problem)
    return std::move(*context.problem);
  return target;
}

template <class T>
result<T> from_json_text(std::string_view text, strictness how) {
  auto value = parse_json(text);
  if (!value)
    return value.why();
  return from_json_value<T>(*value, how);
}

template <class T>
nlohmann::json json_schema_of() {
  return detail::schema<T>();
}

} // namespace gantry
