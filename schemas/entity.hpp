// All entities and events in one list. Adding one here gives it a place in the store, the log, the
// codec and the JSON Schemas.
#pragma once

#include "schemas/catalogue.hpp"
#include "schemas/governance.hpp"
#include "schemas/one_of.hpp"
#include "schemas/order.hpp"
#include "schemas/plan.hpp"
#include "schemas/plate.hpp"
#include "schemas/printer.hpp"
#include "schemas/run.hpp"
#include "schemas/station.hpp"

#include <compare>

namespace gantry {

/// The kinds of entity. Numbers are part of the store's keys: never changed, never reused.
enum class entity_kind : uint8_t {
  order,
  plan,
  plate,
  run,
  printer,
  breaker,
  decision,
  artifact,
  profile,
  material,
  token,
  settings,
  station,
};
constexpr auto names_of(entity_kind) {
  return std::to_array<std::string_view>({"order", "plan", "plate", "run", "printer", "breaker",
                                          "decision", "artifact", "profile", "material", "token",
                                          "settings", "station"});
}
/// Number of entity kinds.
inline constexpr size_t entity_kinds = names_of(entity_kind{}).size();

/// The state of any entity; the alternatives stand in the order of `entity_kind`.
class any_state : public one_of<order, plan, plate, run, printer, breaker, decision, artifact,
                                profile, material, token, settings, station> {
public:
  using one_of::one_of;
  any_state();
  any_state(const any_state&);
  any_state(any_state&&) noexcept;
  any_state& operator=(const any_state&);
  any_state& operator=(any_state&&) noexcept;
  ~any_state();
};

/// Any event. `T::type` is its name in the log.
class any_event
    : public one_of<
          events::order_accepted, events::order_line_released, events::order_line_held,
          events::order_line_preparing, events::order_pieces_passed, events::order_fulfilled,
          events::order_cancelled, events::plan_created, events::plan_model_checked,
          events::plan_model_rejected, events::plan_revised, events::plan_slicing_failed,
          events::plan_revision_requested, events::plan_review_required, events::plan_review_passed,
          events::plan_cancelled, events::plan_completed, events::plate_composed,
          events::plate_run_queued, events::plate_print_began, events::plate_print_ended,
          events::plate_inspected, events::plate_held, events::plate_cancelled, events::run_queued,
          events::run_approval_requested, events::run_approved, events::run_approval_rejected,
          events::run_reserved, events::run_upload_began, events::run_uploaded,
          events::run_start_intended, events::run_start_answered, events::run_print_observed,
          events::run_paused, events::run_resumed, events::run_progressed,
          events::run_cancel_wanted, events::run_attention_raised, events::run_attention_settled,
          events::run_finished, events::run_failed, events::run_cancelled, events::run_released,
          events::run_inspected, events::printer_added, events::printer_edited,
          events::printer_mode_changed, events::printer_reserved, events::printer_upload_began,
          events::printer_uploaded, events::printer_start_intended, events::printer_start_answered,
          events::printer_fence_began, events::printer_start_fenced, events::printer_print_observed,
          events::printer_pause_observed, events::printer_resume_observed,
          events::printer_action_wanted, events::printer_attention_raised,
          events::printer_attention_settled, events::printer_ticket_closed,
          events::printer_bed_confirmed, events::printer_foreign_seen,
          events::printer_foreign_settled, events::printer_foreign_ended, events::printer_job_seen,
          events::printer_quarantined, events::printer_unreconciled, events::printer_reconciled,
          events::breaker_installed, events::breaker_failure_counted, events::breaker_opened,
          events::breaker_was_reset, events::decision_made, events::decision_approved,
          events::decision_rejected, events::decision_lapsed, events::artifact_stored,
          events::profile_versioned, events::material_added, events::token_issued,
          events::token_revoked, events::settings_changed, events::station_added,
          events::station_edited, events::station_retired, events::station_recipe_changed,
          events::station_level_set, events::station_calibrated, events::station_job_began,
          events::station_start_intended, events::station_start_answered,
          events::station_print_observed, events::station_progressed, events::station_change_began,
          events::station_step_began, events::station_step_accepted, events::station_step_held,
          events::station_step_ended, events::station_pump_began, events::station_pump_ended,
          events::station_change_completed, events::station_change_skipped,
          events::station_error_raised, events::station_error_settled, events::station_warned,
          events::station_control_wanted, events::station_control_answered,
          events::station_control_ended, events::station_stop_wanted, events::station_job_ended,
          events::station_emergency_stopped, events::station_lock_released,
          events::station_acknowledged, events::station_files_taken> {
public:
  using one_of::one_of;
  any_event();
  any_event(const any_event&);
  any_event(any_event&&) noexcept;
  any_event& operator=(const any_event&);
  any_event& operator=(any_event&&) noexcept;
  ~any_event();
};

/// Names one entity: `kind/id`.
struct entity_ref {
  entity_kind kind = entity_kind::order;
  std::string id;

  /// `kind/id`, as used in CloudEvents subjects.
  [[nodiscard]] std::string text() const;
  auto operator<=>(const entity_ref&) const = default;
};

inline entity_ref ref_of(const order_id& id) {
  return {entity_kind::order, id.value};
}
inline entity_ref ref_of(const plan_id& id) {
  return {entity_kind::plan, id.value};
}
inline entity_ref ref_of(const plate_id& id) {
  return {entity_kind::plate, id.value};
}
inline entity_ref ref_of(const run_id& id) {
  return {entity_kind::run, id.value};
}
inline entity_ref ref_of(const printer_id& id) {
  return {entity_kind::printer, id.value};
}
inline entity_ref ref_of(const breaker_id& id) {
  return {entity_kind::breaker, id.value};
}
inline entity_ref ref_of(const decision_id& id) {
  return {entity_kind::decision, id.value};
}
inline entity_ref ref_of(const artifact_id& id) {
  return {entity_kind::artifact, id.value};
}
inline entity_ref ref_of(const profile_id& id) {
  return {entity_kind::profile, id.value};
}
inline entity_ref ref_of(const material_id& id) {
  return {entity_kind::material, id.value};
}
inline entity_ref ref_of(const token_id& id) {
  return {entity_kind::token, id.value};
}

inline entity_ref ref_of(const station_id& id) {
  return {entity_kind::station, id.value};
}

/// The id prefix of a kind (`ord`, `run`, ...).
[[nodiscard]] std::string_view id_prefix_of(entity_kind kind);

/// The one settings entity of a data folder.
[[nodiscard]] entity_ref settings_ref();

/// The kind whose state `state` is.
[[nodiscard]] entity_kind kind_of(const any_state& state);

/// An empty state of `kind`: what an entity is before its first event.
[[nodiscard]] any_state blank_state(entity_kind kind);

/// The version of an entity: the number of its events. 0 = it does not exist.
using entity_version = uint64_t;

/// True while the entity still has something to do, so that its actor is started with the kernel.
[[nodiscard]] bool is_open(const any_state& state);

/// The name of an event's type.
[[nodiscard]] std::string_view type_of(const any_event& event);

} // namespace gantry
