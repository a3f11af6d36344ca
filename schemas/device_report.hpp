// What a printer says about itself. A report is what was observed, never what was wished.
#pragma once

#include "schemas/values.hpp"

namespace gantry {

/// State of the connection to a device.
enum class link_state : uint8_t { idle, connecting, online, offline };
constexpr auto names_of(link_state) {
  return std::to_array<std::string_view>({"idle", "connecting", "online", "offline"});
}

/// State of the printer's firmware host.
enum class firmware_state : uint8_t { unknown, disconnected, startup, ready, error, shutdown };
constexpr auto names_of(firmware_state) {
  return std::to_array<std::string_view>(
      {"unknown", "disconnected", "startup", "ready", "error", "shutdown"});
}

/// What the device says about its print, in Klipper's words.
enum class print_state : uint8_t { unknown, standby, printing, paused, complete, cancelled, error };
constexpr auto names_of(print_state) {
  return std::to_array<std::string_view>(
      {"unknown", "standby", "printing", "paused", "complete", "cancelled", "error"});
}

/// Whether the device has said what it printed before.
enum class history_state : uint8_t {
  unknown, ///< Not asked yet, or without an answer.
  absent,  ///< It keeps no history.
  read,    ///< The report names its newest job, if it ever had one.
};
constexpr auto names_of(history_state) {
  return std::to_array<std::string_view>({"unknown", "absent", "read"});
}

/// One heater or sensor.
struct temperature_reading {
  std::string name;
  int64_t actual_mc = 0;
  int64_t target_mc = 0;

  template <class V>
  static void describe(V&& v) {
    v("name", &temperature_reading::name, "extruder, heater_bed, ...");
    v("actual_mc", &temperature_reading::actual_mc, "Thousandths of a degree Celsius.");
    v("target_mc", &temperature_reading::target_mc, "Thousandths of a degree Celsius; 0 = off.");
  }
  bool operator==(const temperature_reading&) const = default;
};

/// The newest knowledge about one device. Kept in memory, one per printer; never journalled as
/// such.
struct device_report {
  link_state link = link_state::idle;
  reason link_reason = reason::printer_no_report_yet;
  std::string link_detail;
  firmware_state firmware = firmware_state::unknown;
  std::string firmware_detail;
  print_state print = print_state::unknown;
  std::string file;
  bool is_active = false;
  bool is_paused = false;
  bool busy_gcode = false;
  int64_t progress_permille = 0;
  int64_t print_duration_s = 0;
  int64_t total_duration_s = 0;
  int64_t filament_used_mm = 0;
  int64_t layer = 0;
  int64_t layers = 0;
  std::string message;
  std::vector<temperature_reading> temperatures;
  std::string other_queue;
  history_state history = history_state::unknown;
  std::string last_job;
  std::string last_job_file;
  std::optional<timestamp> observed_at;
  int64_t ready_for_ms = 0;
  int64_t generation = 0;
  int64_t requests_total = 0;
  int64_t requests_last_minute = 0;

  template <class V>
  static void describe(V&& v) {
    v("link", &device_report::link, "Connection.");
    v("link_reason", &device_report::link_reason, "Why it is not online.");
    v("link_detail", &device_report::link_detail, "The same in the system's words.");
    v("firmware", &device_report::firmware, "Firmware host.");
    v("firmware_detail", &device_report::firmware_detail, "The firmware's own message.");
    v("print", &device_report::print, "Print state as reported.");
    v("file", &device_report::file, "File as reported; stays after the end of a print.");
    v("is_active", &device_report::is_active, "True while the file is being fed.");
    v("is_paused", &device_report::is_paused, "The pause flag, which may be set without a print.");
    v("busy_gcode", &device_report::busy_gcode, "True while any g-code ran recently.");
    v("progress_permille", &device_report::progress_permille, "Progress.");
    v("print_duration_s", &device_report::print_duration_s, "Printing time.");
    v("total_duration_s", &device_report::total_duration_s, "Time including pauses.");
    v("filament_used_mm", &device_report::filament_used_mm, "Filament used.");
    v("layer", &device_report::layer, "Current layer, 0 if unknown.");
    v("layers", &device_report::layers, "Layers in all, 0 if unknown.");
    v("message", &device_report::message, "The device's error text.");
    v("temperatures", &device_report::temperatures, "Heaters.");
    v("other_queue", &device_report::other_queue,
      "Warning if the device has a print queue of its own.");
    v("history", &device_report::history, "Whether its history of prints was read.");
    v("last_job", &device_report::last_job,
      "Identifier of the newest print in its history; empty if there is none.");
    v("last_job_file", &device_report::last_job_file, "The file of that print.");
    v("observed_at", &device_report::observed_at, "When the device last said anything meaningful.");
    v("ready_for_ms", &device_report::ready_for_ms,
      "How long the firmware was ready at that time.");
    v("generation", &device_report::generation,
      "Counts connections; the first report of each is a snapshot.");
    v("requests_total", &device_report::requests_total,
      "Requests sent to the device since the start.");
    v("requests_last_minute", &device_report::requests_last_minute, "Requests of the last minute.");
  }
  bool operator==(const device_report&) const = default;
};

} // namespace gantry
