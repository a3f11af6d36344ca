#include "schemas/codec.hpp"

#include "schemas/codec_impl.hpp"
#include "schemas/command.hpp"
#include "schemas/defect.hpp"
#include "schemas/device_report.hpp"
#include "schemas/envelope.hpp"
#include "schemas/json_depth.hpp"
#include "schemas/json_integer.hpp"
#include "schemas/station_files.hpp"
#include "schemas/station_report.hpp"

namespace gantry::detail {

void decode_context::refuse(reason code, std::string detail) {
  if (!problem)
    problem =
        refusal{code, {{"field", path.empty() ? "the body" : path}, {"detail", std::move(detail)}}};
}

// -- decoding ---------------------------------------------------------------

const json* object_source::enter(std::string_view name, const field_rule& rule) {
  known.push_back(name);
  if (context.problem)
    return nullptr;
  const auto position = source.find(std::string{name});
  length = context.path.size();
  context.path += context.path.empty() ? "" : ".";
  context.path += name;
  if (position != source.end() && !(position->is_null() && rule.defaulted))
    return &*position;
  if (context.how == strictness::request && !rule.defaulted)
    context.refuse(reason::field_missing);
  leave();
  return nullptr;
}

void object_source::leave() {
  if (!context.problem)
    context.path.resize(length);
}

void object_source::refuse_unknown() {
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

void decode_text(const json& from, std::string& to, const field_rule& rule,
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

void decode_id(const json& from, std::string& to, std::string_view prefix, const field_rule& rule,
               decode_context& context) {
  decode_text(from, to, rule, context);
  if (!context.problem && context.how == strictness::request && !to.empty()
      && !well_formed_id(prefix, to))
    context.refuse(reason::field_invalid,
                   "an id such as " + std::string{prefix} + "-abcdefghijkl2 is expected");
}

void decode_flag(const json& from, bool& to, decode_context& context) {
  if (from.is_boolean())
    to = from.get<bool>();
  else
    context.refuse(reason::field_invalid, "true or false is expected");
}

void decode_instant(const json& from, timestamp& to, decode_context& context) {
  const auto at =
      from.is_string() ? parse_timestamp(from.get_ref<const std::string&>()) : std::nullopt;
  if (at)
    to = *at;
  else
    context.refuse(reason::field_invalid, "an instant such as 2026-11-21T18:00:00Z is expected");
}

void decode_reason(const json& from, reason& to, decode_context& context) {
  if (!from.is_string() || !parse_reason(from.get_ref<const std::string&>(), to))
    context.refuse(reason::field_invalid, "a reason code is expected");
}

void decode_params(const json& from, reason_params& to, decode_context& context) {
  if (!is_object(from, context))
    return;
  for (const auto& [name, value] : from.items())
    if (value.is_string())
      to[name] = value.get<std::string>();
}

std::optional<int64_t> decode_integer(const json& from, const field_rule& rule,
                                      decode_context& context) {
  const auto refuse = [&context](std::string detail) {
    context.refuse(reason::field_invalid, std::move(detail));
    return std::nullopt;
  };
  if (!from.is_number_integer())
    return refuse("a whole number is expected");
  const auto value = integer_in<int64_t>(from);
  if (!value)
    return refuse("the number is too large");
  if (context.how == strictness::request && (*value < rule.minimum || *value > rule.maximum))
    return refuse("it must be from " + std::to_string(rule.minimum) + " to "
                  + std::to_string(rule.maximum));
  return value;
}

void refuse_range(decode_context& context) {
  context.refuse(reason::field_invalid, "the number is beyond what this field can hold");
}

void refuse_name(std::span<const std::string_view> expected, decode_context& context) {
  std::string names;
  for (const auto name : expected)
    names += (names.empty() ? "one of " : ", ") + std::string{name};
  context.refuse(reason::field_invalid, names + " is expected");
}

bool is_object(const json& from, decode_context& context) {
  if (!from.is_object())
    context.refuse(reason::field_invalid, "an object is expected");
  return from.is_object();
}

bool is_list(const json& from, const field_rule& rule, decode_context& context) {
  if (!from.is_array()) {
    context.refuse(reason::field_invalid, "a list is expected");
    return false;
  }
  if (context.how == strictness::request && from.size() > rule.max_length) {
    context.refuse(reason::field_invalid,
                   "it has more than " + std::to_string(rule.max_length) + " items");
    return false;
  }
  return true;
}

void enter_item(size_t index, decode_context& context) {
  context.path += "[" + std::to_string(index) + "]";
}

void leave_item(size_t length, decode_context& context) {
  if (!context.problem)
    context.path.resize(length);
}

// -- schemas ----------------------------------------------------------------

void object_schema::add(std::string_view name, json field, const field_rule& rule) {
  properties[std::string{name}] = std::move(field);
  if (!rule.defaulted)
    required.push_back(std::string{name});
}

json object_schema::finish() {
  return {
      {"type", "object"}, {"properties", std::move(properties)}, {"required", std::move(required)}};
}

json schema_of_names(std::span<const std::string_view> names) {
  auto list = json::array();
  for (const auto name : names)
    list.push_back(std::string{name});
  return {{"type", "string"}, {"enum", std::move(list)}};
}

json schema_of_id(std::string_view prefix) {
  return {{"type", "string"}, {"pattern", "^" + std::string{prefix} + "-[a-z2-7]{13}$"}};
}

json schema_of_text(const field_rule& rule) {
  return {{"type", "string"}, {"maxLength", rule.max_length}};
}

json schema_of_integer(const field_rule& rule) {
  json result{{"type", "integer"}};
  if (rule.minimum != field_rule{}.minimum)
    result["minimum"] = rule.minimum;
  if (rule.maximum != field_rule{}.maximum)
    result["maximum"] = rule.maximum;
  return result;
}

json schema_of_list(const field_rule& rule, json item) {
  return {{"type", "array"}, {"maxItems", rule.max_length}, {"items", std::move(item)}};
}

json schema_or_null(json value) {
  return {{"anyOf", json::array({std::move(value), json{{"type", "null"}}})}};
}

json schema_of_instant() {
  return {{"type", "string"}, {"format", "date-time"}};
}

json schema_of_flag() {
  return {{"type", "boolean"}};
}

json schema_of_reason() {
  return {{"type", "string"}, {"description", "Reason code."}};
}

json schema_of_params() {
  return {{"type", "object"}, {"additionalProperties", {{"type", "string"}}}};
}

void describe_schema(json& made, std::string_view doc) {
  if (!doc.empty())
    made["description"] = std::string{doc};
}

json parse_own(const std::string& text) {
  return json::parse(text);
}

} // namespace gantry::detail

namespace gantry {

using nlohmann::json;

result<json> parse_json(std::string_view text) {
  if (json_depth(text) > json_depth_max)
    return refusal{reason::json_malformed,
                   {{"detail", "it is nested deeper than " + std::to_string(json_depth_max)}}};
  try {
    auto value = json::parse(text);
    // Invalid UTF-8 inside strings is found by the serialiser, not by the parser, in some versions.
    static_cast<void>(value.dump());
    return value;
  } catch (const json::exception& error) {
    std::string detail = error.what();
    // The library puts its own error id in brackets first; people do not need it.
    if (const auto end = detail.find("] "); end != std::string::npos)
      detail.erase(0, end + 2);
    detail.resize(std::min<size_t>(detail.size(), 160));
    return refusal{reason::json_malformed, {{"detail", detail}}};
  }
}

#define GANTRY_CODEC(type)                                                                         \
  template json to_json_value<type>(const type&);                                                  \
  template std::string to_json_text<type>(const type&);                                            \
  template result<type> from_json_value<type>(const json&, strictness);                            \
  template result<type> from_json_text<type>(std::string_view, strictness);                        \
  template json json_schema_of<type>()

GANTRY_CODEC(order);
GANTRY_CODEC(plan);
GANTRY_CODEC(plate);
GANTRY_CODEC(run);
GANTRY_CODEC(printer);
GANTRY_CODEC(breaker);
GANTRY_CODEC(decision);
GANTRY_CODEC(artifact);
GANTRY_CODEC(profile);
GANTRY_CODEC(material);
GANTRY_CODEC(token);
GANTRY_CODEC(settings);
GANTRY_CODEC(customer);
GANTRY_CODEC(principal);
GANTRY_CODEC(check);
GANTRY_CODEC(device_report);
GANTRY_CODEC(temperature_reading);
GANTRY_CODEC(rule_result);
GANTRY_CODEC(station_report);
GANTRY_CODEC(print_report);
GANTRY_CODEC(station_statistics);
GANTRY_CODEC(network_settings);
GANTRY_CODEC(pump_settings);
GANTRY_CODEC(recipe_text);
GANTRY_CODEC(commands::create_order);
GANTRY_CODEC(commands::cancel_order);
GANTRY_CODEC(commands::request_revision);
GANTRY_CODEC(commands::reprint_plate);
GANTRY_CODEC(commands::cancel_run);
GANTRY_CODEC(commands::pause_run);
GANTRY_CODEC(commands::resume_run);
GANTRY_CODEC(commands::inspect_run);
GANTRY_CODEC(commands::settle_run);
GANTRY_CODEC(commands::add_printer);
GANTRY_CODEC(commands::edit_printer);
GANTRY_CODEC(commands::set_printer_mode);
GANTRY_CODEC(commands::confirm_bed_clear);
GANTRY_CODEC(commands::settle_foreign);
GANTRY_CODEC(commands::confirm_printer);
GANTRY_CODEC(commands::settle_approval);
GANTRY_CODEC(commands::reset_breaker);
GANTRY_CODEC(commands::add_profile);
GANTRY_CODEC(commands::add_material);
GANTRY_CODEC(commands::issue_token);
GANTRY_CODEC(commands::revoke_token);
GANTRY_CODEC(commands::change_settings);
GANTRY_CODEC(station);
GANTRY_CODEC(resin_report);
GANTRY_CODEC(pump_bank_report);
GANTRY_CODEC(station_check);
GANTRY_CODEC(commands::add_station);
GANTRY_CODEC(commands::edit_station);
GANTRY_CODEC(commands::retire_station);
GANTRY_CODEC(commands::set_recipe);
GANTRY_CODEC(commands::set_level);
GANTRY_CODEC(commands::calibrate_pump);
GANTRY_CODEC(commands::start_station);
GANTRY_CODEC(commands::attach_station);
GANTRY_CODEC(commands::stop_station);
GANTRY_CODEC(commands::control_station);
GANTRY_CODEC(commands::run_station_pump);
GANTRY_CODEC(commands::stop_station_pump);
GANTRY_CODEC(commands::answer_station);
GANTRY_CODEC(commands::acknowledge_station);
GANTRY_CODEC(commands::emergency_stop_station);

#undef GANTRY_CODEC

} // namespace gantry
