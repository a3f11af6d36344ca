// Handlers of stations' files, of what the log says about their prints, and of the clock.
#include "http/json_text.hpp"
#include "http/paging.hpp"
#include "http/problem.hpp"
#include "http/submit.hpp"
#include "schemas/station_files.hpp"
#include "storage/families.hpp"
#include "storage/idempotency_key.hpp"

namespace gantry::http::handlers {

namespace {

using actors::settings_view;

/// Prints of a report unless more or fewer are asked for.
constexpr size_t reported_prints = 100;
constexpr size_t reported_prints_max = 10'000;

/// The stored station that the path names.
result<station> named_station(const exchange& x) {
  const refusal unknown{reason::not_found, {{"kind", "station"}, {"id", x.asked.id}}};
  if (!well_formed_id(station_id::prefix, x.asked.id))
    return unknown;
  const auto stored = x.view.get({entity_kind::station, x.asked.id});
  if (!stored)
    return unknown;
  return from_json_text<station>(stored->json, strictness::stored);
}

response refuse(const exchange& x, const refusal& why) {
  return problem(why, x.asked.request_id);
}

refusal no_files() {
  return {reason::station_file_unreadable,
          {{"file", "The settings"}, {"detail", "this program keeps no files"}}};
}

std::string note_json(const storage::file_note& note) {
  return R"({"reason":")" + std::string{to_string(note.code)} + R"(","sentence":)"
         + json_quoted(note.text()) + R"(,"loses":)" + (note.loses ? "true" : "false") + "}";
}

std::string notes_json(const std::vector<storage::file_note>& notes) {
  std::string out = "[";
  for (const auto& each : notes)
    out += (out.size() > 1 ? "," : "") + note_json(each);
  return out + "]";
}

const char* truth(bool value) {
  return value ? "true" : "false";
}

/// The fields of a file that are not what it says.
template <class Content>
std::string head_json(const settings_view<Content>& file) {
  return std::string{R"({"revision":)"} + std::to_string(file.version ? file.version->revision : 0)
         + R"(,"sha256":)" + (file.version ? json_quoted(file.version->sha256) : "null")
         + R"(,"standing":")" + std::string{name_of(file.standing)} + R"(","notes":)"
         + notes_json(file.content.notes);
}

std::string body_json(const settings_view<storage::network_file>& file) {
  auto settings = file.content.settings;
  settings.wifi_password.reset();
  settings.access_point_password.reset();
  return head_json(file) + R"(,"has_wifi_password":)" + truth(file.content.has_wifi_password)
         + R"(,"has_access_point_password":)" + truth(file.content.has_access_point_password)
         + R"(,"settings":)" + to_json_text(settings) + "}";
}

std::string body_json(const settings_view<storage::pumps_file>& file) {
  return head_json(file) + R"(,"settings":)" + to_json_text(file.content.settings) + "}";
}

std::string steps_json(const std::vector<recipe_step>& steps) {
  std::string out = "[";
  for (const auto& each : steps)
    out += (out.size() > 1 ? "," : "") + std::string{R"({"layer":)"} + std::to_string(each.layer)
           + R"(,"material":)" + json_quoted(each.material) + "}";
  return out + "]";
}

/// The sentence for people who change a recipe while a print keeps another one.
std::string in_use_json(const station& where) {
  if (!where.has_open_job())
    return "null";
  return note_json(
      {reason::recipe_in_use, {{"running", std::to_string(where.job->recipe_revision)}}, false});
}

template <class Content>
response document(const exchange& x, const result<settings_view<Content>>& file) {
  if (!file)
    return refuse(x, file.why());
  response answer;
  answer.body = body_json(*file);
  if (file->version)
    answer.headers.emplace_back("ETag", '"' + file->version->sha256 + '"');
  return answer;
}

template <class Content>
using file_reading =
    result<settings_view<Content>> (actors::station_settings::*)(const station&) const;

template <class Content>
response show(exchange& x, file_reading<Content> read) {
  const auto where = named_station(x);
  if (!where)
    return refuse(x, where.why());
  if (!x.all.options.settings)
    return refuse(x, no_files());
  return document(x, (x.all.options.settings->*read)(*where));
}

/// The digest in If-Match; nothing if the header is absent or `*`.
std::optional<std::string> expected_digest(const request& asked) {
  auto text = asked.header("if-match");
  if (text.starts_with("W/"))
    text.remove_prefix(2);
  if (text.size() < 2 || text.front() != '"' || text.back() != '"')
    return std::nullopt;
  return std::string{text.substr(1, text.size() - 2)};
}

/// True if the request's key was used before: then the reply is repeated and no file is touched.
bool is_repetition(const exchange& x) {
  return x.view
      .record(storage::family::keys,
              storage::stored_key(x.asked.who.id, x.asked.header("idempotency-key")))
      .has_value();
}

actors::settings_commit commit_for(exchange& x) {
  return [&x](commands::take_station_files wanted) {
    return submit_expecting(x, std::move(wanted), {}, digest_of(x.asked, x.asked.body), {});
  };
}

template <class Settings, class Content>
response save(exchange& x, file_reading<Content> read) {
  const auto where = named_station(x);
  if (!where)
    return refuse(x, where.why());
  if (!x.all.options.settings)
    return refuse(x, no_files());
  const auto wanted = from_json_text<Settings>(body_text(x.asked), strictness::request);
  if (!wanted)
    return refuse(x, wanted.why());
  const auto commit = commit_for(x);
  const auto reply =
      is_repetition(x)
          ? commit({.id = where->id, .setup = {}, .recipe = {}, .files = {}})
          : x.all.options.settings->save(where->id, *wanted, expected_digest(x.asked), commit);
  if (!reply)
    return refuse(x, reply.why());
  const auto after = from_json_text<station>(reply->projection, strictness::stored);
  auto answer = document(x, (x.all.options.settings->*read)(after ? *after : *where));
  if (reply->replayed)
    answer.headers.emplace_back("Gantry-Replayed", "true");
  return answer;
}

} // namespace

response get_network_settings(exchange& x) {
  return show<storage::network_file>(x, &actors::station_settings::network);
}

response put_network_settings(exchange& x) {
  return save<network_settings, storage::network_file>(x, &actors::station_settings::network);
}

response get_pump_settings(exchange& x) {
  return show<storage::pumps_file>(x, &actors::station_settings::pumps);
}

response put_pump_settings(exchange& x) {
  return save<pump_settings, storage::pumps_file>(x, &actors::station_settings::pumps);
}

response get_recipe(exchange& x) {
  const auto where = named_station(x);
  if (!where)
    return refuse(x, where.why());
  if (!x.all.options.settings)
    return refuse(x, no_files());
  const auto file = x.all.options.settings->recipe(*where);
  if (!file)
    return refuse(x, file.why());
  response answer;
  answer.body = head_json(*file) + R"(,"steps":)" + steps_json(file->content.steps) + R"(,"text":)"
                + json_quoted(storage::format_recipe(file->content.steps)) + R"(,"in_use":)"
                + in_use_json(*where) + "}";
  return answer;
}

response preview_recipe(exchange& x) {
  const auto where = named_station(x);
  if (!where)
    return refuse(x, where.why());
  const auto given = from_json_text<recipe_text>(body_text(x.asked), strictness::request);
  if (!given)
    return refuse(x, given.why());
  const auto read = storage::import_recipe(given->text);
  response answer;
  answer.body = std::string{R"({"ok":)"} + truth(read.complete) + R"(,"steps":)"
                + steps_json(read.steps) + R"(,"text":)"
                + json_quoted(storage::format_recipe(read.steps)) + R"(,"notes":)"
                + notes_json(read.notes) + R"(,"replaces":)" + steps_json(where->recipe)
                + R"(,"in_use":)" + in_use_json(*where) + "}";
  return answer;
}

response reload_settings(exchange& x) {
  const auto where = named_station(x);
  if (!where)
    return refuse(x, where.why());
  if (!x.all.options.settings)
    return refuse(x, no_files());
  const auto commit = commit_for(x);
  const auto reply = is_repetition(x)
                         ? commit({.id = where->id, .setup = {}, .recipe = {}, .files = {}})
                         : x.all.options.settings->reload(where->id, commit);
  return reply ? answer_with(x, *reply) : refuse(x, reply.why());
}

response get_station_report(exchange& x) {
  const auto where = named_station(x);
  if (!where)
    return refuse(x, where.why());
  auto prints = reported_prints;
  if (const auto text = x.asked.parameter("prints"); !text.empty()) {
    const auto number = number_of(text);
    if (!number || *number < 1 || *number > reported_prints_max)
      return refuse(x, {reason::field_invalid,
                        {{"field", "prints"}, {"detail", "a number from 1 to 10000 is expected"}}});
    prints = static_cast<size_t>(*number);
  }
  response answer;
  answer.body = to_json_text(x.all.kernel.report(where->id, prints));
  return answer;
}

response get_clock(exchange& x) {
  std::optional<timestamp> client_time;
  if (const auto text = x.asked.parameter("client_time"); !text.empty()) {
    client_time = parse_timestamp(text);
    if (!client_time)
      return refuse(x, {reason::field_invalid,
                        {{"field", "client_time"}, {"detail", "an ISO 8601 time is expected"}}});
  }
  const auto now = x.all.kernel.clock(client_time);
  const auto sentence = [](const refusal& what) {
    return R"({"reason":")" + std::string{to_string(what.code)} + R"(","sentence":)"
           + json_quoted(what.text()) + "}";
  };
  response answer;
  answer.body = R"({"server_time":")" + format_timestamp(now.now) + R"(","sync":")"
                + std::string{name_of(now.sync)} + R"(","drift_ms":)" + std::to_string(now.drift_ms)
                + R"(,"verdict":)" + sentence(now.verdict) + R"(,"offset_ms":)"
                + (now.offset_ms ? std::to_string(*now.offset_ms) : "null")
                + R"(,"offset_verdict":)" + (now.offset_ms ? sentence(now.offset_verdict) : "null")
                + "}";
  return answer;
}

} // namespace gantry::http::handlers
