// The decisions, one function per command, grouped by initiator. `decide` dispatches to them.
#pragma once

#include "rules/ruling.hpp"

namespace gantry::rules {

/// Everything a decision is made from.
struct case_file {
  const command_context& context;
  const entity_ref& initiator;
  const facts& known;
  const decision* gate;
};

ruling decide_order(const case_file& file, const commands::create_order& x);
ruling decide_order(const case_file& file, const commands::cancel_order& x);

ruling decide_plan(const case_file& file, const commands::model_checked& x);
ruling decide_plan(const case_file& file, const commands::slicing_settled& x);
ruling decide_plan(const case_file& file, const commands::request_revision& x);

ruling decide_run(const case_file& file, const commands::reprint_plate& x);
ruling decide_run(const case_file& file, const commands::cancel_run& x);
ruling decide_run(const case_file& file, const commands::pause_run& x);
ruling decide_run(const case_file& file, const commands::resume_run& x);
ruling decide_run(const case_file& file, const commands::settle_run& x);
ruling decide_run(const case_file& file, const commands::inspect_run& x);

ruling decide_printer(const case_file& file, const commands::add_printer& x);
ruling decide_printer(const case_file& file, const commands::edit_printer& x);
ruling decide_printer(const case_file& file, const commands::set_printer_mode& x);
ruling decide_printer(const case_file& file, const commands::confirm_bed_clear& x);
ruling decide_printer(const case_file& file, const commands::settle_foreign& x);
ruling decide_printer(const case_file& file, const commands::confirm_printer& x);
ruling decide_printer(const case_file& file, const commands::quarantine_printer& x);
ruling decide_printer(const case_file& file, const commands::mark_unreconciled& x);

ruling decide_ticket(const case_file& file, const commands::reserve_run& x);
ruling decide_ticket(const case_file& file, const commands::begin_upload& x);
ruling decide_ticket(const case_file& file, const commands::upload_settled& x);
ruling decide_ticket(const case_file& file, const commands::begin_start& x);
ruling decide_ticket(const case_file& file, const commands::start_settled& x);
ruling decide_ticket(const case_file& file, const commands::start_overdue& x);
ruling decide_ticket(const case_file& file, const commands::fence_settled& x);
ruling decide_ticket(const case_file& file, const commands::observe& x);
ruling decide_ticket(const case_file& file, const commands::action_settled& x);
ruling decide_ticket(const case_file& file, const commands::cancel_run& x);
ruling decide_ticket(const case_file& file, const commands::pause_run& x);
ruling decide_ticket(const case_file& file, const commands::resume_run& x);
ruling decide_ticket(const case_file& file, const commands::settle_run& x);

ruling decide_governance(const case_file& file, const commands::settle_approval& x);
ruling decide_governance(const case_file& file, const commands::reset_breaker& x);
ruling decide_governance(const case_file& file, const commands::change_settings& x);

ruling decide_catalogue(const case_file& file, const commands::store_artifact& x);
ruling decide_catalogue(const case_file& file, const commands::add_profile& x);
ruling decide_catalogue(const case_file& file, const commands::add_material& x);
ruling decide_catalogue(const case_file& file, const commands::issue_token& x);
ruling decide_catalogue(const case_file& file, const commands::revoke_token& x);

ruling decide_station(const case_file& file, const commands::add_station& x);
ruling decide_station(const case_file& file, const commands::edit_station& x);
ruling decide_station(const case_file& file, const commands::retire_station& x);
ruling decide_station(const case_file& file, const commands::set_recipe& x);
ruling decide_station(const case_file& file, const commands::take_station_files& x);
ruling decide_station(const case_file& file, const commands::set_level& x);
ruling decide_station(const case_file& file, const commands::calibrate_pump& x);
ruling decide_station(const case_file& file, const commands::start_station& x);
ruling decide_station(const case_file& file, const commands::attach_station& x);
ruling decide_station(const case_file& file, const commands::stop_station& x);
ruling decide_station(const case_file& file, const commands::control_station& x);
ruling decide_station(const case_file& file, const commands::run_station_pump& x);
ruling decide_station(const case_file& file, const commands::stop_station_pump& x);
ruling decide_station(const case_file& file, const commands::answer_station& x);
ruling decide_station(const case_file& file, const commands::acknowledge_station& x);
ruling decide_station(const case_file& file, const commands::emergency_stop_station& x);
ruling decide_station(const case_file& file, const commands::observe_station& x);
ruling decide_station(const case_file& file, const commands::wake_station& x);
ruling decide_station(const case_file& file, const commands::begin_station_start& x);
ruling decide_station(const case_file& file, const commands::station_control_settled& x);
ruling decide_station(const case_file& file, const commands::station_wait_over& x);
ruling decide_station(const case_file& file, const commands::station_step_overdue& x);
ruling decide_station(const case_file& file, const commands::station_pump_settled& x);
ruling decide_station(const case_file& file, const commands::station_lock_over& x);

} // namespace gantry::rules
