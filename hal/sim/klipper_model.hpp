#pragma once

// A Klipper host as it is seen from Moonraker: a g-code mutex, a virtual SD card, heaters, states.

#include <array>
#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "hal/sim/gcode_file.hpp"
#include "hal/sim/printer_files.hpp"

namespace gantry::sim {

/// Time on the printer's own clock; with a speed factor it runs faster than the world's.
using printer_time = std::chrono::microseconds;

/// The states Moonraker reports for the Klipper host.
enum class klippy_state : uint8_t { disconnected, startup, ready, error, shutdown };

/// Returns the wire name of a state.
std::string_view to_string(klippy_state state);

/// The physics of the simulated machine.
struct klipper_options {
  double extruder_heat_c_per_s = 5.0;
  double bed_heat_c_per_s = 1.5;
  double ambient_c = 24.0;
  /// Largest deviation of a regulated temperature from its target.
  double ripple_c = 0.3;
  /// Reachable volume, mm; moves beyond it fail the print as Klipper does.
  std::array<double, 3> axis_max_mm{350, 350, 350};
  double axis_min_mm = -20;
  /// A print lasts at least this long, so that samples of a sped-up printer still see it.
  printer_time print_min{0};
  /// Whether a slicer's estimate in the file sets the duration; else the moves do.
  bool use_slicer_time = true;
};

/// A heater with linear heating and slower linear cooling.
struct heater_model {
  double heat_c_per_s = 1;
  double ambient_c = 24;
  double ripple_c = 0;
  double base_c = 24;
  double target_c = 0;
  printer_time since{0};

  double temperature_c(printer_time at) const;
  void set_target(printer_time at, double c);
  /// Time until a target above the current temperature is reached; zero when cooling.
  printer_time time_to_target(printer_time at) const;
  /// Whether the temperature will still change by itself.
  bool settled(printer_time at) const;
};

/// Klipper's print_stats.
struct print_stats_model {
  std::string state = "standby";
  std::string filename;
  std::string message;
  double total_duration_s = 0;
  double print_duration_s = 0;
  double filament_used_mm = 0;
  std::optional<int> current_layer;
  std::optional<int> total_layer;
};

/// Klipper's virtual_sdcard.
struct sdcard_model {
  /// Path of the open file inside the area; empty when none is open.
  std::string path;
  bool active = false;
  uint64_t position = 0;
  uint64_t size = 0;
};

/// Something that happened in the machine; the ground truth that tests compare with.
struct klipper_event {
  enum class kind : uint8_t {
    gcode_response,
    print_started,
    start_refused,
    print_paused,
    print_resumed,
    print_finished,
    extrusion_began,
    script_ran,
  };
  kind what = kind::gcode_response;
  printer_time at{0};
  /// Response text, file path, outcome or reason, by kind.
  std::string text;
  /// Name as the caller gave it, for starts.
  std::string requested;
  /// Who asked: "api", "screen", "master".
  std::string origin;
};

/// The end of one script that waited for the g-code mutex.
struct script_result {
  uint64_t token = 0;
  bool failed = false;
  std::string error;
};

/// The Klipper host. Pure: time comes in with `advance`; not thread-safe.
class klipper_model {
public:
  /// Longest stretch of a move after which a waiting command gets the mutex (Klipper's look-ahead).
  static constexpr printer_time slice_max{500'000};
  /// Most scripts that may wait for the mutex.
  static constexpr size_t queue_max = 1000;

  klipper_model(klipper_options options, printer_files& files);
  ~klipper_model();
  klipper_model(const klipper_model&) = delete;
  klipper_model& operator=(const klipper_model&) = delete;

  // -- time -------------------------------------------------------------------
  /// Lets the machine work up to `to`.
  void advance(printer_time to);
  printer_time now() const { return now_; }
  /// Whether nothing will change by itself before `idle_deadline`.
  bool settled() const;
  /// When a script in work or waiting may end next.
  std::optional<printer_time> script_deadline() const;

  // -- commands ---------------------------------------------------------------
  /// Queues commands for the mutex; the result with the returned token comes later.
  uint64_t submit(std::vector<gcode_command> commands, std::string origin);
  /// Stops at once, past the mutex.
  void shut_down(std::string reason);
  /// The host process goes away: whatever runs or waits is lost.
  void disconnect();
  /// The host process is back in `startup`, `ready` or `error` with its message.
  void set_state(klippy_state state, std::string message);
  /// Makes the running file fail with a g-code error.
  void fail_print(const std::string& message);
  /// Moves the reading position back by a share (0..1) of the file, as a confused host would.
  void rewind(double share);

  // -- results ----------------------------------------------------------------
  std::vector<klipper_event> take_events();
  std::vector<script_result> take_results();

  // -- status -----------------------------------------------------------------
  klippy_state state() const { return state_; }
  const std::string& state_message() const { return state_message_; }
  /// Current print_stats; its durations follow the clock.
  print_stats_model print_stats() const;
  const sdcard_model& sdcard() const { return sdcard_; }
  bool is_paused() const { return is_paused_; }
  /// Whether a command holds or waits for the mutex.
  bool mutex_busy() const;
  /// Whether a blocking wait for a temperature is going on.
  bool waits_for_heat() const;
  /// Returns one printer object as Klipper reports it; null when there is no such object.
  nlohmann::json object(std::string_view name) const;
  /// The file name reported instead of the true one; empty for the truth.
  void report_filename(std::string name) { reported_filename_ = std::move(name); }

private:
  friend struct klipper_commands;
  struct script;
  struct step;

  void start_next_script();
  void run_script_command();
  void finish_script(bool failed, std::string error);
  void run_file_slice();
  void run_file_line();
  void consume_slice(printer_time slice);
  step execute(const gcode_command& command, bool from_file);
  void add_extrusion(double mm);
  void emit(klipper_event::kind what, std::string text, std::string requested = {});
  void respond(std::string text);
  void touch_activity(printer_time until);

  void open_file(const std::string& name, step& result);
  void reset_file();
  void resume_file();
  void pause_file();
  void close_print(const std::string& state, const std::string& message);
  void turn_off_heaters();
  void clear_job();
  void finish_job(std::string outcome, std::string message = {});
  std::string idle_state() const;
  nlohmann::json rare_object(std::string_view name) const;

  klipper_options options_;
  printer_files& files_;
  klippy_state state_ = klippy_state::ready;
  std::string state_message_ = "Printer is ready";
  printer_time now_{0};
  printer_time busy_until_{0};
  bool heat_wait_ = false;

  std::deque<script> queue_;
  std::unique_ptr<script> running_;
  uint64_t last_token_ = 0;
  std::string origin_ = "api";

  print_stats_model stats_;
  bool counting_ = false;
  bool job_open_ = false;
  printer_time started_at_{0};
  std::optional<printer_time> paused_at_;
  printer_time paused_total_{0};
  double init_duration_s_ = 0;
  bool extruded_ = false;
  std::string reported_filename_;

  sdcard_model sdcard_;
  std::unique_ptr<gcode_lines> lines_;
  double us_per_byte_ = 0;
  uint64_t timed_from_ = 0;
  uint64_t timed_to_ = 0;
  printer_time line_left_{0};
  printer_time line_total_{0};
  uint64_t line_from_ = 0;
  double line_extrusion_mm_ = 0;
  bool is_paused_ = false;
  bool sd_paused_ = false;

  heater_model extruder_;
  heater_model bed_;
  std::array<double, 4> position_{};
  std::string homed_axes_;
  bool absolute_ = true;
  bool absolute_e_ = true;
  double feed_mm_per_min_ = 1500;
  double speed_factor_ = 1;
  double fan_ = 0;
  int tool_ = 0;
  std::optional<double> display_progress_;
  std::string display_message_;
  std::vector<std::string> objects_;
  std::vector<std::string> excluded_;
  std::string current_object_;
  std::optional<printer_time> active_until_;

  std::vector<klipper_event> events_;
  std::vector<script_result> results_;
};

/// Names of the objects a simulated printer has, in Klipper's order.
const std::vector<std::string>& klipper_object_names();

} // namespace gantry::sim
