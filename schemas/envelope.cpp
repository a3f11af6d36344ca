#include "schemas/envelope.hpp"

#include "schemas/codec.hpp"
#include "schemas/codec_impl.hpp"
#include "schemas/json_integer.hpp"
#include "schemas/upcasters.hpp"

#include <algorithm>
#include <functional>
#include <unordered_map>

namespace gantry {

using nlohmann::json;

namespace {

/// What an envelope takes without its data; only a hint.
constexpr size_t envelope_head_bytes = 512;

using event_decoder = std::function<result<any_event>(const json&)>;

template <class Event>
result<any_event> decode_as(const json& data) {
  Event event{};
  detail::decode_context context{.how = strictness::stored, .path = {}, .problem = {}};
  detail::decode(data, event, field_rule{}, context);
  if (context.problem)
    return *context.problem;
  return any_event{std::move(event)};
}

template <class... Event>
auto decoders_of(std::type_identity<std::variant<Event...>>) {
  return std::unordered_map<std::string_view, event_decoder>{{Event::type, decode_as<Event>}...};
}

const auto& event_decoders() {
  static const auto table = decoders_of(std::type_identity<any_event::alternatives>{});
  return table;
}

template <size_t... Index>
result<any_state> decode_state_as(size_t kind, const json& value, std::index_sequence<Index...>) {
  result<any_state> answer = refusal{reason::not_found, {}};
  const auto attempt = [&]<size_t I>(std::integral_constant<size_t, I>) {
    using state = std::variant_alternative_t<I, any_state::alternatives>;
    auto decoded = from_json_value<state>(value, strictness::stored);
    if (decoded)
      answer = any_state{std::in_place_index<I>, std::move(*decoded)};
    else
      answer = decoded.why();
  };
  ((kind == Index ? attempt(std::integral_constant<size_t, Index>{}) : void()), ...);
  return answer;
}

} // namespace

bool principal::has(role wanted) const {
  return std::ranges::any_of(roles, [wanted](role x) { return x == wanted || x == role::admin; });
}

principal kernel_principal(std::string part) {
  return {.id = "kernel/" + part,
          .name = "Gantry " + part,
          .kind = principal_kind::policy,
          .roles = {}};
}

std::string encode_envelope(const event_envelope& x) {
  std::string text;
  text.reserve(x.data.size() + envelope_head_bytes);
  const auto add = [&text](std::string_view key, const auto& value) {
    text += key;
    detail::append_json(text, value);
  };
  add("{\"at\":", x.at);
  add(",\"correlation\":", x.correlation);
  add(",\"id\":", x.entity.id);
  add(",\"kind\":", x.entity.kind);
  add(",\"note\":", x.note);
  add(",\"schema\":", x.schema);
  add(",\"seq\":", x.seq);
  add(",\"type\":", x.type);
  add(",\"version\":", x.version);
  add(",\"via\":", x.via);
  add(",\"who\":", x.who);
  add(",\"why\":", x.why);
  add(",\"why_params\":", x.why_params);
  return text + ",\"data\":" + x.data + "}";
}

result<event_envelope> decode_envelope(std::string_view text) {
  try {
    const auto value = json::parse(text);
    event_envelope x;
    const auto seq = integer_in<uint64_t>(value.at("seq"));
    const auto version = integer_in<uint64_t>(value.at("version"));
    const auto schema = integer_in<int64_t>(value.at("schema"));
    if (!seq || !version || !schema)
      return refusal{reason::storage_failed, {{"detail", "a number is not whole"}}};
    x.seq = *seq;
    x.version = *version;
    x.schema = *schema;
    if (!parse_name(value.at("kind").get_ref<const std::string&>(), x.entity.kind))
      return refusal{reason::store_too_new, {{"detail", "an unknown kind of entity"}}};
    x.entity.id = value.at("id").get<std::string>();
    x.type = value.at("type").get<std::string>();
    if (const auto at = parse_timestamp(value.at("at").get_ref<const std::string&>()))
      x.at = *at;
    auto who = from_json_value<principal>(value.at("who"), strictness::stored);
    if (!who)
      return who.why();
    x.who = *who;
    x.via = value.at("via").get<std::string>();
    x.correlation = value.at("correlation").get<std::string>();
    if (!parse_reason(value.at("why").get_ref<const std::string&>(), x.why))
      return refusal{reason::store_too_new, {{"detail", "an unknown reason code"}}};
    x.why_params = value.at("why_params").get<reason_params>();
    x.note = value.at("note").get<std::string>();
    x.data = value.at("data").dump();
    return x;
  } catch (const json::exception& error) {
    return refusal{reason::storage_failed, {{"detail", error.what()}}};
  }
}

std::string encode_event(const any_event& event) {
  return std::visit(
      [](const auto& x) {
        std::string text;
        detail::append_json(text, x);
        return text;
      },
      event);
}

result<any_event> decode_event(std::string_view type, int64_t schema, std::string_view data) {
  const auto position = event_decoders().find(type);
  if (position == event_decoders().end())
    return refusal{reason::store_too_new, {{"detail", "event type " + std::string{type}}}};
  if (schema > current_schema(type))
    return refusal{reason::store_too_new,
                   {{"detail", std::string{type} + " schema " + std::to_string(schema)}}};
  try {
    auto value = json::parse(data);
    upcast(upcasters(), type, schema, value);
    return position->second(value);
  } catch (const json::exception& error) {
    return refusal{reason::storage_failed, {{"detail", error.what()}}};
  }
}

int64_t current_schema(std::string_view type) {
  return event_decoders().contains(type) ? schema_after(upcasters(), type) : 0;
}

std::string encode_state(const any_state& state) {
  return std::visit([](const auto& x) { return to_json_text(x); }, state);
}

result<any_state> decode_state(entity_kind kind, std::string_view text) {
  try {
    return decode_state_as(static_cast<size_t>(kind), json::parse(text),
                           std::make_index_sequence<entity_kinds>{});
  } catch (const json::exception& error) {
    return refusal{reason::storage_failed, {{"detail", error.what()}}};
  }
}

} // namespace gantry
