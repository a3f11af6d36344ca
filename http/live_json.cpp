#include "http/live_json.hpp"

#include "http/json_text.hpp"
#include "http/problem.hpp"
#include "http/waiting_summary.hpp"
#include "schemas/codec.hpp"

#include <algorithm>

namespace gantry::http {

namespace {

/// Polls that a printer may miss before its report is called stale.
constexpr int64_t missed_polls_max = 3;

std::string sentence_json(reason code, const reason_params& params) {
  return R"({"reason":")" + std::string{to_string(code)} + R"(","sentence":)"
         + json_quoted(render(code, params)) + "}";
}

/// A machine that was once reached and is silent now is explained as a machine, not as an address.
reason link_reason_of(const device_report& report) {
  return report.link_reason == reason::link_timeout ? reason::printer_unreachable
                                                    : report.link_reason;
}

/// Everything that needs a person at this printer, most pressing first.
std::string attention_json(const gantry::printer& state, const actors::live_printer* newest) {
  std::string items;
  const auto add = [&items](reason code, const reason_params& params) {
    items += (items.empty() ? "" : ",") + sentence_json(code, params);
  };
  const auto& name = state.setup.name;
  if (state.attention != reason::ok)
    add(state.attention, state.attention_params);
  if (state.mode == printer_mode::quarantined)
    add(reason::printer_quarantined, {{"printer", name}});
  if (state.unreconciled)
    add(reason::printer_unreconciled, {{"printer", name}});
  if (state.foreign && state.foreign->verdict == foreign_verdict::pending)
    add(reason::printer_foreign_print, {{"printer", name}, {"file", state.foreign->file}});
  if (newest && newest->report.link == link_state::offline)
    add(link_reason_of(newest->report), {{"printer", name},
                                         {"host", state.setup.address.host},
                                         {"port", std::to_string(state.setup.address.port)},
                                         {"detail", newest->report.link_detail}});
  return "[" + items + "]";
}

void append_age(std::string& out, const std::optional<timestamp>& since, timestamp now) {
  out += since ? std::to_string(std::max<int64_t>(0, (now - *since).count())) : "null";
}

} // namespace

void live_parts::append(std::string& out, timestamp now) const {
  out += "{\"report\":";
  out += report;
  out += ",\"age_ms\":";
  append_age(out, observed_at, now);
  const auto stale = offline || !observed_at || (now - *observed_at).count() > stale_after_ms;
  out += stale ? ",\"stale\":true,\"desync\":" : ",\"stale\":false,\"desync\":";
  if (desync.empty()) {
    out += "null";
  } else {
    out += desync;
    out += ",\"for_ms\":";
    append_age(out, desync_since, now);
    out += '}';
  }
  out += ",\"attention\":";
  out += attention;
  out += '}';
}

live_renderer::live_renderer(const actors::live_table& table) : table_{table} {
  // nop
}

void live_renderer::catch_up() {
  const auto newest = table_.revision();
  if (newest == revision_)
    return;
  for (auto& [id, value] : table_.printers_since(revision_)) {
    auto& entry = printers_[id.value];
    if (entry.report.empty() || !(entry.newest.report == value.report))
      entry.report = to_json_text(value.report);
    entry.newest = std::move(value);
  }
  revision_ = newest;
}

std::shared_ptr<const live_parts> live_renderer::parts_of(const storage::stored_entity& stored) {
  auto& entry = printers_[stored.entity.id];
  if (entry.parts && entry.version == stored.version
      && entry.parts_revision == entry.newest.revision)
    return entry.parts;
  auto parts = std::make_shared<live_parts>();
  if (entry.version != stored.version || !entry.state) {
    auto read = from_json_text<gantry::printer>(stored.json, strictness::stored);
    entry.state = read ? std::make_shared<const gantry::printer>(std::move(*read)) : nullptr;
  }
  if (const auto& state = entry.state) {
    // A retired printer has no connection, so what it said last is not news any more.
    const auto known = entry.newest.revision > 0 && state->mode != printer_mode::retired;
    const auto* newest = known ? &entry.newest : nullptr;
    parts->attention = attention_json(*state, newest);
    parts->stale_after_ms = state->setup.poll_interval_s * 1'000 * missed_polls_max;
    if (state->ticket)
      parts->run = state->ticket->run.value;
    if (newest) {
      parts->report = entry.report;
      parts->observed_at = newest->report.observed_at;
      parts->offline = newest->report.link != link_state::online;
      if (newest->disagreement) {
        const auto& x = *newest->disagreement;
        parts->desync = R"({"since":")" + format_timestamp(x.since) + R"(","believed":)"
                        + json_quoted(x.believed) + R"(,"observed":)" + json_quoted(x.observed);
        parts->desync_since = x.since;
      }
    }
  }
  entry.version = stored.version;
  entry.parts_revision = entry.newest.revision;
  entry.parts = parts;
  return parts;
}

std::shared_ptr<const live_parts> live_renderer::printer(const storage::stored_entity& stored) {
  const std::lock_guard lock{mutex_};
  catch_up();
  return parts_of(stored);
}

std::vector<std::shared_ptr<const live_parts>>
live_renderer::printers(const std::vector<storage::stored_entity>& stored) {
  const std::lock_guard lock{mutex_};
  catch_up();
  std::vector<std::shared_ptr<const live_parts>> parts;
  parts.reserve(stored.size());
  for (const auto& x : stored)
    parts.push_back(parts_of(x));
  return parts;
}

std::string live_renderer::waiting_json(const actors::live_waiting& waiting) const {
  std::string out = "[";
  for (const auto& x : waiting.rejections) {
    if (out.size() > 1)
      out += ',';
    out += R"({"printer":)" + json_quoted(x.printer.value) + R"(,"name":)" + json_quoted(x.name)
           + R"(,"reason":")" + std::string{to_string(x.why)} + R"(","sentence":)"
           + json_quoted(render(x.why, x.why_params)) + R"(,"params":)" + params_json(x.why_params)
           + "}";
  }
  return out + "]";
}

std::string live_renderer::run(const storage::stored_entity& stored, timestamp now) {
  run_state state = run_state::queued;
  static_cast<void>(parse_name(text_of(stored.json, "state"), state));
  std::string out = "{\"report\":";
  std::optional<timestamp> observed_at;
  const auto on_printer = state >= run_state::reserved && state <= run_state::attention;
  {
    const std::lock_guard lock{mutex_};
    catch_up();
    const auto position = printers_.find(text_of(stored.json, "printer"));
    if (on_printer && position != printers_.end() && !position->second.report.empty()) {
      out += position->second.report;
      observed_at = position->second.newest.report.observed_at;
    } else {
      out += "null";
    }
  }
  out += ",\"age_ms\":";
  append_age(out, observed_at, now);
  const auto waiting =
      state <= run_state::approval ? table_.waiting(run_id{stored.entity.id}) : std::nullopt;
  if (!waiting)
    return out + R"(,"waiting":[],"waiting_summary":""})";
  return out + ",\"waiting\":" + waiting_json(*waiting)
         + ",\"waiting_summary\":" + json_quoted(waiting_summary(waiting->rejections)) + "}";
}

live_renderer::changes live_renderer::changed_since(uint64_t& revision) {
  changes found;
  uint64_t newest = 0;
  {
    const std::lock_guard lock{mutex_};
    catch_up();
    newest = revision_;
    for (const auto& [id, entry] : printers_)
      if (entry.newest.revision > revision)
        found.printers.push_back(printer_id{id});
  }
  for (const auto& [id, live] : table_.stations_since(revision))
    found.stations.push_back(id);
  for (const auto& [id, waiting] : table_.waiting_since(revision))
    found.runs.push_back(id);
  revision = newest;
  return found;
}

} // namespace gantry::http
