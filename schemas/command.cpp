#include "schemas/command.hpp"

namespace gantry {

namespace {

using namespace commands;

/// The id of what `context` creates: derived from the asker and the key, so that duplicates meet.
entity_ref created(entity_kind kind, const command_context& context) {
  return {kind, derive_id(id_prefix_of(kind), context.who.id, context.idempotency_key)};
}

/// The id of a record that is found by its unique name.
entity_ref named(entity_kind kind, const std::string& name) {
  return {kind, derive_id(id_prefix_of(kind), "name", name)};
}

struct initiator_finder {
  const command_context& context;

  entity_ref operator()(const create_order&) const { return created(entity_kind::order, context); }
  entity_ref operator()(const add_printer&) const { return created(entity_kind::printer, context); }
  entity_ref operator()(const issue_token&) const { return created(entity_kind::token, context); }
  entity_ref operator()(const add_station&) const { return created(entity_kind::station, context); }
  entity_ref operator()(const add_profile& x) const { return named(entity_kind::profile, x.name); }
  entity_ref operator()(const add_material& x) const {
    return named(entity_kind::material, x.name);
  }
  entity_ref operator()(const change_settings&) const { return settings_ref(); }
  entity_ref operator()(const store_artifact& x) const {
    return named(entity_kind::artifact, x.sha256);
  }
  /// Commands about what exists go to the entity that they name.
  template <class Command>
  entity_ref operator()(const Command& x) const {
    return ref_of(x.id);
  }
};

constexpr auto command_names = std::to_array<std::string_view>({
    "create_order",
    "cancel_order",
    "request_revision",
    "reprint_plate",
    "cancel_run",
    "pause_run",
    "resume_run",
    "inspect_run",
    "settle_run",
    "add_printer",
    "edit_printer",
    "set_printer_mode",
    "confirm_bed_clear",
    "settle_foreign",
    "confirm_printer",
    "settle_approval",
    "reset_breaker",
    "add_profile",
    "add_material",
    "issue_token",
    "revoke_token",
    "change_settings",
    "store_artifact",
    "model_checked",
    "slicing_settled",
    "reserve_run",
    "begin_upload",
    "upload_settled",
    "begin_start",
    "start_settled",
    "start_overdue",
    "fence_settled",
    "observe",
    "action_settled",
    "quarantine_printer",
    "mark_unreconciled",
    "add_station",
    "edit_station",
    "retire_station",
    "set_recipe",
    "set_level",
    "calibrate_pump",
    "start_station",
    "attach_station",
    "stop_station",
    "control_station",
    "run_station_pump",
    "stop_station_pump",
    "answer_station",
    "acknowledge_station",
    "emergency_stop_station",
    "observe_station",
    "wake_station",
    "begin_station_start",
    "station_control_settled",
    "station_wait_over",
    "station_step_overdue",
    "station_pump_settled",
    "station_lock_over",
    "take_station_files",
});
static_assert(command_names.size() == std::variant_size_v<any_command::alternatives>);

} // namespace

entity_ref initiator_of(const command& request) {
  return std::visit(initiator_finder{request.context}, request.body);
}

std::string_view name_of(const any_command& body) {
  return command_names[body.index()];
}

any_command::any_command() = default;
any_command::any_command(const any_command&) = default;
any_command::any_command(any_command&&) noexcept = default;
any_command& any_command::operator=(const any_command&) = default;
any_command& any_command::operator=(any_command&&) noexcept = default;
any_command::~any_command() = default;

} // namespace gantry
