// Commands about resin stations. Those of the kernel's own parts have no fields that a request
// could name.
#pragma once

#include "schemas/station.hpp"

namespace gantry::commands {

/// Add a station.
struct add_station {
  station_setup setup;

  template <class V>
  static void describe(V&& v) {
    v("setup", &add_station::setup, "Printer, pumps and parameters.");
  }
};

/// Replace a station's set-up.
struct edit_station {
  station_id id;
  station_setup setup;
  std::string note;

  template <class V>
  static void describe(V&& v) {
    v("setup", &edit_station::setup, "The whole new set-up.");
    v("note", &edit_station::note, "The asker's words.", defaulted(at_most(2'000)));
  }
};

/// Take a station out of use for good.
struct retire_station {
  station_id id;
  std::string note;

  template <class V>
  static void describe(V&& v) {
    v("note", &retire_station::note, "The asker's words.", defaulted(at_most(2'000)));
  }
};

/// Replace a station's recipe. A print that runs keeps its own.
struct set_recipe {
  station_id id;
  std::vector<recipe_step> steps;
  std::string note;

  template <class V>
  static void describe(V&& v) {
    v("steps", &set_recipe::steps, "Changes by rising layer.", at_most(500));
    v("note", &set_recipe::note, "The asker's words.", defaulted(at_most(2'000)));
  }
};

/// Take over what the station's files say, and which versions of them say it. The API reads the
/// files; a request names none of these fields.
struct take_station_files {
  station_id id;
  std::optional<station_setup> setup;
  std::optional<std::vector<recipe_step>> recipe;
  std::vector<settings_file> files;

  template <class V>
  static void describe(V&&) {}
};

/// Say what is in a reservoir or in the waste container.
struct set_level {
  station_id id;
  std::string pump;
  int64_t volume_ul = 0;
  std::string note;

  template <class V>
  static void describe(V&& v) {
    v("pump", &set_level::pump, "Pump, or waste.", at_most(20));
    v("volume_ul", &set_level::volume_ul, "What is in it now.", between(0, 50'000'000));
    v("note", &set_level::note, "The asker's words.", defaulted(at_most(2'000)));
  }
};

/// Record timed runs of a pump; its flow becomes the one that fits them.
struct calibrate_pump {
  station_id id;
  std::string pump;
  std::vector<calibration_run> runs;
  pump_direction direction = pump_direction::forward;
  std::string note;

  template <class V>
  static void describe(V&& v) {
    v("runs", &calibrate_pump::runs, "What was measured.", defaulted(at_most(20)));
    v("direction", &calibrate_pump::direction, "Direction that was seen to be right.");
    v("note", &calibrate_pump::note, "The asker's words.", defaulted(at_most(2'000)));
  }
};

/// Start a file and change materials by the recipe.
struct start_station {
  station_id id;
  std::string file;
  std::string internal_file;
  int64_t layers = 0;
  std::string initial_material;
  bool dry_run = false;
  std::string note;
  station_facts live;

  template <class V>
  static void describe(V&& v) {
    v("file", &start_station::file, "File as shown to people.", at_most(255));
    v("internal_file", &start_station::internal_file, "File as the printer takes it.",
      at_most(255));
    v("layers", &start_station::layers, "Layers of the file, if known.",
      defaulted(between(0, 1'000'000)));
    v("initial_material", &start_station::initial_material,
      "Material in the vat; the station's own if left out.", defaulted(at_most(40)));
    v("dry_run", &start_station::dry_run, "True: no pump is switched on.", defaulted());
    v("note", &start_station::note, "The asker's words.", defaulted(at_most(2'000)));
  }
};

/// Change materials of a print that runs already.
struct attach_station {
  station_id id;
  std::string active_material;
  bool dry_run = false;
  std::string note;
  station_facts live;

  template <class V>
  static void describe(V&& v) {
    v("active_material", &attach_station::active_material, "Material in the vat.", at_most(40));
    v("dry_run", &attach_station::dry_run, "True: no pump is switched on.", defaulted());
    v("note", &attach_station::note, "The asker's words.", defaulted(at_most(2'000)));
  }
};

/// Stop changing materials; the printer is left as it is.
struct stop_station {
  station_id id;
  std::string note;

  template <class V>
  static void describe(V&& v) {
    v("note", &stop_station::note, "The asker's words.", defaulted(at_most(2'000)));
  }
};

/// Pause, resume or stop the printer. The path says which.
struct control_station {
  station_id id;
  resin_control control = resin_control::none;
  std::string note;
  station_facts live;

  template <class V>
  static void describe(V&& v) {
    v("note", &control_station::note, "The asker's words.", defaulted(at_most(2'000)));
  }
};

/// Runs that are needed often: 10 s forward, 30 s in reverse.
enum class pump_preset : uint8_t { none, prime, clean };
constexpr auto names_of(pump_preset) {
  return std::to_array<std::string_view>({"none", "prime", "clean"});
}

/// Run one pump by hand.
struct run_station_pump {
  station_id id;
  std::string pump;
  pump_direction direction = pump_direction::forward;
  int64_t duration_ms = 5'000;
  pump_preset preset = pump_preset::none;
  bool printer_is_idle = false;
  std::string note;
  station_facts live;

  template <class V>
  static void describe(V&& v) {
    v("direction", &run_station_pump::direction, "Direction.", defaulted());
    v("duration_ms", &run_station_pump::duration_ms, "On-time.", defaulted(between(500, 120'000)));
    v("preset", &run_station_pump::preset, "Takes the place of direction and duration.",
      defaulted());
    v("printer_is_idle", &run_station_pump::printer_is_idle,
      "True if a person has seen that the printer does not print; needed while it does not answer.",
      defaulted());
    v("note", &run_station_pump::note, "The asker's words.", defaulted(at_most(2'000)));
  }
};

/// Stop the pump that is on.
struct stop_station_pump {
  station_id id;
  std::string pump;
  std::string note;

  template <class V>
  static void describe(V&& v) {
    v("note", &stop_station_pump::note, "The asker's words.", defaulted(at_most(2'000)));
  }
};

/// Answer the question that a station waits for.
struct answer_station {
  station_id id;
  int64_t question = 0;
  station_answer answer = station_answer::abort;
  std::string vat;
  std::string note;
  station_facts live;

  template <class V>
  static void describe(V&& v) {
    v("question", &answer_station::question, "Number of the question.", between(1, 1'000'000'000));
    v("answer", &answer_station::answer, "What is to be done.");
    v("vat", &answer_station::vat, "What is in the vat: a material, empty, or unknown.",
      defaulted(at_most(40)));
    v("note", &answer_station::note, "The asker's words.", defaulted(at_most(2'000)));
  }
};

/// Acknowledge an emergency stop, an error that ends the print, or a completed print.
struct acknowledge_station {
  station_id id;
  std::string note;
  station_facts live;

  template <class V>
  static void describe(V&& v) {
    v("note", &acknowledge_station::note, "The asker's words.", defaulted(at_most(2'000)));
  }
};

/// Record an emergency stop; the pumps are off already.
struct emergency_stop_station {
  station_id id;
  bool by_input = false;
  std::string note;

  template <class V>
  static void describe(V&& v) {
    v("note", &emergency_stop_station::note, "The asker's words.", defaulted(at_most(2'000)));
  }
};

/// The machines reported something that may change what is believed.
struct observe_station {
  station_id id;
  station_facts live;

  template <class V>
  static void describe(V&&) {}
};

/// The station's controller began anew, or the printer answers again.
struct wake_station {
  station_id id;
  int64_t outage_ms = 0;
  station_facts live;

  template <class V>
  static void describe(V&&) {}
};

/// The printer was read afresh and may be started.
struct begin_station_start {
  station_id id;
  int64_t job = 0;
  station_facts live;

  template <class V>
  static void describe(V&&) {}
};

/// What came back from the printer for a command.
struct station_control_settled {
  station_id id;
  resin_control control = resin_control::none;
  int64_t attempt = 0;
  control_outcome outcome = control_outcome::lost;
  std::string detail;
  int64_t elapsed_ms = 0;
  station_facts live;

  template <class V>
  static void describe(V&&) {}
};

/// A timed step has lasted as long as planned.
struct station_wait_over {
  station_id id;
  int64_t attempt = 0;
  int64_t elapsed_ms = 0;
  station_facts live;

  template <class V>
  static void describe(V&&) {}
};

/// The printer did not show what it was asked in time.
struct station_step_overdue {
  station_id id;
  int64_t attempt = 0;
  int64_t waited_s = 0;
  station_facts live;

  template <class V>
  static void describe(V&&) {}
};

/// A run of a pump ended.
struct station_pump_settled {
  station_id id;
  int64_t number = 0;
  bool started = false;
  bool completed = false;
  reason why = reason::ok;
  std::string detail;
  int64_t on_time_ms = 0;
  station_facts live;

  template <class V>
  static void describe(V&&) {}
};

/// The safety lock of an emergency stop is over.
struct station_lock_over {
  station_id id;

  template <class V>
  static void describe(V&&) {}
};

} // namespace gantry::commands
