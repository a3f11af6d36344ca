// STATION: a resin printer whose vat is drained and refilled by pumps, and the one job that it is
// on. Recipe, volumes, pump run and job live in this one stream, so that every rule about pumps
// concerns one entity with one writer. Volumes are microlitres, times milliseconds unless named
// otherwise.
#pragma once

#include "schemas/pump.hpp"
#include "schemas/resin_report.hpp"
#include "schemas/run.hpp"

namespace gantry {

/// What a pump is for.
enum class pump_role : uint8_t { fill, drain };
constexpr auto names_of(pump_role) {
  return std::to_array<std::string_view>({"fill", "drain"});
}

/// A pump of a station, as a person has set it up.
struct station_pump {
  std::string name;
  pump_role role = pump_role::fill;
  std::string material;
  int64_t flow_ul_per_s = 5'000;
  pump_direction direction = pump_direction::forward;
  bool direction_confirmed = false;
  int64_t max_volume_ul = 200'000;
  int64_t reservoir_ul = 200'000;

  template <class V>
  static void describe(V&& v) {
    v("name", &station_pump::name, "Name of its line in the guard's file, e.g. a or drain.",
      at_most(20));
    v("role", &station_pump::role, "Whether it fills the vat or drains it.");
    v("material", &station_pump::material,
      "Material that it fills; one letter A to D. Empty for the drain.", defaulted(at_most(1)));
    v("flow_ul_per_s", &station_pump::flow_ul_per_s, "Flow, as calibrated.",
      defaulted(between(10, 100'000)));
    v("direction", &station_pump::direction, "Which way moves resin as its role wants.",
      defaulted());
    v("direction_confirmed", &station_pump::direction_confirmed,
      "True once a person has seen that the direction is right.", defaulted());
    v("max_volume_ul", &station_pump::max_volume_ul, "Most that one run may move.",
      defaulted(between(100, 5'000'000)));
    v("reservoir_ul", &station_pump::reservoir_ul,
      "Size of its reservoir; without meaning for the drain.", defaulted(between(0, 50'000'000)));
  }
  bool operator==(const station_pump&) const = default;
};

/// How a material is changed.
struct change_parameters {
  int64_t quiescence_s = 10;
  int64_t plate_clear_delay_s = 20;
  int64_t drain_volume_ul = 50'000;
  int64_t fill_volume_ul = 45'000;
  int64_t settle_delay_s = 5;

  template <class V>
  static void describe(V&& v) {
    v("quiescence_s", &change_parameters::quiescence_s,
      "Silence towards the printer after an accepted pause.", defaulted(between(0, 120)));
    v("plate_clear_delay_s", &change_parameters::plate_clear_delay_s,
      "From the observed pause until the plate is clear of the vat.", defaulted(between(0, 600)));
    v("drain_volume_ul", &change_parameters::drain_volume_ul, "Volume that is drained.",
      defaulted(between(100, 5'000'000)));
    v("fill_volume_ul", &change_parameters::fill_volume_ul, "Volume that is filled.",
      defaulted(between(100, 5'000'000)));
    v("settle_delay_s", &change_parameters::settle_delay_s, "Rest after filling.",
      defaulted(between(0, 3'600)));
  }
  bool operator==(const change_parameters&) const = default;
};

/// What a person enters about a station.
struct station_setup {
  std::string name;
  std::string host;
  int64_t port = 6'000;
  int64_t poll_interval_ms = 3'000;
  int64_t reply_timeout_ms = 10'000;
  int64_t offline_grace_s = 30;
  std::string pump_bank;
  std::vector<station_pump> pumps;
  bool valve_during_drain = false;
  int64_t waste_capacity_ul = 1'000'000;
  change_parameters change;
  std::string initial_material;
  bool dry_run = false;

  template <class V>
  static void describe(V&& v) {
    v("name", &station_setup::name, "Unique name.", at_most(60));
    v("host", &station_setup::host, "Host name or IP address of the printer.", at_most(253));
    v("port", &station_setup::port, "Port of the printer.", defaulted(between(1, 65'535)));
    v("poll_interval_ms", &station_setup::poll_interval_ms, "Pause between polls of the printer.",
      defaulted(between(1'000, 10'000)));
    v("reply_timeout_ms", &station_setup::reply_timeout_ms, "Patience for one whole reply.",
      defaulted(between(1'000, 60'000)));
    v("offline_grace_s", &station_setup::offline_grace_s,
      "Silence after which a lost printer is an error.", defaulted(between(5, 3'600)));
    v("pump_bank", &station_setup::pump_bank,
      "Name of the station in the guard's file; empty if it has no pumps.", defaulted(at_most(60)));
    v("pumps", &station_setup::pumps, "Its pumps: one per material, and one drain.",
      defaulted(at_most(8)));
    v("valve_during_drain", &station_setup::valve_during_drain,
      "True if the air valve opens while draining.", defaulted());
    v("waste_capacity_ul", &station_setup::waste_capacity_ul, "Size of the waste container.",
      defaulted(between(0, 50'000'000)));
    v("change", &station_setup::change, "How a material is changed.", defaulted());
    v("initial_material", &station_setup::initial_material,
      "Material in the vat at the start of a print, unless the start says otherwise.",
      defaulted(at_most(40)));
    v("dry_run", &station_setup::dry_run, "True: times pass, but no pump is switched on.",
      defaulted());
  }
  [[nodiscard]] std::string address() const { return host + ":" + std::to_string(port); }
  /// For how long a report of the printer is believed: three polls, and one reply that is late.
  [[nodiscard]] int64_t report_patience_ms() const {
    return 3 * poll_interval_ms + reply_timeout_ms;
  }
  /// The pump called `wanted`, or null.
  [[nodiscard]] const station_pump* pump(std::string_view wanted) const {
    for (const auto& x : pumps)
      if (x.name == wanted)
        return &x;
    return nullptr;
  }
  /// The pump that fills `material`, or null; the drain never is one.
  [[nodiscard]] const station_pump* filler(std::string_view material) const {
    for (const auto& x : pumps)
      if (x.role == pump_role::fill && x.material == material)
        return &x;
    return nullptr;
  }
  /// The drain, or null.
  [[nodiscard]] const station_pump* drain() const {
    for (const auto& x : pumps)
      if (x.role == pump_role::drain)
        return &x;
    return nullptr;
  }
  bool operator==(const station_setup&) const = default;
};

/// From this layer on the vat holds this material.
struct recipe_step {
  int64_t layer = 0;
  std::string material;

  template <class V>
  static void describe(V&& v) {
    v("layer", &recipe_step::layer, "Layer at which the material is changed.",
      between(1, 1'000'000));
    v("material", &recipe_step::material, "Material that is filled; one letter A to D.",
      at_most(1));
  }
  bool operator==(const recipe_step&) const = default;
};

/// What is left in a pump's reservoir.
struct pump_level {
  std::string pump;
  int64_t remaining_ul = 0;

  template <class V>
  static void describe(V&& v) {
    v("pump", &pump_level::pump, "Pump.");
    v("remaining_ul", &pump_level::remaining_ul,
      "What is left; a run is charged in full before it begins.");
  }
  bool operator==(const pump_level&) const = default;
};

/// What a pump runs for.
enum class run_purpose : uint8_t { manual, drain, fill };
constexpr auto names_of(run_purpose) {
  return std::to_array<std::string_view>({"manual", "drain", "fill"});
}

/// One run of one pump, from the decision until its measured end.
struct pump_run {
  int64_t number = 0;
  run_purpose purpose = run_purpose::manual;
  std::string pump;
  pump_direction direction = pump_direction::forward;
  int64_t planned_ms = 0;
  int64_t planned_ul = 0;
  int64_t charged_ul = 0;
  int64_t epoch = 0;
  bool with_valve = false;
  bool simulation = false;
  std::optional<timestamp> began_at;

  template <class V>
  static void describe(V&& v) {
    v("number", &pump_run::number, "Counts the runs of the station.");
    v("purpose", &pump_run::purpose, "What it is for.");
    v("pump", &pump_run::pump, "Pump.");
    v("direction", &pump_run::direction, "Direction.");
    v("planned_ms", &pump_run::planned_ms, "Planned on-time.");
    v("planned_ul", &pump_run::planned_ul, "Planned volume.");
    v("charged_ul", &pump_run::charged_ul,
      "What was charged to its reservoir or to the waste before it began: the most that it can "
      "move.");
    v("epoch", &pump_run::epoch, "Acknowledgement that it relies on.");
    v("with_valve", &pump_run::with_valve, "True if the air valve is open meanwhile.");
    v("simulation", &pump_run::simulation, "True in a dry run: nothing is switched on.");
    v("began_at", &pump_run::began_at, "When it was decided.");
  }
  bool operator==(const pump_run&) const = default;
};

/// Where a material change stands.
enum class change_step : uint8_t {
  request_pause,
  wait_plate_clear,
  draining,
  filling,
  settling,
  request_resume,
  complete
};
constexpr auto names_of(change_step) {
  return std::to_array<std::string_view>({"request_pause", "wait_plate_clear", "draining",
                                          "filling", "settling", "request_resume", "complete"});
}

/// One step of a change, with what was planned and what was measured.
struct step_record {
  change_step step = change_step::request_pause;
  int64_t attempt = 0;
  std::optional<timestamp> began_at;
  std::optional<timestamp> ended_at;
  bool succeeded = false;
  reason why = reason::ok;
  int64_t planned_ms = 0;
  int64_t actual_ms = 0;
  int64_t planned_ul = 0;
  int64_t actual_ul = 0;

  template <class V>
  static void describe(V&& v) {
    v("step", &step_record::step, "Step.");
    v("attempt", &step_record::attempt, "Counts the steps of all changes of the station.");
    v("began_at", &step_record::began_at, "When it began.");
    v("ended_at", &step_record::ended_at, "When it ended.");
    v("succeeded", &step_record::succeeded, "True if it ended as planned.");
    v("why", &step_record::why, "Why it did not.");
    v("planned_ms", &step_record::planned_ms, "Planned duration; 0 if the printer decides.");
    v("actual_ms", &step_record::actual_ms, "Measured duration.");
    v("planned_ul", &step_record::planned_ul, "Planned volume.");
    v("actual_ul", &step_record::actual_ul, "Volume from the measured on-time and the flow.");
  }
  bool operator==(const step_record&) const = default;
};

/// A change in progress.
struct material_change {
  int64_t index = 0;
  int64_t layer = 0;
  std::string material;
  int64_t at_layer = 0;
  change_step step = change_step::request_pause;
  int64_t attempt = 0;
  bool accepted = false;
  reason held = reason::ok;
  reason_params held_params;
  std::vector<step_record> steps;
  std::optional<timestamp> began_at;

  template <class V>
  static void describe(V&& v) {
    v("index", &material_change::index, "Step of the plan, from 0.");
    v("layer", &material_change::layer, "Layer that it is meant for.");
    v("material", &material_change::material, "Material that is filled.");
    v("at_layer", &material_change::at_layer, "Layer that the printer had reached.");
    v("step", &material_change::step, "Where it stands.");
    v("attempt", &material_change::attempt, "Number of the step.");
    v("accepted", &material_change::accepted,
      "True once the printer has acknowledged the step's command.");
    v("held", &material_change::held, "Why the next step waits.");
    v("held_params", &material_change::held_params, "Values for the reason's text.");
    v("steps", &material_change::steps, "Its steps.");
    v("began_at", &material_change::began_at, "When it began.");
  }
  bool operator==(const material_change&) const = default;
};

/// What became of a planned change.
enum class change_outcome : uint8_t { done, skipped };
constexpr auto names_of(change_outcome) {
  return std::to_array<std::string_view>({"done", "skipped"});
}

/// A planned change that is over.
struct change_record {
  int64_t index = 0;
  int64_t layer = 0;
  std::string material;
  int64_t at_layer = 0;
  change_outcome outcome = change_outcome::done;
  reason why = reason::ok;
  int64_t planned_ms = 0;
  int64_t actual_ms = 0;
  int64_t drain_planned_ul = 0;
  int64_t drain_actual_ul = 0;
  int64_t fill_planned_ul = 0;
  int64_t fill_actual_ul = 0;
  bool simulation = false;
  std::optional<timestamp> began_at;
  std::optional<timestamp> ended_at;

  template <class V>
  static void describe(V&& v) {
    v("index", &change_record::index, "Step of the plan, from 0.");
    v("layer", &change_record::layer, "Layer that it was meant for.");
    v("material", &change_record::material, "Material.");
    v("at_layer", &change_record::at_layer, "Layer that the printer had reached.");
    v("outcome", &change_record::outcome, "What became of it.");
    v("why", &change_record::why, "Why.");
    v("planned_ms", &change_record::planned_ms, "Planned duration of its timed steps.");
    v("actual_ms", &change_record::actual_ms, "Measured duration of its timed steps.");
    v("drain_planned_ul", &change_record::drain_planned_ul, "Planned volume drained.");
    v("drain_actual_ul", &change_record::drain_actual_ul, "Volume drained.");
    v("fill_planned_ul", &change_record::fill_planned_ul, "Planned volume filled.");
    v("fill_actual_ul", &change_record::fill_actual_ul, "Volume filled.");
    v("simulation", &change_record::simulation, "True in a dry run.");
    v("began_at", &change_record::began_at, "When it began.");
    v("ended_at", &change_record::ended_at, "When it ended.");
  }
  bool operator==(const change_record&) const = default;
};

/// How a job ended. `unseen`: the printer was not seen when its print ended, so nobody knows
/// whether it was finished or stopped.
enum class job_end : uint8_t {
  running,
  completed,
  stopped,
  monitoring_stopped,
  start_refused,
  given_up,
  emergency_stopped,
  unseen
};
constexpr auto names_of(job_end) {
  return std::to_array<std::string_view>({"running", "completed", "stopped", "monitoring_stopped",
                                          "start_refused", "given_up", "emergency_stopped",
                                          "unseen"});
}

/// What the printer can be asked.
enum class resin_control : uint8_t { none, start, pause, resume, stop };
constexpr auto names_of(resin_control) {
  return std::to_array<std::string_view>({"none", "start", "pause", "resume", "stop"});
}

/// One print and its plan, which does not change any more.
struct station_job {
  int64_t number = 0;
  std::string file;
  std::string internal_file;
  int64_t layers = 0;
  std::vector<recipe_step> plan;
  int64_t recipe_revision = 0;
  std::string initial_material;
  std::string active_material;
  bool attached = false;
  bool simulation = false;
  int64_t next = 0;
  int64_t attempt = 0;
  bool start_sent = false;
  start_answer answer = start_answer::pending;
  int64_t last_layer = 0;
  int64_t stagnant_layer = 0;
  resin_control asked = resin_control::none;
  bool asked_accepted = false;
  bool asked_refused = false;
  std::optional<material_change> change;
  std::vector<change_record> changes;
  job_end end = job_end::running;
  reason why = reason::ok;
  std::optional<timestamp> began_at;
  std::optional<timestamp> ended_at;

  template <class V>
  static void describe(V&& v) {
    v("number", &station_job::number, "Counts the jobs of the station.");
    v("file", &station_job::file, "File as shown to people.");
    v("internal_file", &station_job::internal_file, "File as the printer takes it.");
    v("layers", &station_job::layers, "Layers in all; 0 until the printer has told.");
    v("plan", &station_job::plan, "The recipe with which it began.");
    v("recipe_revision", &station_job::recipe_revision, "Revision of that recipe.");
    v("initial_material", &station_job::initial_material, "Material in the vat at the start.");
    v("active_material", &station_job::active_material,
      "Material in the vat: the last one filled, empty if unknown.");
    v("attached", &station_job::attached, "True if the print ran already.");
    v("simulation", &station_job::simulation, "True in a dry run.");
    v("next", &station_job::next, "Index of the next change.");
    v("attempt", &station_job::attempt, "Counts the steps of all changes of the station.");
    v("start_sent", &station_job::start_sent, "True once the start was decided; it is sent once.");
    v("answer", &station_job::answer, "What came back for the start.");
    v("last_layer", &station_job::last_layer, "Newest layer that was recorded.");
    v("stagnant_layer", &station_job::stagnant_layer, "Layer for which a standstill was reported.");
    v("asked", &station_job::asked,
      "Pause or stop that a person wants and that the printer does not show yet, or none.");
    v("asked_accepted", &station_job::asked_accepted, "True if the printer has accepted it.");
    v("asked_refused", &station_job::asked_refused, "True if the printer has refused it once.");
    v("change", &station_job::change, "The change in progress.");
    v("changes", &station_job::changes, "Changes that are over.");
    v("end", &station_job::end, "How it ended.");
    v("why", &station_job::why, "Why it ended.");
    v("began_at", &station_job::began_at, "When it was started.");
    v("ended_at", &station_job::ended_at, "When it ended.");
  }
  bool operator==(const station_job&) const = default;
};

/// A job that is over.
struct job_summary {
  int64_t number = 0;
  std::string file;
  job_end end = job_end::running;
  reason why = reason::ok;
  int64_t changes_done = 0;
  int64_t changes_planned = 0;
  int64_t errors = 0;
  bool simulation = false;
  std::optional<timestamp> began_at;
  std::optional<timestamp> ended_at;

  template <class V>
  static void describe(V&& v) {
    v("number", &job_summary::number, "Counts the jobs of the station.");
    v("file", &job_summary::file, "File as shown to people.");
    v("end", &job_summary::end, "How it ended.");
    v("why", &job_summary::why, "Why it ended.");
    v("changes_done", &job_summary::changes_done, "Changes that were made.");
    v("changes_planned", &job_summary::changes_planned, "Changes in its plan.");
    v("errors", &job_summary::errors, "Errors that a person had to answer.");
    v("simulation", &job_summary::simulation, "True for a dry run.");
    v("began_at", &job_summary::began_at, "When it was started.");
    v("ended_at", &job_summary::ended_at, "When it ended.");
  }
  bool operator==(const job_summary&) const = default;
};

/// Where a station stands. `starting`: a start was asked for, and the printer has not shown the
/// print yet. `stop_requested`: the job is over as soon as the pump is off. `error` goes on after
/// an answer, or alone if it asks no question.
enum class station_state : uint8_t {
  idle,
  starting,
  monitoring,
  material_change,
  error,
  stop_requested,
  aborted,
  completed
};
constexpr auto names_of(station_state) {
  return std::to_array<std::string_view>({"idle", "starting", "monitoring", "material_change",
                                          "error", "stop_requested", "aborted", "completed"});
}

/// Why a station is in error.
enum class error_cause : uint8_t {
  none,
  layer_rollback,
  transient_printer_disconnect,
  command_timeout,
  command_failed,
  config_invalid,
  pump_actuation_failure,
  recipe_conflict,
  change_late,
  step_interrupted,
  printer_moved,
  print_replaced,
  start_unconfirmed,
  reservoir_short,
  stop_unconfirmed
};
constexpr auto names_of(error_cause) {
  return std::to_array<std::string_view>(
      {"none", "layer_rollback", "transient_printer_disconnect", "command_timeout",
       "command_failed", "config_invalid", "pump_actuation_failure", "recipe_conflict",
       "change_late", "step_interrupted", "printer_moved", "print_replaced", "start_unconfirmed",
       "reservoir_short", "stop_unconfirmed"});
}

/// What a person decides about an error: go on as if the step was done, do it again, leave the
/// change out, or give the print up.
enum class station_answer : uint8_t { continue_, redo, skip, abort };
constexpr auto names_of(station_answer) {
  return std::to_array<std::string_view>({"continue", "redo", "skip", "abort"});
}

/// Why a station waits.
struct station_error {
  error_cause cause = error_cause::none;
  reason why = reason::ok;
  reason_params why_params;
  int64_t question = 0;
  std::vector<station_answer> choices;
  station_state from = station_state::idle;
  std::optional<timestamp> since;

  template <class V>
  static void describe(V&& v) {
    v("cause", &station_error::cause, "Cause.");
    v("why", &station_error::why, "Reason code of the sentence.");
    v("why_params", &station_error::why_params, "Values for the reason's text.");
    v("question", &station_error::question,
      "Number of the question that a person must answer; 0 if it goes on alone.");
    v("choices", &station_error::choices, "Answers that fit.");
    v("from", &station_error::from, "Where it was.");
    v("since", &station_error::since, "Since when.");
  }
  bool operator==(const station_error&) const = default;
};

/// What is known of a file on the printer.
struct known_file {
  std::string internal_file;
  int64_t layers = 0;

  template <class V>
  static void describe(V&& v) {
    v("internal_file", &known_file::internal_file, "File as the printer takes it.");
    v("layers", &known_file::layers, "Layers in all.");
  }
  bool operator==(const known_file&) const = default;
};

/// One of a station's settings files as it was taken over last.
struct settings_file {
  std::string name;
  int64_t revision = 0;
  std::string sha256;

  template <class V>
  static void describe(V&& v) {
    v("name", &settings_file::name, "Name of the file.");
    v("revision", &settings_file::revision, "Revision that it carries; 0 if none.");
    v("sha256", &settings_file::sha256, "Digest of its bytes.");
  }
  bool operator==(const settings_file&) const = default;
};

/// The STATION's state.
struct station {
  station_id id;
  station_setup setup;
  bool retired = false;
  station_state state = station_state::idle;
  std::optional<station_error> error;
  int64_t questions = 0;
  std::vector<recipe_step> recipe;
  int64_t recipe_revision = 0;
  std::vector<pump_level> levels;
  int64_t waste_used_ul = 0;
  std::optional<pump_run> run;
  int64_t runs = 0;
  std::optional<station_job> job;
  int64_t jobs = 0;
  int64_t errors = 0;
  int64_t pump_epoch = 0;
  bool latched = false;
  bool safety_lock = false;
  job_end ending = job_end::running;
  reason ending_why = reason::ok;
  std::vector<known_file> files;
  std::vector<job_summary> past;
  std::vector<settings_file> settings_files;

  template <class V>
  static void describe(V&& v) {
    v("id", &station::id, "Station.");
    v("setup", &station::setup, "Printer, pumps and parameters.");
    v("retired", &station::retired, "True if it is not used any more.");
    v("state", &station::state, "Where it stands.");
    v("error", &station::error, "Why it waits for a person or for the printer.");
    v("questions", &station::questions, "Counts the questions.");
    v("recipe", &station::recipe, "Changes of material, by layer.");
    v("recipe_revision", &station::recipe_revision, "Counts changes of the recipe.");
    v("levels", &station::levels, "What is left in the reservoirs.");
    v("waste_used_ul", &station::waste_used_ul, "What is in the waste container.");
    v("run", &station::run, "The pump that is on.");
    v("runs", &station::runs, "Counts the runs of pumps.");
    v("job", &station::job, "The print that it is on, or was on last.");
    v("jobs", &station::jobs, "Counts the jobs.");
    v("errors", &station::errors, "Errors of this job that a person had to answer.");
    v("pump_epoch", &station::pump_epoch,
      "Counts acknowledged emergency stops; pumps refuse older numbers.");
    v("latched", &station::latched, "True from an emergency stop until a person acknowledges it.");
    v("safety_lock", &station::safety_lock, "True for 3 s after an emergency stop.");
    v("ending", &station::ending, "How the job ends once the pump is off.");
    v("ending_why", &station::ending_why, "Why it ends then.");
    v("files", &station::files, "Files that it has printed.");
    v("past", &station::past, "Its last jobs, oldest first.");
    v("settings_files", &station::settings_files,
      "Its files with settings, as they were taken over last.");
  }
  /// True while a job is not over.
  [[nodiscard]] bool has_open_job() const { return job && job->end == job_end::running; }
  /// The change in progress, or null.
  [[nodiscard]] const material_change* change() const {
    return job && job->change ? &*job->change : nullptr;
  }
  /// True while a stop of the print was sent that the printer does not show, and a person is asked.
  [[nodiscard]] bool stop_unconfirmed() const {
    return error && error->cause == error_cause::stop_unconfirmed;
  }
  /// What is left in the reservoir of `pump`.
  [[nodiscard]] int64_t level_of(std::string_view pump) const {
    for (const auto& x : levels)
      if (x.pump == pump)
        return x.remaining_ul;
    return 0;
  }
  bool operator==(const station&) const = default;
};

/// What the guard says of one line.
struct pump_line_report {
  std::string pump;
  bool is_on = false;
  bool is_valve = false;
  int64_t window_used_ms = 0;
  int64_t window_limit_ms = 0;
  int64_t window_ms = 0;
  int64_t single_limit_ms = 0;

  template <class V>
  static void describe(V&& v) {
    v("pump", &pump_line_report::pump, "Line.");
    v("is_on", &pump_line_report::is_on, "True while it is on.");
    v("is_valve", &pump_line_report::is_valve, "True for the air valve.");
    v("window_used_ms", &pump_line_report::window_used_ms,
      "On-time charged in the rolling window.");
    v("window_limit_ms", &pump_line_report::window_limit_ms, "Most on-time in a window.");
    v("window_ms", &pump_line_report::window_ms, "Length of the rolling window.");
    v("single_limit_ms", &pump_line_report::single_limit_ms, "Longest single run.");
  }
  bool operator==(const pump_line_report&) const = default;
};

/// What the guard says of a station's pumps. Kept in memory; never journalled as such.
struct pump_bank_report {
  bool connected = false;
  bool latched = false;
  bool latched_by_input = false;
  int64_t epoch = 0;
  int64_t valve_extra_ms = 0;
  bool simulated = false;
  std::vector<std::string> faults;
  std::vector<pump_line_report> lines;

  template <class V>
  static void describe(V&& v) {
    v("connected", &pump_bank_report::connected, "False: nothing can be pumped.");
    v("latched", &pump_bank_report::latched, "True after an emergency stop.");
    v("latched_by_input", &pump_bank_report::latched_by_input,
      "True if the stop came from the hardware input.");
    v("epoch", &pump_bank_report::epoch, "Newest acknowledgement that the guard knows.");
    v("valve_extra_ms", &pump_bank_report::valve_extra_ms,
      "How much longer than its run the air valve is open: before and after it.");
    v("simulated", &pump_bank_report::simulated, "True if the lines are simulated.");
    v("faults", &pump_bank_report::faults, "Named hardware faults.");
    v("lines", &pump_bank_report::lines, "Its lines.");
  }
  /// The line called `wanted`, or null.
  [[nodiscard]] const pump_line_report* line(std::string_view wanted) const {
    for (const auto& x : lines)
      if (x.pump == wanted)
        return &x;
    return nullptr;
  }
  /// The line of the air valve, or null.
  [[nodiscard]] const pump_line_report* valve() const {
    for (const auto& x : lines)
      if (x.is_valve)
        return &x;
    return nullptr;
  }
  bool operator==(const pump_bank_report&) const = default;
};

/// What is known of a station's machines now: what its decisions rely on besides its state.
struct station_facts {
  resin_report report;
  bool fresh = false;
  int64_t offline_ms = 0;
  int64_t highest_layer = 0;
  int64_t polls_on_layer = 0;
  int64_t outage_ms = 0;
  int64_t step_ms = 0;
  int64_t asked_attempt = 0;
  int64_t unseen_ms = 0;
  bool pausing = false;
  bool pause_refused = false;
  bool resuming = false;
  pump_bank_report pumps;

  template <class V>
  static void describe(V&& v) {
    v("report", &station_facts::report, "Newest report of the printer.");
    v("fresh", &station_facts::fresh, "True if it is of this connection and not stale.");
    v("offline_ms", &station_facts::offline_ms, "How long the printer has been silent.");
    v("highest_layer", &station_facts::highest_layer, "Highest layer seen of this print.");
    v("polls_on_layer", &station_facts::polls_on_layer,
      "Polls that showed this layer one after another.");
    v("outage_ms", &station_facts::outage_ms,
      "How long the printer was silent before it answered last.");
    v("step_ms", &station_facts::step_ms,
      "How long the step under way has lasted, as far as it was watched.");
    v("asked_attempt", &station_facts::asked_attempt,
      "Step whose command was sent in this life of the controller.");
    v("unseen_ms", &station_facts::unseen_ms,
      "How long nobody saw the printer before it showed its present state first; negative if "
      "nobody had seen it in this life of the controller.");
    v("pausing", &station_facts::pausing,
      "True while a pause is on its way, or may still be waiting for its layer to end.");
    v("pause_refused", &station_facts::pause_refused,
      "True for a while after the printer refused a pause; it is not asked again so soon.");
    v("resuming", &station_facts::resuming,
      "True while a resume is on its way, or may not have taken effect yet.");
    v("pumps", &station_facts::pumps, "What the guard says.");
  }
  bool operator==(const station_facts&) const = default;
};

/// One check before a start, with what it found.
struct station_check {
  std::string id;
  check_verdict verdict = check_verdict::pass;
  reason why = reason::check_passed;
  reason_params why_params;

  template <class V>
  static void describe(V&& v) {
    v("id", &station_check::id, "What was checked.");
    v("verdict", &station_check::verdict, "What came of it.");
    v("why", &station_check::why, "Reason code of the verdict.");
    v("why_params", &station_check::why_params, "Values for the reason's text.");
  }
  bool operator==(const station_check&) const = default;
};

/// One timed run of a pump with what was measured.
struct calibration_run {
  int64_t duration_ms = 0;
  int64_t volume_ul = 0;

  template <class V>
  static void describe(V&& v) {
    v("duration_ms", &calibration_run::duration_ms, "On-time.", between(500, 120'000));
    v("volume_ul", &calibration_run::volume_ul, "Volume that came out.", between(1, 5'000'000));
  }
  bool operator==(const calibration_run&) const = default;
};

/// What came back from the printer for a command.
enum class control_outcome : uint8_t { done, refused, lost, not_sent };
constexpr auto names_of(control_outcome) {
  return std::to_array<std::string_view>({"done", "refused", "lost", "not_sent"});
}

namespace events {

struct station_added {
  static constexpr std::string_view type = "station.added";
  station_id id;
  station_setup setup;

  template <class V>
  static void describe(V&& v) {
    v("id", &station_added::id, "Station.");
    v("setup", &station_added::setup, "Printer, pumps and parameters.");
  }
};

struct station_edited {
  static constexpr std::string_view type = "station.edited";
  station_setup setup;

  template <class V>
  static void describe(V&& v) {
    v("setup", &station_edited::setup, "The whole new set-up.");
  }
};

struct station_retired {
  static constexpr std::string_view type = "station.retired";

  template <class V>
  static void describe(V&&) {}
};

struct station_recipe_changed {
  static constexpr std::string_view type = "station.recipe_changed";
  std::vector<recipe_step> steps;
  int64_t revision = 0;

  template <class V>
  static void describe(V&& v) {
    v("steps", &station_recipe_changed::steps, "The whole new recipe.");
    v("revision", &station_recipe_changed::revision, "Its revision.");
  }
};

struct station_files_taken {
  static constexpr std::string_view type = "station.files_taken";
  std::vector<settings_file> files;

  template <class V>
  static void describe(V&& v) {
    v("files", &station_files_taken::files, "The files that were read or written.");
  }
};

struct station_level_set {
  static constexpr std::string_view type = "station.level_set";
  std::string pump;
  int64_t volume_ul = 0;

  template <class V>
  static void describe(V&& v) {
    v("pump", &station_level_set::pump, "Pump, or waste.");
    v("volume_ul", &station_level_set::volume_ul, "What is in it now.");
  }
};

struct station_calibrated {
  static constexpr std::string_view type = "station.calibrated";
  std::string pump;
  std::vector<calibration_run> runs;
  int64_t flow_ul_per_s = 0;
  int64_t spread_permille = 0;
  pump_direction direction = pump_direction::forward;

  template <class V>
  static void describe(V&& v) {
    v("pump", &station_calibrated::pump, "Pump.");
    v("runs", &station_calibrated::runs, "What was measured.");
    v("flow_ul_per_s", &station_calibrated::flow_ul_per_s, "Flow fitted to the runs.");
    v("spread_permille", &station_calibrated::spread_permille,
      "Largest deviation of a run from the fit.");
    v("direction", &station_calibrated::direction, "Direction that a person has seen to be right.");
  }
};

struct station_job_began {
  static constexpr std::string_view type = "station.job_began";
  station_job job;

  template <class V>
  static void describe(V&& v) {
    v("job", &station_job_began::job, "The print and its plan.");
  }
};

struct station_start_intended {
  static constexpr std::string_view type = "station.start_intended";

  template <class V>
  static void describe(V&&) {}
};

struct station_start_answered {
  static constexpr std::string_view type = "station.start_answered";
  start_answer answer = start_answer::pending;
  std::string detail;

  template <class V>
  static void describe(V&& v) {
    v("answer", &station_start_answered::answer, "What came back.");
    v("detail", &station_start_answered::detail, "The device's own words.");
  }
};

struct station_print_observed {
  static constexpr std::string_view type = "station.print_observed";
  std::string internal_file;
  int64_t layer = 0;
  int64_t layers = 0;
  bool simulation = false;

  template <class V>
  static void describe(V&& v) {
    v("internal_file", &station_print_observed::internal_file, "File that the printer reports.");
    v("layer", &station_print_observed::layer, "Layer.");
    v("layers", &station_print_observed::layers, "Layers in all.");
    v("simulation", &station_print_observed::simulation, "True in a dry run.");
  }
};

struct station_progressed {
  static constexpr std::string_view type = "station.progressed";
  int64_t layer = 0;

  template <class V>
  static void describe(V&& v) {
    v("layer", &station_progressed::layer, "Layer.");
  }
};

struct station_change_began {
  static constexpr std::string_view type = "station.change_began";
  int64_t index = 0;
  int64_t layer = 0;
  std::string material;
  int64_t at_layer = 0;
  bool simulation = false;

  template <class V>
  static void describe(V&& v) {
    v("index", &station_change_began::index, "Step of the plan, from 0.");
    v("layer", &station_change_began::layer, "Layer that it is meant for.");
    v("material", &station_change_began::material, "Material.");
    v("at_layer", &station_change_began::at_layer, "Layer that the printer has reached.");
    v("simulation", &station_change_began::simulation, "True in a dry run.");
  }
};

struct station_step_began {
  static constexpr std::string_view type = "station.step_began";
  change_step step = change_step::request_pause;
  int64_t attempt = 0;
  int64_t planned_ms = 0;
  bool simulation = false;

  template <class V>
  static void describe(V&& v) {
    v("step", &station_step_began::step, "Step.");
    v("attempt", &station_step_began::attempt, "Its number.");
    v("planned_ms", &station_step_began::planned_ms, "Planned duration; 0 if the printer decides.");
    v("simulation", &station_step_began::simulation, "True in a dry run.");
  }
};

struct station_step_accepted {
  static constexpr std::string_view type = "station.step_accepted";
  int64_t attempt = 0;
  bool simulation = false;

  template <class V>
  static void describe(V&& v) {
    v("attempt", &station_step_accepted::attempt, "Number of the step.");
    v("simulation", &station_step_accepted::simulation, "True in a dry run.");
  }
};

struct station_step_held {
  static constexpr std::string_view type = "station.step_held";
  reason why = reason::ok;
  reason_params why_params;
  bool simulation = false;

  template <class V>
  static void describe(V&& v) {
    v("why", &station_step_held::why, "Why the next step waits.");
    v("why_params", &station_step_held::why_params, "Values for the reason's text.");
    v("simulation", &station_step_held::simulation, "True in a dry run.");
  }
};

struct station_step_ended {
  static constexpr std::string_view type = "station.step_ended";
  change_step step = change_step::request_pause;
  int64_t attempt = 0;
  bool succeeded = false;
  reason why = reason::ok;
  int64_t planned_ms = 0;
  int64_t actual_ms = 0;
  int64_t planned_ul = 0;
  int64_t actual_ul = 0;
  bool simulation = false;

  template <class V>
  static void describe(V&& v) {
    v("step", &station_step_ended::step, "Step.");
    v("attempt", &station_step_ended::attempt, "Its number.");
    v("succeeded", &station_step_ended::succeeded, "True if it ended as planned.");
    v("why", &station_step_ended::why, "Why it did not.");
    v("planned_ms", &station_step_ended::planned_ms, "Planned duration.");
    v("actual_ms", &station_step_ended::actual_ms, "Measured duration.");
    v("planned_ul", &station_step_ended::planned_ul, "Planned volume.");
    v("actual_ul", &station_step_ended::actual_ul, "Volume from the measured on-time.");
    v("simulation", &station_step_ended::simulation, "True in a dry run.");
  }
};

struct station_pump_began {
  static constexpr std::string_view type = "station.pump_began";
  pump_run run;
  std::vector<station_check> decision;

  template <class V>
  static void describe(V&& v) {
    v("run", &station_pump_began::run, "What was planned.");
    v("decision", &station_pump_began::decision, "The checks that allowed it.");
  }
};

struct station_pump_ended {
  static constexpr std::string_view type = "station.pump_ended";
  int64_t number = 0;
  std::string pump;
  bool completed = false;
  reason why = reason::ok;
  std::string detail;
  int64_t planned_ms = 0;
  int64_t on_time_ms = 0;
  int64_t planned_ul = 0;
  int64_t actual_ul = 0;
  bool simulation = false;

  template <class V>
  static void describe(V&& v) {
    v("number", &station_pump_ended::number, "Number of the run.");
    v("pump", &station_pump_ended::pump, "Pump.");
    v("completed", &station_pump_ended::completed, "True if it ran as planned.");
    v("why", &station_pump_ended::why, "Why it did not.");
    v("detail", &station_pump_ended::detail, "The guard's own words.");
    v("planned_ms", &station_pump_ended::planned_ms, "Planned on-time.");
    v("on_time_ms", &station_pump_ended::on_time_ms,
      "Measured on-time; the longest possible one if nothing was measured.");
    v("planned_ul", &station_pump_ended::planned_ul, "Planned volume.");
    v("actual_ul", &station_pump_ended::actual_ul, "Volume from that on-time and the flow.");
    v("simulation", &station_pump_ended::simulation, "True in a dry run.");
  }
};

struct station_change_completed {
  static constexpr std::string_view type = "station.change_completed";
  change_record record;

  template <class V>
  static void describe(V&& v) {
    v("record", &station_change_completed::record, "What was planned and what was done.");
  }
};

struct station_change_skipped {
  static constexpr std::string_view type = "station.change_skipped";
  change_record record;

  template <class V>
  static void describe(V&& v) {
    v("record", &station_change_skipped::record, "What was left out, and why.");
  }
};

struct station_error_raised {
  static constexpr std::string_view type = "station.error_raised";
  station_error error;
  bool simulation = false;

  template <class V>
  static void describe(V&& v) {
    v("error", &station_error_raised::error, "Why it waits.");
    v("simulation", &station_error_raised::simulation, "True in a dry run.");
  }
};

struct station_error_settled {
  static constexpr std::string_view type = "station.error_settled";
  int64_t question = 0;
  station_answer answer = station_answer::continue_;
  std::string vat;
  bool automatic = false;
  int64_t outage_ms = 0;
  bool simulation = false;

  template <class V>
  static void describe(V&& v) {
    v("question", &station_error_settled::question,
      "Number of the question; 0 if it went on alone.");
    v("answer", &station_error_settled::answer, "What a person decided.");
    v("vat", &station_error_settled::vat,
      "What a person found in the vat: a material, empty, or unknown.");
    v("automatic", &station_error_settled::automatic, "True if it went on alone.");
    v("outage_ms", &station_error_settled::outage_ms, "How long the printer was silent.");
    v("simulation", &station_error_settled::simulation, "True in a dry run.");
  }
};

struct station_warned {
  static constexpr std::string_view type = "station.warned";
  reason why = reason::ok;
  reason_params why_params;
  int64_t layer = 0;
  bool simulation = false;

  template <class V>
  static void describe(V&& v) {
    v("why", &station_warned::why, "What is to be noticed.");
    v("why_params", &station_warned::why_params, "Values for the reason's text.");
    v("layer", &station_warned::layer, "Layer of the print.");
    v("simulation", &station_warned::simulation, "True in a dry run.");
  }
};

struct station_control_wanted {
  static constexpr std::string_view type = "station.control_wanted";
  resin_control control = resin_control::none;
  bool lasting = false;

  template <class V>
  static void describe(V&& v) {
    v("control", &station_control_wanted::control, "What the printer is asked.");
    v("lasting", &station_control_wanted::lasting,
      "True if it is wanted until the printer shows it; older logs do not say so.");
  }
};

struct station_control_answered {
  static constexpr std::string_view type = "station.control_answered";
  resin_control control = resin_control::none;
  control_outcome outcome = control_outcome::lost;
  std::string detail;

  template <class V>
  static void describe(V&& v) {
    v("control", &station_control_answered::control, "What the printer was asked.");
    v("outcome", &station_control_answered::outcome, "What came back.");
    v("detail", &station_control_answered::detail, "The device's own words.");
  }
};

/// A pause or stop that a person wanted is not waited for any more.
struct station_control_ended {
  static constexpr std::string_view type = "station.control_ended";
  resin_control control = resin_control::none;
  bool observed = false;

  template <class V>
  static void describe(V&& v) {
    v("control", &station_control_ended::control, "What the printer was asked.");
    v("observed", &station_control_ended::observed, "True if the printer shows its effect.");
  }
};

struct station_stop_wanted {
  static constexpr std::string_view type = "station.stop_wanted";
  job_end end = job_end::stopped;
  reason why = reason::ok;

  template <class V>
  static void describe(V&& v) {
    v("end", &station_stop_wanted::end, "How the job ends once the pump is off.");
    v("why", &station_stop_wanted::why, "Why.");
  }
};

struct station_job_ended {
  static constexpr std::string_view type = "station.job_ended";
  job_end end = job_end::completed;
  reason why = reason::ok;
  bool simulation = false;

  template <class V>
  static void describe(V&& v) {
    v("end", &station_job_ended::end, "How.");
    v("why", &station_job_ended::why, "Why.");
    v("simulation", &station_job_ended::simulation, "True in a dry run.");
  }
};

struct station_emergency_stopped {
  static constexpr std::string_view type = "station.emergency_stopped";
  bool by_input = false;
  bool simulation = false;

  template <class V>
  static void describe(V&& v) {
    v("by_input", &station_emergency_stopped::by_input, "True if the hardware input raised it.");
    v("simulation", &station_emergency_stopped::simulation, "True in a dry run.");
  }
};

struct station_lock_released {
  static constexpr std::string_view type = "station.lock_released";

  template <class V>
  static void describe(V&&) {}
};

struct station_acknowledged {
  static constexpr std::string_view type = "station.acknowledged";
  int64_t epoch = 0;

  template <class V>
  static void describe(V&& v) {
    v("epoch", &station_acknowledged::epoch, "Number that pumps accept from now on.");
  }
};

} // namespace events

} // namespace gantry
