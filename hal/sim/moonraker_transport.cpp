// JSON-RPC frames and HTTP requests: authorisation, parsing, dispatch and replies.

#include <algorithm>
#include <cctype>

#include "hal/sim/moonraker_internal.hpp"

namespace gantry::sim {
namespace {

constexpr int method_not_found = -32601;
constexpr int invalid_params = -32602;
/// Wire ids of connections look like the addresses that Moonraker uses.
constexpr uint64_t wire_id_base = 140'402'000'000'000;

std::string_view phrase_of(int status) {
  switch (status) {
  case 200:
    return "OK";
  case 201:
    return "Created";
  case 204:
    return "No Content";
  case 400:
    return "Bad Request";
  case 401:
    return "Unauthorized";
  case 403:
    return "Forbidden";
  case 404:
    return "Not Found";
  case 405:
    return "Method Not Allowed";
  case 413:
    return "Request Entity Too Large";
  case 422:
    return "Unprocessable Entity";
  case 503:
    return "Service Unavailable";
  default:
    return "Internal Server Error";
  }
}

/// Calls `use` for each part of a text between separators.
template <class Use>
void for_each_part(const std::string& text, char separator, Use use) {
  for (size_t begin = 0; begin < text.size();) {
    const auto end = std::min(text.find(separator, begin), text.size());
    use(text.substr(begin, end - begin));
    begin = end + 1;
  }
}

/// Adds "a=1&b" pairs to an object; keys without a value become empty texts.
void decode_pairs(const std::string& text, json& into) {
  for_each_part(text, '&', [&](const std::string& pair) {
    const auto split = std::min(pair.find('='), pair.size());
    const auto key = percent_decode(pair.substr(0, split), true);
    if (!key.empty())
      into[key] =
          split < pair.size() ? percent_decode(pair.substr(split + 1), true) : std::string();
  });
}

/// Turns "?print_stats&extruder=a,b" into the objects of a query.
json objects_of_query(const json& pairs) {
  auto objects = json::object();
  for (const auto& [name, value] : pairs.items()) {
    const auto fields = value.is_string() ? value.get<std::string>() : std::string();
    if (fields.empty()) {
      objects[name] = nullptr;
      continue;
    }
    objects[name] = json::array();
    for_each_part(fields, ',',
                  [&](std::string field) { objects[name].push_back(std::move(field)); });
  }
  return objects;
}

/// With Tornado, texts with line breaks or angle brackets do not reach the reason phrase.
std::string header_safe(const std::string& text) {
  return text.find_first_of("\r\n<>") == std::string::npos ? text : "Unknown";
}

std::string python_repr(const json& identity) {
  std::string text = "{";
  for (const auto* key : {"name", "version", "type", "url"})
    text +=
        (text.size() > 1 ? ", '" : "'") + std::string(key) + "': '" + identity.value(key, "") + "'";
  return text + "}";
}

} // namespace

// -- helpers -------------------------------------------------------------------------

std::optional<std::string> text_parameter(const json& params, const char* key) {
  const auto found = params.find(key);
  if (found == params.end() || found->is_null())
    return std::nullopt;
  return found->is_string() ? found->get<std::string>() : found->dump();
}

std::string_view header_of(const http_request& request, std::string_view name) {
  const auto same = [&](const auto& header) {
    return std::equal(header.first.begin(), header.first.end(), name.begin(), name.end(),
                      [](char a, char b) {
                        return std::tolower(static_cast<unsigned char>(a))
                               == std::tolower(static_cast<unsigned char>(b));
                      });
  };
  const auto found = std::find_if(request.headers.begin(), request.headers.end(), same);
  return found == request.headers.end() ? std::string_view() : std::string_view(found->second);
}

std::string percent_decode(std::string_view text, bool plus_is_space) {
  std::string result;
  const auto digit = [](char c) {
    return c >= '0' && c <= '9'                 ? c - '0'
           : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10
                                                : -1;
  };
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0
        && digit(text[i + 2]) >= 0) {
      result += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      result += plus_is_space && text[i] == '+' ? ' ' : text[i];
    }
  }
  return result;
}

std::string percent_encode(std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string result;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool mark = c == '-' || c == '_' || c == '.' || c == '~' || c == '/';
    if (mark || (byte < 128 && std::isalnum(byte))) {
      result += c;
    } else {
      result += '%';
      result += digits[byte >> 4];
      result += digits[byte & 15];
    }
  }
  return result;
}

bool moonraker_device::impl::authorized(const http_request& request) {
  if (options.api_key.empty() || header_of(request, "X-Api-Key") == options.api_key)
    return true;
  auto pairs = json::object();
  if (const auto mark = request.target.find('?'); mark != std::string::npos)
    decode_pairs(request.target.substr(mark + 1), pairs);
  const auto token = text_parameter(pairs, "token");
  return token && oneshot_tokens.erase(*token) == 1;
}

// -- WebSocket -----------------------------------------------------------------------

connection_id moonraker_device::impl::open(const http_request& upgrade) {
  const auto id = ++last_id;
  ++counters.connections;
  // The heartbeat sleeps while nobody is connected.
  if (connections.empty())
    last_heartbeat = now;
  auto& connection = connections[id];
  connection.authorized = authorized(upgrade);
  log({{"event", "connection_opened"}, {"connection", id}});
  return id;
}

void moonraker_device::impl::receive(connection_id from, std::string_view text) {
  if (!connections.contains(from) || (faults.silent_until && !faults.silent_executes))
    return;
  if (text.size() > body_bytes_max)
    return;
  const auto message = json::parse(text, nullptr, false);
  if (message.is_discarded()) {
    rpc_error(from, nullptr, nullptr, -32700, "Parse error");
  } else if (message.is_array()) {
    auto batch = std::make_shared<rpc_batch>();
    for (const auto& part : message)
      batch->missing += part.is_object() && part.contains("id") ? 1 : 0;
    for (const auto& part : message)
      receive_one(from, part, batch);
  } else {
    receive_one(from, message, nullptr);
  }
  drain_klipper();
}

void moonraker_device::impl::receive_one(connection_id from, const json& message,
                                         std::shared_ptr<rpc_batch> batch) {
  ++counters.rpc_calls;
  const auto id = message.is_object() && message.contains("id") ? message["id"] : json();
  if (!message.is_object() || message.value("jsonrpc", json()) != "2.0"
      || !message.value("method", json()).is_string()) {
    rpc_error(from, id, batch, -32600, "Invalid Request");
    return;
  }
  const auto method = message["method"].get<std::string>();
  auto params = message.value("params", json::object());
  if (!params.is_object())
    params = json::object();
  const auto call = ++last_id;
  calls[call] = {0, from, id, std::move(batch), method, {}};
  auto& connection = connections[from];
  if (method == "server.connection.identify") {
    if (const auto key = text_parameter(params, "api_key"))
      connection.authorized = connection.authorized || *key == options.api_key;
  }
  if (!connection.authorized && method != "access.info") {
    fail(call, 401, "Unauthorized");
    return;
  }
  const auto& all = api_endpoints();
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& e) { return e.rpc == method; });
  const bool missing = found == all.end() || (found->from_klippy && !klippy_seen)
                       || (found->modern_only && options.creality);
  if (missing)
    fail(call, 404, "Method not found");
  else
    found->handle(*this, call, params);
}

void moonraker_device::impl::rpc_error(connection_id to, const json& id,
                                       const std::shared_ptr<rpc_batch>& batch, int code,
                                       const std::string& text) {
  rpc_reply(to, batch,
            {{"jsonrpc", "2.0"}, {"error", {{"code", code}, {"message", text}}}, {"id", id}});
}

void moonraker_device::impl::rpc_reply(connection_id to, const std::shared_ptr<rpc_batch>& batch,
                                       json reply) {
  if (!batch) {
    send_frame(to, reply.dump(-1, ' ', false, json::error_handler_t::replace));
    return;
  }
  batch->replies.push_back(std::move(reply));
  if (batch->missing > 0 && --batch->missing == 0)
    send_frame(to, batch->replies.dump(-1, ' ', false, json::error_handler_t::replace));
}

// -- HTTP ----------------------------------------------------------------------------

void moonraker_device::impl::begin_upload(incoming_request& request) {
  request.upload = std::make_unique<incoming_upload>();
  auto* upload = request.upload.get();
  const auto boundary = multipart_boundary(header_of(request.head, "Content-Type"));
  if (boundary.empty() || !authorized(request.head))
    return;
  const auto on_part = [this, upload](std::string_view name, std::string_view filename) {
    upload->field = std::string(name);
    upload->in_file = name == "file" && !filename.empty() && !upload->has_file;
    if (upload->in_file) {
      upload->has_file = true;
      upload->filename = std::string(filename);
      upload->staged = files->stage();
    }
  };
  const auto on_data = [upload](std::string_view bytes) {
    constexpr size_t field_bytes_max = 4096;
    if (upload->in_file) {
      upload->digest.update(bytes);
      upload->size_bytes += bytes.size();
      upload->failed = !upload->staged->write(bytes) || upload->failed;
    } else if (upload->fields[upload->field].size() + bytes.size() <= field_bytes_max) {
      upload->fields[upload->field].append(bytes);
    }
  };
  upload->reader = std::make_unique<multipart_reader>(boundary, multipart_events{on_part, on_data});
}

void moonraker_device::impl::finish_http(request_id id) {
  auto node = incoming.extract(id);
  if (node.empty() || (faults.silent_until && !faults.silent_executes))
    return;
  auto& request = node.mapped();
  const auto& target = request.head.target;
  if (!request.upload && !request.too_large) {
    dispatch_http(id, request.head);
    return;
  }
  const auto call = ++last_id;
  calls[call] = {id, 0, nullptr, nullptr, "server.files.upload", target};
  if (!authorized(request.head))
    fail_phrase(call, 401, "Unauthorized");
  else if (request.too_large)
    fail_phrase(call, 413, "Request body too large");
  else if (request.head.method != "POST")
    http_error(calls[call], 405, "Method Not Allowed",
               "tornado.web.HTTPError: HTTP 405: Method Not Allowed");
  else
    finish_upload(call, *request.upload);
}

void moonraker_device::impl::dispatch_http(request_id id, const http_request& request) {
  const auto mark = std::min(request.target.find('?'), request.target.size());
  const auto path = percent_decode(std::string_view(request.target).substr(0, mark), false);
  const auto call = ++last_id;
  calls[call] = {id, 0, nullptr, nullptr, path, path};
  if (request.method == "OPTIONS") {
    reply_bare(call, 204, nullptr);
    return;
  }
  if (path != "/access/info" && !authorized(request)) {
    fail_phrase(call, 401, "Unauthorized");
    return;
  }
  auto pairs = json::object();
  decode_pairs(request.target.substr(std::min(mark + 1, request.target.size())), pairs);
  pairs.erase("token");
  json params = pairs;
  const auto type = header_of(request, "Content-Type");
  if (type.starts_with("application/x-www-form-urlencoded"))
    decode_pairs(request.body, params);
  else if (const auto body = json::parse(request.body, nullptr, false); body.is_object())
    params.update(body);
  if (path == "/printer/objects/query" && !params.contains("objects"))
    params = {{"objects", objects_of_query(pairs)}};
  constexpr std::string_view file_prefix = "/server/files/gcodes/";
  if (path.starts_with(file_prefix)) {
    params["path"] = path.substr(file_prefix.size() - std::string_view("gcodes/").size());
    calls[call].method = request.method == "DELETE" ? "server.files.delete_file" : "download";
    if (request.method == "GET") {
      download(call, path.substr(file_prefix.size()));
      return;
    }
  }
  const api_endpoint* chosen = nullptr;
  bool path_known = false;
  for (const auto& endpoint : api_endpoints()) {
    const bool hidden =
        (endpoint.from_klippy && !klippy_seen) || (endpoint.modern_only && options.creality);
    const bool matches =
        endpoint.path == path || (endpoint.path == file_prefix && path.starts_with(file_prefix));
    if (endpoint.verbs.empty() || hidden || !matches)
      continue;
    path_known = true;
    if (endpoint.verbs.find(request.method) != std::string_view::npos)
      chosen = &endpoint;
  }
  if (!chosen) {
    fail(call, path_known ? 405 : 404, path_known ? "Method Not Allowed" : "Not Found");
    return;
  }
  calls[call].method = chosen->rpc;
  chosen->handle(*this, call, params);
}

// -- replies -------------------------------------------------------------------------

bool moonraker_device::impl::lose_reply(const pending_call& call) {
  for (auto& loss : faults.losses) {
    if (loss.count == 0 || loss.method != call.method)
      continue;
    --loss.count;
    log({{"event", "reply_lost"}, {"method", call.method}, {"reset", loss.reset}});
    if (loss.reset) {
      device_output output;
      output.what = device_output::kind::reset;
      output.connection = call.connection;
      output.request = call.request;
      connections.erase(call.connection);
      outputs.emplace(now, std::move(output));
    }
    return true;
  }
  return false;
}

void moonraker_device::impl::reply(call_id id, json result) {
  auto node = calls.extract(id);
  if (node.empty())
    return;
  const auto& call = node.mapped();
  if (call.request != 0) {
    calls.insert(std::move(node));
    reply_bare(id, 200, {{"result", std::move(result)}});
  } else if (!call.rpc_id.is_null() && !lose_reply(call)) {
    rpc_reply(call.connection, call.batch,
              {{"jsonrpc", "2.0"}, {"result", std::move(result)}, {"id", call.rpc_id}});
  }
}

void moonraker_device::impl::reply_bare(call_id id, int status, json body,
                                        std::vector<std::pair<std::string, std::string>> headers) {
  auto node = calls.extract(id);
  if (node.empty() || lose_reply(node.mapped()) || faults.silent_until)
    return;
  device_output output;
  output.what = device_output::kind::http_reply;
  output.request = node.mapped().request;
  output.code = status;
  output.reason = phrase_of(status);
  output.headers = std::move(headers);
  output.headers.emplace_back("Server", "TornadoServer/6.2");
  if (!body.is_null()) {
    output.headers.emplace_back("Content-Type", "application/json; charset=UTF-8");
    output.text = body.dump(-1, ' ', false, json::error_handler_t::replace);
  }
  send(std::move(output));
}

void moonraker_device::impl::http_error(const pending_call& call, int code,
                                        const std::string& message, const std::string& last_line) {
  device_output output;
  output.what = device_output::kind::http_reply;
  output.request = call.request;
  output.code = code;
  output.reason = message;
  output.headers = {{"Server", "TornadoServer/6.2"},
                    {"Content-Type", "application/json; charset=UTF-8"}};
  const auto trace = "Traceback (most recent call last):\n  (frames left out)\n" + last_line + "\n";
  output.text = json{{"error", {{"code", code}, {"message", message}, {"traceback", trace}}}}.dump(
      -1, ' ', false, json::error_handler_t::replace);
  if (!faults.silent_until)
    send(std::move(output));
}

void moonraker_device::impl::fail(call_id id, int code, const std::string& text) {
  auto node = calls.extract(id);
  if (node.empty() || lose_reply(node.mapped()))
    return;
  const auto& call = node.mapped();
  if (call.request != 0) {
    auto last = "tornado.web.HTTPError: HTTP " + std::to_string(code) + ": " + text;
    while (last.ends_with('\n'))
      last.pop_back();
    http_error(call, code, header_safe(text), last);
  } else if (!call.rpc_id.is_null()) {
    const int rpc_code = code == 404 ? method_not_found : code == 401 ? invalid_params : code;
    rpc_error(call.connection, call.rpc_id, call.batch, rpc_code, text);
  }
}

void moonraker_device::impl::fail_phrase(call_id id, int code, const std::string& detail) {
  const auto found = calls.find(id);
  if (found == calls.end() || found->second.request == 0) {
    fail(id, code, detail);
    return;
  }
  const auto call = calls.extract(found).mapped();
  const std::string phrase(phrase_of(code));
  if (!lose_reply(call))
    http_error(call, code, phrase,
               "tornado.web.HTTPError: HTTP " + std::to_string(code) + ": " + phrase + " (" + detail
                   + ")");
}

void moonraker_device::impl::drop_all_connections() {
  const auto open = std::exchange(connections, {});
  for (const auto& [id, connection] : open) {
    device_output output;
    output.what = device_output::kind::reset;
    output.connection = id;
    outputs.emplace(now, std::move(output));
  }
  for (const auto& [id, call] : std::exchange(calls, {})) {
    if (call.request == 0)
      continue;
    device_output output;
    output.what = device_output::kind::reset;
    output.request = call.request;
    outputs.emplace(now, std::move(output));
  }
}

std::string connection_conflict(const client_connection& connection) {
  return "Connection already identified: " + python_repr(connection.identity);
}

uint64_t wire_connection_id(connection_id id) {
  return wire_id_base + id * 16;
}

} // namespace gantry::sim
