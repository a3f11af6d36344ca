// docs/states.md and docs/reasons.md are what the rules and the catalogue say.
#include "tests/rules/stages.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>

using namespace gantry;
using namespace gantry::test;

namespace {

/// Compares a document with `wanted`, or writes it if the environment asks for that.
void compare(const std::string& name, const std::string& wanted) {
  const auto path = std::string{GANTRY_SOURCE_DIR} + "/docs/" + name;
  if (std::getenv("GANTRY_WRITE_DOCS")) {
    std::ofstream{path} << wanted;
    return;
  }
  std::ostringstream text;
  text << std::ifstream{path}.rdbuf();
  BOOST_TEST((text.str() == wanted),
             path << " is not what the code says; run this test with GANTRY_WRITE_DOCS=1");
}

/// What the trials of one stage lead to, grouped for reading.
struct outcomes {
  std::string changes;
  std::map<std::string, std::string> refusals; ///< Reason -> commands.
};

void append(std::string& list, const std::string& item) {
  list += (list.empty() ? "`" : ", `") + item + "`";
}

/// Commands about the entity itself; those that never touch it would only be noise.
bool concerns(std::string_view about, const any_command& body) {
  const auto name = std::string{name_of(body)};
  static const std::map<std::string_view, std::vector<std::string_view>> table{
      {"order",
       {"cancel_order", "request_revision", "reprint_plate", "cancel_run", "inspect_run",
        "model_checked", "slicing_settled", "reset_breaker", "observe"}},
      {"plan",
       {"model_checked", "slicing_settled", "request_revision", "cancel_order", "inspect_run",
        "reset_breaker", "observe"}},
      {"plate",
       {"reprint_plate", "cancel_order", "cancel_run", "inspect_run", "settle_run",
        "settle_approval", "observe"}},
      {"run",
       {"cancel_order", "cancel_run", "pause_run", "resume_run", "inspect_run", "settle_run",
        "settle_approval", "reserve_run", "begin_upload", "upload_settled", "begin_start",
        "start_settled", "start_overdue", "fence_settled", "observe", "action_settled"}},
      {"ticket",
       {"cancel_run", "pause_run", "resume_run", "settle_run", "set_printer_mode",
        "confirm_bed_clear", "reserve_run", "begin_upload", "upload_settled", "begin_start",
        "start_settled", "start_overdue", "fence_settled", "observe", "action_settled",
        "quarantine_printer", "mark_unreconciled"}},
  };
  const auto& names = table.at(about);
  return std::find(names.begin(), names.end(), name) != names.end();
}

outcomes outcomes_of(const stage& each) {
  outcomes result;
  for (const auto& trial : every_trial(each.shop)) {
    if (!concerns(each.about, trial.body))
      continue;
    auto shop = each.shop;
    const auto answer = trial.by_person ? shop.ask(trial.body) : shop.tell(trial.body);
    shop.settle_forwarded();
    const auto after = state_of(each.about, shop);
    if (answer.code != reason::ok)
      append(result.refusals[std::string{to_string(answer.code)}], trial.name);
    else if (after != each.state)
      result.changes += "| " + trial.name + " | " + after + " |\n";
  }
  return result;
}

std::string states_text() {
  std::string text = "# States\n\n"
                     "What each command does in each state of orders, plans, plates, runs and "
                     "printer tickets.\nWritten by "
                     "`tests/rules/documents_test.cpp` from the rules themselves; run it with\n"
                     "`GANTRY_WRITE_DOCS=1` to write it anew. Commands that are not "
                     "listed leave the state as it is.\n\"Ours\" is the file of the ticket.\n";
  std::string_view about;
  for (const auto& each : every_stage()) {
    if (each.about != about)
      text += "\n## " + std::string{each.about} + "\n";
    about = each.about;
    const auto found = outcomes_of(each);
    text += "\n### " + std::string{each.about} + ": " + each.state + "\n\n";
    if (!found.changes.empty())
      text += "| command | becomes |\n|---|---|\n" + found.changes + "\n";
    for (const auto& [code, commands] : found.refusals)
      text += "* `" + code + "` refuses " + commands + "\n";
  }
  return text;
}

std::string reasons_text() {
  std::string text = "# Reasons\n\n"
                     "Why something was done, refused, held or failed. Numbers are never changed "
                     "and never reused. Written by\n`tests/rules/documents_test.cpp` from "
                     "`schemas/reason.cpp`; run it with `GANTRY_WRITE_DOCS=1` to write it anew.\n\n"
                     "| no. | name | severity | who acts | HTTP | repeat is safe | text |\n"
                     "|---|---|---|---|---|---|---|\n";
  for (const auto& entry : reason_catalogue())
    text += "| " + std::to_string(static_cast<int>(entry.code)) + " | `" + std::string{entry.name}
            + "` | " + std::string{name_of(entry.level)} + " | " + std::string{name_of(entry.who)}
            + " | " + std::to_string(entry.http_status) + " | " + (entry.retry_safe ? "yes" : "no")
            + " | " + std::string{entry.text} + " |\n";
  return text;
}

} // namespace

BOOST_AUTO_TEST_CASE(the_document_of_states_is_what_the_rules_do) {
  compare("states.md", states_text());
}

BOOST_AUTO_TEST_CASE(the_document_of_reasons_is_the_catalogue) {
  compare("reasons.md", reasons_text());
}
