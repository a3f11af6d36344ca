// Handlers that change something: decode the body, submit a command, wait for its outcome.
#include "http/handlers.hpp"
#include "http/json_text.hpp"
#include "http/log_events.hpp"
#include "http/problem.hpp"
#include "http/submit.hpp"
#include "schemas/codec.hpp"
#include "schemas/digest.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace gantry::http::handlers {

namespace {

using namespace commands;
using std::chrono::milliseconds;

/// Largest upload.
constexpr uint64_t artifact_bytes_max = 2ull << 30;
/// Longest name of an uploaded file.
constexpr size_t file_name_max = 200;
/// The port's own limit is 3 s; this only guards against a port that never answers.
constexpr milliseconds probe_patience{4'000};

} // namespace

template response command_on<create_order>(exchange&);
template response command_on<cancel_order>(exchange&);
template response command_on<request_revision>(exchange&);
template response command_on<reprint_plate>(exchange&);
template response command_on<cancel_run>(exchange&);
template response command_on<pause_run>(exchange&);
template response command_on<resume_run>(exchange&);
template response command_on<inspect_run>(exchange&);
template response command_on<settle_run>(exchange&);
template response command_on<add_printer>(exchange&);
template response command_on<edit_printer>(exchange&);
template response command_on<set_printer_mode>(exchange&);
template response command_on<confirm_bed_clear>(exchange&);
template response command_on<settle_foreign>(exchange&);
template response command_on<confirm_printer>(exchange&);
template response command_on<reset_breaker>(exchange&);
template response command_on<add_profile>(exchange&);
template response command_on<add_material>(exchange&);
template response command_on<revoke_token>(exchange&);

template <bool Approve>
response settle_approval(exchange& x) {
  decision_id id;
  if (!take_id(x, id))
    return no_such(x, id);
  auto decoded = from_json_text<commands::settle_approval>(body_text(x.asked), strictness::request);
  if (!decoded)
    return problem(decoded.why(), x.asked.request_id);
  decoded->id = id;
  decoded->approve = Approve;
  auto note = decoded->note;
  return decide(x, std::move(*decoded), std::move(note));
}

template response settle_approval<true>(exchange&);
template response settle_approval<false>(exchange&);

response change_settings(exchange& x) {
  auto content = from_json_text<settings>(body_text(x.asked), strictness::request);
  if (!content)
    return problem(content.why(), x.asked.request_id);
  return decide(x, commands::change_settings{std::move(*content)}, {});
}

response issue_token(exchange& x) {
  auto body = from_json_text<commands::issue_token>(body_text(x.asked), strictness::request);
  if (!body)
    return problem(body.why(), x.asked.request_id);
  const auto secret = make_secret(*x.all.kernel.parts().ids);
  body->secret_sha256 = sha256_hex(secret);
  const auto digest = digest_of(x.asked, x.asked.body);
  const auto reply = submit(x, std::move(*body), {}, digest);
  if (!reply)
    return problem(reply.why(), x.asked.request_id);
  // The first answer's secret is not kept anywhere, so a repetition cannot show it.
  if (reply->replayed)
    return answer_with(x, *reply,
                       R"(,"secret":null,"secret_note":"The secret was answered once. )"
                       R"(If it was lost, revoke this token and issue another.")");
  return answer_with(x, *reply, ",\"secret\":\"" + secret + "\"");
}

namespace {

refusal bad_name(std::string detail) {
  return {reason::field_invalid, {{"field", "name"}, {"detail", std::move(detail)}}};
}

/// The name of an uploaded file: one path segment of text.
outcome check_name(std::string_view name) {
  if (name.empty())
    return refusal{reason::field_missing, {{"field", "name"}}};
  if (name.size() > file_name_max)
    return bad_name("it is longer than " + std::to_string(file_name_max) + " bytes");
  const auto forbidden = [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f || c == '/' || c == '\\';
  };
  if (std::ranges::any_of(name, forbidden) || name == "." || name == "..")
    return bad_name("a file name without a folder is expected");
  if (json_quoted(name).find("\xEF\xBF\xBD") != std::string::npos
      && name.find("\xEF\xBF\xBD") == std::string_view::npos)
    return bad_name("it is not UTF-8");
  return success();
}

/// Streams the body into the artifact store.
result<storage::stored_file> receive_file(exchange& x) {
  auto upload = x.all.kernel.parts().artifacts->begin(artifact_bytes_max);
  if (!upload)
    return upload.why();
  outcome taken = success();
  const auto take = [&taken, &upload](std::string_view bytes) {
    taken = (*upload)->append(bytes);
    return static_cast<bool>(taken);
  };
  const auto complete = x.asked.read_body ? x.asked.read_body(take) : take(x.asked.body);
  if (!taken)
    return taken.why();
  if (!complete)
    return refusal{reason::field_invalid,
                   {{"field", "the body"}, {"detail", "the connection ended too early"}}};
  return (*upload)->finish();
}

} // namespace

response upload_artifact(exchange& x) {
  const auto refuse = [&x](const refusal& why) { return problem(why, x.asked.request_id); };
  const auto kind = x.asked.parameter("kind");
  if (!kind.empty() && kind != "model")
    return refuse({reason::field_invalid, {{"field", "kind"}, {"detail", "model is expected"}}});
  if (const auto checked = check_name(x.asked.parameter("name")); !checked)
    return refuse(checked.why());
  const auto file = receive_file(x);
  if (!file)
    return refuse(file.why());
  const auto reply = submit(x,
                            store_artifact{.kind = artifact_kind::model,
                                           .name = std::string{x.asked.parameter("name")},
                                           .sha256 = file->sha256,
                                           .size_bytes = static_cast<int64_t>(file->size_bytes)},
                            {}, digest_of(x.asked, file->sha256));
  return reply ? answer_with(x, *reply) : refuse(reply.why());
}

response test_printer(exchange& x) {
  const auto refuse = [&x](const refusal& why) { return problem(why, x.asked.request_id); };
  auto parsed = parse_json(body_text(x.asked));
  if (!parsed)
    return refuse(parsed.why());
  if (!parsed->is_object())
    return refuse(
        {reason::field_invalid, {{"field", "the body"}, {"detail", "an object is expected"}}});
  // The fields of an address, and the key: the same rules as for adding the printer.
  nlohmann::json whole{{"setup", {{"name", "test"}}}};
  if (parsed->contains("api_key")) {
    whole["api_key"] = (*parsed)["api_key"];
    parsed->erase("api_key");
  }
  whole["setup"]["address"] = std::move(*parsed);
  auto decoded = from_json_value<add_printer>(whole, strictness::request);
  if (!decoded) {
    auto why = decoded.why();
    constexpr std::string_view prefix = "setup.address.";
    if (auto& field = why.params["field"]; field.starts_with(prefix))
      field.erase(0, prefix.size());
    return refuse(why);
  }
  const hal::port_config config{.printer = {},
                                .name = decoded->setup.address.text(),
                                .host = decoded->setup.address.host,
                                .port = static_cast<uint16_t>(decoded->setup.address.port),
                                .api_key = decoded->api_key};
  const auto began = x.all.kernel.parts().clock->mono();
  const auto slot = std::make_shared<mailbox<hal::port_answer>>();
  x.all.kernel.probe(config, [slot](hal::port_answer answer) { slot->put(std::move(answer)); });
  const auto probed =
      slot->take(probe_patience, x.all.stopping)
          .value_or(hal::port_answer{hal::port_outcome::refused, reason::link_timeout, {}, 0});
  const auto took =
      std::chrono::duration_cast<milliseconds>(x.all.kernel.parts().clock->mono() - began);
  const reason_params params{{"printer", config.name},
                             {"address", config.name},
                             {"host", config.host},
                             {"port", std::to_string(config.port)},
                             {"seconds", std::to_string((took.count() + 999) / 1'000)},
                             {"detail", probed.detail}};
  response answer;
  answer.body = std::string{R"({"ok":)"}
                + (probed.outcome == hal::port_outcome::done ? "true" : "false") + R"(,"reason":")"
                + std::string{to_string(probed.why)} + R"(","detail":)"
                + json_quoted(render(probed.why, params)) + R"(,"elapsed_ms":)"
                + std::to_string(took.count()) + "}";
  return answer;
}

} // namespace gantry::http::handlers
