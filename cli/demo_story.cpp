#include "cli/demo_story.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unistd.h>

namespace gantry::cli {

using nlohmann::json;

namespace {

/// Width of a progress bar in characters.
constexpr int64_t bar_width = 12;
/// Events that are read at once.
constexpr const char* page = "&limit=200";

std::string bar(int64_t permille) {
  auto filled = static_cast<size_t>(std::clamp<int64_t>(permille * bar_width / 1000, 0, bar_width));
  return "[" + std::string(filled, '#') + std::string(bar_width - filled, '.') + "]";
}

std::string minutes(int64_t seconds) {
  return std::to_string((seconds + 59) / 60) + " min";
}

/// The id in a subject such as `run/run-…`.
std::string id_in(const std::string& subject) {
  return subject.substr(subject.find('/') + 1);
}

std::string text_of(const json& object, const char* name) {
  auto at = object.find(name);
  return at != object.end() && at->is_string() ? at->get<std::string>() : "";
}

} // namespace

demo_story::demo_story(api_client& api, int out, uint64_t seq)
    : api_{api}, out_{out}, is_terminal_{::isatty(out) == 1}, seq_{seq} {}

void demo_story::write(const std::string& text) {
  [[maybe_unused]] auto count = ::write(out_, text.data(), text.size());
}

void demo_story::say(const std::string& line) {
  end();
  write(line + "\n");
}

void demo_story::end() {
  if (has_progress_line_)
    write("\r\x1b[K");
  has_progress_line_ = false;
}

void demo_story::follow() {
  for (;;) {
    auto reply = api_.get("/api/v1/events?after=" + std::to_string(seq_) + page);
    if (!reply)
      return;
    const auto items = reply.items();
    if (items.empty())
      break;
    for (const auto& event : items) {
      seq_ = event["gantryseq"].get<uint64_t>();
      tell(event);
    }
  }
  show_progress();
}

void demo_story::tell(const json& event) {
  const auto type = text_of(event, "type").substr(std::string_view{"gantry."}.size());
  if (on_event)
    on_event(type, text_of(event, "subject"));
  auto line = sentence(event);
  if (line.empty())
    return;
  auto clock = text_of(event, "time").substr(11, 8);
  say(clock + "  " + line);
}

std::string demo_story::name_of(const std::string& kind, const std::string& id) {
  if (id.empty())
    return "";
  if (auto known = names_.find(id); known != names_.end())
    return known->second;
  auto reply = api_.get("/api/v1/" + kind + "s/" + id);
  if (!reply)
    return id;
  const auto entity = reply.json();
  std::string name = id;
  if (kind == "printer")
    name = text_of(entity["setup"], "name");
  else if (kind == "order")
    name = text_of(entity, "reference");
  else if (kind == "plan")
    name = text_of(entity, "name");
  else if (kind == "run")
    name = name_of("plan", text_of(entity, "plan")) + " (" + id.substr(0, 9) + ")";
  return names_[id] = name;
}

std::string demo_story::sentence(const json& event) {
  const auto type = text_of(event, "type").substr(std::string_view{"gantry."}.size());
  const auto subject = text_of(event, "subject");
  const auto kind = subject.substr(0, subject.find('/'));
  if (kind == "order")
    return order_sentence(event, type);
  if (kind == "plan")
    return plan_sentence(event, type);
  if (kind == "run")
    return run_sentence(event, type);
  if (type == "decision.made")
    return decision_sentence(event);
  if (type == "plate.composed")
    return "Plate composed: " + std::to_string(event["data"]["pieces"].get<int64_t>()) + " x "
           + name_of("plan", text_of(event["data"], "plan")) + ".";
  const auto printer = kind == "printer" ? name_of("printer", id_in(subject)) : "";
  if (type == "printer.added")
    return "Printer " + printer + " joins the farm.";
  if (type == "printer.bed_confirmed")
    return "The bed of " + printer + " is clear, says " + text_of(event["gantrywho"], "name") + ".";
  if (type == "printer.quarantined" || type == "printer.foreign_seen" || type == "breaker.opened")
    return "! " + printer + ": " + text_of(event, "gantrysentence");
  return "";
}

std::string demo_story::order_sentence(const json& event, const std::string& type) {
  const auto& data = event["data"];
  const auto name = type == "order.accepted" ? text_of(data, "reference")
                                             : name_of("order", id_in(text_of(event, "subject")));
  if (type == "order.accepted") {
    std::string lines;
    for (const auto& line : data["lines"])
      lines += (lines.empty() ? "" : ", ") + std::to_string(line["quantity"].get<int64_t>()) + " x "
               + text_of(line, "name");
    return "Order " + name + " accepted: " + lines + ".";
  }
  if (type == "order.line_held")
    return "! Order " + name + " is held: " + text_of(event, "gantrysentence");
  if (type == "order.fulfilled")
    return "Order " + name + " is fulfilled.";
  if (type == "order.cancelled")
    return "Order " + name + " is cancelled.";
  return "";
}

std::string demo_story::plan_sentence(const json& event, const std::string& type) {
  const auto& data = event["data"];
  const auto name = type == "plan.created" ? "" : name_of("plan", id_in(text_of(event, "subject")));
  if (type == "plan.model_checked")
    return "Model of " + name + " checked: " + std::to_string(data["checks"].size()) + " checks.";
  if (type == "plan.revised") {
    const auto& revision = data["revision"];
    const auto& estimate = revision["estimate"];
    return "Sliced " + name + ", plan revision " + std::to_string(revision["number"].get<int64_t>())
           + ": " + minutes(estimate["duration_s"].get<int64_t>()) + ", "
           + std::to_string(estimate["filament_mg"].get<int64_t>() / 1000) + " g.";
  }
  if (type == "plan.model_rejected" || type == "plan.slicing_failed"
      || type == "plan.review_required")
    return "! " + name + ": " + text_of(event, "gantrysentence");
  return "";
}

std::string demo_story::run_sentence(const json& event, const std::string& type) {
  const auto& data = event["data"];
  const auto id = id_in(text_of(event, "subject"));
  const auto name = name_of("run", id);
  if (type == "run.queued")
    return name + " waits for a printer.";
  if (type == "run.reserved")
    return name + " is scheduled on " + name_of("printer", text_of(data, "printer")) + ".";
  if (type == "run.uploaded")
    return name + " is uploaded.";
  if (type == "run.start_intended")
    return name + ": the start is committed, and sent once.";
  if (type == "run.print_observed")
    return name + " prints: the printer says so.";
  if (type == "run.progressed") {
    // A terminal has the bars.
    auto quarter = data["progress_permille"].get<int64_t>() / 250;
    if (is_terminal_ || quarter <= told_quarter_[id])
      return "";
    told_quarter_[id] = quarter;
    return name + " is at " + std::to_string(quarter * 25) + " %.";
  }
  if (type == "run.finished")
    return name
           + " is finished; it waits for a look at the parts, and its printer for a clear bed.";
  if (type == "run.inspected")
    return name + (data["passed"].get<bool>() ? " passed inspection." : " failed inspection.");
  if (type == "run.approval_requested")
    return name + " waits for approval: " + text_of(event, "gantrysentence");
  if (type == "run.failed" || type == "run.cancelled" || type == "run.released"
      || type == "run.attention_raised")
    return "! " + name + ": " + text_of(event, "gantrysentence");
  return "";
}

std::string demo_story::decision_sentence(const json& event) {
  const auto& content = event["data"]["content"];
  return "Policy says " + text_of(content, "answer") + " to " + text_of(content, "gate") + " "
         + name_of("run", text_of(content, "run")) + " on "
         + name_of("printer", text_of(content, "printer")) + " (risk " + text_of(content, "risk")
         + ").";
}

void demo_story::show_progress() {
  if (!is_terminal_)
    return;
  auto reply = api_.get("/api/v1/printers?limit=6");
  if (!reply)
    return;
  std::map<std::string, std::string> states;
  for (const auto& each : reply.items()) {
    const auto& ticket = each["ticket"];
    auto state = ticket.is_null() ? "bed " + text_of(each, "bed") : text_of(ticket, "phase");
    const auto& report = each["live"]["report"];
    if (state == "printing" && report.is_object()) {
      const auto permille = report["progress_permille"].get<int64_t>();
      state = bar(permille) + " " + std::to_string(permille / 10) + " %";
    }
    states[text_of(each["setup"], "name")] = state;
  }
  std::string line;
  for (const auto& [name, state] : states)
    line += (line.empty() ? "  " : "   ") + name + " " + state;
  write("\r\x1b[K" + line);
  has_progress_line_ = true;
}

} // namespace gantry::cli
