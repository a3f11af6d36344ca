#include "actors/command_reply.hpp"

#include <nlohmann/json.hpp>

namespace gantry::actors {

using nlohmann::json;

command_reply refusal_reply(const entity_ref& entity, reason code, reason_params params) {
  command_reply reply;
  reply.code = code;
  reply.params = std::move(params);
  reply.entity = entity;
  return reply;
}

std::string encode_reply(const command_reply& reply) {
  return json{{"kind", std::string{name_of(reply.entity.kind)}},
              {"id", reply.entity.id},
              {"version", reply.version},
              {"projection", reply.projection}}
      .dump(-1, ' ', false, json::error_handler_t::replace);
}

command_reply decode_reply(std::string_view text) {
  command_reply reply;
  reply.replayed = true;
  try {
    const auto value = json::parse(text);
    static_cast<void>(parse_name(value.at("kind").get<std::string>(), reply.entity.kind));
    reply.entity.id = value.at("id").get<std::string>();
    reply.version = value.at("version").get<entity_version>();
    reply.projection = value.at("projection").get<std::string>();
  } catch (const json::exception& error) {
    return refusal_reply(reply.entity, reason::storage_failed, {{"detail", error.what()}});
  }
  return reply;
}

} // namespace gantry::actors
