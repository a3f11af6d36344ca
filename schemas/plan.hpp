// PLAN: how the pieces of one order line are made. Each slicing adds a revision; none is changed.
#pragma once

#include "schemas/values.hpp"

namespace gantry {

/// One immutable recipe: profile version in, toolpath out.
struct plan_revision {
  int64_t number = 1;
  profile_id profile;
  int64_t profile_version = 1;
  std::string profile_sha256;
  std::string slicer;
  artifact_id gcode;
  std::string gcode_sha256;
  int64_t gcode_size_bytes = 0;
  print_estimate estimate;
  std::vector<check> checks;

  template <class V>
  static void describe(V&& v) {
    v("number", &plan_revision::number, "1, 2, 3, ...");
    v("profile", &plan_revision::profile, "Slicing profile.");
    v("profile_version", &plan_revision::profile_version, "Version of the profile.");
    v("profile_sha256", &plan_revision::profile_sha256, "Digest of the full profile text.");
    v("slicer", &plan_revision::slicer, "Slicer and version.");
    v("gcode", &plan_revision::gcode, "The toolpath.");
    v("gcode_sha256", &plan_revision::gcode_sha256, "Digest of the toolpath.");
    v("gcode_size_bytes", &plan_revision::gcode_size_bytes, "Size of the toolpath.");
    v("estimate", &plan_revision::estimate, "What the slicer promises.");
    v("checks", &plan_revision::checks, "Checks of the toolpath against model and bed.");
  }
  bool operator==(const plan_revision&) const = default;
};

/// Where a plan stands. `checking` and `slicing` are doing-states: waking up in one does it again,
/// since both only read files.
enum class plan_state : uint8_t {
  checking,
  slicing,
  ready,
  rejected,
  failed,
  review,
  cancelled,
  done
};
constexpr auto names_of(plan_state) {
  return std::to_array<std::string_view>(
      {"checking", "slicing", "ready", "rejected", "failed", "review", "cancelled", "done"});
}

/// The PLAN's state.
struct plan {
  plan_id id;
  plan_state state = plan_state::checking;
  order_id order;
  int64_t line = 0;
  std::string name;
  artifact_id model;
  int64_t quantity = 1;
  int64_t pieces_per_plate = 1;
  std::string material;
  colour_rule colour;
  profile_id profile;
  std::vector<check> checks;
  box_um size;
  std::vector<plan_revision> revisions;
  std::vector<plate_id> plates;
  breaker_id breaker;
  reason why = reason::ok;
  reason_params why_params;

  /// The revision that new runs print; null before the first slicing.
  [[nodiscard]] const plan_revision* current() const {
    return revisions.empty() ? nullptr : &revisions.back();
  }

  template <class V>
  static void describe(V&& v) {
    v("id", &plan::id, "Plan.");
    v("state", &plan::state, "Where it stands.");
    v("order", &plan::order, "Order it serves.");
    v("line", &plan::line, "Index of the order's line.");
    v("name", &plan::name, "What the customer calls the part.");
    v("model", &plan::model, "The model.");
    v("quantity", &plan::quantity, "Pieces wanted.");
    v("pieces_per_plate", &plan::pieces_per_plate, "Pieces printed together.");
    v("material", &plan::material, "Material.");
    v("colour", &plan::colour, "Acceptable colours.");
    v("profile", &plan::profile, "Slicing profile of the next revision.");
    v("checks", &plan::checks, "Checks of the model.");
    v("size", &plan::size, "Size of one piece.");
    v("revisions", &plan::revisions, "Recipes; the last one is current.");
    v("plates", &plan::plates, "Plates composed from it.");
    v("breaker", &plan::breaker, "Loop breaker that counts its failures.");
    v("why", &plan::why, "Why it is rejected, failed or under review.");
    v("why_params", &plan::why_params, "Values for the reason's text.");
  }
  bool operator==(const plan&) const = default;
};

namespace events {

struct plan_created {
  static constexpr std::string_view type = "plan.created";
  plan_id id;
  order_id order;
  int64_t line = 0;
  std::string name;
  artifact_id model;
  int64_t quantity = 1;
  int64_t pieces_per_plate = 1;
  std::string material;
  colour_rule colour;
  profile_id profile;
  breaker_id breaker;

  template <class V>
  static void describe(V&& v) {
    v("id", &plan_created::id, "Plan.");
    v("order", &plan_created::order, "Order.");
    v("line", &plan_created::line, "Index of the order's line.");
    v("name", &plan_created::name, "Part name.");
    v("model", &plan_created::model, "Model.");
    v("quantity", &plan_created::quantity, "Pieces wanted.");
    v("pieces_per_plate", &plan_created::pieces_per_plate, "Pieces printed together.");
    v("material", &plan_created::material, "Material.");
    v("colour", &plan_created::colour, "Acceptable colours.");
    v("profile", &plan_created::profile, "Slicing profile.");
    v("breaker", &plan_created::breaker, "Loop breaker.");
  }
};

struct plan_model_checked {
  static constexpr std::string_view type = "plan.model_checked";
  std::vector<check> checks;
  box_um size;

  template <class V>
  static void describe(V&& v) {
    v("checks", &plan_model_checked::checks, "Every check with its figures.");
    v("size", &plan_model_checked::size, "Size of one piece.");
  }
};

struct plan_model_rejected {
  static constexpr std::string_view type = "plan.model_rejected";
  std::vector<check> checks;
  reason why = reason::ok;
  reason_params why_params;

  template <class V>
  static void describe(V&& v) {
    v("checks", &plan_model_rejected::checks, "Every check with its figures.");
    v("why", &plan_model_rejected::why, "The first check that failed.");
    v("why_params", &plan_model_rejected::why_params, "Values for the reason's text.");
  }
};

struct plan_revised {
  static constexpr std::string_view type = "plan.revised";
  plan_revision revision;
  std::vector<plate_id> plates;

  template <class V>
  static void describe(V&& v) {
    v("revision", &plan_revised::revision, "The new recipe.");
    v("plates", &plan_revised::plates, "Plates composed with the first revision; else empty.");
  }
};

struct plan_slicing_failed {
  static constexpr std::string_view type = "plan.slicing_failed";
  reason why = reason::ok;
  reason_params why_params;

  template <class V>
  static void describe(V&& v) {
    v("why", &plan_slicing_failed::why, "What went wrong.");
    v("why_params", &plan_slicing_failed::why_params, "Values for the reason's text.");
  }
};

struct plan_revision_requested {
  static constexpr std::string_view type = "plan.revision_requested";
  profile_id profile;

  template <class V>
  static void describe(V&& v) {
    v("profile", &plan_revision_requested::profile, "Profile of the new revision.");
  }
};

struct plan_review_required {
  static constexpr std::string_view type = "plan.review_required";
  int64_t failures = 0;

  template <class V>
  static void describe(V&& v) {
    v("failures", &plan_review_required::failures, "Failures attributed to the plan.");
  }
};

struct plan_review_passed {
  static constexpr std::string_view type = "plan.review_passed";
  template <class V>
  static void describe(V&&) {}
};

struct plan_cancelled {
  static constexpr std::string_view type = "plan.cancelled";
  template <class V>
  static void describe(V&&) {}
};

struct plan_completed {
  static constexpr std::string_view type = "plan.completed";
  template <class V>
  static void describe(V&&) {}
};

} // namespace events

} // namespace gantry
