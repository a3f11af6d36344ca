#include "http/submit.hpp"

#include "http/json_text.hpp"
#include "http/log_events.hpp"
#include "schemas/digest.hpp"

#include <charconv>

namespace gantry::http::handlers {

namespace {

/// The version in If-Match; nothing if the header is absent or `*`.
result<std::optional<entity_version>> expected_version(const request& asked) {
  auto text = asked.header("if-match");
  if (text.empty() || text == "*")
    return std::optional<entity_version>{};
  if (text.starts_with("W/"))
    text.remove_prefix(2);
  entity_version version = 0;
  if (text.size() > 2 && text.front() == '"' && text.back() == '"') {
    text = text.substr(1, text.size() - 2);
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), version);
    if (error == std::errc{} && end == text.data() + text.size())
      return std::optional{version};
  }
  return refusal{reason::field_invalid,
                 {{"field", "If-Match"}, {"detail", "a version in quotes is expected"}}};
}

/// The collection in which entities of `kind` are found.
std::string location_of(const entity_ref& entity) {
  if (entity.kind == entity_kind::settings)
    return "/api/v1/settings";
  return "/api/v1/" + std::string{name_of(entity.kind)} + "s/" + entity.id;
}

} // namespace

std::string digest_of(const request& asked, std::string_view content) {
  sha256 hash;
  hash.update(asked.method + "\n" + asked.target + "\n");
  hash.update(content);
  return hash.finish_hex();
}

result<actors::command_reply> submit(exchange& x, any_command body, std::string note,
                                     std::string digest) {
  auto expected = expected_version(x.asked);
  if (!expected)
    return expected.why();
  return submit_expecting(x, std::move(body), std::move(note), std::move(digest), *expected);
}

result<actors::command_reply> submit_expecting(exchange& x, any_command body, std::string note,
                                               std::string digest,
                                               std::optional<entity_version> expected) {
  command request{.context = {.who = x.asked.who,
                              .via = "http",
                              .idempotency_key = std::string{x.asked.header("idempotency-key")},
                              .body_sha256 = std::move(digest),
                              .expected = expected,
                              .note = std::move(note),
                              .correlation = x.asked.request_id,
                              .at = x.all.kernel.parts().clock->wall()},
                  .body = std::move(body)};
  const auto slot = std::make_shared<mailbox<actors::command_reply>>();
  x.all.kernel.submit(std::move(request),
                      [slot](actors::command_reply reply) { slot->put(std::move(reply)); });
  auto reply = slot->take(x.all.options.command_patience, x.all.stopping);
  if (!reply)
    return refusal{reason::outcome_unknown, {}};
  if (reply->code != reason::ok)
    return refusal{reply->code, std::move(reply->params)};
  return std::move(*reply);
}

response answer_with(const exchange& x, const actors::command_reply& reply,
                     std::string_view extra) {
  const storage::stored_entity stored{.entity = reply.entity,
                                      .version = reply.version,
                                      .created_seq = 0,
                                      .updated_seq = 0,
                                      .json = reply.projection};
  response answer;
  append_open(answer.body, public_json(stored, false));
  const auto version = std::to_string(reply.version);
  answer.body += ",\"version\":" + version;
  answer.body.append(extra);
  answer.body += '}';
  answer.headers.emplace_back("ETag", '"' + version + '"');
  if (x.row.creates) {
    answer.status = 201;
    answer.headers.emplace_back("Location", location_of(reply.entity));
  }
  if (reply.replayed)
    answer.headers.emplace_back("Gantry-Replayed", "true");
  return answer;
}

response decide(exchange& x, any_command body, std::string note) {
  const auto digest = digest_of(x.asked, x.asked.body);
  const auto reply = submit(x, std::move(body), std::move(note), digest);
  return reply ? answer_with(x, *reply) : problem(reply.why(), x.asked.request_id);
}

} // namespace gantry::http::handlers
