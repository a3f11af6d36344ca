// Composite health, and figures for Prometheus.
#include "http/handlers.hpp"
#include "http/json_text.hpp"

#include <cstdio>
#include <map>
#include <unistd.h>

namespace gantry::http::handlers {

namespace {

/// Resident memory of this process; 0 if the system does not say.
uint64_t resident_bytes() {
  unsigned long long size = 0, resident = 0;
  if (auto* file = std::fopen("/proc/self/statm", "r")) {
    if (std::fscanf(file, "%llu %llu", &size, &resident) != 2)
      resident = 0;
    std::fclose(file);
  }
  return resident * static_cast<uint64_t>(::sysconf(_SC_PAGESIZE));
}

/// The words of the health format.
std::string status_of(bool healthy, bool warning) {
  return healthy ? warning ? "warn" : "pass" : "fail";
}

void append_all(std::string& out, std::initializer_list<std::string_view> texts) {
  for (const auto text : texts)
    out += text;
}

void append_head(std::string& out, std::string_view name, std::string_view about) {
  append_all(out, {"# HELP ", name, " ", about, "\n# TYPE ", name, " gauge\n"});
}

void append_gauge(std::string& out, std::string_view name, std::string_view about, uint64_t value) {
  append_head(out, name, about);
  append_all(out, {name, " ", std::to_string(value), "\n"});
}

template <class Key>
void append_family(std::string& out, std::string_view name, std::string_view label,
                   std::string_view about, const std::map<Key, uint64_t>& values) {
  append_head(out, name, about);
  for (const auto& [key, number] : values)
    append_all(out, {name, "{", label, "=\"", key, "\"} ", std::to_string(number), "\n"});
}

} // namespace

response get_health(exchange& x) {
  bool healthy = true;
  bool warning = false;
  std::string checks;
  for (const auto& check : x.all.kernel.health()) {
    healthy = healthy && check.healthy;
    warning = warning || check.warning;
    checks += (checks.empty() ? "" : ",") + json_quoted(check.name) + ":[{\"status\":\""
              + status_of(check.healthy, check.warning)
              + "\",\"output\":" + json_quoted(check.detail) + "}]";
  }
  response answer;
  answer.status = healthy ? 200 : 503;
  answer.content_type = "application/health+json";
  answer.body = "{\"status\":\"" + status_of(healthy, warning) + "\",\"version\":"
                + json_quoted(x.all.options.version) + ",\"checks\":{" + checks + "}}";
  return answer;
}

response get_metrics(exchange& x) {
  std::map<std::string_view, uint64_t> links, open_entities;
  std::map<std::string, uint64_t> runs;
  for (const auto name : names_of(link_state{}))
    links[name] = 0;
  for (const auto& [id, live] : x.all.kernel.live().printers_since(0))
    ++links[name_of(live.report.link)];
  for (size_t i = 0; i < entity_kinds; ++i) {
    const auto kind = static_cast<entity_kind>(i);
    open_entities[name_of(kind)] = x.view.count_open(kind);
  }
  for (const auto& stored : x.view.open(entity_kind::run))
    ++runs[std::string{text_of(stored.json, "state")}];
  response answer;
  answer.content_type = "text/plain; version=0.0.4; charset=utf-8";
  append_gauge(answer.body, "gantry_log_seq", "Number of the newest durable event.",
               x.view.last_seq());
  append_gauge(answer.body, "gantry_event_streams", "Open event streams.", x.all.streams);
  append_gauge(answer.body, "process_resident_memory_bytes", "Resident memory.", resident_bytes());
  append_family(answer.body, "gantry_printers", "link", "Printers by state of their link.", links);
  append_family(answer.body, "gantry_open_entities", "kind", "Entities with something to do.",
                open_entities);
  append_family(answer.body, "gantry_open_runs", "state", "Open runs by state.", runs);
  answer.body += x.all.counters.text();
  return answer;
}

} // namespace gantry::http::handlers
