// Logging in: a token is exchanged for a cookie that scripts cannot read.
#include "http/handlers.hpp"
#include "http/json_text.hpp"
#include "http/problem.hpp"
#include "schemas/codec.hpp"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace gantry::http::handlers {

namespace {

/// How long a browser keeps the cookie; revoking its token ends it at once.
constexpr int64_t cookie_age_s = 90 * 86'400;

std::string cookie(std::string_view value, int64_t age_s) {
  return std::string{session_cookie} + "=" + std::string{value}
         + "; HttpOnly; SameSite=Strict; Path=/; Max-Age=" + std::to_string(age_s);
}

std::string session_json(exchange& x, const principal& who) {
  std::string demo = "null";
  if (x.all.options.demo_speed) {
    char text[40];
    std::snprintf(text, sizeof text, "{\"speed\":%g}", *x.all.options.demo_speed);
    demo = text;
  }
  return "{\"principal\":" + to_json_text(who) + ",\"site\":" + json_quoted(x.view.site())
         + ",\"version\":" + json_quoted(x.all.options.version) + ",\"demo\":" + demo
         + ",\"now\":\"" + format_timestamp(x.all.kernel.parts().clock->wall()) + "\"}";
}

/// The `token` of a log-in's body.
result<std::string> token_in(const request& asked) {
  auto body = parse_json(asked.body.empty() ? "{}" : asked.body);
  if (!body)
    return body.why();
  if (!body->is_object())
    return refusal{reason::field_invalid,
                   {{"field", "the body"}, {"detail", "an object is expected"}}};
  for (const auto& [name, value] : body->items())
    if (name != "token")
      return refusal{reason::field_unknown, {{"field", name.substr(0, 80)}}};
  if (!body->contains("token"))
    return refusal{reason::field_missing, {{"field", "token"}}};
  if (!(*body)["token"].is_string())
    return refusal{reason::field_invalid, {{"field", "token"}, {"detail", "text is expected"}}};
  return (*body)["token"].get<std::string>();
}

} // namespace

response log_in(exchange& x) {
  const auto secret = token_in(x.asked);
  if (!secret)
    return problem(secret.why(), x.asked.request_id);
  const auto now = x.all.kernel.parts().clock->mono();
  if (x.all.throttle.blocked(x.asked.peer, now))
    return problem({reason::login_throttled, {}}, x.asked.request_id);
  const auto who = x.all.tokens.find(x.view, x.all.kernel.feed().position().seq, *secret);
  if (!who) {
    x.all.throttle.failed(x.asked.peer, now);
    return problem({reason::unauthenticated, {}}, x.asked.request_id);
  }
  response answer;
  answer.body = session_json(x, *who);
  answer.headers.emplace_back("Set-Cookie", cookie(*secret, cookie_age_s));
  return answer;
}

response who_am_i(exchange& x) {
  response answer;
  answer.body = session_json(x, x.asked.who);
  return answer;
}

response log_out(exchange&) {
  response answer;
  answer.status = 204;
  answer.headers.emplace_back("Set-Cookie", cookie("", 0));
  return answer;
}

} // namespace gantry::http::handlers
