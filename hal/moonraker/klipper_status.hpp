// What Klipper's status objects say, folded from snapshots and deltas.
#pragma once

#include "schemas/device_report.hpp"

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace gantry::hal {

/// Where in a file the moves are; from the file's metadata.
struct gcode_span {
  std::string file;
  int64_t start_byte = 0;
  int64_t end_byte = 0;
};

/// Klipper's state as far as a report needs it. Absent in a delta means unchanged; a value that is
/// there replaces the old one as a whole, null included.
class klipper_status {
public:
  /// Folds a snapshot's or delta's `{object: {field: value}}`; true if Klipper said anything.
  bool merge(const nlohmann::json& status);

  /// The objects and fields worth asking for, given what `printer.objects.list` named. An empty
  /// list means that it is unknown.
  [[nodiscard]] static nlohmann::json wanted(const std::vector<std::string>& available);

  /// What `webhooks` says of the firmware; nothing if it has said nothing.
  [[nodiscard]] std::optional<firmware_state> firmware() const { return firmware_; }
  [[nodiscard]] const std::string& file() const { return file_; }
  [[nodiscard]] print_state print() const { return print_; }
  [[nodiscard]] bool is_active() const { return is_active_; }
  [[nodiscard]] bool is_paused() const { return is_paused_; }

  /// Writes everything but link, firmware and accounting into `report`. Outside of `ready` the
  /// print's state is unknown: in a shutdown Klipper calls an aborted print paused.
  void describe(device_report& report, bool ready, const std::optional<gcode_span>& span) const;

  /// The firmware's own words.
  [[nodiscard]] const std::string& firmware_message() const { return firmware_message_; }

private:
  struct heater {
    int64_t actual_mc = 0;
    int64_t target_mc = 0;
  };

  void merge_print_stats(const nlohmann::json& fields);
  void merge_virtual_sdcard(const nlohmann::json& fields);
  void merge_heater(const std::string& name, const nlohmann::json& fields);
  [[nodiscard]] int64_t progress_permille(const std::optional<gcode_span>& span) const;

  std::optional<firmware_state> firmware_;
  std::string firmware_message_;
  print_state print_ = print_state::unknown;
  std::string file_;
  std::string message_;
  int64_t print_duration_s_ = 0;
  int64_t total_duration_s_ = 0;
  int64_t filament_used_mm_ = 0;
  int64_t layer_ = 0;
  int64_t layers_ = 0;
  int64_t card_permille_ = 0;
  std::optional<int64_t> position_byte_;
  bool is_active_ = false;
  bool is_paused_ = false;
  bool busy_gcode_ = false;
  std::map<std::string, heater> heaters_;
};

/// Klipper's word for its state (`ready`, `startup`, ...); `unknown` for any other word.
[[nodiscard]] firmware_state firmware_of(const std::string& word);

} // namespace gantry::hal
