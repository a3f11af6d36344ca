// The codec's templates. Included by codec.cpp, which instantiates them for every stored type, and
// by the few sources that instantiate them for types of their own folder.
#pragma once

#include "schemas/codec.hpp"
#include "schemas/defect.hpp"
#include "schemas/json_writer.hpp"

#include <map>
#include <nlohmann/json.hpp>

namespace gantry::detail {

using nlohmann::json;

/// Where in the document the decoder is, and what stopped it.
struct decode_context {
  strictness how = strictness::stored;
  std::string path;
  std::optional<refusal> problem;

  void refuse(reason code, std::string detail = {}) {
    if (!problem)
      problem = refusal{
          code, {{"field", path.empty() ? "the body" : path}, {"detail", std::move(detail)}}};
  }
};

template <class T>
void decode(const json& from, T& to, const field_rule& rule, decode_context& context);

template <class T>
struct decoder {
  const json& source;
  T& target;
  decode_context& context;
  std::vector<std::string_view> known;

  template <class Field>
  void operator()(std::string_view name, Field T::*member, std::string_view, field_rule rule = {}) {
    known.push_back(name);
    if (context.problem)
      return;
    const auto position = source.find(std::string{name});
    const auto length = context.path.size();
    context.path += context.path.empty() ? "" : ".";
    context.path += name;
    if (position == source.end() || (position->is_null() && rule.defaulted)) {
      if (context.how == strictness::request && !rule.defaulted)
        context.refuse(reason::field_missing);
    } else {
      decode(*position, target.*member, rule, context);
    }
    if (!context.problem)
      context.path.resize(length);
  }

  void refuse_unknown() {
    if (GANTRY_DEFECT("INV-35"))
      return;
    if (context.problem || context.how == strictness::stored)
      return;
    for (const auto& [name, value] : source.items())
      if (std::find(known.begin(), known.end(), name) == known.end()) {
        context.path += (context.path.empty() ? "" : ".") + name.substr(0, 80);
        context.refuse(reason::field_unknown);
        return;
      }
  }
};

template <class T>
void decode_integer(const json& from, T& to, const field_rule& rule, decode_context& context) {
  if (from.is_number_unsigned() && from.get<uint64_t>() > static_cast<uint64_t>(INT64_MAX))
    return context.refuse(reason::field_invalid, "the number is too large");
  if (!from.is_number_integer())
    return context.refuse(reason::field_invalid, "a whole number is expected");
  const auto value = from.get<int64_t>();
  if (context.how == strictness::request && (value < rule.minimum || value > rule.maximum))
    return context.refuse(reason::field_invalid, "it must be from " + std::to_string(rule.minimum)
                                                     + " to " + std::to_string(rule.maximum));
  to = static_cast<T>(value);
}

inline void decode_text(const json& from, std::string& to, const field_rule& rule,
                        decode_context& context) {
  if (!from.is_string())
    return context.refuse(reason::field_invalid, "text is expected");
  const auto& text = from.get_ref<const std::string&>();
  if (context.how == strictness::request) {
    if (text.size() > rule.max_length)
      return context.refuse(reason::field_invalid,
                            "it is longer than " + std::to_string(rule.max_length) + " bytes");
    if (text.find('\0') != std::string::npos)
      return context.refuse(reason::field_invalid, "it contains a zero byte");
    if (!rule.defaulted && text.empty())
      return context.refuse(reason::field_invalid, "it is empty");
  }
  to = text;
}

template <class T>
void decode_list(const json& from, std::vector<T>& to, const field_rule& rule,
                 decode_context& context) {
  if (!from.is_array())
    return context.refuse(reason::field_invalid, "a list is expected");
  if (context.how == strictness::request && from.size() > rule.max_length)
    return context.refuse(reason::field_invalid,
                          "it has more than " + std::to_string(rule.max_length) + " items");
  to.clear();
  to.reserve(from.size());
  const auto length = context.path.size();
  for (size_t i = 0; i < from.size() && !context.problem; ++i) {
    context.path += "[" + std::to_string(i) + "]";
    decode(from[i], to.emplace_back(), field_rule{}, context);
    if (!context.problem)
      context.path.resize(length);
  }
}

template <class T>
void decode(const json& from, T& to, const field_rule& rule, decode_context& context) {
  if constexpr (std::is_same_v<T, reason>) {
    if (!from.is_string() || !parse_reason(from.get_ref<const std::string&>(), to))
      context.refuse(reason::field_invalid, "a reason code is expected");
  } else if constexpr (named_enum<T>) {
    if (!from.is_string() || !parse_name(from.get_ref<const std::string&>(), to)) {
      std::string expected;
      for (const auto name : names_of(T{}))
        expected += (expected.empty() ? "one of " : ", ") + std::string{name};
      context.refuse(reason::field_invalid, expected + " is expected");
    }
  } else if constexpr (is_id<T>::value) {
    decode_text(from, to.value, rule, context);
    if (!context.problem && context.how == strictness::request && !to.value.empty()
        && !well_formed_id(T::prefix, to.value))
      context.refuse(reason::field_invalid,
                     "an id such as " + std::string{T::prefix} + "-abcdefghijkl2 is expected");
  } else if constexpr (std::is_same_v<T, timestamp>) {
    const auto at =
        from.is_string() ? parse_timestamp(from.get_ref<const std::string&>()) : std::nullopt;
    if (at)
      to = *at;
    else
      context.refuse(reason::field_invalid, "an instant such as 2026-11-21T18:00:00Z is expected");
  } else if constexpr (std::is_same_v<T, bool>) {
    if (from.is_boolean())
      to = from.get<bool>();
    else
      context.refuse(reason::field_invalid, "true or false is expected");
  } else if constexpr (std::is_integral_v<T>) {
    decode_integer(from, to, rule, context);
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
    if (!from.is_object())
      return context.refuse(reason::field_invalid, "an object is expected");
    for (const auto& [name, value] : from.items())
      if (value.is_string())
        to[name] = value.template get<std::string>();
  } else {
    static_assert(described<T>);
    if (!from.is_object())
      return context.refuse(reason::field_invalid, "an object is expected");
    decoder<T> visitor{from, to, context, {}};
    T::describe(visitor);
    visitor.refuse_unknown();
  }
}

template <class T>
json schema(const field_rule& rule = {}, std::string_view doc = {});

template <class T>
struct schema_builder {
  json properties = json::object();
  json required = json::array();

  template <class Field>
  void operator()(std::string_view name, Field T::*, std::string_view doc, field_rule rule = {}) {
    properties[std::string{name}] = schema<Field>(rule, doc);
    if (!rule.defaulted)
      required.push_back(std::string{name});
  }
};

template <class T>
json schema_of_text(const field_rule& rule) {
  json result{{"type", "string"}};
  if constexpr (is_id<T>::value)
    result["pattern"] = "^" + std::string{T::prefix} + "-[a-z2-7]{13}$";
  else
    result["maxLength"] = rule.max_length;
  return result;
}

template <class T>
json schema_of_type(const field_rule& rule) {
  if constexpr (std::is_same_v<T, reason>) {
    return {{"type", "string"}, {"description", "Reason code."}};
  } else if constexpr (named_enum<T>) {
    auto names = json::array();
    for (const auto name : names_of(T{}))
      names.push_back(std::string{name});
    return {{"type", "string"}, {"enum", names}};
  } else if constexpr (is_id<T>::value || std::is_same_v<T, std::string>) {
    return schema_of_text<T>(rule);
  } else if constexpr (std::is_same_v<T, timestamp>) {
    return {{"type", "string"}, {"format", "date-time"}};
  } else if constexpr (std::is_same_v<T, bool>) {
    return {{"type", "boolean"}};
  } else if constexpr (std::is_integral_v<T>) {
    json result{{"type", "integer"}};
    if (rule.minimum != field_rule{}.minimum)
      result["minimum"] = rule.minimum;
    if (rule.maximum != field_rule{}.maximum)
      result["maximum"] = rule.maximum;
    return result;
  } else if constexpr (is_optional<T>::value) {
    auto result = schema<typename T::value_type>(rule);
    return {{"anyOf", json::array({std::move(result), json{{"type", "null"}}})}};
  } else if constexpr (is_vector<T>::value) {
    return {{"type", "array"},
            {"maxItems", rule.max_length},
            {"items", schema<typename T::value_type>()}};
  } else if constexpr (std::is_same_v<T, reason_params>) {
    return {{"type", "object"}, {"additionalProperties", {{"type", "string"}}}};
  } else {
    schema_builder<T> visitor;
    T::describe(visitor);
    return {{"type", "object"},
            {"properties", std::move(visitor.properties)},
            {"required", std::move(visitor.required)}};
  }
}

template <class T>
json schema(const field_rule& rule, std::string_view doc) {
  auto result = schema_of_type<T>(rule);
  if (!doc.empty())
    result["description"] = std::string{doc};
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
  return nlohmann::json::parse(to_json_text(value));
}

template <class T>
result<T> from_json_value(const nlohmann::json& value, strictness how) {
  T target{};
  detail::decode_context context{.how = how, .path = {}, .problem = {}};
  detail::decode(value, target, field_rule{}, context);
  if (context.problem)
    return *context.problem;
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
