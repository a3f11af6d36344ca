#include "http/log_events.hpp"

#include "http/json_text.hpp"
#include "http/problem.hpp"
#include "schemas/codec.hpp"
#include "schemas/envelope.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace gantry::http {

namespace {

using nlohmann::json;

std::string dumped(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// The event's fields without what the API never shows.
std::string public_data(const event_envelope& x) {
  if (x.entity.kind != entity_kind::token)
    return x.data;
  auto data = json::parse(x.data, nullptr, false);
  if (!data.is_object())
    return "{}";
  data.erase("secret_sha256");
  return dumped(data);
}

std::string cloud_event(const event_envelope& x, const log_origin& origin) {
  const json who{
      {"id", x.who.id}, {"name", x.who.name}, {"kind", std::string{name_of(x.who.kind)}}};
  return R"({"specversion":"1.0","id":)" + json_quoted(origin.epoch + "." + std::to_string(x.seq))
         + R"(,"source":)" + json_quoted("urn:gantry:site:" + origin.site) + R"(,"type":)"
         + json_quoted("gantry." + x.type) + R"(,"subject":)" + json_quoted(x.entity.text())
         + R"(,"time":")" + format_timestamp(x.at)
         + R"(","datacontenttype":"application/json","gantryseq":)" + std::to_string(x.seq)
         + R"(,"gantryversion":)" + std::to_string(x.version) + R"(,"gantryreason":")"
         + std::string{to_string(x.why)} + R"(","gantrysentence":)"
         + json_quoted(gantry::render(x.why, x.why_params)) + R"(,"gantrycorrelation":)"
         + json_quoted(x.correlation) + R"(,"gantrynote":)" + json_quoted(x.note)
         + R"(,"gantrywho":)" + dumped(who) + R"(,"data":)" + public_data(x) + "}";
}

} // namespace

std::shared_ptr<const log_event> log_events::render(uint64_t seq, std::string_view envelope,
                                                    const log_origin& origin) {
  {
    const std::lock_guard lock{mutex_};
    const auto position =
        std::ranges::lower_bound(newest_, seq, {}, [](const auto& x) { return x->seq; });
    if (position != newest_.end() && (*position)->seq == seq)
      return *position;
  }
  auto event = std::make_shared<log_event>();
  event->seq = seq;
  const auto decoded = decode_envelope(envelope);
  if (!decoded)
    throw storage::storage_error{"unreadable event " + std::to_string(seq)};
  event->entity = decoded->entity;
  event->json = cloud_event(*decoded, origin);
  const std::lock_guard lock{mutex_};
  if (newest_.empty() || newest_.back()->seq < seq) {
    newest_.push_back(event);
    if (newest_.size() > kept_max)
      newest_.pop_front();
  }
  return event;
}

std::string public_json(const storage::stored_entity& stored, bool in_list) {
  const auto kind = stored.entity.kind;
  if (kind != entity_kind::token && !(kind == entity_kind::profile && in_list))
    return stored.json;
  auto value = json::parse(stored.json, nullptr, false);
  if (!value.is_object())
    throw storage::storage_error{"unreadable record of " + stored.entity.text()};
  value.erase("secret_sha256");
  if (in_list && value.contains("versions"))
    for (auto& version : value["versions"])
      version.erase("text");
  return dumped(value);
}

} // namespace gantry::http
