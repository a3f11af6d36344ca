// What a resin printer says about itself. A report is what was observed, never what was wished.
#pragma once

#include "schemas/device_report.hpp"

namespace gantry {

/// What a resin printer says about its print. `stopping` is the word of some firmwares for a print
/// that was just stopped.
enum class resin_state : uint8_t { unknown, stopped, printing, paused, finished, stopping };
constexpr auto names_of(resin_state) {
  return std::to_array<std::string_view>(
      {"unknown", "stopped", "printing", "paused", "finished", "stopping"});
}

/// The newest knowledge about one resin printer. Kept in memory; never journalled as such. Numbers
/// that the device did not give are 0.
struct resin_report {
  link_state link = link_state::idle;
  reason link_reason = reason::printer_no_report_yet;
  std::string link_detail;
  resin_state state = resin_state::unknown;
  std::string raw_state;
  std::string file;
  std::string internal_file;
  int64_t layer = 0;
  int64_t layers = 0;
  int64_t percent = 0;
  int64_t elapsed_s = 0;
  int64_t remaining_s = 0;
  int64_t resin_ml = 0;
  int64_t layer_height_um = 0;
  std::string model;
  std::string firmware;
  std::string serial;
  std::optional<timestamp> observed_at;
  int64_t round_trip_ms = 0;
  int64_t missed_polls = 0;
  int64_t reconnects_failed = 0;
  int64_t generation = 0;

  template <class V>
  static void describe(V&& v) {
    v("link", &resin_report::link, "Connection.");
    v("link_reason", &resin_report::link_reason, "Why it is not online.");
    v("link_detail", &resin_report::link_detail, "The same in the system's words.");
    v("state", &resin_report::state, "State as reported.");
    v("raw_state", &resin_report::raw_state, "The device's own word for it.");
    v("file", &resin_report::file, "Name of the file as shown to people.");
    v("internal_file", &resin_report::internal_file, "Name by which the device takes it.");
    v("layer", &resin_report::layer, "Current layer.");
    v("layers", &resin_report::layers, "Layers in all.");
    v("percent", &resin_report::percent, "Progress as the device reports it.");
    v("elapsed_s", &resin_report::elapsed_s, "Time since the start of the print.");
    v("remaining_s", &resin_report::remaining_s, "Estimated time to the end.");
    v("resin_ml", &resin_report::resin_ml, "Resin that the whole print needs.");
    v("layer_height_um", &resin_report::layer_height_um, "Layer height.");
    v("model", &resin_report::model, "Model of the machine.");
    v("firmware", &resin_report::firmware, "Firmware version.");
    v("serial", &resin_report::serial, "Serial number.");
    v("observed_at", &resin_report::observed_at, "When the device last answered.");
    v("round_trip_ms", &resin_report::round_trip_ms, "Duration of the last answered poll.");
    v("missed_polls", &resin_report::missed_polls, "Polls without an answer since the last one.");
    v("reconnects_failed", &resin_report::reconnects_failed,
      "Attempts to reconnect that failed since the last answer.");
    v("generation", &resin_report::generation,
      "Counts connections; the first report of each is a snapshot.");
  }
  bool operator==(const resin_report&) const = default;
};

} // namespace gantry
