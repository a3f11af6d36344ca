// Reason codes: why something was done, refused, held or failed. Numbers are part of the stored log
// and of the API: they are never changed and never reused.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>

namespace gantry {

/// Why. Blocks of 100 per area: 0 general, 1xx run, 2xx printer, 3xx material, pumps and station
/// files (340 to 369), 4xx order and plan, 5xx policy, 6xx storage, 7xx HTTP, 8xx resin station.
enum class reason : uint16_t {
  ok = 0,
  requested = 1,
  system_rule = 2,

  run_not_in_state = 101,
  run_waiting_for_printer = 102,
  run_cancelled_by_person = 103,
  run_failed_at_printer = 104,
  run_start_outcome_unknown = 105,
  run_start_not_confirmed = 106,
  run_lost_at_printer = 107,
  run_upload_failed = 108,
  run_cancelled_at_printer = 109,
  run_interrupted_by_shutdown = 110,
  run_inspection_failed = 111,
  run_inspection_passed = 112,
  run_finished = 113,
  run_settled_by_person = 114,
  run_start_refused = 115,
  run_upload_mismatch = 116,
  run_start_fenced = 117,
  run_observed_printing = 118,
  run_observed_paused = 119,
  run_inspection_incomplete = 120,
  run_requeued = 121,

  printer_unreachable = 201,
  printer_not_ready = 202,
  printer_busy = 203,
  printer_foreign_print = 204,
  printer_in_maintenance = 205,
  printer_retired = 206,
  bed_not_clear = 207,
  bed_unknown = 208,
  material_mismatch = 209,
  colour_mismatch = 210,
  nozzle_mismatch = 211,
  volume_too_small = 212,
  printer_quarantined = 213,
  printer_no_report_yet = 214,
  printer_settling = 215,
  printer_name_taken = 216,
  printer_address_taken = 217,
  printer_needs_attention = 218,
  printer_unreconciled = 219,
  link_dns = 220,
  link_refused = 221,
  link_timeout = 222,
  link_auth = 223,
  link_not_klipper = 224,
  link_closed = 225,
  link_protocol = 226,
  profile_mismatch = 227,
  printer_not_in_state = 228,
  printer_paused_without_print = 229,
  printer_has_no_foreign_print = 230,
  bed_confirmed_clear = 231,
  link_ok = 232,
  printer_command_failed = 233,
  run_adopted = 234,
  printer_suitable = 235,
  printer_history_unread = 236,
  printer_print_missed = 237,

  material_unknown = 301,
  pump_guard_lost = 302,
  pump_latched = 303,
  pump_window_spent = 304,
  pump_single_limit = 305,
  pump_busy = 306,
  pump_unknown = 307,
  pump_epoch_old = 308,
  pump_actuation_failed = 309,
  pump_lease_expired = 310,
  pump_stopped = 311,
  pump_hardware_absent = 312,
  pump_duration_invalid = 313,
  pump_direction_impossible = 314,
  pump_valve_missing = 315,
  pump_station_unknown = 316,
  pump_ledger_failed = 317,
  pump_emergency_stopped = 318,
  pump_not_off = 319,
  pump_guard_stopping = 320,
  pump_request_invalid = 321,
  guard_file_invalid = 322,
  guard_ledger_damaged = 323,
  guard_stop_input = 324,
  guard_not_realtime = 325,

  station_file_missing = 340,
  station_file_unreadable = 341,
  station_file_malformed = 342,
  station_file_not_written = 343,
  station_file_changed = 344,
  station_file_loaded = 345,
  station_file_saved = 346,
  setting_missing = 347,
  setting_invalid = 348,
  recipe_step_malformed = 349,
  recipe_material_unknown = 350,
  recipe_layer_invalid = 351,
  recipe_layer_duplicate = 352,
  recipe_order_wrong = 353,
  recipe_too_long = 354,
  import_value_quoted = 355,
  import_section_missing = 356,
  import_key_old = 357,
  import_key_unknown = 358,
  import_comment_key = 359,
  import_letter_lower_case = 360,
  import_order_changed = 361,
  import_format_older = 362,
  import_value_unused = 363,
  import_text_trimmed = 364,
  clock_agrees = 365,
  clock_unsynchronised = 366,
  clock_stepped = 367,
  clock_browser_differs = 368,
  recipe_in_use = 369,

  order_not_in_state = 401,
  order_line_not_divisible = 402,
  artifact_not_a_model = 403,
  artifact_unknown = 404,
  profile_unknown = 405,
  due_in_the_past = 406,
  zone_unknown = 407,
  plan_not_in_state = 408,
  slicer_missing = 410,
  slicer_crashed = 411,
  slicer_hung = 412,
  slicer_refused = 413,
  slicer_output_implausible = 414,
  slicer_does_not_fit = 415,
  slicer_bad_profile = 416,
  mesh_empty = 420,
  mesh_truncated = 421,
  mesh_not_stl = 422,
  mesh_no_triangles = 423,
  mesh_too_large = 424,
  mesh_not_finite = 425,
  mesh_open = 426,
  mesh_not_oriented = 427,
  mesh_inside_out = 428,
  mesh_flat = 429,
  mesh_oversized = 430,
  mesh_units_implausible = 431,
  model_checked = 432,
  sliced = 433,
  order_complete = 434,
  profile_text_invalid = 435,

  approval_required_class = 501,
  approval_required_risk = 502,
  breaker_open = 503,
  approval_rejected = 504,
  decision_expired = 505,
  gate_allowed = 506,
  dispatch_paused = 507,
  breaker_reset = 508,
  breaker_counted = 509,
  approval_given = 510,
  approval_not_pending = 511,
  plan_review_required = 512,
  breaker_closed_already = 513,
  own_token_needed = 514,

  version_conflict = 601,
  storage_low = 602,
  storage_failed = 603,
  not_found = 604,
  busy = 605,
  key_reused = 606,
  decision_stale = 607,
  store_too_new = 608,
  store_locked = 609,
  already_exists = 610,
  shutting_down = 611,

  json_malformed = 701,
  field_invalid = 702,
  field_unknown = 703,
  payload_too_large = 704,
  media_type_unsupported = 705,
  unauthenticated = 706,
  role_insufficient = 707,
  precondition_failed = 708,
  idempotency_key_missing = 709,
  outcome_unknown = 710,
  route_not_found = 711,
  method_not_allowed = 712,
  host_refused = 713,
  origin_refused = 714,
  too_many_streams = 715,
  internal_error = 716,
  field_missing = 717,
  cursor_invalid = 718,
  port_in_use = 719,
  login_throttled = 720,

  station_not_in_state = 801,
  station_name_taken = 802,
  station_address_taken = 803,
  station_retired = 804,
  station_setup_invalid = 805,
  recipe_conflict = 807,
  resin_printer_silent = 808,
  resin_printer_not_stopped = 809,
  resin_printer_not_printing = 810,
  pumps_unavailable = 811,
  pump_window_short = 812,
  pump_volume_too_large = 813,
  reservoir_short = 814,
  waste_full = 815,
  station_pump_running = 816,
  station_pump_unknown = 817,
  manual_pump_refused = 818,
  resume_refused = 819,
  safety_lock = 820,
  emergency_stopped = 821,
  question_not_open = 822,
  answer_not_fitting = 823,
  only_a_person = 824,
  drain_direction_unconfirmed = 825,
  layer_rollback = 830,
  transient_printer_disconnect = 831,
  command_timeout = 832,
  command_failed = 833,
  config_invalid = 834,
  pump_actuation_failure = 835,
  change_late = 836,
  step_interrupted = 837,
  resin_printer_moved = 838,
  start_unconfirmed = 839,
  print_replaced = 840,
  start_refused = 841,
  layer_stagnation = 850,
  reservoir_low = 851,
  waste_nearly_full = 852,
  station_loop_stalled = 853,
  calibration_spread = 855,
  pumps_waiting = 856,
  control_failed = 857,
  change_due = 860,
  change_completed = 861,
  change_superseded = 862,
  change_passed = 863,
  change_skipped = 864,
  resin_print_observed = 865,
  resin_print_completed = 866,
  resin_print_stopped = 867,
  monitoring_stopped = 868,
  given_up_by_person = 869,
  station_recovered = 870,
  check_passed = 871,
  layers_unknown = 872,
  dry_run = 873,
  stop_acknowledged = 874,
  station_pump_done = 875,
  station_pump_stopped = 876,
  steps_already_passed = 877,
  resin_print_unseen = 878,
  resin_stop_unconfirmed = 879,
};

/// Values that fill the placeholders of a reason's text, by placeholder name.
using reason_params = std::map<std::string, std::string>;

/// How loudly a reason speaks.
enum class severity : uint8_t { info, notice, warning, critical };
constexpr auto names_of(severity) {
  return std::to_array<std::string_view>({"info", "notice", "warning", "critical"});
}

/// Who can do something about it.
enum class responder : uint8_t { nobody, caller, operator_, planner, admin };
constexpr auto names_of(responder) {
  return std::to_array<std::string_view>({"nobody", "caller", "operator", "planner", "admin"});
}

/// One catalogue entry: everything the API, the page and the documents say about a reason.
struct reason_entry {
  reason code;
  std::string_view name; ///< Stable snake_case identifier.
  severity level;        ///< How loudly to show it.
  responder who;         ///< Who must act.
  bool retry_safe;       ///< True if repeating the same request can do no harm.
  int http_status;       ///< Status of a problem document that carries it.
  std::string_view
      text; ///< Sentence: cause, what is unaffected, next step. `{name}` = placeholder.
};

/// The whole catalogue in numerical order.
[[nodiscard]] std::span<const reason_entry> reason_catalogue();

/// The entry of `code`; every enumerator has one (checked by a test).
[[nodiscard]] const reason_entry& entry_of(reason code);

/// The stable identifier of `code`.
[[nodiscard]] std::string_view to_string(reason code);

/// Looks a reason up by its identifier; returns `reason::internal_error` and false if there is
/// none.
[[nodiscard]] bool parse_reason(std::string_view name, reason& out);

/// The sentence of `code` with its placeholders filled; an unfilled placeholder is left out.
[[nodiscard]] std::string render(reason code, const reason_params& params);

} // namespace gantry
