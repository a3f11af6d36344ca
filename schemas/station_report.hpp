// What the log says about the prints of a station: every change with what was planned and what was
// measured, and the figures over many prints.
#pragma once

#include "schemas/station.hpp"

namespace gantry {

/// True for the events from which every change of material can be reconstructed.
[[nodiscard]] bool is_material_event(std::string_view type);

/// One run of a pump as the log has it.
struct reported_run {
  pump_run run;
  bool ended = false;
  bool completed = false;
  reason why = reason::ok;
  int64_t on_time_ms = 0;
  int64_t actual_ul = 0;

  template <class V>
  static void describe(V&& v) {
    v("run", &reported_run::run, "What was planned.");
    v("ended", &reported_run::ended, "False: the log has no end of it.");
    v("completed", &reported_run::completed, "True if it ran as planned.");
    v("why", &reported_run::why, "Why it did not.");
    v("on_time_ms", &reported_run::on_time_ms, "Measured on-time.");
    v("actual_ul", &reported_run::actual_ul, "Volume from that on-time and the flow.");
  }
  bool operator==(const reported_run&) const = default;
};

/// One planned change as the log has it.
struct reported_change {
  change_record record;
  bool settled = false;
  std::vector<step_record> steps;
  std::vector<reported_run> runs;

  template <class V>
  static void describe(V&& v) {
    v("record", &reported_change::record, "What was planned and what was done.");
    v("settled", &reported_change::settled, "False: it was under way when the log ended.");
    v("steps", &reported_change::steps, "Every step, also those that were repeated.");
    v("runs", &reported_change::runs, "Every run of a pump that belongs to it.");
  }
  bool operator==(const reported_change&) const = default;
};

/// An error as the log has it.
struct reported_error {
  station_error error;
  bool settled = false;
  bool automatic = false;
  std::string answer;
  std::string by;
  int64_t outage_ms = 0;
  std::optional<timestamp> settled_at;

  template <class V>
  static void describe(V&& v) {
    v("error", &reported_error::error, "Cause and question.");
    v("settled", &reported_error::settled, "True once the station went on.");
    v("automatic", &reported_error::automatic, "True if it went on alone.");
    v("answer", &reported_error::answer, "What a person decided.");
    v("by", &reported_error::by, "Who.");
    v("outage_ms", &reported_error::outage_ms, "How long the printer was silent.");
    v("settled_at", &reported_error::settled_at, "When.");
  }
  bool operator==(const reported_error&) const = default;
};

/// One print as the log has it.
struct print_report {
  int64_t number = 0;
  std::string file;
  int64_t layers = 0;
  std::vector<recipe_step> plan;
  int64_t recipe_revision = 0;
  std::string initial_material;
  bool attached = false;
  bool simulation = false;
  job_end end = job_end::running;
  reason why = reason::ok;
  std::optional<timestamp> began_at;
  std::optional<timestamp> ended_at;
  std::vector<reported_change> changes;
  std::vector<reported_error> errors;

  template <class V>
  static void describe(V&& v) {
    v("number", &print_report::number, "Counts the jobs of the station.");
    v("file", &print_report::file, "File as shown to people.");
    v("layers", &print_report::layers, "Layers in all; 0 if the printer never told.");
    v("plan", &print_report::plan, "The recipe with which it began.");
    v("recipe_revision", &print_report::recipe_revision, "Revision of that recipe.");
    v("initial_material", &print_report::initial_material, "Material in the vat at the start.");
    v("attached", &print_report::attached, "True if the print ran already.");
    v("simulation", &print_report::simulation, "True in a dry run.");
    v("end", &print_report::end, "How it ended.");
    v("why", &print_report::why, "Why it ended.");
    v("began_at", &print_report::began_at, "When it was started.");
    v("ended_at", &print_report::ended_at, "When it ended.");
    v("changes", &print_report::changes, "Its changes, in the order in which they began.");
    v("errors", &print_report::errors, "What it waited for.");
  }
  bool operator==(const print_report&) const = default;
};

/// Figures over the newest prints of a station.
struct station_statistics {
  int64_t prints = 0;
  int64_t succeeded = 0;
  int64_t success_permille = 0;
  int64_t changes = 0;
  int64_t mean_deviation_permille = 0;
  int64_t largest_deviation_permille = 0;
  int64_t changes_within_bounds = 0;
  int64_t recoveries = 0;
  int64_t mean_recovery_ms = 0;
  int64_t longest_recovery_ms = 0;

  template <class V>
  static void describe(V&& v) {
    v("prints", &station_statistics::prints,
      "Prints that are counted: the newest 30 that are over, without dry runs and without those "
      "that a person ended although nothing was wrong.");
    v("succeeded", &station_statistics::succeeded,
      "Those that were completed without an error that a person had to answer.");
    v("success_permille", &station_statistics::success_permille, "Their share; 950 is wanted.");
    v("changes", &station_statistics::changes, "Changes made in these prints.");
    v("mean_deviation_permille", &station_statistics::mean_deviation_permille,
      "Mean deviation of the timed steps of a change from their plan, whichever way.");
    v("largest_deviation_permille", &station_statistics::largest_deviation_permille,
      "The largest.");
    v("changes_within_bounds", &station_statistics::changes_within_bounds,
      "Changes that deviate by 70 permille at most.");
    v("recoveries", &station_statistics::recoveries,
      "Lost connections after which the station went on alone.");
    v("mean_recovery_ms", &station_statistics::mean_recovery_ms,
      "Mean silence of the printer in these.");
    v("longest_recovery_ms", &station_statistics::longest_recovery_ms, "The longest.");
  }
  bool operator==(const station_statistics&) const = default;
};

/// Everything that is reported of a station.
struct station_report {
  std::vector<print_report> prints;
  station_statistics statistics;

  template <class V>
  static void describe(V&& v) {
    v("prints", &station_report::prints, "Its prints, oldest first.");
    v("statistics", &station_report::statistics, "Figures over the newest.");
  }
  bool operator==(const station_report&) const = default;
};

} // namespace gantry
