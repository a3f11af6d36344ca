// Handlers that read: lists and single entities, joined from the stored texts without parsing them.
#include "http/handlers.hpp"
#include "http/json_text.hpp"
#include "http/log_events.hpp"
#include "http/paging.hpp"
#include "http/problem.hpp"
#include "http/station_json.hpp"
#include "schemas/codec.hpp"

#include <algorithm>
#include <array>
#include <set>

namespace gantry::http::handlers {

namespace {

/// Most plates and runs that `expand` adds; an order never needs more on one page.
constexpr size_t expanded_max = 1'000;

/// The field by which `state=` filters a kind.
constexpr std::string_view state_field(entity_kind kind) {
  if (kind == entity_kind::printer)
    return "mode";
  return kind == entity_kind::decision ? "approval" : "state";
}

/// True if `list` (separated by commas) contains `item`.
bool listed(std::string_view list, std::string_view item) {
  while (!list.empty()) {
    const auto end = std::min(list.find(','), list.size());
    if (list.substr(0, end) == item)
      return true;
    list.remove_prefix(std::min(end + 1, list.size()));
  }
  return false;
}

/// The filter that the query parameters ask for; empty if they ask for none.
std::function<bool(const storage::stored_entity&)> filter_of(const request& asked,
                                                             entity_kind kind) {
  std::vector<std::pair<std::string_view, std::string>> wanted;
  for (const auto& [name, value] : asked.query) {
    if (name == "state")
      wanted.emplace_back(state_field(kind), value);
    else if (name != "limit" && name != "cursor" && name != "open")
      wanted.emplace_back(name, value);
  }
  if (wanted.empty())
    return {};
  return [wanted = std::move(wanted)](const storage::stored_entity& x) {
    return std::ranges::all_of(wanted, [&x](const auto& rule) {
      return listed(rule.second, text_of(x.json, rule.first));
    });
  };
}

void append_entity(std::string& out, const storage::stored_entity& stored, bool in_list) {
  append_open(out, public_json(stored, in_list));
  out += ",\"version\":" + std::to_string(stored.version);
}

/// Appends what the API adds to a stored state, and the closing brace.
void append_rest(exchange& x, std::string& out, const storage::stored_entity& stored,
                 timestamp now) {
  const auto kind = stored.entity.kind;
  if (kind == entity_kind::run)
    out += ",\"live\":" + x.all.live.run(stored, now);
  if (kind == entity_kind::station)
    out += ",\"live\":" + station_live_json(stored, x.all.kernel.live(), now);
  if (kind == entity_kind::printer) {
    out += ",\"live\":";
    x.all.live.printer(stored)->append(out, now);
  }
  static constexpr role_set sees_customers{role::planner, role::operator_, role::admin};
  if (kind == entity_kind::order && sees_customers.admits(x.asked.who)) {
    const auto id = text_of(stored.json, "customer");
    const auto record = id.empty() ? std::nullopt : x.view.record(storage::family::customers, id);
    out += ",\"customer_record\":" + record.value_or("null");
  }
  out += '}';
}

std::string page_end(const exchange& x, const storage::list_page& page) {
  return "],\"next\":"
         + (page.next_cursor == 0 ? std::string{"null"}
                                  : "\"" + std::to_string(page.next_cursor) + "\"")
         + ",\"as_of_seq\":" + std::to_string(page.as_of_seq)
         + ",\"epoch\":" + json_quoted(x.view.epoch()) + "}";
}

response page_of(exchange& x, const storage::list_query& query) {
  const auto page = x.view.list(query);
  const auto now = x.all.kernel.parts().clock->wall();
  response answer;
  answer.body = "{\"items\":[";
  for (const auto& stored : page.items) {
    if (answer.body.size() > 10)
      answer.body += ',';
    append_entity(answer.body, stored, true);
    append_rest(x, answer.body, stored, now);
  }
  answer.body += page_end(x, page);
  return answer;
}

response no_such(const exchange& x, entity_kind kind) {
  return problem({reason::not_found, {{"kind", std::string{name_of(kind)}}, {"id", x.asked.id}}},
                 x.asked.request_id);
}

/// True if If-None-Match names this version.
bool unchanged(const request& asked, const std::string& etag) {
  const auto names = asked.header("if-none-match");
  return !names.empty() && (names == "*" || names.find(etag) != std::string_view::npos);
}

response single(exchange& x, const storage::stored_entity& stored) {
  response answer;
  const auto etag = "\"" + std::to_string(stored.version) + "\"";
  answer.headers.emplace_back("ETag", etag);
  if (unchanged(x.asked, etag)) {
    answer.status = 304;
    return answer;
  }
  append_entity(answer.body, stored, false);
  append_rest(x, answer.body, stored, x.all.kernel.parts().clock->wall());
  return answer;
}

/// Appends `name: [entities]` for the ids in `ids`.
template <class Id>
void append_related(exchange& x, std::string& out, std::string_view name,
                    const std::vector<Id>& ids) {
  const auto now = x.all.kernel.parts().clock->wall();
  out += ",\"" + std::string{name} + "\":[";
  bool first = true;
  for (const auto& id : ids) {
    const auto stored = x.view.get(ref_of(id));
    if (!stored)
      continue;
    if (!first)
      out += ',';
    first = false;
    append_entity(out, *stored, false);
    append_rest(x, out, *stored, now);
  }
  out += ']';
}

/// Adds the order's plans, plates and runs, as far as `expand` names them.
void expand_order(exchange& x, std::string& body, const storage::stored_entity& stored) {
  const auto state = from_json_text<order>(stored.json, strictness::stored);
  if (!state)
    return;
  std::vector<plan_id> plans;
  std::vector<plate_id> plates;
  std::vector<run_id> runs;
  for (const auto& line : state->lines) {
    plans.push_back(line.plan);
    for (const auto& id : line.plates) {
      if (plates.size() == expanded_max)
        break;
      plates.push_back(id);
      const auto plate_text = x.view.get(ref_of(id));
      const auto held = plate_text ? from_json_text<plate>(plate_text->json, strictness::stored)
                                   : result<plate>{plate{}};
      if (held && runs.size() < expanded_max)
        runs.insert(runs.end(), held->runs.begin(), held->runs.end());
    }
  }
  const auto wanted = x.asked.parameter("expand");
  body.pop_back();
  if (listed(wanted, "plans"))
    append_related(x, body, "plans", plans);
  if (listed(wanted, "plates"))
    append_related(x, body, "plates", plates);
  if (listed(wanted, "runs"))
    append_related(x, body, "runs", runs);
  body += '}';
}

} // namespace

template <entity_kind Kind>
response list(exchange& x) {
  const auto paging = paging_of(x.asked);
  if (!paging)
    return problem(paging.why(), x.asked.request_id);
  return page_of(x, {.kind = Kind,
                     .open_only = paging->open_only,
                     .cursor = paging->cursor,
                     .limit = paging->limit,
                     .descending = true,
                     .filter = filter_of(x.asked, Kind)});
}

template response list<entity_kind::order>(exchange&);
template response list<entity_kind::plan>(exchange&);
template response list<entity_kind::plate>(exchange&);
template response list<entity_kind::run>(exchange&);
template response list<entity_kind::breaker>(exchange&);
template response list<entity_kind::decision>(exchange&);
template response list<entity_kind::artifact>(exchange&);
template response list<entity_kind::profile>(exchange&);
template response list<entity_kind::material>(exchange&);
template response list<entity_kind::token>(exchange&);
template response list<entity_kind::station>(exchange&);

template <entity_kind Kind>
response get(exchange& x) {
  if (!well_formed_id(id_prefix_of(Kind), x.asked.id))
    return no_such(x, Kind);
  const auto stored = x.view.get({Kind, x.asked.id});
  if (!stored)
    return no_such(x, Kind);
  auto answer = single(x, *stored);
  if constexpr (Kind == entity_kind::order)
    if (answer.status == 200 && !x.asked.parameter("expand").empty())
      expand_order(x, answer.body, *stored);
  return answer;
}

template response get<entity_kind::order>(exchange&);
template response get<entity_kind::plan>(exchange&);
template response get<entity_kind::plate>(exchange&);
template response get<entity_kind::run>(exchange&);
template response get<entity_kind::printer>(exchange&);
template response get<entity_kind::breaker>(exchange&);
template response get<entity_kind::decision>(exchange&);
template response get<entity_kind::artifact>(exchange&);
template response get<entity_kind::profile>(exchange&);
template response get<entity_kind::station>(exchange&);

response get_settings(exchange& x) {
  const auto ref = settings_ref();
  if (const auto stored = x.view.get(ref))
    return single(x, *stored);
  settings defaults;
  defaults.id.value = ref.id;
  return single(x, {.entity = ref,
                    .version = 0,
                    .created_seq = 0,
                    .updated_seq = 0,
                    .json = to_json_text(defaults)});
}

response list_approvals(exchange& x) {
  const auto paging = paging_of(x.asked);
  if (!paging)
    return problem(paging.why(), x.asked.request_id);
  return page_of(x, {.kind = entity_kind::decision,
                     .open_only = true,
                     .cursor = paging->cursor,
                     .limit = paging->limit,
                     .descending = true,
                     .filter = {}});
}

namespace {

/// The page of printers that `asked` wants, read again only if the log has grown.
std::shared_ptr<const storage::list_page> printer_page(exchange& x, const paging& wanted,
                                                       const std::string& question) {
  const auto seq = x.view.last_seq();
  {
    const std::lock_guard lock{x.all.page_mutex};
    if (x.all.page.page && x.all.page.seq == seq && x.all.page.query == question)
      return x.all.page.page;
  }
  auto page = std::make_shared<const storage::list_page>(
      x.view.list({.kind = entity_kind::printer,
                   .open_only = wanted.open_only,
                   .cursor = wanted.cursor,
                   .limit = wanted.limit,
                   .descending = true,
                   .filter = filter_of(x.asked, entity_kind::printer)}));
  const std::lock_guard lock{x.all.page_mutex};
  x.all.page = {.seq = seq, .query = question, .page = page};
  return page;
}

std::string printers_text(exchange& x, const storage::list_page& page, timestamp now) {
  const auto live = x.all.live.printers(page.items);
  size_t size = 200;
  for (size_t i = 0; i < live.size(); ++i)
    size += page.items[i].json.size() + live[i]->report.size() + live[i]->attention.size() + 400;
  std::string text;
  text.reserve(size);
  text = "{\"items\":[";
  for (size_t i = 0; i < live.size(); ++i) {
    if (i > 0)
      text += ',';
    append_open(text, page.items[i].json);
    text += ",\"version\":";
    text += std::to_string(page.items[i].version);
    text += ",\"live\":";
    live[i]->append(text, now);
    text += '}';
  }
  return text + page_end(x, page);
}

/// The text that was made before, if it is right as to the log and not older than `age_ms_max`,
/// and, if it must be `newest`, as to the live table; else null.
std::shared_ptr<const std::string> known_printers_text(exchange& x, const std::string& question,
                                                       bool newest, int64_t age_ms_max) {
  const auto seq = x.all.kernel.feed().position().seq;
  const auto revision = x.all.kernel.live().revision();
  const auto now = x.all.kernel.parts().clock->wall();
  const std::lock_guard lock{x.all.page_mutex};
  const auto& known = x.all.text;
  const auto age_ms = (now - known.at).count();
  const auto right = known.text && known.seq == seq && (!newest || known.revision == revision)
                     && known.query == question && age_ms >= 0 && age_ms <= age_ms_max;
  return right ? known.text : nullptr;
}

} // namespace

response list_printers(exchange& x) {
  const auto wanted = paging_of(x.asked);
  if (!wanted)
    return problem(wanted.why(), x.asked.request_id);
  const auto question =
      x.asked.target.substr(std::min(x.asked.target.find('?'), x.asked.target.size()));
  response answer;
  const auto take_known = [&](bool newest, int64_t age_ms_max) {
    answer.shared_body = known_printers_text(x, question, newest, age_ms_max);
    return answer.shared_body != nullptr;
  };
  if (take_known(true, services::printer_text_ms_max))
    return answer;
  // One makes the text; the others do not wait for it if what it replaces has just been right.
  std::unique_lock turn{x.all.text_turn, std::try_to_lock};
  if (!turn && take_known(false, services::replaced_text_ms_max))
    return answer;
  if (!turn)
    turn.lock();
  if (take_known(true, services::printer_text_ms_max))
    return answer;
  // Positions first: what is read after them may be newer, never older.
  const auto seq = x.all.kernel.feed().position().seq;
  const auto revision = x.all.kernel.live().revision();
  const auto now = x.all.kernel.parts().clock->wall();
  const auto page = printer_page(x, *wanted, question);
  answer.shared_body = std::make_shared<const std::string>(printers_text(x, *page, now));
  const std::lock_guard lock{x.all.page_mutex};
  x.all.text = {seq, revision, question, now, answer.shared_body};
  return answer;
}

response artifact_content(exchange& x) {
  const auto stored = well_formed_id(artifact_id::prefix, x.asked.id)
                          ? x.view.get({entity_kind::artifact, x.asked.id})
                          : std::nullopt;
  if (!stored)
    return no_such(x, entity_kind::artifact);
  const auto record = from_json_text<artifact>(stored->json, strictness::stored);
  auto path = record ? x.all.kernel.parts().artifacts->path_of(record->sha256) : std::string{};
  if (path.empty())
    return no_such(x, entity_kind::artifact);
  response answer;
  const auto etag = "\"" + record->sha256 + "\"";
  answer.headers.emplace_back("ETag", etag);
  if (unchanged(x.asked, etag)) {
    answer.status = 304;
    return answer;
  }
  auto name = record->name;
  for (auto& c : name)
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) > 0x7e || c == '"'
        || c == '\\' || c == '/')
      c = '_';
  answer.headers.emplace_back("Content-Disposition", "attachment; filename=\"" + name + "\"");
  answer.content_type =
      record->kind == artifact_kind::model ? "model/stl" : "application/octet-stream";
  answer.file = std::move(path);
  return answer;
}

} // namespace gantry::http::handlers
