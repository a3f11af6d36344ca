#include "hal/guard/guard_settings.hpp"

#include "schemas/codec.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

namespace gantry::guard {

namespace {

/// Looks for what the fields' own rules cannot see. The first finding is kept.
class checker {
public:
  std::string problem;

  void all(const guard_settings& given) {
    expect(!given.stations.empty(), "it names no station");
    for (size_t i = 0; i < given.stations.size(); ++i)
      station(given.stations[i], "stations[" + std::to_string(i) + "]");
    if (given.heartbeat)
      use(given.heartbeat->chip + " line " + std::to_string(given.heartbeat->line), "heartbeat");
  }

private:
  void expect(bool holds, const std::string& sentence) {
    if (!holds && problem.empty())
      problem = sentence;
  }

  void name(const std::string& text, const std::string& path) {
    auto fits = [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
    };
    expect(!text.empty() && std::ranges::all_of(text, fits),
           path + ".name may hold only a-z, 0-9, - and _");
  }

  /// A pin or motor belongs to one line only.
  void use(const std::string& what, const std::string& path) {
    expect(used_.insert(what).second, path + ": " + what + " is used twice");
  }

  void station(const station_settings& given, const std::string& path) {
    name(given.name, path);
    expect(stations_.insert(given.name).second, path + ".name: " + given.name + " is used twice");
    expect(!given.lines.empty(), path + ".lines is empty");
    std::set<std::string> lines;
    int valves = 0;
    for (size_t i = 0; i < given.lines.size(); ++i) {
      const auto& each = given.lines[i];
      const auto at = path + ".lines[" + std::to_string(i) + "]";
      name(each.name, at);
      expect(lines.insert(each.name).second, at + ".name: " + each.name + " is used twice");
      valves += each.role == line_role::valve ? 1 : 0;
      limits(each, at);
      driver(each.driver, at + ".driver");
    }
    expect(valves <= 1, path + " has more than one valve");
    if (given.stop_input)
      stop_input(*given.stop_input, path + ".stop_input");
  }

  void limits(const line_settings& given, const std::string& path) {
    expect(given.window_limit_ms <= given.window_ms,
           path + ".window_limit_ms is longer than window_ms");
    expect(given.single_limit_ms <= given.window_limit_ms,
           path + ".single_limit_ms is longer than window_limit_ms");
  }

  void driver(const driver_settings& given, const std::string& path) {
    const bool is_gpio = given.kind == driver_kind::gpio;
    const bool is_stepper = given.kind == driver_kind::stepper;
    expect(is_gpio == !given.chip.empty(), path + ".chip belongs to gpio, which needs it");
    expect(is_gpio == given.line.has_value(), path + ".line belongs to gpio, which needs it");
    expect(is_gpio || !given.direction_line, path + ".direction_line belongs to gpio");
    expect(is_stepper == !given.bus.empty(), path + ".bus belongs to stepper, which needs it");
    expect(given.kind == driver_kind::simulated || given.fault == pumps::simulated_fault::none,
           path + ".fault belongs to simulated");
    if (is_gpio) {
      use(given.chip + " line " + std::to_string(given.line.value_or(0)), path);
      if (given.direction_line)
        use(given.chip + " line " + std::to_string(*given.direction_line), path);
    }
    if (is_stepper)
      use(given.bus + " board " + std::to_string(given.board) + " motor "
              + std::to_string(given.motor),
          path);
  }

  void stop_input(const stop_input_settings& given, const std::string& path) {
    const bool is_gpio = given.kind == driver_kind::gpio;
    expect(given.kind != driver_kind::stepper, path + ".kind must be gpio or simulated");
    expect(is_gpio == (!given.chip.empty() && given.line), path + " needs chip and line for gpio");
    expect(is_gpio == given.file.empty(), path + ".file belongs to simulated, which needs it");
    if (is_gpio)
      use(given.chip + " line " + std::to_string(given.line.value_or(0)), path);
  }

  std::set<std::string> used_;
  std::set<std::string> stations_;
};

refusal invalid(const std::string& file, const std::string& detail) {
  return {reason::guard_file_invalid, {{"file", file}, {"detail", detail}}};
}

} // namespace

result<guard_settings> read_settings(std::string_view text, const std::string& file) {
  if (text.size() > settings_bytes_max)
    return invalid(file, "it is longer than " + std::to_string(settings_bytes_max) + " bytes");
  auto read = from_json_text<guard_settings>(text, strictness::request);
  if (!read)
    return invalid(file, read.why().text());
  checker look;
  look.all(*read);
  if (!look.problem.empty())
    return invalid(file, look.problem);
  // Lines without a bank of their own share their station's.
  for (auto& station : read->stations)
    for (auto& line : station.lines)
      if (line.bank.empty())
        line.bank = station.name;
  return read;
}

bool can_turn(const line_settings& line, pump_direction way) {
  if (way == pump_direction::forward)
    return true;
  return line.role == line_role::pump
         && (line.driver.kind != driver_kind::gpio || line.driver.direction_line.has_value());
}

std::vector<line_place> lines_of(const guard_settings& settings) {
  std::vector<line_place> all;
  for (size_t i = 0; i < settings.stations.size(); ++i)
    for (const auto& line : settings.stations[i].lines)
      all.push_back({i, &line});
  return all;
}

} // namespace gantry::guard
