// RUN: one attempt to print a plate on one printer. What was wanted, sent, acknowledged and
// observed are separate events, because none of them proves another.
#pragma once

#include "schemas/values.hpp"

namespace gantry {

/// Where a run stands. Recovery on waking up in a doing-state: `reserved` and `uploading` upload
/// again under the same name; `starting` never sends anything, it watches the printer; `printing`,
/// `paused` and `cancelling` compare the printer's next report with what is believed; `attention`
/// waits for a person.
enum class run_state : uint8_t {
  queued,
  approval,
  reserved,
  uploading,
  starting,
  printing,
  paused,
  cancelling,
  attention,
  inspecting,
  passed,
  failed,
  cancelled,
};
constexpr auto names_of(run_state) {
  return std::to_array<std::string_view>({"queued", "approval", "reserved", "uploading", "starting",
                                          "printing", "paused", "cancelling", "attention",
                                          "inspecting", "passed", "failed", "cancelled"});
}

/// What came back for a start that was sent.
enum class start_answer : uint8_t { pending, acknowledged, refused, lost };
constexpr auto names_of(start_answer) {
  return std::to_array<std::string_view>({"pending", "acknowledged", "refused", "lost"});
}

/// A person's consent to start a run.
struct run_approval {
  decision_id decision;
  std::string printer_class;
  int64_t revision = 0;

  template <class V>
  static void describe(V&& v) {
    v("decision", &run_approval::decision, "The approved decision.");
    v("printer_class", &run_approval::printer_class, "Class of printer it covers.");
    v("revision", &run_approval::revision, "Plan revision it covers.");
  }
  bool operator==(const run_approval&) const = default;
};

/// The RUN's state.
struct run {
  run_id id;
  run_state state = run_state::queued;
  plate_id plate;
  plan_id plan;
  order_id order;
  int64_t ordinal = 1;
  int64_t priority = 5;
  std::optional<timestamp> due_at;
  std::optional<timestamp> queued_at;
  decision_id pending_decision;
  std::optional<run_approval> approval;
  printer_id printer;
  decision_id decision;
  int64_t revision = 0;
  artifact_id gcode;
  int64_t attempt = 0;
  std::string file;
  start_answer answer = start_answer::pending;
  std::optional<timestamp> started_at;
  std::optional<timestamp> ended_at;
  int64_t progress_permille = 0;
  int64_t layer = 0;
  int64_t print_duration_s = 0;
  int64_t total_duration_s = 0;
  int64_t filament_used_mm = 0;
  reason why = reason::ok;
  reason_params why_params;
  std::string believed;
  std::string observed;
  attribution attributed_to = attribution::unknown;
  std::vector<item_outcome> items;
  std::string inspection_note;

  /// True while a printer's ticket belongs to this run.
  [[nodiscard]] bool on_printer() const {
    return state >= run_state::reserved && state <= run_state::attention;
  }

  template <class V>
  static void describe(V&& v) {
    v("id", &run::id, "Run.");
    v("state", &run::state, "Where it stands.");
    v("plate", &run::plate, "Plate it prints.");
    v("plan", &run::plan, "Plan it follows.");
    v("order", &run::order, "Order it serves.");
    v("ordinal", &run::ordinal, "1 for the plate's first attempt.");
    v("priority", &run::priority, "0 (first) to 9 (last).");
    v("due_at", &run::due_at, "When the order is due.");
    v("queued_at", &run::queued_at, "When it was queued.");
    v("pending_decision", &run::pending_decision, "Decision that waits for approval.");
    v("approval", &run::approval, "A person's consent.");
    v("printer", &run::printer, "Printer it is, or was, on.");
    v("decision", &run::decision, "The decision that allowed the last step.");
    v("revision", &run::revision, "Plan revision that is printed.");
    v("gcode", &run::gcode, "The toolpath.");
    v("attempt", &run::attempt, "Attempt to start it on this printer.");
    v("file", &run::file, "Its name on the printer.");
    v("answer", &run::answer, "What came back for the start.");
    v("started_at", &run::started_at, "When the printer was first seen printing it.");
    v("ended_at", &run::ended_at, "When it ended.");
    v("progress_permille", &run::progress_permille, "Last recorded progress.");
    v("layer", &run::layer, "Last recorded layer.");
    v("print_duration_s", &run::print_duration_s, "Printing time.");
    v("total_duration_s", &run::total_duration_s, "Time including pauses.");
    v("filament_used_mm", &run::filament_used_mm, "Filament that the printer reports.");
    v("why", &run::why, "Reason of the current state.");
    v("why_params", &run::why_params, "Values for the reason's text.");
    v("believed", &run::believed, "In attention: what we believed.");
    v("observed", &run::observed, "In attention: what the printer said.");
    v("attributed_to", &run::attributed_to, "What a failure is attributed to.");
    v("items", &run::items, "Inspection result per piece.");
    v("inspection_note", &run::inspection_note, "The inspector's words.");
  }
  bool operator==(const run&) const = default;
};

namespace events {

struct run_queued {
  static constexpr std::string_view type = "run.queued";
  run_id id;
  plate_id plate;
  plan_id plan;
  order_id order;
  int64_t ordinal = 1;
  int64_t priority = 5;
  std::optional<timestamp> due_at;

  template <class V>
  static void describe(V&& v) {
    v("id", &run_queued::id, "Run.");
    v("plate", &run_queued::plate, "Plate.");
    v("plan", &run_queued::plan, "Plan.");
    v("order", &run_queued::order, "Order.");
    v("ordinal", &run_queued::ordinal, "1 for the plate's first attempt.");
    v("priority", &run_queued::priority, "Priority of the order.");
    v("due_at", &run_queued::due_at, "When the order is due.");
  }
};

struct run_approval_requested {
  static constexpr std::string_view type = "run.approval_requested";
  decision_id decision;
  printer_id printer;

  template <class V>
  static void describe(V&& v) {
    v("decision", &run_approval_requested::decision, "The decision that needs a person.");
    v("printer", &run_approval_requested::printer, "The printer it was made for.");
  }
};

struct run_approved {
  static constexpr std::string_view type = "run.approved";
  decision_id decision;
  std::string printer_class;
  int64_t revision = 0;

  template <class V>
  static void describe(V&& v) {
    v("decision", &run_approved::decision, "The approved decision.");
    v("printer_class", &run_approved::printer_class, "Class of printer the approval covers.");
    v("revision", &run_approved::revision, "Plan revision the approval covers.");
  }
};

struct run_approval_rejected {
  static constexpr std::string_view type = "run.approval_rejected";
  decision_id decision;

  template <class V>
  static void describe(V&& v) {
    v("decision", &run_approval_rejected::decision, "The rejected decision.");
  }
};

struct run_reserved {
  static constexpr std::string_view type = "run.reserved";
  printer_id printer;
  decision_id decision;
  int64_t revision = 0;
  artifact_id gcode;

  template <class V>
  static void describe(V&& v) {
    v("printer", &run_reserved::printer, "The printer.");
    v("decision", &run_reserved::decision, "The decision that allows it.");
    v("revision", &run_reserved::revision, "Plan revision.");
    v("gcode", &run_reserved::gcode, "The toolpath.");
  }
};

struct run_upload_began {
  static constexpr std::string_view type = "run.upload_began";
  int64_t attempt = 1;
  std::string file;

  template <class V>
  static void describe(V&& v) {
    v("attempt", &run_upload_began::attempt, "Attempt.");
    v("file", &run_upload_began::file, "Name on the printer.");
  }
};

struct run_uploaded {
  static constexpr std::string_view type = "run.uploaded";
  int64_t attempt = 1;
  int64_t size_bytes = 0;

  template <class V>
  static void describe(V&& v) {
    v("attempt", &run_uploaded::attempt, "Attempt.");
    v("size_bytes", &run_uploaded::size_bytes, "Bytes that the printer reports.");
  }
};

struct run_start_intended {
  static constexpr std::string_view type = "run.start_intended";
  int64_t attempt = 1;
  decision_id decision;

  template <class V>
  static void describe(V&& v) {
    v("attempt", &run_start_intended::attempt, "Attempt.");
    v("decision", &run_start_intended::decision, "The decision that allows the start.");
  }
};

struct run_start_answered {
  static constexpr std::string_view type = "run.start_answered";
  int64_t attempt = 1;
  start_answer answer = start_answer::pending;

  template <class V>
  static void describe(V&& v) {
    v("attempt", &run_start_answered::attempt, "Attempt.");
    v("answer", &run_start_answered::answer, "What came back.");
  }
};

struct run_print_observed {
  static constexpr std::string_view type = "run.print_observed";
  std::string file;

  template <class V>
  static void describe(V&& v) {
    v("file", &run_print_observed::file, "The file that the printer reports.");
  }
};

struct run_paused {
  static constexpr std::string_view type = "run.paused";
  template <class V>
  static void describe(V&&) {}
};

struct run_resumed {
  static constexpr std::string_view type = "run.resumed";
  template <class V>
  static void describe(V&&) {}
};

struct run_progressed {
  static constexpr std::string_view type = "run.progressed";
  int64_t progress_permille = 0;
  int64_t layer = 0;
  int64_t print_duration_s = 0;

  template <class V>
  static void describe(V&& v) {
    v("progress_permille", &run_progressed::progress_permille, "Progress.");
    v("layer", &run_progressed::layer, "Layer, 0 if unknown.");
    v("print_duration_s", &run_progressed::print_duration_s, "Printing time so far.");
  }
};

struct run_cancel_wanted {
  static constexpr std::string_view type = "run.cancel_wanted";
  template <class V>
  static void describe(V&&) {}
};

struct run_attention_raised {
  static constexpr std::string_view type = "run.attention_raised";
  reason why = reason::ok;
  reason_params why_params;
  std::string believed;
  std::string observed;

  template <class V>
  static void describe(V&& v) {
    v("why", &run_attention_raised::why, "What does not agree.");
    v("why_params", &run_attention_raised::why_params, "Values for the reason's text.");
    v("believed", &run_attention_raised::believed, "What we believed.");
    v("observed", &run_attention_raised::observed, "What the printer says.");
  }
};

struct run_attention_settled {
  static constexpr std::string_view type = "run.attention_settled";
  std::string verdict;

  template <class V>
  static void describe(V&& v) {
    v("verdict", &run_attention_settled::verdict, "it_printed, it_failed or keep_watching.");
  }
};

struct run_finished {
  static constexpr std::string_view type = "run.finished";
  int64_t print_duration_s = 0;
  int64_t total_duration_s = 0;
  int64_t filament_used_mm = 0;

  template <class V>
  static void describe(V&& v) {
    v("print_duration_s", &run_finished::print_duration_s, "Printing time.");
    v("total_duration_s", &run_finished::total_duration_s, "Time including pauses.");
    v("filament_used_mm", &run_finished::filament_used_mm, "Filament that the printer reports.");
  }
};

struct run_failed {
  static constexpr std::string_view type = "run.failed";
  reason why = reason::ok;
  reason_params why_params;
  attribution attributed_to = attribution::unknown;

  template <class V>
  static void describe(V&& v) {
    v("why", &run_failed::why, "What went wrong.");
    v("why_params", &run_failed::why_params, "Values for the reason's text.");
    v("attributed_to", &run_failed::attributed_to, "What the failure is attributed to.");
  }
};

struct run_cancelled {
  static constexpr std::string_view type = "run.cancelled";
  reason why = reason::run_cancelled_by_person;

  template <class V>
  static void describe(V&& v) {
    v("why", &run_cancelled::why, "Who cancelled it.");
  }
};

struct run_released {
  static constexpr std::string_view type = "run.released";
  reason why = reason::ok;
  reason_params why_params;

  template <class V>
  static void describe(V&& v) {
    v("why", &run_released::why, "Why the printer gave it back.");
    v("why_params", &run_released::why_params, "Values for the reason's text.");
  }
};

struct run_inspected {
  static constexpr std::string_view type = "run.inspected";
  bool passed = false;
  std::vector<item_outcome> items;
  attribution attributed_to = attribution::unknown;
  std::string note;

  template <class V>
  static void describe(V&& v) {
    v("passed", &run_inspected::passed, "True if every piece is good.");
    v("items", &run_inspected::items, "What became of each piece.");
    v("attributed_to", &run_inspected::attributed_to, "What a failure is attributed to.");
    v("note", &run_inspected::note, "The inspector's words.");
  }
};

} // namespace events

} // namespace gantry
