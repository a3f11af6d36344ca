#include "http/problem.hpp"

#include "http/json_text.hpp"

namespace gantry::http {

std::string params_json(const reason_params& params) {
  std::string out = "{";
  for (const auto& [name, value] : params) {
    if (out.size() > 1)
      out += ',';
    out += json_quoted(name) + ":" + json_quoted(value);
  }
  return out + "}";
}

response problem(const refusal& why, std::string_view instance) {
  const auto& entry = entry_of(why.code);
  const std::string name{entry.name};
  std::string title = name;
  for (auto& c : title)
    if (c == '_')
      c = ' ';
  response answer;
  // A kernel that refuses as a matter of course still has to answer with an error status here.
  answer.status = entry.http_status >= 400 ? entry.http_status : 409;
  answer.content_type = "application/problem+json";
  answer.body = R"({"type":"urn:gantry:reason:)" + name + R"(","title":)" + json_quoted(title)
                + R"(,"status":)" + std::to_string(answer.status) + R"(,"detail":)"
                + json_quoted(why.text()) + R"(,"reason":")" + name + R"(","code":)"
                + std::to_string(static_cast<int>(why.code)) + R"(,"params":)"
                + params_json(why.params) + R"(,"instance":)" + json_quoted(instance)
                + R"(,"retry_safe":)" + (entry.retry_safe ? "true" : "false") + R"(,"severity":")"
                + std::string{name_of(entry.level)} + R"(","who":")"
                + std::string{name_of(entry.who)} + "\"}";
  if (answer.status == 503 || answer.status == 429)
    answer.headers.emplace_back("Retry-After", why.code == reason::login_throttled ? "60" : "1");
  if (answer.status == 401)
    answer.headers.emplace_back("WWW-Authenticate", "Bearer realm=\"gantry\"");
  return answer;
}

std::string reason_json(const reason_entry& entry) {
  return R"({"name":")" + std::string{entry.name} + R"(","code":)"
         + std::to_string(static_cast<int>(entry.code)) + R"(,"severity":")"
         + std::string{name_of(entry.level)} + R"(","who":")" + std::string{name_of(entry.who)}
         + R"(","retry_safe":)" + (entry.retry_safe ? "true" : "false") + R"(,"status":)"
         + std::to_string(entry.http_status) + R"(,"text":)" + json_quoted(entry.text) + "}";
}

} // namespace gantry::http
