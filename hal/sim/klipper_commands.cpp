// The g-code commands and macros of the simulated printer.

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <functional>
#include <unordered_map>
#include <utility>

#include "hal/sim/klipper_internal.hpp"

namespace gantry::sim {

/// Handlers by command name; a struct only because it is the model's friend.
struct klipper_commands {
  using model = klipper_model;
  using step = klipper_model::step;
  using handler = std::function<void(model&, const gcode_command&, step&)>;

  static const std::unordered_map<std::string, handler>& table();
  static void add_motion(std::unordered_map<std::string, handler>& to);
  static void add_heating(std::unordered_map<std::string, handler>& to);
  static void add_printing(std::unordered_map<std::string, handler>& to);
  static void add_objects(std::unordered_map<std::string, handler>& to);

  static void move(model& m, const gcode_command& c, step& done);
  static void home(model& m, step& done);
  static void heat(model& m, heater_model& heater, std::optional<double> target, bool wait,
                   step& done);
  static void start_macro(model& m, const gcode_command& c, step& done);
  static void pause(model& m);
  static void resume(model& m);
  static void cancel(model& m);
};

namespace {

constexpr double homing_s = 4;
constexpr double mesh_s = 20;
constexpr double default_feed_floor_mm_per_min = 1;

std::string upper_case(std::string text) {
  for (auto& c : text)
    c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

std::optional<double> first_number(const gcode_command& command,
                                   std::initializer_list<const char*> keys) {
  for (const auto* key : keys)
    if (const auto value = command.number(key))
      return value;
  return std::nullopt;
}

} // namespace

void klipper_commands::move(model& m, const gcode_command& c, step& done) {
  if (const auto feed = c.number("F"))
    m.feed_mm_per_min_ = std::max(*feed, default_feed_floor_mm_per_min);
  auto target = m.position_;
  constexpr std::array axes{"X", "Y", "Z"};
  for (size_t i = 0; i < axes.size(); ++i)
    if (const auto value = c.number(axes[i]))
      target[i] = m.absolute_ ? *value : target[i] + *value;
  const auto e = c.number("E");
  if (e)
    target[3] = m.absolute_e_ ? *e : target[3] + *e;
  double square = 0;
  for (size_t i = 0; i < axes.size(); ++i) {
    square += (target[i] - m.position_[i]) * (target[i] - m.position_[i]);
    if (target[i] <= m.options_.axis_max_mm[i] && target[i] >= m.options_.axis_min_mm)
      continue;
    char text[160];
    std::snprintf(text, sizeof text, "Move out of range: %.3f %.3f %.3f [%.3f]", target[0],
                  target[1], target[2], target[3]);
    done.failed = true;
    done.error = text;
    return;
  }
  const double extrusion = target[3] - m.position_[3];
  const double length = square > 0 ? std::sqrt(square) : std::abs(extrusion);
  m.position_ = target;
  done.is_move = true;
  done.extrusion_mm = extrusion;
  done.duration = printer_seconds(length * 60 / (m.feed_mm_per_min_ * m.speed_factor_));
}

void klipper_commands::home(model& m, step& done) {
  m.homed_axes_ = "xyz";
  m.position_[0] = m.position_[1] = m.position_[2] = 0;
  done.duration += printer_seconds(homing_s);
}

void klipper_commands::heat(model& m, heater_model& heater, std::optional<double> target, bool wait,
                            step& done) {
  if (!target)
    return;
  heater.set_target(m.now_, std::clamp(*target, 0.0, 400.0));
  if (!wait)
    return;
  done.duration = std::max(done.duration, heater.time_to_target(m.now_));
  done.waits_for_heat = done.duration > printer_time(0);
}

void klipper_commands::start_macro(model& m, const gcode_command& c, step& done) {
  const auto bed = first_number(c, {"BED_TEMP", "BED", "BED_TEMPERATURE"});
  const auto nozzle = first_number(
      c, {"EXTRUDER_TEMP", "EXTRUDER", "HOTEND", "EXTRUDER_TEMPERATURE", "NOZZLE", "TOOL_TEMP"});
  heat(m, m.bed_, bed, true, done);
  heat(m, m.extruder_, nozzle, true, done);
  home(m, done);
}

void klipper_commands::pause(model& m) {
  if (m.is_paused_) {
    m.respond("// Print already paused");
    return;
  }
  m.sd_paused_ = m.sdcard_.active;
  if (m.sdcard_.active)
    m.pause_file();
  else
    m.respond("// action:paused");
  m.is_paused_ = true;
}

void klipper_commands::resume(model& m) {
  if (!m.is_paused_) {
    m.respond("// Print is not paused, resume aborted");
    return;
  }
  m.is_paused_ = false;
  if (m.sd_paused_)
    m.resume_file();
  else
    m.respond("// action:resumed");
  m.sd_paused_ = false;
}

void klipper_commands::cancel(model& m) {
  m.turn_off_heaters();
  if (m.sdcard_.active || m.is_paused_) {
    if (m.lines_)
      m.close_print("cancelled", {});
  } else {
    m.respond("// action:cancel");
  }
  m.is_paused_ = m.sd_paused_ = false;
}

void klipper_commands::add_motion(std::unordered_map<std::string, handler>& to) {
  for (const auto* name : {"G0", "G1", "G2", "G3"})
    to[name] = move;
  to["G4"] = [](model&, const auto& c, step& done) {
    done.duration = printer_seconds(
        std::clamp(c.number("P").value_or(0) / 1000 + c.number("S").value_or(0), 0.0, 86400.0));
  };
  to["G28"] = [](model& m, const auto&, step& done) { home(m, done); };
  for (const auto* name : {"BED_MESH_CALIBRATE", "G29", "QUAD_GANTRY_LEVEL"})
    to[name] = [](model&, const auto&, step& done) { done.duration = printer_seconds(mesh_s); };
  to["G90"] = [](model& m, const auto&, step&) { m.absolute_ = true; };
  to["G91"] = [](model& m, const auto&, step&) { m.absolute_ = false; };
  to["M82"] = [](model& m, const auto&, step&) { m.absolute_e_ = true; };
  to["M83"] = [](model& m, const auto&, step&) { m.absolute_e_ = false; };
  to["G92"] = [](model& m, const auto& c, step&) {
    constexpr std::array axes{"X", "Y", "Z", "E"};
    for (size_t i = 0; i < axes.size(); ++i)
      if (const auto value = c.number(axes[i]))
        m.position_[i] = *value;
  };
  to["M220"] = [](model& m, const auto& c, step&) {
    m.speed_factor_ = std::clamp(c.number("S").value_or(100) / 100, 0.01, 10.0);
  };
  to["M106"] = [](model& m, const auto& c, step&) {
    m.fan_ = std::clamp(c.number("S").value_or(255) / 255, 0.0, 1.0);
  };
  to["M107"] = [](model& m, const auto&, step&) { m.fan_ = 0; };
  for (const auto* name : {"M84", "M18"})
    to[name] = [](model& m, const auto&, step&) { m.homed_axes_.clear(); };
  for (int tool = 0; tool < 16; ++tool)
    to["T" + std::to_string(tool)] = [tool](model& m, const auto&, step&) { m.tool_ = tool; };
  for (const auto* name :
       {"G21", "M400", "M204", "M205", "M221", "M201", "M203", "M900", "M105", "SET_VELOCITY_LIMIT",
        "SET_PRESSURE_ADVANCE", "SAVE_GCODE_STATE", "RESTORE_GCODE_STATE", "BED_MESH_CLEAR",
        "BED_MESH_PROFILE", "M114", "M115"})
    to[name] = [](model&, const auto&, step&) {};
}

void klipper_commands::add_heating(std::unordered_map<std::string, handler>& to) {
  to["M104"] = [](model& m, const auto& c, step& done) {
    heat(m, m.extruder_, c.number("S"), false, done);
  };
  to["M109"] = [](model& m, const auto& c, step& done) {
    heat(m, m.extruder_, first_number(c, {"S", "R"}), true, done);
  };
  to["M140"] = [](model& m, const auto& c, step& done) {
    heat(m, m.bed_, c.number("S"), false, done);
  };
  to["M190"] = [](model& m, const auto& c, step& done) {
    heat(m, m.bed_, first_number(c, {"S", "R"}), true, done);
  };
  to["SET_HEATER_TEMPERATURE"] = [](model& m, const auto& c, step& done) {
    auto& heater = c.text("HEATER") == "heater_bed" ? m.bed_ : m.extruder_;
    heat(m, heater, c.number("TARGET").value_or(0), false, done);
  };
  to["TURN_OFF_HEATERS"] = [](model& m, const auto&, step&) { m.turn_off_heaters(); };
  for (const auto* name : {"START_PRINT", "PRINT_START"})
    to[name] = start_macro;
  for (const auto* name : {"END_PRINT", "PRINT_END"})
    to[name] = [](model& m, const auto&, step&) { m.turn_off_heaters(); };
}

void klipper_commands::add_printing(std::unordered_map<std::string, handler>& to) {
  to["SDCARD_PRINT_FILE"] = [](model& m, const auto& c, step& done) {
    auto name = c.text("FILENAME");
    if (!name.empty() && name.front() == '/')
      name.erase(0, 1);
    m.open_file(name, done);
  };
  to["SDCARD_RESET_FILE"] = [](model& m, const auto&, step& done) {
    if (m.sdcard_.active) {
      done.failed = true;
      done.error = "SD busy";
      return;
    }
    m.reset_file();
  };
  to["PAUSE"] = [](model& m, const auto&, step&) { pause(m); };
  to["M600"] = to["PAUSE"];
  to["RESUME"] = [](model& m, const auto&, step&) { resume(m); };
  to["CANCEL_PRINT"] = [](model& m, const auto&, step&) { cancel(m); };
  to["CLEAR_PAUSE"] = [](model& m, const auto&, step&) { m.is_paused_ = m.sd_paused_ = false; };
  to["M112"] = [](model& m, const auto&, step&) { m.shut_down("Shutdown due to M112 command"); };
  to["SET_PRINT_STATS_INFO"] = [](model& m, const auto& c, step&) {
    if (const auto total = c.number("TOTAL_LAYER"))
      m.stats_.total_layer = static_cast<int>(*total);
    if (const auto current = c.number("CURRENT_LAYER"))
      m.stats_.current_layer = static_cast<int>(*current);
  };
  to["M73"] = [](model& m, const auto& c, step&) {
    if (const auto percent = c.number("P"))
      m.display_progress_ = std::clamp(*percent / 100, 0.0, 1.0);
  };
  to["M117"] = [](model& m, const auto& c, step&) { m.display_message_ = c.text("TEXT"); };
  to["M118"] = [](model& m, const auto& c, step&) { m.respond("echo: " + c.text("TEXT")); };
}

void klipper_commands::add_objects(std::unordered_map<std::string, handler>& to) {
  to["EXCLUDE_OBJECT_DEFINE"] = [](model& m, const auto& c, step&) {
    constexpr size_t objects_max = 1000;
    if (m.objects_.size() < objects_max)
      m.objects_.push_back(upper_case(c.text("NAME")));
  };
  to["EXCLUDE_OBJECT_START"] = [](model& m, const auto& c, step&) {
    m.current_object_ = upper_case(c.text("NAME"));
  };
  to["EXCLUDE_OBJECT_END"] = [](model& m, const auto&, step&) { m.current_object_.clear(); };
  to["EXCLUDE_OBJECT"] = [](model& m, const auto& c, step&) {
    const auto name = upper_case(c.text("NAME"));
    if (name.empty()
        || std::find(m.excluded_.begin(), m.excluded_.end(), name) != m.excluded_.end())
      return;
    m.excluded_.push_back(name);
    m.respond("// Excluding object " + name);
  };
}

const std::unordered_map<std::string, klipper_commands::handler>& klipper_commands::table() {
  static const auto commands = [] {
    std::unordered_map<std::string, handler> all;
    add_motion(all);
    add_heating(all);
    add_printing(all);
    add_objects(all);
    return all;
  }();
  return commands;
}

klipper_model::step klipper_model::execute(const gcode_command& command, bool from_file) {
  step done;
  const auto& table = klipper_commands::table();
  const auto found = table.find(command.name);
  if (found == table.end()) {
    respond("// Unknown command:\"" + command.name + "\"");
    return done;
  }
  if (!from_file)
    emit(klipper_event::kind::script_ran, command.name);
  found->second(*this, command, done);
  return done;
}

} // namespace gantry::sim
