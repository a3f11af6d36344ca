// DECISION, BREAKER and SETTINGS: what may happen by itself, who was asked, and what was answered.
#pragma once

#include "schemas/values.hpp"

namespace gantry {

/// What a gate answers.
enum class verdict : uint8_t { allow, needs_approval, deny };
constexpr auto names_of(verdict) {
  return std::to_array<std::string_view>({"allow", "needs_approval", "deny"});
}

/// How risky a start is.
enum class risk_level : uint8_t { low, medium, high };
constexpr auto names_of(risk_level) {
  return std::to_array<std::string_view>({"low", "medium", "high"});
}

/// Where a decision's approval stands.
enum class approval_state : uint8_t { not_needed, pending, approved, rejected, lapsed };
constexpr auto names_of(approval_state) {
  return std::to_array<std::string_view>(
      {"not_needed", "pending", "approved", "rejected", "lapsed"});
}

/// One rule that was evaluated, and what it said.
struct rule_result {
  std::string rule;
  verdict says = verdict::allow;
  reason why = reason::ok;
  reason_params why_params;

  template <class V>
  static void describe(V&& v) {
    v("rule", &rule_result::rule, "Name of the rule.");
    v("says", &rule_result::says, "Its verdict.");
    v("why", &rule_result::why, "Reason code.");
    v("why_params", &rule_result::why_params, "Values for the reason's text.");
  }
  bool operator==(const rule_result&) const = default;
};

/// A fact that a decision relied on, by entity and version.
struct relied_fact {
  std::string entity;
  int64_t version = 0;

  template <class V>
  static void describe(V&& v) {
    v("entity", &relied_fact::entity, "kind/id.");
    v("version", &relied_fact::version, "Its version at the time.");
  }
  bool operator==(const relied_fact&) const = default;
};

/// The DECISION's state: the answer of a gate, with everything that led to it.
struct decision {
  decision_id id;
  std::string gate;
  run_id run;
  plan_id plan;
  int64_t revision = 0;
  printer_id printer;
  std::string printer_class;
  verdict answer = verdict::deny;
  risk_level risk = risk_level::low;
  std::vector<std::string> risk_factors;
  std::vector<rule_result> rules;
  std::vector<relied_fact> relied_on;
  std::optional<timestamp> made_at;
  std::optional<timestamp> expires_at;
  approval_state approval = approval_state::not_needed;
  std::string settled_by;
  std::string settled_note;
  std::optional<timestamp> settled_at;

  template <class V>
  static void describe(V&& v) {
    v("id", &decision::id, "Decision.");
    v("gate", &decision::gate, "Which gate was asked: reserve or start.");
    v("run", &decision::run, "Run it is about.");
    v("plan", &decision::plan, "Plan it is about.");
    v("revision", &decision::revision, "Plan revision.");
    v("printer", &decision::printer, "Printer it is about.");
    v("printer_class", &decision::printer_class, "Class of that printer.");
    v("answer", &decision::answer, "What the gate answered.");
    v("risk", &decision::risk, "Risk level.");
    v("risk_factors", &decision::risk_factors, "What makes it risky, in words.");
    v("rules", &decision::rules, "Every rule with its verdict.");
    v("relied_on", &decision::relied_on, "Facts it relied on.");
    v("made_at", &decision::made_at, "When it was made.");
    v("expires_at", &decision::expires_at, "When it can no longer be used.");
    v("approval", &decision::approval, "Where a person's approval stands.");
    v("settled_by", &decision::settled_by, "Who approved or rejected.");
    v("settled_note", &decision::settled_note, "Their words.");
    v("settled_at", &decision::settled_at, "When.");
  }
  bool operator==(const decision&) const = default;
};

/// Whether a breaker lets starts through.
enum class breaker_state : uint8_t { closed, open };
constexpr auto names_of(breaker_state) {
  return std::to_array<std::string_view>({"closed", "open"});
}

/// One failure that a breaker counts.
struct breaker_failure {
  run_id run;
  reason why = reason::ok;
  std::optional<timestamp> at;

  template <class V>
  static void describe(V&& v) {
    v("run", &breaker_failure::run, "The run that failed.");
    v("why", &breaker_failure::why, "Reason code of the failure.");
    v("at", &breaker_failure::at, "When.");
  }
  bool operator==(const breaker_failure&) const = default;
};

/// The BREAKER's state: counts the failures attributed to one plan.
struct breaker {
  breaker_id id;
  plan_id plan;
  breaker_state state = breaker_state::closed;
  std::vector<breaker_failure> failures;
  int64_t resets = 0;
  std::optional<timestamp> opened_at;

  template <class V>
  static void describe(V&& v) {
    v("id", &breaker::id, "Breaker.");
    v("plan", &breaker::plan, "Plan it guards.");
    v("state", &breaker::state, "open = nothing of the plan starts.");
    v("failures", &breaker::failures, "Failures since the last reset.");
    v("resets", &breaker::resets, "How often a person reset it.");
    v("opened_at", &breaker::opened_at, "When it opened.");
  }
  bool operator==(const breaker&) const = default;
};

/// The rule set and limits of the whole farm.
struct settings {
  settings_id id;
  bool dispatch_enabled = true;
  std::vector<std::string> gated_classes{"gated"};
  risk_level approval_from_risk = risk_level::high;
  int64_t breaker_limit = 2;
  int64_t reprint_ceiling = 3;
  int64_t decision_ttl_s = 600;
  int64_t upload_deadline_s = 900;
  int64_t start_deadline_s = 60;
  int64_t start_lag_s = 30;
  int64_t settle_after_ready_s = 2;

  template <class V>
  static void describe(V&& v) {
    v("id", &settings::id, "Settings; ignored in requests.", defaulted());
    v("dispatch_enabled", &settings::dispatch_enabled, "False stops every new start.", defaulted());
    v("gated_classes", &settings::gated_classes, "Printer classes that start after approval only.",
      defaulted(at_most(16)));
    v("approval_from_risk", &settings::approval_from_risk, "Risk from which a person must approve.",
      defaulted());
    v("breaker_limit", &settings::breaker_limit,
      "Failures attributed to a plan that open its breaker.", defaulted(between(1, 10)));
    v("reprint_ceiling", &settings::reprint_ceiling, "Runs of one plate before it is held.",
      defaulted(between(1, 20)));
    v("decision_ttl_s", &settings::decision_ttl_s, "How long a decision may be used.",
      defaulted(between(10, 86'400)));
    v("upload_deadline_s", &settings::upload_deadline_s, "Longest upload.",
      defaulted(between(10, 86'400)));
    v("start_deadline_s", &settings::start_deadline_s,
      "How long a start may stay unconfirmed before a person is asked.",
      defaulted(between(5, 3'600)));
    v("start_lag_s", &settings::start_lag_s,
      "How long an unanswered start is watched before its file is removed.",
      defaulted(between(1, 600)));
    v("settle_after_ready_s", &settings::settle_after_ready_s,
      "Pause between a printer's firmware getting ready and a start.", defaulted(between(0, 60)));
  }
  bool operator==(const settings&) const = default;
};

namespace events {

struct decision_made {
  static constexpr std::string_view type = "decision.made";
  decision content;

  template <class V>
  static void describe(V&& v) {
    v("content", &decision_made::content, "The decision as it was made.");
  }
};

struct decision_approved {
  static constexpr std::string_view type = "decision.approved";
  std::string by;
  std::string note;

  template <class V>
  static void describe(V&& v) {
    v("by", &decision_approved::by, "The approver's name.");
    v("note", &decision_approved::note, "The approver's words.");
  }
};

struct decision_rejected {
  static constexpr std::string_view type = "decision.rejected";
  std::string by;
  std::string note;

  template <class V>
  static void describe(V&& v) {
    v("by", &decision_rejected::by, "The rejecter's name.");
    v("note", &decision_rejected::note, "The rejecter's words.");
  }
};

struct decision_lapsed {
  static constexpr std::string_view type = "decision.lapsed";
  template <class V>
  static void describe(V&&) {}
};

struct breaker_installed {
  static constexpr std::string_view type = "breaker.installed";
  breaker_id id;
  plan_id plan;

  template <class V>
  static void describe(V&& v) {
    v("id", &breaker_installed::id, "Breaker.");
    v("plan", &breaker_installed::plan, "Plan it guards.");
  }
};

struct breaker_failure_counted {
  static constexpr std::string_view type = "breaker.failure_counted";
  run_id run;
  reason why = reason::ok;

  template <class V>
  static void describe(V&& v) {
    v("run", &breaker_failure_counted::run, "The run that failed.");
    v("why", &breaker_failure_counted::why, "Reason code of the failure.");
  }
};

struct breaker_opened {
  static constexpr std::string_view type = "breaker.opened";
  int64_t limit = 0;

  template <class V>
  static void describe(V&& v) {
    v("limit", &breaker_opened::limit, "Failures that opened it.");
  }
};

struct breaker_was_reset {
  static constexpr std::string_view type = "breaker.reset";
  std::string note;

  template <class V>
  static void describe(V&& v) {
    v("note", &breaker_was_reset::note, "The reviewer's words.");
  }
};

struct settings_changed {
  static constexpr std::string_view type = "settings.changed";
  settings content;

  template <class V>
  static void describe(V&& v) {
    v("content", &settings_changed::content, "The whole new settings.");
  }
};

} // namespace events

} // namespace gantry
