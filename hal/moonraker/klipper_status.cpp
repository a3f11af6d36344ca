#include "hal/moonraker/klipper_status.hpp"

#include "hal/moonraker/moonraker_wire.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace gantry::hal {

namespace {

using nlohmann::json;

constexpr std::size_t file_bytes_max = 512;
constexpr std::size_t message_bytes_max = 1'000;
constexpr std::size_t heaters_max = 16;
constexpr int64_t duration_s_max = 10LL * 365 * 86'400;
constexpr int64_t amount_max = 1'000'000'000;
constexpr int64_t temperature_mc_max = 10'000'000;

bool begins_with(std::string_view text, std::string_view start) {
  return text.substr(0, start.size()) == start;
}

bool is_heater(std::string_view name) {
  return begins_with(name, "extruder") || name == "heater_bed"
         || begins_with(name, "heater_generic ") || begins_with(name, "temperature_sensor ");
}

/// The value of enumerator `word`, or the first one, which is `unknown`.
template <class Enum>
Enum enum_of(const std::string& word) {
  const auto names = names_of(Enum{});
  const auto found = std::find(names.begin(), names.end(), word);
  return found == names.end() ? Enum{} : static_cast<Enum>(found - names.begin());
}

/// Overwrites `field` if `fields` has `key`; anything but a number counts as 0.
void read_integer(const json& fields, const char* key, double scale, int64_t high, int64_t& field) {
  if (fields.contains(key))
    field = integer_of(member(fields, key), scale, 0, high).value_or(0);
}

void read_truth(const json& fields, const char* key, bool& field) {
  if (fields.contains(key))
    field = truth_of(member(fields, key)).value_or(false);
}

} // namespace

firmware_state firmware_of(const std::string& word) {
  return enum_of<firmware_state>(word);
}

json klipper_status::wanted(const std::vector<std::string>& available) {
  json objects{{"webhooks", {"state", "state_message"}},
               {"print_stats", nullptr},
               {"virtual_sdcard", {"progress", "is_active", "file_position", "file_size"}},
               {"pause_resume", {"is_paused"}},
               {"idle_timeout", {"state"}}};
  const json readings{"temperature", "target"};
  if (available.empty()) {
    objects["extruder"] = readings;
    objects["heater_bed"] = readings;
    return objects;
  }
  // Asking for an object that a machine does not have is no error, but some look-alikes choke.
  for (const auto* name : {"virtual_sdcard", "pause_resume", "idle_timeout"})
    if (std::find(available.begin(), available.end(), name) == available.end())
      objects.erase(name);
  std::size_t heaters = 0;
  for (const auto& name : available) {
    if (!is_heater(name) || heaters == heaters_max)
      continue;
    objects[name] = begins_with(name, "temperature_sensor ") ? json{"temperature"} : readings;
    ++heaters;
  }
  return objects;
}

bool klipper_status::merge(const json& status) {
  if (!status.is_object())
    return false;
  bool said = false;
  for (const auto& [name, fields] : status.items()) {
    if (!fields.is_object() || fields.empty())
      continue;
    said = true;
    if (name == "webhooks") {
      if (fields.contains("state"))
        firmware_ = firmware_of(text_of(member(fields, "state"), 20));
      if (fields.contains("state_message"))
        firmware_message_ = text_of(member(fields, "state_message"), message_bytes_max);
    } else if (name == "print_stats") {
      merge_print_stats(fields);
    } else if (name == "virtual_sdcard") {
      merge_virtual_sdcard(fields);
    } else if (name == "pause_resume") {
      read_truth(fields, "is_paused", is_paused_);
    } else if (name == "idle_timeout") {
      if (fields.contains("state"))
        busy_gcode_ = text_of(member(fields, "state"), 20) == "Printing";
    } else if (is_heater(name)) {
      merge_heater(name, fields);
    }
  }
  return said;
}

void klipper_status::merge_print_stats(const json& fields) {
  if (fields.contains("state"))
    print_ = enum_of<print_state>(text_of(member(fields, "state"), 20));
  if (fields.contains("filename"))
    file_ = text_of(member(fields, "filename"), file_bytes_max);
  if (fields.contains("message"))
    message_ = text_of(member(fields, "message"), message_bytes_max);
  read_integer(fields, "print_duration", 1, duration_s_max, print_duration_s_);
  read_integer(fields, "total_duration", 1, duration_s_max, total_duration_s_);
  read_integer(fields, "filament_used", 1, amount_max, filament_used_mm_);
  if (fields.contains("info")) {
    const auto& info = member(fields, "info");
    layer_ = integer_of(member(info, "current_layer"), 1, 0, amount_max).value_or(0);
    layers_ = integer_of(member(info, "total_layer"), 1, 0, amount_max).value_or(0);
  }
}

void klipper_status::merge_virtual_sdcard(const json& fields) {
  read_integer(fields, "progress", 1'000, 1'000, card_permille_);
  read_truth(fields, "is_active", is_active_);
  if (fields.contains("file_position"))
    position_byte_ = integer_of(member(fields, "file_position"), 1, 0, int64_t{1} << 50U);
}

void klipper_status::merge_heater(const std::string& name, const json& fields) {
  if (name.size() > 60 || (heaters_.size() == heaters_max && heaters_.count(name) == 0))
    return;
  // Extruders also have fields that are no readings, such as the stepper's.
  if (!fields.contains("temperature") && !fields.contains("target"))
    return;
  auto& reading = heaters_[name];
  const auto read = [&fields](const char* key, int64_t& value) {
    if (fields.contains(key))
      value = integer_of(member(fields, key), 1'000, -temperature_mc_max, temperature_mc_max)
                  .value_or(0);
  };
  read("temperature", reading.actual_mc);
  read("target", reading.target_mc);
}

int64_t klipper_status::progress_permille(const std::optional<gcode_span>& span) const {
  if (print_ == print_state::complete)
    return 1'000;
  if (!span || span->file != file_ || !position_byte_ || span->end_byte <= span->start_byte)
    return card_permille_;
  const auto done = std::clamp(*position_byte_, span->start_byte, span->end_byte);
  return (done - span->start_byte) * 1'000 / (span->end_byte - span->start_byte);
}

void klipper_status::describe(device_report& report, bool ready,
                              const std::optional<gcode_span>& span) const {
  report.print = ready ? print_ : print_state::unknown;
  report.is_active = ready && is_active_;
  report.is_paused = ready && is_paused_;
  report.busy_gcode = ready && busy_gcode_;
  report.file = file_;
  report.message = message_;
  report.progress_permille = progress_permille(span);
  report.print_duration_s = print_duration_s_;
  report.total_duration_s = total_duration_s_;
  report.filament_used_mm = filament_used_mm_;
  report.layer = layer_;
  report.layers = layers_;
  for (const auto& [name, value] : heaters_)
    report.temperatures.push_back({name, value.actual_mc, value.target_mc});
}

} // namespace gantry::hal
