// The printer objects of the simulated Klipper, as Moonraker hands them out.

#include <algorithm>
#include <cmath>

#include <nlohmann/json.hpp>

#include "hal/sim/klipper_internal.hpp"

namespace gantry::sim {
namespace {

using nlohmann::json;

/// Where a simulated printer keeps its files, as its objects report it.
constexpr std::string_view gcodes_root = "/home/pi/printer_data/gcodes/";

double rounded(double value) {
  return std::round(value * 100) / 100;
}

json or_null(const auto& value) {
  return value ? json(*value) : json(nullptr);
}

json heater_json(const heater_model& heater, printer_time now) {
  const double c = rounded(heater.temperature_c(now));
  return {
      {"temperature", c}, {"target", heater.target_c}, {"power", heater.target_c > c ? 1.0 : 0.0}};
}

json named(const std::vector<std::string>& names) {
  auto list = json::array();
  for (const auto& name : names)
    list.push_back({{"name", name}});
  return list;
}

} // namespace

const std::vector<std::string>& klipper_object_names() {
  static const std::vector<std::string> names{"gcode",
                                              "webhooks",
                                              "configfile",
                                              "mcu",
                                              "heaters",
                                              "heater_bed",
                                              "fan",
                                              "temperature_sensor chamber",
                                              "gcode_move",
                                              "print_stats",
                                              "virtual_sdcard",
                                              "pause_resume",
                                              "display_status",
                                              "exclude_object",
                                              "idle_timeout",
                                              "gcode_macro PAUSE",
                                              "gcode_macro RESUME",
                                              "gcode_macro CANCEL_PRINT",
                                              "toolhead",
                                              "extruder"};
  return names;
}

json klipper_model::object(std::string_view name) const {
  const auto progress =
      sdcard_.size > 0 ? static_cast<double>(sdcard_.position) / static_cast<double>(sdcard_.size)
                       : 0.0;
  if (name == "webhooks")
    return {{"state", to_string(state_)}, {"state_message", state_message_}};
  if (name == "print_stats") {
    const auto stats = print_stats();
    return {{"filename", stats.filename},
            {"total_duration", stats.total_duration_s},
            {"print_duration", stats.print_duration_s},
            {"filament_used", stats.filament_used_mm},
            {"state", stats.state},
            {"message", stats.message},
            {"info",
             {{"total_layer", or_null(stats.total_layer)},
              {"current_layer", or_null(stats.current_layer)}}}};
  }
  if (name == "virtual_sdcard")
    return {{"file_path",
             sdcard_.path.empty() ? json(nullptr) : json(std::string(gcodes_root) + sdcard_.path)},
            {"progress", progress},
            {"is_active", sdcard_.active},
            {"file_position", sdcard_.position},
            {"file_size", sdcard_.size}};
  if (name == "pause_resume")
    return {{"is_paused", is_paused_}};
  if (name == "display_status")
    return {{"progress", sdcard_.active && display_progress_ ? *display_progress_ : progress},
            {"message", display_message_.empty() ? json(nullptr) : json(display_message_)}};
  if (name == "idle_timeout")
    return {{"state", idle_state()},
            {"printing_time", rounded(counting_ ? print_stats().total_duration_s : 0.0)},
            {"idle_timeout", 1800.0}};
  if (name == "extruder") {
    auto result = heater_json(extruder_, now_);
    result["can_extrude"] = extruder_.temperature_c(now_) >= 170;
    return result;
  }
  if (name == "heater_bed")
    return heater_json(bed_, now_);
  return rare_object(name);
}

json klipper_model::rare_object(std::string_view name) const {
  if (name == "toolhead") {
    auto maximum = options_.axis_max_mm;
    return {{"homed_axes", homed_axes_},
            {"axis_minimum", {options_.axis_min_mm, options_.axis_min_mm, options_.axis_min_mm, 0}},
            {"axis_maximum", {maximum[0], maximum[1], maximum[2], 0}},
            {"print_time", in_seconds(now_)},
            {"stalls", 0},
            {"estimated_print_time", in_seconds(now_)},
            {"extruder", "extruder"},
            {"position", position_},
            {"max_velocity", 300.0},
            {"max_accel", 3000.0},
            {"minimum_cruise_ratio", 0.5},
            {"square_corner_velocity", 5.0}};
  }
  if (name == "gcode_move")
    return {{"speed_factor", speed_factor_},
            {"speed", feed_mm_per_min_},
            {"extrude_factor", 1.0},
            {"absolute_coordinates", absolute_},
            {"absolute_extrude", absolute_e_},
            {"homing_origin", {0.0, 0.0, 0.0, 0.0}},
            {"position", position_},
            {"gcode_position", position_},
            {"axis_map", {{"X", 0}, {"Y", 1}, {"Z", 2}, {"E", 3}}}};
  if (name == "exclude_object")
    return {{"objects", named(objects_)},
            {"excluded_objects", excluded_},
            {"current_object", current_object_.empty() ? json(nullptr) : json(current_object_)}};
  if (name == "fan")
    return {{"speed", fan_}, {"rpm", nullptr}};
  if (name == "temperature_sensor chamber")
    return {{"temperature", options_.ambient_c},
            {"measured_min_temp", options_.ambient_c},
            {"measured_max_temp", options_.ambient_c}};
  if (name == "heaters")
    return {{"available_heaters", {"heater_bed", "extruder"}},
            {"available_sensors", {"heater_bed", "temperature_sensor chamber", "extruder"}}};
  if (name == "configfile")
    return {{"settings",
             {{"printer", {{"kinematics", "cartesian"}, {"max_velocity", 300.0}}},
              {"extruder", {{"nozzle_diameter", 0.4}, {"filament_diameter", 1.75}}}}}};
  const auto& names = klipper_object_names();
  if (std::find(names.begin(), names.end(), name) != names.end())
    return json::object();
  return nullptr;
}

} // namespace gantry::sim
