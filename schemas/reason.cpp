// The one catalogue of reason texts. Each says the cause, what is unaffected and the next step.
#include "schemas/reason.hpp"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace gantry {

namespace {

using enum severity;
using enum responder;

constexpr auto catalogue = std::to_array<reason_entry>({
    {reason::ok, "ok", info, nobody, true, 200, "Done."},
    {reason::requested, "requested", info, nobody, true, 200, "Asked for by {principal}."},
    {reason::system_rule, "system_rule", info, nobody, true, 200,
     "Done by the kernel's own rules."},
    {reason::run_not_in_state, "run_not_in_state", notice, caller, true, 409,
     "Run {run} is {state}, so it cannot {action}. Nothing was changed; look at its "
     "current state and choose an action that fits."},
    {reason::run_waiting_for_printer, "run_waiting_for_printer", info, nobody, true, 200,
     "No printer can take this run yet. It stays queued; the list of printers says what "
     "each one lacks."},
    {reason::run_cancelled_by_person, "run_cancelled_by_person", notice, nobody, true, 200,
     "A person cancelled this run. It does not count against the plan."},
    {reason::run_failed_at_printer, "run_failed_at_printer", warning, operator_, false, 409,
     "The printer reported an error while printing: {detail}. Other printers are "
     "unaffected; look at the part and record what happened."},
    {reason::run_start_outcome_unknown, "run_start_outcome_unknown", warning, operator_, false, 409,
     "The start was sent but its answer never came. It was not sent again; the kernel "
     "watches the printer and asks a person if it stays silent."},
    {reason::run_start_not_confirmed, "run_start_not_confirmed", warning, operator_, false, 409,
     "The printer did not report our file as printing within {seconds} s. Nothing was sent"
     " again; look at the printer, then say whether it printed."},
    {reason::run_lost_at_printer, "run_lost_at_printer", warning, operator_, false, 409,
     "The printer no longer reports the file that this run believes in ({detail}). The "
     "record is kept; look at the printer, then say whether it printed."},
    {reason::run_upload_failed, "run_upload_failed", warning, operator_, true, 502,
     "The file could not be brought to the printer: {detail}. Nothing was started; the run"
     " goes back to the queue."},
    {reason::run_cancelled_at_printer, "run_cancelled_at_printer", notice, operator_, true, 200,
     "The print was cancelled at the machine. It does not count against the plan."},
    {reason::run_interrupted_by_shutdown, "run_interrupted_by_shutdown", warning, operator_, false,
     409,
     "The printer's firmware shut down in mid-print: {detail}. Other printers are "
     "unaffected; clear the fault at the machine and the bed."},
    {reason::run_inspection_failed, "run_inspection_failed", notice, nobody, true, 200,
     "Inspection found the parts not good. They are still owed; see the plan's breaker for"
     " what follows."},
    {reason::run_inspection_passed, "run_inspection_passed", info, nobody, true, 200,
     "Inspection found the parts good."},
    {reason::run_finished, "run_finished", info, operator_, true, 200,
     "The printer reported the print complete. Remove the parts, confirm the bed and "
     "inspect them."},
    {reason::run_settled_by_person, "run_settled_by_person", notice, nobody, true, 200,
     "A person said what happened at the machine: {detail}."},
    {reason::run_start_refused, "run_start_refused", warning, nobody, true, 409,
     "The printer refused the start: {detail}. Nothing is printing; the run goes back to "
     "the queue."},
    {reason::run_upload_mismatch, "run_upload_mismatch", warning, operator_, true, 502,
     "The printer holds {actual} bytes where {expected} were sent. Nothing was started; "
     "the upload is repeated under the same name."},
    {reason::run_start_fenced, "run_start_fenced", notice, nobody, true, 200,
     "The unanswered start can no longer happen: its file was removed from the printer "
     "before it began. The run may be tried again under a new name."},
    {reason::run_observed_printing, "run_observed_printing", info, nobody, true, 200,
     "The printer reports our file as printing."},
    {reason::run_observed_paused, "run_observed_paused", notice, operator_, true, 200,
     "The printer reports the print as paused."},
    {reason::run_inspection_incomplete, "run_inspection_incomplete", notice, caller, true, 422,
     "The inspection names {given} parts, but the plate holds {expected}. Nothing was "
     "recorded; give one outcome for each part."},
    {reason::run_requeued, "run_requeued", info, nobody, true, 200,
     "The parts are still owed, so a new run was queued."},
    {reason::printer_unreachable, "printer_unreachable", warning, operator_, true, 409,
     "{printer} does not answer: {detail}. Prints on it go on by themselves; check its "
     "power and network."},
    {reason::printer_not_ready, "printer_not_ready", warning, operator_, true, 409,
     "{printer} answers, but its firmware is {state}: {detail}. Other printers are "
     "unaffected; look at the machine."},
    {reason::printer_busy, "printer_busy", info, nobody, true, 409,
     "{printer} already works on run {run}."},
    {reason::printer_foreign_print, "printer_foreign_print", warning, operator_, true, 409,
     "{printer} is printing {file}, which Gantry did not start. It is left alone; adopt or"
     " ignore it on the printer's page."},
    {reason::printer_in_maintenance, "printer_in_maintenance", info, operator_, true, 409,
     "{printer} is in maintenance. Return it to service when it is ready."},
    {reason::printer_retired, "printer_retired", info, nobody, true, 409,
     "{printer} is retired and takes no work."},
    {reason::bed_not_clear, "bed_not_clear", notice, operator_, true, 409,
     "The bed of {printer} still holds the last print. Remove it and confirm the bed as "
     "clear."},
    {reason::bed_unknown, "bed_unknown", notice, operator_, true, 409,
     "Nobody has confirmed that the bed of {printer} is clear. Look at it and confirm it."},
    {reason::material_mismatch, "material_mismatch", notice, operator_, true, 409,
     "{printer} has {loaded} loaded, but {wanted} is needed. Load it, or add a printer "
     "that has it."},
    {reason::colour_mismatch, "colour_mismatch", notice, operator_, true, 409,
     "{printer} has colour {loaded} loaded, but {wanted} is needed. Load it, or relax the "
     "colour."},
    {reason::nozzle_mismatch, "nozzle_mismatch", notice, operator_, true, 409,
     "{printer} has a {loaded} um nozzle, but the plan was made for {wanted} um."},
    {reason::volume_too_small, "volume_too_small", notice, planner, true, 409,
     "The plate needs {wanted}, but {printer} offers {offered}."},
    {reason::printer_quarantined, "printer_quarantined", critical, operator_, true, 409,
     "{printer} was set aside after its controller failed {count} times. Its siblings go "
     "on; return it to service after a look at the log."},
    {reason::printer_no_report_yet, "printer_no_report_yet", info, nobody, true, 409,
     "{printer} has not reported since Gantry started. It takes work after its first "
     "report."},
    {reason::printer_settling, "printer_settling", info, nobody, true, 409,
     "{printer} became ready a moment ago; starts wait until it has settled."},
    {reason::printer_name_taken, "printer_name_taken", notice, caller, true, 409,
     "Another printer is already called {name}. Nothing was added; choose another name."},
    {reason::printer_address_taken, "printer_address_taken", notice, caller, true, 409,
     "{name} already uses {address}. Nothing was added; edit that printer instead."},
    {reason::printer_needs_attention, "printer_needs_attention", warning, operator_, true, 409,
     "{printer} waits for a person to say what happened to run {run}."},
    {reason::printer_unreconciled, "printer_unreconciled", warning, operator_, true, 409,
     "The store was restored from a backup, so what is on {printer} is not known. Confirm "
     "it before it takes work."},
    {reason::link_dns, "link_dns", warning, operator_, true, 409,
     "The name {host} cannot be resolved. Nothing was changed; check the spelling and the "
     "name server, or use the IP address."},
    {reason::link_refused, "link_refused", warning, operator_, true, 409,
     "{host}:{port} refused the connection: the machine is there, but nothing listens on "
     "that port. Check the port and whether the printer's service runs."},
    {reason::link_timeout, "link_timeout", warning, operator_, true, 409,
     "{host}:{port} did not answer within {seconds} s. Check that the printer is on and in"
     " this network."},
    {reason::link_auth, "link_auth", warning, operator_, true, 409,
     "{host}:{port} wants an API key, and the one given is missing or wrong. Nothing else "
     "was tried; enter the key from Moonraker's configuration."},
    {reason::link_not_klipper, "link_not_klipper", warning, operator_, true, 409,
     "{host}:{port} answers, but not as Moonraker does: {detail}. Check that this is the "
     "port of Moonraker (usually 7125)."},
    {reason::link_closed, "link_closed", warning, operator_, true, 409,
     "The connection to {printer} closed: {detail}. It is tried again with growing pauses."},
    {reason::link_protocol, "link_protocol", warning, operator_, true, 409,
     "{printer} sent something that is not understood: {detail}. It was ignored."},
    {reason::profile_mismatch, "profile_mismatch", notice, planner, true, 409,
     "The profile was made for a bed of {wanted}, but {printer} has {offered}."},
    {reason::printer_not_in_state, "printer_not_in_state", notice, caller, true, 409,
     "{printer} cannot {action} now: {detail}. Nothing was changed."},
    {reason::printer_paused_without_print, "printer_paused_without_print", warning, operator_, true,
     409,
     "{printer} says it is paused though nothing is loaded. Clear the pause at the "
     "machine; a start now could destroy a print."},
    {reason::printer_has_no_foreign_print, "printer_has_no_foreign_print", notice, caller, true,
     409, "{printer} shows no print of unknown origin, so there is nothing to settle."},
    {reason::bed_confirmed_clear, "bed_confirmed_clear", info, nobody, true, 200,
     "{principal} looked and confirmed the bed clear ({how})."},
    {reason::link_ok, "link_ok", info, nobody, true, 200,
     "{host}:{port} is a Klipper printer that answers as expected."},
    {reason::printer_command_failed, "printer_command_failed", warning, operator_, false, 502,
     "{printer} did not carry out {action}: {detail}. What the machine does is read from "
     "its own reports."},
    {reason::run_adopted, "run_adopted", notice, nobody, true, 200,
     "A person adopted the print on {printer}; Gantry follows it from now on."},
    {reason::printer_suitable, "printer_suitable", info, nobody, true, 200,
     "{printer} can take this run."},
    {reason::printer_history_unread, "printer_history_unread", info, nobody, true, 409,
     "{printer} has not yet said what it printed last. It takes work after that."},
    {reason::printer_print_missed, "printer_print_missed", warning, operator_, true, 409,
     "{printer} printed {file} while Gantry could not see it. Look at its bed and confirm that "
     "it is clear."},
    {reason::material_unknown, "material_unknown", notice, caller, true, 422,
     "There is no material called {material}. Nothing was accepted; add it under "
     "materials, or use one of: {known}."},
    {reason::pump_guard_lost, "pump_guard_lost", critical, operator_, false, 503,
     "The pump guard of {station} is not there ({detail}). Its lines are off as far as the "
     "kernel can know; look at the pumps, then restart Gantry."},
    {reason::pump_latched, "pump_latched", warning, operator_, true, 409,
     "{station} is stopped by an emergency stop. Nothing was switched on; look at the "
     "machine, then acknowledge the stop."},
    {reason::pump_window_spent, "pump_window_spent", warning, operator_, true, 409,
     "Pump {pump} has run {used} s of its {limit} s within {window} s. Nothing was "
     "switched on; wait until earlier runs are old enough."},
    {reason::pump_single_limit, "pump_single_limit", notice, caller, true, 422,
     "Pump {pump} may run {limit} s at a time, not {asked} s. Nothing was switched on."},
    {reason::pump_busy, "pump_busy", notice, caller, true, 409,
     "{pump} runs, and only one pump may be on at a time. Nothing was switched on; wait "
     "for its end or stop it."},
    {reason::pump_unknown, "pump_unknown", notice, caller, true, 422,
     "The guard's file names no pump {pump} at {station}. Nothing was switched on."},
    {reason::pump_epoch_old, "pump_epoch_old", warning, operator_, true, 409,
     "The order to the pump is older than the last acknowledgement of an emergency stop "
     "({given} before {epoch}). Nothing was switched on; look at the station and ask "
     "again."},
    {reason::pump_actuation_failed, "pump_actuation_failed", critical, operator_, false, 502,
     "Pump {pump} could not be switched: {detail}. Every line of the station was ordered "
     "off; look at the pump."},
    {reason::pump_lease_expired, "pump_lease_expired", warning, operator_, false, 409,
     "Pump {pump} was switched off because nobody renewed its lease. The step is "
     "incomplete; look at what is in the vat."},
    {reason::pump_stopped, "pump_stopped", notice, nobody, true, 200,
     "Pump {pump} was stopped before its planned time."},
    {reason::pump_hardware_absent, "pump_hardware_absent", critical, operator_, true, 503,
     "Pump {pump} has no working driver: {detail}. Nothing was switched on; check the "
     "wiring and the guard's file, then restart Gantry."},
    {reason::pump_duration_invalid, "pump_duration_invalid", notice, caller, true, 422,
     "A run must last longer than zero and be a whole number of milliseconds. Nothing was "
     "switched on."},
    {reason::pump_direction_impossible, "pump_direction_impossible", notice, caller, true, 422,
     "Pump {pump} cannot turn {direction}: its driver has no line for the direction. "
     "Nothing was switched on."},
    {reason::pump_valve_missing, "pump_valve_missing", notice, caller, true, 422,
     "The guard's file names no air valve at {station}. Nothing was switched on."},
    {reason::pump_station_unknown, "pump_station_unknown", notice, caller, true, 422,
     "The guard's file names no station {station}. Nothing was switched on; add its lines "
     "to guard.json and restart Gantry."},
    {reason::pump_ledger_failed, "pump_ledger_failed", critical, admin, true, 503,
     "The guard could not write down the on-time of {pump} before switching it on: "
     "{detail}. Nothing was switched on; check the disk."},
    {reason::pump_emergency_stopped, "pump_emergency_stopped", warning, operator_, false, 409,
     "Pump {pump} was cut off by an emergency stop. The step is incomplete; look at what "
     "is in the vat."},
    {reason::pump_not_off, "pump_not_off", critical, operator_, false, 502,
     "Pump {pump} does not obey: it was ordered off and its driver failed ({detail}). Cut "
     "its power by hand; the order is repeated until it succeeds."},
    {reason::pump_guard_stopping, "pump_guard_stopping", notice, caller, true, 503,
     "Gantry is being stopped, so no pump is switched on."},
    {reason::pump_request_invalid, "pump_request_invalid", warning, nobody, true, 422,
     "The guard did not understand an order: {detail}. Nothing was switched on."},
    {reason::guard_file_invalid, "guard_file_invalid", critical, admin, true, 422,
     "The guard's file {file} is not usable: {detail}. Nothing was started; correct it and "
     "start again."},
    {reason::guard_ledger_damaged, "guard_ledger_damaged", critical, operator_, true, 409,
     "The guard's record of on-times is damaged ({detail}). Every pump counts as having "
     "run its whole window just now and the stations are latched; wait, look, and "
     "acknowledge."},
    {reason::guard_stop_input, "guard_stop_input", warning, operator_, true, 409,
     "The emergency stop button of {station} is pressed or its line is broken. Nothing can "
     "be switched on; release it, then acknowledge."},
    {reason::guard_not_realtime, "guard_not_realtime", notice, admin, true, 200,
     "The guard runs without real-time priority: {detail}. Pulses may end some "
     "milliseconds late on a busy machine."},
    {reason::station_file_missing, "station_file_missing", notice, operator_, true, 409,
     "There is no {file}, so built-in values are used. Save the settings to write it."},
    {reason::station_file_unreadable, "station_file_unreadable", warning, admin, true, 503,
     "{file} cannot be read: {detail}. What was loaded before stays in use; check the disk "
     "and the rights of the file, then load it again."},
    {reason::station_file_malformed, "station_file_malformed", warning, operator_, true, 422,
     "{file}, {place}: {detail}. The file was not touched and what was loaded before stays "
     "in use; correct it, then load it again."},
    {reason::station_file_not_written, "station_file_not_written", critical, admin, true, 503,
     "{file} could not be written: {detail}. The earlier file is whole and stays in use; "
     "check the disk, then save again."},
    {reason::station_file_changed, "station_file_changed", notice, operator_, true, 409,
     "{file} was changed by hand since revision {revision}. What was loaded before stays in "
     "use; look at the differences, then load it or save over it."},
    {reason::station_file_loaded, "station_file_loaded", info, nobody, true, 200,
     "{file} was loaded (revision {revision})."},
    {reason::station_file_saved, "station_file_saved", info, nobody, true, 200,
     "{file} was saved as revision {revision}."},
    {reason::setting_missing, "setting_missing", notice, caller, true, 422,
     "{place} is missing in {file}. Nothing was changed; fill it in."},
    {reason::setting_invalid, "setting_invalid", notice, caller, true, 422,
     "{place} in {file} is not acceptable: {detail}. Nothing was changed."},
    {reason::recipe_step_malformed, "recipe_step_malformed", notice, caller, true, 422,
     "Step {place} of the recipe, \"{given}\", is not a material and a layer such as A,50. "
     "Nothing was changed."},
    {reason::recipe_material_unknown, "recipe_material_unknown", notice, caller, true, 422,
     "Step {place} of the recipe names the material \"{given}\"; there are A, B, C and D. "
     "Nothing was changed."},
    {reason::recipe_layer_invalid, "recipe_layer_invalid", notice, caller, true, 422,
     "Step {place} of the recipe names the layer \"{given}\"; layers are whole numbers from "
     "1 to {limit}. Nothing was changed."},
    {reason::recipe_layer_duplicate, "recipe_layer_duplicate", notice, caller, true, 422,
     "Layer {given} is in the recipe twice. Nothing was changed; keep one material for it."},
    {reason::recipe_order_wrong, "recipe_order_wrong", notice, caller, true, 422,
     "Step {place} of the recipe is at layer {given}, which does not come after layer "
     "{previous}. Nothing was changed; sort the steps by layer."},
    {reason::recipe_too_long, "recipe_too_long", notice, caller, true, 422,
     "The recipe holds more than {limit} {unit}. Nothing was changed."},
    {reason::import_value_quoted, "import_value_quoted", info, nobody, true, 200,
     "{place} stands in quotation marks, which earlier programs took for part of the value. "
     "The value is used without them."},
    {reason::import_section_missing, "import_section_missing", info, nobody, true, 200,
     "{place} is missing; {detail} is used."},
    {reason::import_key_old, "import_key_old", info, nobody, true, 200,
     "{place} comes from an earlier version and is read as {detail}."},
    {reason::import_key_unknown, "import_key_unknown", info, nobody, true, 200,
     "{place} is not known here. It is kept as it is and has no effect."},
    {reason::import_comment_key, "import_comment_key", info, nobody, true, 200,
     "{place} is a comment. It is kept as it is."},
    {reason::import_letter_lower_case, "import_letter_lower_case", info, nobody, true, 200,
     "Step {place} names its material in lower case (\"{given}\"); it is read as a capital "
     "letter."},
    {reason::import_order_changed, "import_order_changed", info, nobody, true, 200,
     "The steps were not in the order of their layers; they were sorted."},
    {reason::import_format_older, "import_format_older", info, nobody, true, 200,
     "{place} is in an older form ({detail}); it is read all the same and saved in the "
     "present one."},
    {reason::import_value_unused, "import_value_unused", info, nobody, true, 200,
     "{place} is kept as it is, but nothing here depends on it: {detail}."},
    {reason::import_text_trimmed, "import_text_trimmed", info, nobody, true, 200,
     "Characters around the values were ignored: {detail}."},
    {reason::clock_agrees, "clock_agrees", info, nobody, true, 200,
     "The clock is synchronised and keeps pace."},
    {reason::clock_unsynchronised, "clock_unsynchronised", notice, admin, true, 200,
     "The system does not say that its clock is synchronised. Prints are unaffected, because "
     "nothing is timed by it; times in the log may be wrong. Switch time synchronisation on."},
    {reason::clock_stepped, "clock_stepped", warning, admin, true, 200,
     "The clock moved by {seconds} s against the time that has passed. Prints are "
     "unaffected; times in the log before and after do not fit together."},
    {reason::clock_browser_differs, "clock_browser_differs", warning, operator_, true, 200,
     "The clocks of this browser and of the kernel differ by {seconds} s. Times on the page "
     "are the kernel's."},
    {reason::recipe_in_use, "recipe_in_use", notice, operator_, true, 200,
     "The print that runs keeps the recipe that it was started with (revision {running}). "
     "What was saved now counts from the next start."},
    {reason::order_not_in_state, "order_not_in_state", notice, caller, true, 409,
     "Order {order} is {state}, so it cannot {action}. Nothing was changed."},
    {reason::order_line_not_divisible, "order_line_not_divisible", notice, caller, true, 422,
     "Line {line}: {quantity} pieces cannot be split into plates of {per_plate}. Nothing "
     "was accepted; choose a divisor."},
    {reason::artifact_not_a_model, "artifact_not_a_model", notice, caller, true, 422,
     "File {artifact} is not a model. Nothing was accepted; upload an STL with kind=model."},
    {reason::artifact_unknown, "artifact_unknown", notice, caller, true, 422,
     "There is no file {artifact}. Nothing was accepted; upload it first."},
    {reason::profile_unknown, "profile_unknown", notice, caller, true, 422,
     "There is no slicing profile {profile}. Nothing was accepted; choose one from the "
     "list of profiles."},
    {reason::due_in_the_past, "due_in_the_past", notice, caller, true, 422,
     "The due date {due} has passed. Nothing was accepted; choose a later one."},
    {reason::zone_unknown, "zone_unknown", notice, caller, true, 422,
     "{zone} is not a time zone of the IANA list. Nothing was accepted; use a name such as"
     " Europe/Berlin."},
    {reason::plan_not_in_state, "plan_not_in_state", notice, caller, true, 409,
     "Plan {plan} is {state}, so it cannot {action}. Nothing was changed."},
    {reason::slicer_missing, "slicer_missing", critical, admin, true, 503,
     "The slicer {program} is not installed. Printing goes on; install it, then ask for a "
     "new revision of the plan."},
    {reason::slicer_crashed, "slicer_crashed", warning, planner, true, 409,
     "The slicer crashed on this model ({detail}). Other orders are unaffected; check the "
     "model or choose another profile."},
    {reason::slicer_hung, "slicer_hung", warning, planner, true, 409,
     "The slicer did not finish within {seconds} s and was stopped. Other orders are "
     "unaffected; simplify the model or choose another profile."},
    {reason::slicer_refused, "slicer_refused", warning, planner, true, 409,
     "The slicer refused this model: {detail}. Other orders are unaffected; correct the "
     "model."},
    {reason::slicer_output_implausible, "slicer_output_implausible", warning, planner, true, 409,
     "The slicer finished, but its result does not fit the model ({detail}), so it is not "
     "used. Correct the model or the profile."},
    {reason::slicer_does_not_fit, "slicer_does_not_fit", warning, planner, true, 409,
     "The parts do not fit on the bed of the profile ({detail}). Use fewer pieces per "
     "plate, another profile, or a smaller model."},
    {reason::slicer_bad_profile, "slicer_bad_profile", warning, planner, true, 409,
     "The slicer does not accept the profile: {detail}. Other orders are unaffected; "
     "correct the profile."},
    {reason::mesh_empty, "mesh_empty", warning, planner, true, 422,
     "The model file is empty. Export it again."},
    {reason::mesh_truncated, "mesh_truncated", warning, planner, true, 422,
     "The model file ends too early ({detail}). Upload it again."},
    {reason::mesh_not_stl, "mesh_not_stl", warning, planner, true, 422,
     "The file is not an STL model ({detail}). Export the model as STL."},
    {reason::mesh_no_triangles, "mesh_no_triangles", warning, planner, true, 422,
     "The model holds no triangles. Export it again."},
    {reason::mesh_too_large, "mesh_too_large", warning, planner, true, 422,
     "The model holds more than {limit} triangles. Reduce its resolution."},
    {reason::mesh_not_finite, "mesh_not_finite", warning, planner, true, 422,
     "The model holds a coordinate that is not a number. Export it again."},
    {reason::mesh_open, "mesh_open", warning, planner, true, 422,
     "The surface has holes: {value} open or ambiguous edges. A slicer would guess the "
     "inside; repair the model."},
    {reason::mesh_not_oriented, "mesh_not_oriented", warning, planner, true, 422,
     "{value} neighbouring faces disagree about which side is outside. Repair the model's "
     "normals."},
    {reason::mesh_inside_out, "mesh_inside_out", warning, planner, true, 422,
     "The whole surface points inwards. Flip the model's normals."},
    {reason::mesh_flat, "mesh_flat", warning, planner, true, 422,
     "The model encloses no volume. Check the export."},
    {reason::mesh_oversized, "mesh_oversized", warning, planner, true, 422,
     "The model measures {value} {unit} where {limit} {unit} fit. Scale or split it."},
    {reason::mesh_units_implausible, "mesh_units_implausible", notice, planner, true, 422,
     "The model measures {value} {unit}, so its unit may be wrong. STL files carry no unit"
     " and are read as millimetres."},
    {reason::model_checked, "model_checked", info, nobody, true, 200,
     "The model passed every check."},
    {reason::sliced, "sliced", info, nobody, true, 200,
     "Sliced by {slicer}; the toolpath agrees with the model."},
    {reason::order_complete, "order_complete", info, nobody, true, 200,
     "Every piece that was ordered has passed inspection."},
    {reason::profile_text_invalid, "profile_text_invalid", notice, caller, true, 422,
     "The profile is not a list of key = value lines: {detail}. Nothing was stored."},
    {reason::approval_required_class, "approval_required_class", notice, operator_, true, 409,
     "Printers of class {class} start only after a person approved. Approve or reject it "
     "under approvals."},
    {reason::approval_required_risk, "approval_required_risk", notice, operator_, true, 409,
     "The risk is {risk} ({factors}), so a person must approve. Approve or reject it under"
     " approvals."},
    {reason::breaker_open, "breaker_open", warning, planner, true, 409,
     "The plan failed {count} times, so its breaker is open. Nothing of it starts; review "
     "the plan, then reset the breaker."},
    {reason::approval_rejected, "approval_rejected", notice, nobody, true, 409,
     "{principal} rejected this start."},
    {reason::decision_expired, "decision_expired", info, nobody, true, 409,
     "The decision was too old when it was needed, so it was taken anew."},
    {reason::gate_allowed, "gate_allowed", info, nobody, true, 200, "Every rule allows it."},
    {reason::dispatch_paused, "dispatch_paused", notice, admin, true, 409,
     "Dispatch is switched off for the whole farm. Running prints go on; switch it on in "
     "the settings."},
    {reason::breaker_reset, "breaker_reset", notice, nobody, true, 200,
     "{principal} reviewed the plan and reset its breaker."},
    {reason::breaker_counted, "breaker_counted", notice, nobody, true, 200,
     "A failure was attributed to the plan ({count} of {limit})."},
    {reason::approval_given, "approval_given", info, nobody, true, 200,
     "{principal} approved this start."},
    {reason::approval_not_pending, "approval_not_pending", notice, caller, true, 409,
     "This approval is {state}; it no longer waits for anybody."},
    {reason::plan_review_required, "plan_review_required", warning, planner, true, 409,
     "The plan must be reviewed before its parts are printed again."},
    {reason::breaker_closed_already, "breaker_closed_already", notice, caller, true, 409,
     "The breaker of plan {plan} is closed; there is nothing to reset."},
    {reason::own_token_needed, "own_token_needed", notice, caller, true, 409,
     "The last admin token cannot be revoked. Issue another one first."},
    {reason::version_conflict, "version_conflict", notice, caller, true, 409,
     "{entity} was changed by somebody else (version {actual}, not {expected}). Nothing "
     "was changed; read it again and repeat."},
    {reason::storage_low, "storage_low", critical, admin, true, 503,
     "Less than {floor} MB are free on the disk of the store. Running prints go on and are"
     " recorded; free some space, then repeat."},
    {reason::storage_failed, "storage_failed", critical, admin, false, 503,
     "The store reported an error: {detail}. The kernel stops and recovers from what is on"
     " disk."},
    {reason::not_found, "not_found", notice, caller, true, 404, "There is no {kind} {id}."},
    {reason::busy, "busy", notice, caller, true, 503,
     "{entity} is busy with earlier commands. Nothing was changed; repeat in a moment with"
     " the same key."},
    {reason::key_reused, "key_reused", warning, caller, false, 422,
     "This Idempotency-Key was used before with another request. Nothing was changed; use "
     "a new key for a new request."},
    {reason::decision_stale, "decision_stale", notice, caller, true, 409,
     "The facts changed {count} times while this was being decided. Nothing was changed; "
     "repeat it."},
    {reason::store_too_new, "store_too_new", critical, admin, true, 503,
     "The data folder was written by a newer version ({detail}). Nothing was changed; "
     "start that version."},
    {reason::store_locked, "store_locked", critical, admin, true, 503,
     "The data folder {folder} is in use by another process. Stop that one first, or "
     "choose another folder with --data."},
    {reason::already_exists, "already_exists", notice, caller, true, 409,
     "{entity} exists already. Nothing was changed."},
    {reason::shutting_down, "shutting_down", notice, caller, true, 503,
     "The kernel is stopping. Nothing was changed; repeat when it is back."},
    {reason::json_malformed, "json_malformed", notice, caller, true, 400,
     "The body is not valid JSON: {detail}. Nothing was changed."},
    {reason::field_invalid, "field_invalid", notice, caller, true, 422,
     "{field} is not acceptable: {detail}. Nothing was changed."},
    {reason::field_unknown, "field_unknown", notice, caller, true, 422,
     "{field} is not a known field. Nothing was changed; check its spelling."},
    {reason::payload_too_large, "payload_too_large", notice, caller, true, 413,
     "The body is larger than {limit} bytes. Nothing was stored."},
    {reason::media_type_unsupported, "media_type_unsupported", notice, caller, true, 415,
     "The content type {given} is not accepted here; send {expected}. Nothing was changed."},
    {reason::unauthenticated, "unauthenticated", notice, caller, true, 401,
     "A valid token is needed. Log in with the link that the kernel printed at its first "
     "start, or ask an admin for a token."},
    {reason::role_insufficient, "role_insufficient", notice, admin, true, 403,
     "This needs the role {needed}. Nothing was changed; ask an admin."},
    {reason::precondition_failed, "precondition_failed", notice, caller, true, 412,
     "{entity} has version {actual}, not the one you named. Nothing was changed; read it "
     "again and repeat."},
    {reason::idempotency_key_missing, "idempotency_key_missing", notice, caller, true, 400,
     "This request needs an Idempotency-Key header, so that repeating it does no harm. "
     "Nothing was changed."},
    {reason::outcome_unknown, "outcome_unknown", warning, caller, true, 504,
     "The answer took too long, so the outcome is not known. Repeat with the same "
     "Idempotency-Key to learn it."},
    {reason::route_not_found, "route_not_found", notice, caller, true, 404,
     "There is nothing at {path}."},
    {reason::method_not_allowed, "method_not_allowed", notice, caller, true, 405,
     "{method} is not possible at {path}."},
    {reason::host_refused, "host_refused", warning, caller, true, 403,
     "The Host header {given} is not one that this kernel serves. Nothing was changed; see"
     " --allow-host."},
    {reason::origin_refused, "origin_refused", warning, caller, true, 403,
     "Requests from the page {given} are not accepted. Nothing was changed."},
    {reason::too_many_streams, "too_many_streams", notice, caller, true, 503,
     "All {limit} event streams are taken. Close one, then try again."},
    {reason::internal_error, "internal_error", critical, admin, false, 500,
     "Something went wrong inside the kernel: {detail}. It was logged."},
    {reason::field_missing, "field_missing", notice, caller, true, 422,
     "{field} is missing. Nothing was changed."},
    {reason::cursor_invalid, "cursor_invalid", notice, caller, true, 422,
     "The cursor does not belong to this list. Start again without one."},
    {reason::port_in_use, "port_in_use", critical, admin, true, 503,
     "Another process already listens on {address}. Stop that one first, or choose another"
     " port with --port."},
    {reason::login_throttled, "login_throttled", warning, caller, true, 429,
     "Too many log-ins from this address failed. Wait a minute, then try again."},
    {reason::station_not_in_state, "station_not_in_state", notice, caller, true, 409,
     "{station} is {state}, so it cannot {action}. Nothing was changed; look at its state "
     "and choose an action that fits."},
    {reason::station_name_taken, "station_name_taken", notice, caller, true, 409,
     "Another station is already called {name}. Nothing was changed; choose another name."},
    {reason::station_address_taken, "station_address_taken", notice, caller, true, 409,
     "{name} already uses {address}. Nothing was changed; edit that station instead."},
    {reason::station_retired, "station_retired", info, nobody, true, 409,
     "{station} is retired. Add it anew to use it again."},
    {reason::station_setup_invalid, "station_setup_invalid", notice, caller, true, 422,
     "The set-up cannot work: {detail}. Nothing was changed."},
    {reason::recipe_conflict, "recipe_conflict", critical, operator_, true, 409,
     "The recipe does not fit: {detail}. Nothing was pumped for it; correct the recipe or "
     "the station's pumps."},
    {reason::resin_printer_silent, "resin_printer_silent", warning, operator_, true, 409,
     "There is no fresh report from the printer of {station}: {detail}. Nothing was done; "
     "check its power and network."},
    {reason::resin_printer_not_stopped, "resin_printer_not_stopped", notice, operator_, true, 409,
     "The printer of {station} reports {state}, so nothing can be started on it. Attach "
     "to the print, or wait for its end."},
    {reason::resin_printer_not_printing, "resin_printer_not_printing", notice, operator_, true, 409,
     "The printer of {station} reports {state}, so there is no print to attach to. Start "
     "a file instead."},
    {reason::pumps_unavailable, "pumps_unavailable", warning, operator_, true, 409,
     "The pumps of {station} cannot be used: {detail}. Nothing was pumped; check the "
     "guard and its wiring."},
    {reason::pump_window_short, "pump_window_short", notice, operator_, true, 409,
     "Pump {pump} would exceed its limit: {needed} ms are needed, {left} ms are left. "
     "Nothing was pumped; wait, or use a smaller volume."},
    {reason::pump_volume_too_large, "pump_volume_too_large", notice, planner, true, 409,
     "Pump {pump} may move at most {limit} ml at a time, but {needed} ml are wanted. "
     "Nothing was pumped."},
    {reason::reservoir_short, "reservoir_short", warning, operator_, true, 409,
     "The reservoir of pump {pump} holds {left} ml, but {needed} ml are needed. Nothing "
     "was pumped; fill it and say so on the station's page."},
    {reason::waste_full, "waste_full", warning, operator_, true, 409,
     "The waste container has room for {left} ml, but {needed} ml are to come. Nothing "
     "was pumped; empty it and say so on the station's page."},
    {reason::station_pump_running, "station_pump_running", info, nobody, true, 409,
     "Pump {pump} of {station} is running; only one may run at a time. Wait for its end, "
     "or stop it."},
    {reason::station_pump_unknown, "station_pump_unknown", notice, caller, true, 422,
     "{station} has no pump called {pump}. Nothing was pumped."},
    {reason::manual_pump_refused, "manual_pump_refused", notice, caller, true, 409,
     "Pumps of {station} cannot be run by hand now: {detail}. Nothing was pumped."},
    {reason::resume_refused, "resume_refused", notice, caller, true, 409,
     "The print on {station} cannot be resumed now: {detail}. Nothing was sent to the "
     "printer."},
    {reason::safety_lock, "safety_lock", notice, caller, true, 409,
     "{station} was stopped a moment ago and stays locked for 3 s. Look at the machine, "
     "then acknowledge."},
    {reason::emergency_stopped, "emergency_stopped", critical, operator_, true, 409,
     "Emergency stop at {station}: all pumps are off. The printer was left as it is; look "
     "at the machine, then acknowledge."},
    {reason::question_not_open, "question_not_open", notice, caller, true, 409,
     "{station} does not ask that (any more). Nothing was changed; look at its state."},
    {reason::answer_not_fitting, "answer_not_fitting", notice, caller, true, 422,
     "That answer does not fit: {detail}. Nothing was changed."},
    {reason::only_a_person, "only_a_person", notice, caller, true, 403,
     "Only a person may do this. Nothing was changed."},
    {reason::drain_direction_unconfirmed, "drain_direction_unconfirmed", notice, operator_, true,
     409,
     "Nobody has confirmed which way drain pump {pump} turns. Confirm it in the "
     "calibration of the station."},
    {reason::layer_rollback, "layer_rollback", critical, operator_, false, 409,
     "The printer went back from layer {from} to layer {to}. Nothing more is pumped; look "
     "at the print, then say how to go on."},
    {reason::transient_printer_disconnect, "transient_printer_disconnect", warning, operator_, true,
     409,
     "The printer of {station} does not answer ({count} attempts to reconnect failed). "
     "Its print goes on; monitoring goes on by itself when it answers."},
    {reason::command_timeout, "command_timeout", warning, operator_, true, 409,
     "The printer acknowledged {command}, but did not show it within {seconds} s. Nothing "
     "more is done until it does, or a person answers."},
    {reason::command_failed, "command_failed", warning, operator_, false, 409,
     "The printer did not take {command}: {detail}. Nothing more is done; look at the "
     "printer, then say how to go on."},
    {reason::config_invalid, "config_invalid", critical, operator_, true, 409,
     "The station's set-up does not fit its hardware: {detail}. Nothing was pumped; "
     "correct it, then say how to go on."},
    {reason::pump_actuation_failure, "pump_actuation_failure", critical, operator_, false, 409,
     "Pump {pump} did not run as planned: {detail}. It is off and will not run again by "
     "itself; look at the vat, then say how to go on."},
    {reason::change_late, "change_late", warning, operator_, false, 409,
     "Layer {layer} was meant for {material}, but the printer is at layer {at} already. "
     "The print was asked to pause; say how to go on."},
    {reason::step_interrupted, "step_interrupted", critical, operator_, false, 409,
     "{step} was interrupted: {detail}. It is not repeated by itself; look at the vat, "
     "then say what is in it."},
    {reason::resin_printer_moved, "resin_printer_moved", critical, operator_, false, 409,
     "The printer of {station} moved on during a change. The pump was stopped and the "
     "print asked to pause; look at the vat, then say how to go on."},
    {reason::start_unconfirmed, "start_unconfirmed", warning, operator_, false, 409,
     "The start was sent once, but the printer does not report the print. It is not sent "
     "again; look at the printer, then say whether it prints."},
    {reason::print_replaced, "print_replaced", critical, operator_, false, 409,
     "The printer of {station} reports another file ({file}). Nothing is pumped for it; "
     "look at the printer."},
    {reason::start_refused, "start_refused", warning, operator_, true, 409,
     "The printer refused to start: {detail}. Nothing is printing."},
    {reason::layer_stagnation, "layer_stagnation", warning, operator_, true, 200,
     "The printer says that it prints, but has stayed at layer {layer} for {polls} polls. "
     "Monitoring goes on; look at the machine."},
    {reason::reservoir_low, "reservoir_low", warning, operator_, true, 200,
     "The reservoir of pump {pump} holds {left} ml, too little for the next changes. Fill it "
     "soon and say so on the station's page."},
    {reason::waste_nearly_full, "waste_nearly_full", warning, operator_, true, 200,
     "The waste container has room for {left} ml, too little for the next changes. Empty it "
     "soon and say so on the station's page."},
    {reason::station_loop_stalled, "station_loop_stalled", critical, operator_, true, 503,
     "The control of {station} has not moved for {seconds} s. Its pumps switch off by "
     "themselves; the log says more."},
    {reason::calibration_spread, "calibration_spread", warning, operator_, true, 200,
     "The measured runs of pump {pump} differ by {percent} %. Air in the line is likely; "
     "prime it and measure again."},
    {reason::pumps_waiting, "pumps_waiting", notice, operator_, true, 200,
     "The change waits with the plate raised: {detail}. It goes on by itself."},
    {reason::control_failed, "control_failed", warning, operator_, true, 200,
     "The printer did not take {command}: {detail}. Look at the printer and try again."},
    {reason::change_due, "change_due", info, nobody, true, 200,
     "Layer {layer} was reached; the vat gets {material}."},
    {reason::change_completed, "change_completed", info, nobody, true, 200,
     "The vat holds {material}; the print goes on from layer {layer}."},
    {reason::change_superseded, "change_superseded", notice, nobody, true, 200,
     "The change at layer {layer} was left out, because a later one was due as well."},
    {reason::change_passed, "change_passed", notice, nobody, true, 200,
     "The change at layer {layer} was left out, because the print had passed it before."},
    {reason::change_skipped, "change_skipped", notice, nobody, true, 200,
     "A person left out the change at layer {layer}."},
    {reason::resin_print_observed, "resin_print_observed", info, nobody, true, 200,
     "The printer reports {file} as its print."},
    {reason::resin_print_completed, "resin_print_completed", info, operator_, true, 200,
     "The printer reports the print complete."},
    {reason::resin_print_stopped, "resin_print_stopped", notice, nobody, true, 200,
     "The print was stopped. No more material is changed for it."},
    {reason::monitoring_stopped, "monitoring_stopped", notice, nobody, true, 200,
     "A person stopped the monitoring. The printer was left as it is."},
    {reason::given_up_by_person, "given_up_by_person", notice, nobody, true, 200,
     "A person gave the print up after an error. The printer was left as it is."},
    {reason::station_recovered, "station_recovered", info, nobody, true, 200,
     "The printer answers again after {seconds} s; monitoring goes on."},
    {reason::check_passed, "check_passed", info, nobody, true, 200, "This check is met."},
    {reason::layers_unknown, "layers_unknown", notice, nobody, true, 200,
     "How many layers the file has shows when it prints. A recipe that goes beyond them "
     "is then refused before its first change."},
    {reason::dry_run, "dry_run", notice, nobody, true, 200,
     "SIMULATION: times pass, but no pump is switched on."},
    {reason::stop_acknowledged, "stop_acknowledged", notice, nobody, true, 200,
     "A person looked at the machine and acknowledged the emergency stop."},
    {reason::station_pump_done, "station_pump_done", info, nobody, true, 200,
     "Pump {pump} ran for {ms} ms."},
    {reason::station_pump_stopped, "station_pump_stopped", notice, nobody, true, 200,
     "Pump {pump} was stopped after {ms} ms."},
    {reason::steps_already_passed, "steps_already_passed", notice, operator_, true, 200,
     "{count} changes lie before the layer of the print and are left out."},
    {reason::resin_print_unseen, "resin_print_unseen", warning, nobody, true, 200,
     "The print ended while the printer was not seen: whether it was finished or stopped is not "
     "known."},
    {reason::resin_stop_unconfirmed, "resin_stop_unconfirmed", warning, operator_, false, 409,
     "The printer of {station} does not show yet that it stops. No material is changed before it "
     "does; if it stays so, look at the printer and say how to go on."},
});

constexpr bool sorted_by_number() {
  for (size_t i = 1; i < catalogue.size(); ++i)
    if (catalogue[i - 1].code >= catalogue[i].code)
      return false;
  return true;
}
static_assert(sorted_by_number(), "entry_of relies on the numerical order");

} // namespace

std::span<const reason_entry> reason_catalogue() {
  return catalogue;
}

const reason_entry& entry_of(reason code) {
  const auto position = std::ranges::lower_bound(catalogue, code, {}, &reason_entry::code);
  if (position != catalogue.end() && position->code == code)
    return *position;
  return entry_of(reason::internal_error);
}

std::string_view to_string(reason code) {
  return entry_of(code).name;
}

bool parse_reason(std::string_view name, reason& out) {
  static const auto by_name = [] {
    std::unordered_map<std::string_view, reason> result;
    for (const auto& entry : catalogue)
      result.emplace(entry.name, entry.code);
    return result;
  }();
  const auto position = by_name.find(name);
  if (position == by_name.end())
    return false;
  out = position->second;
  return true;
}

std::string render(reason code, const reason_params& params) {
  const auto text = entry_of(code).text;
  std::string result;
  result.reserve(text.size() + 32);
  for (size_t i = 0; i < text.size();) {
    const auto end = text[i] == '{' ? text.find('}', i) : std::string_view::npos;
    if (end == std::string_view::npos) {
      result += text[i++];
      continue;
    }
    if (const auto value = params.find(std::string{text.substr(i + 1, end - i - 1)});
        value != params.end())
      result += value->second;
    i = end + 1;
    // A value may be a whole sentence, and one full stop is enough.
    if (i < text.size() && text[i] == '.' && result.ends_with('.'))
      ++i;
  }
  return result;
}

} // namespace gantry
