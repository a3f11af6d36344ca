#include "http/facade.hpp"

#include "http/documents.hpp"
#include "http/problem.hpp"

#include <algorithm>

namespace gantry::http {

namespace {

constexpr size_t idempotency_key_max = 100;
constexpr size_t request_id_max = 64;

constexpr std::string_view content_security_policy =
    "default-src 'self'; img-src 'self' data: blob:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'";

bool visible_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

std::string media_type_of(const request& asked) {
  const auto full = asked.header("content-type");
  std::string type{full.substr(0, full.find(';'))};
  while (!type.empty() && type.back() == ' ')
    type.pop_back();
  std::ranges::transform(type, type.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return type;
}

bool model_type(std::string_view type) {
  return type == "model/stl" || type == "application/octet-stream" || type == "application/sla"
         || type == "application/vnd.ms-pki.stl" || type.starts_with("model/x.stl-");
}

bool writes(const request& asked) {
  return asked.method != "GET" && asked.method != "HEAD";
}

/// The first query parameter that `row` does not know; empty if it knows them all. A misspelt
/// filter must not answer with everything.
std::string_view unknown_parameter(const route& row, const request& asked) {
  for (const auto& [name, value] : asked.query) {
    const auto known = " " + std::string{row.parameters} + " ";
    if (known.find(" " + name + " ") == std::string::npos)
      return name;
  }
  return {};
}

std::string text_of_bytes(std::string_view bytes) {
  return std::string{bytes.substr(0, 120)};
}

} // namespace

services::services(actors::kernel& served, facade_options chosen)
    : kernel{served},
      options{std::move(chosen)},
      live{served.live()},
      openapi{openapi_document(options.version)} {
  // nop
}

services::~services() = default;

facade::facade(actors::kernel& kernel, facade_options options) : all_{kernel, std::move(options)} {
  // nop
}

void facade::stop() {
  all_.stopping = true;
}

std::optional<response> facade::refuse_caller(admission& admitted, request& asked) {
  const auto& row = *admitted.row;
  admitted.view = std::make_unique<storage::reader>(*all_.kernel.parts().store,
                                                    storage::view_taken::on_first_use);
  if (row.who == access::open || (row.who == access::scrape && is_loopback(asked.peer)))
    return std::nullopt;
  const auto secret = secret_of(asked);
  const auto seq = all_.kernel.feed().position().seq;
  auto who = secret.empty() ? std::nullopt : all_.tokens.find(*admitted.view, seq, secret);
  if (!who)
    return problem({reason::unauthenticated, {}}, asked.request_id);
  asked.who = std::move(*who);
  if (row.who != access::member && !row.roles.admits(asked.who))
    return problem({reason::role_insufficient, {{"needed", row.roles.text()}}}, asked.request_id);
  return std::nullopt;
}

std::optional<response> facade::refuse_body(const route& row, const request& asked) const {
  if (row.keyed) {
    const auto key = asked.header("idempotency-key");
    if (key.empty())
      return problem({reason::idempotency_key_missing, {}}, asked.request_id);
    if (key.size() > idempotency_key_max || !visible_ascii(key))
      return problem({reason::field_invalid,
                      {{"field", "Idempotency-Key"},
                       {"detail", "1 to 100 visible ASCII characters are expected"}}},
                     asked.request_id);
  }
  const auto upload = row.kind == route_kind::upload;
  const auto limit = upload ? upload_bytes_max : json_bytes_max;
  if (asked.content_length.value_or(0) > limit)
    return problem({reason::payload_too_large, {{"limit", std::to_string(limit)}}},
                   asked.request_id);
  const auto type = media_type_of(asked);
  const auto chunked = !asked.header("transfer-encoding").empty();
  const auto empty = asked.content_length.value_or(0) == 0 && !chunked && asked.body.empty();
  if (row.method == "GET" || row.method == "DELETE")
    return std::nullopt;
  if (upload ? model_type(type) : (empty || type == "application/json"))
    return std::nullopt;
  return problem(
      {reason::media_type_unsupported,
       {{"given", type.empty() ? "(none)" : text_of_bytes(type)},
        {"expected", upload ? "model/stl or application/octet-stream" : "application/json"}}},
      asked.request_id);
}

admission facade::admit(request& asked) {
  admission admitted;
  const auto refuse = [&](refusal why) {
    admitted.refused = problem(why, asked.request_id);
    return std::move(admitted);
  };
  asked.request_id = asked.header("x-request-id");
  if (asked.request_id.empty() || asked.request_id.size() > request_id_max
      || !visible_ascii(asked.request_id))
    asked.request_id = make_id("req", all_.kernel.parts().ids->bits());
  if (!host_allowed(asked, all_.options.allowed_hosts))
    return refuse({reason::host_refused, {{"given", text_of_bytes(asked.header("host"))}}});
  if (asked.path.size() > path_bytes_max)
    return refuse({reason::route_not_found, {{"path", text_of_bytes(asked.path)}}});
  auto match = find_route(asked.method, asked.path);
  if (!match.row && match.allow.empty() && !writes(asked)) {
    const auto wanted = asked.path == "/" ? std::string_view{"/index.html"} : asked.path;
    for (const auto& asset : all_.options.assets)
      if (asset.path == wanted)
        admitted.asset = &asset;
    if (admitted.asset)
      return admitted;
  }
  if (!match.row && match.allow.empty())
    return refuse({reason::route_not_found, {{"path", text_of_bytes(asked.path)}}});
  if (!match.row) {
    auto answer = refuse({reason::method_not_allowed,
                          {{"method", asked.method}, {"path", text_of_bytes(asked.path)}}});
    answer.refused->headers.emplace_back("Allow", match.allow);
    return answer;
  }
  admitted.row = match.row;
  asked.id = match.id;
  asked.item = match.item;
  if (writes(asked) && !origin_allowed(asked))
    return refuse({reason::origin_refused, {{"given", text_of_bytes(asked.header("origin"))}}});
  try {
    admitted.refused = refuse_caller(admitted, asked);
  } catch (const storage::storage_error& error) {
    return refuse({reason::storage_failed, {{"detail", error.what()}}});
  }
  if (const auto name = unknown_parameter(*match.row, asked); !admitted.refused && !name.empty())
    return refuse({reason::field_unknown, {{"field", text_of_bytes(name)}}});
  if (!admitted.refused)
    admitted.refused = refuse_body(*match.row, asked);
  // A body may take minutes to arrive; nothing may hold an old view of the store for that long.
  if (writes(asked))
    admitted.view.reset();
  return admitted;
}

std::optional<response> facade::read_body(const route& row, request& asked) const {
  if (!asked.read_body || row.kind == route_kind::upload)
    return std::nullopt;
  bool too_large = false;
  const auto complete = asked.read_body([&](std::string_view bytes) {
    too_large = asked.body.size() + bytes.size() > json_bytes_max;
    if (!too_large)
      asked.body.append(bytes);
    return !too_large;
  });
  if (too_large)
    return problem({reason::payload_too_large, {{"limit", std::to_string(json_bytes_max)}}},
                   asked.request_id);
  if (!complete)
    return problem({reason::json_malformed, {{"detail", "the connection ended too early"}}},
                   asked.request_id);
  return std::nullopt;
}

response facade::page(const static_asset& asset, const request& asked) const {
  response answer;
  answer.content_type = asset.content_type;
  // Names of built files carry a digest, so they never change; the page itself does.
  const auto built = asset.path.starts_with("/assets/");
  answer.headers.emplace_back("Cache-Control",
                              built ? "public, max-age=31536000, immutable" : "no-cache");
  answer.headers.emplace_back("ETag", asset.etag);
  answer.headers.emplace_back("Vary", "Accept-Encoding");
  if (!asset.etag.empty()
      && asked.header("if-none-match").find(asset.etag) != std::string_view::npos) {
    answer.status = 304;
    return answer;
  }
  const auto compressed = !asset.gzip_bytes.empty()
                          && asked.header("accept-encoding").find("gzip") != std::string_view::npos;
  if (compressed)
    answer.headers.emplace_back("Content-Encoding", "gzip");
  answer.body = compressed ? asset.gzip_bytes : asset.bytes;
  return answer;
}

response facade::answer(admission& admitted, request& asked) {
  if (admitted.asset)
    return page(*admitted.asset, asked);
  const auto& row = *admitted.row;
  try {
    if (auto refused = read_body(row, asked))
      return std::move(*refused);
    if (!admitted.view)
      admitted.view = std::make_unique<storage::reader>(*all_.kernel.parts().store);
    exchange x{.all = all_, .row = row, .asked = asked, .view = *admitted.view};
    return row.answer(x);
  } catch (const storage::storage_error& error) {
    return problem({reason::storage_failed, {{"detail", error.what()}}}, asked.request_id);
  } catch (const std::exception& error) {
    return problem({reason::internal_error, {{"detail", error.what()}}}, asked.request_id);
  }
}

void facade::finish(response& answer, const request& asked, bool is_page) {
  auto& headers = answer.headers;
  if (!is_page)
    headers.emplace_back("Cache-Control", "no-store");
  headers.emplace_back("X-Request-Id", asked.request_id);
  headers.emplace_back("X-Content-Type-Options", "nosniff");
  headers.emplace_back("Referrer-Policy", "no-referrer");
  headers.emplace_back("X-Frame-Options", "DENY");
  headers.emplace_back("Content-Security-Policy", content_security_policy);
}

response facade::handle(request& asked) {
  const auto began = all_.kernel.parts().clock->mono();
  auto admitted = admit(asked);
  auto given = admitted.refused ? std::move(*admitted.refused) : answer(admitted, asked);
  finish(given, asked, admitted.asset != nullptr);
  // Unknown paths share one counter: a stranger must not be able to grow this table.
  std::string name = admitted.asset ? "page" : "none";
  if (admitted.row)
    name = std::string{admitted.row->method} + " " + std::string{admitted.row->pattern};
  all_.counters.count(name, given.status,
                      std::chrono::duration_cast<std::chrono::microseconds>(
                          all_.kernel.parts().clock->mono() - began));
  return given;
}

} // namespace gantry::http
