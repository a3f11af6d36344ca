// The guard's file: which stations there are, which lines they have, and how far those may go. It
// is read before anything else exists, so it is plain JSON beside the store, not in it.
#pragma once

#include "hal/pumps/simulated_fault.hpp"
#include "schemas/describe.hpp"
#include "schemas/pump.hpp"
#include "schemas/result.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::guard {

/// What a line drives. Only one line of a station is on at a time; a valve may also accompany a
/// pump.
enum class line_role : uint8_t { pump, valve };
constexpr auto names_of(line_role) {
  return std::to_array<std::string_view>({"pump", "valve"});
}

/// How a line is reached.
enum class driver_kind : uint8_t { gpio, stepper, simulated };
constexpr auto names_of(driver_kind) {
  return std::to_array<std::string_view>({"gpio", "stepper", "simulated"});
}

/// The electrical level that means "on".
enum class active_level : uint8_t { high, low };
constexpr auto names_of(active_level) {
  return std::to_array<std::string_view>({"high", "low"});
}

/// How one line is switched. Only the fields of its kind may be given.
struct driver_settings {
  driver_kind kind = driver_kind::simulated;
  std::string chip{};                        ///< gpio: character device.
  std::optional<int64_t> line{};             ///< gpio: offset on the chip.
  active_level active = active_level::high;  ///< gpio.
  std::optional<int64_t> direction_line{};   ///< gpio: offset on the same chip.
  active_level reverse = active_level::high; ///< gpio: level of that line for reverse.
  std::string bus{};                         ///< stepper: I2C character device.
  int64_t board = 0x60;                      ///< stepper: address on the bus.
  int64_t motor = 1;                         ///< stepper: 1 or 2 on the board.
  int64_t steps_per_second = 200;            ///< stepper.
  int64_t flow_ul_per_s = 5000;              ///< simulated.
  pumps::simulated_fault fault = pumps::simulated_fault::none; ///< simulated.
  int64_t fault_from_run = 1; ///< simulated: first run that shows it.
  int64_t fault_ms = 0;       ///< simulated.

  template <class V>
  static void describe(V&& v) {
    v("kind", &driver_settings::kind, "How the line is reached.");
    v("chip", &driver_settings::chip, "gpio: character device.", defaulted(at_most(100)));
    v("line", &driver_settings::line, "gpio: offset on the chip.", defaulted(between(0, 1023)));
    v("active", &driver_settings::active, "gpio: level that switches on.", defaulted());
    v("direction_line", &driver_settings::direction_line, "gpio: offset of the direction line.",
      defaulted(between(0, 1023)));
    v("reverse", &driver_settings::reverse, "gpio: level of the direction line for reverse.",
      defaulted());
    v("bus", &driver_settings::bus, "stepper: I2C character device.", defaulted(at_most(100)));
    v("board", &driver_settings::board, "stepper: address of the motor board.",
      defaulted(between(0x40, 0x7f)));
    v("motor", &driver_settings::motor, "stepper: which motor of the board.",
      defaulted(between(1, 2)));
    v("steps_per_second", &driver_settings::steps_per_second, "stepper: full steps per second.",
      defaulted(between(1, 200)));
    v("flow_ul_per_s", &driver_settings::flow_ul_per_s, "simulated: flow while on.",
      defaulted(between(0, 100'000)));
    v("fault", &driver_settings::fault, "simulated: what it does wrong.", defaulted());
    v("fault_from_run", &driver_settings::fault_from_run, "simulated: first run that shows it.",
      defaulted(between(1, 1'000'000)));
    v("fault_ms", &driver_settings::fault_ms, "simulated: for how long.",
      defaulted(between(0, 3'600'000)));
  }
};

/// One line of a station, and its limits.
struct line_settings {
  std::string name{};
  line_role role = line_role::pump;
  /// Lines that share a bank are never on together, whatever their stations; empty = the station.
  std::string bank{};
  int64_t single_limit_ms = 120'000; ///< Longest single run.
  int64_t window_ms = 600'000;       ///< Length of the rolling window.
  int64_t window_limit_ms = 180'000; ///< On-time within any window.
  driver_settings driver;

  template <class V>
  static void describe(V&& v) {
    v("name", &line_settings::name, "Name of the line.", at_most(32));
    v("role", &line_settings::role, "What it drives.", defaulted());
    v("bank", &line_settings::bank, "Lines of one bank are never on together.",
      defaulted(at_most(32)));
    v("single_limit_ms", &line_settings::single_limit_ms, "Longest single run.",
      defaulted(between(1, 3'600'000)));
    v("window_ms", &line_settings::window_ms, "Length of the rolling window.",
      defaulted(between(1000, 86'400'000)));
    v("window_limit_ms", &line_settings::window_limit_ms, "On-time within any window.",
      defaulted(between(1, 86'400'000)));
    v("driver", &line_settings::driver, "How it is switched.");
  }
};

/// An input that stops a station without the kernel.
struct stop_input_settings {
  driver_kind kind = driver_kind::gpio;
  std::string chip{};                        ///< gpio: character device.
  std::optional<int64_t> line{};             ///< gpio: offset on the chip.
  active_level pressed = active_level::high; ///< gpio: with a normally closed button to ground and
                                             ///< a pull-up, a broken wire counts as pressed.
  std::string file{};                        ///< simulated: pressed while this file exists.

  template <class V>
  static void describe(V&& v) {
    v("kind", &stop_input_settings::kind, "How the input is read: gpio or simulated.");
    v("chip", &stop_input_settings::chip, "gpio: character device.", defaulted(at_most(100)));
    v("line", &stop_input_settings::line, "gpio: offset on the chip.", defaulted(between(0, 1023)));
    v("pressed", &stop_input_settings::pressed, "gpio: level that means pressed.", defaulted());
    v("file", &stop_input_settings::file, "simulated: pressed while this file exists.",
      defaulted(at_most(400)));
  }
};

/// One station: its lines, and what accompanies them.
struct station_settings {
  std::string name{};
  int64_t lease_limit_ms = 120'000; ///< Longest lease.
  int64_t valve_before_ms = 500;    ///< The valve opens this long before a run that wants it.
  int64_t valve_after_ms = 1000;    ///< And stays open this long after it.
  std::vector<line_settings> lines{};
  std::optional<stop_input_settings> stop_input{};

  template <class V>
  static void describe(V&& v) {
    v("name", &station_settings::name, "Name of the station.", at_most(32));
    v("lease_limit_ms", &station_settings::lease_limit_ms, "Longest lease.",
      defaulted(between(50, 3'600'000)));
    v("valve_before_ms", &station_settings::valve_before_ms, "Valve opens before the pump.",
      defaulted(between(0, 60'000)));
    v("valve_after_ms", &station_settings::valve_after_ms, "Valve closes after the pump.",
      defaulted(between(0, 60'000)));
    v("lines", &station_settings::lines, "Its pumps and its valve.", at_most(16));
    v("stop_input", &station_settings::stop_input, "A hardware stop button.", defaulted());
  }
};

/// A line that toggles while the guard lives, for a master relay that drops without it.
struct heartbeat_settings {
  std::string chip{};
  int64_t line = 0;
  int64_t period_ms = 100;

  template <class V>
  static void describe(V&& v) {
    v("chip", &heartbeat_settings::chip, "Character device.", at_most(100));
    v("line", &heartbeat_settings::line, "Offset on the chip.", between(0, 1023));
    v("period_ms", &heartbeat_settings::period_ms, "Time between two changes of level.",
      defaulted(between(10, 10'000)));
  }
};

/// The whole file.
struct guard_settings {
  int64_t version = 1;
  std::vector<station_settings> stations{};
  std::optional<heartbeat_settings> heartbeat{};

  template <class V>
  static void describe(V&& v) {
    v("version", &guard_settings::version, "Version of this format.", between(1, 1));
    v("stations", &guard_settings::stations, "The stations.", at_most(16));
    v("heartbeat", &guard_settings::heartbeat, "A line for a master relay.", defaulted());
  }
};

/// Bytes that a guard's file has at most.
inline constexpr size_t settings_bytes_max = 256 * 1024;

/// Reads the text of a guard's file. Refuses with `guard_file_invalid` and a sentence that names
/// the field: what is unknown, missing, out of range, contradictory or used twice.
[[nodiscard]] result<guard_settings> read_settings(std::string_view text, const std::string& file);

/// True if a line with this driver can turn that way.
[[nodiscard]] bool can_turn(const line_settings& line, pump_direction way);

/// One line among all stations' lines.
struct line_place {
  size_t station = 0;
  const line_settings* settings = nullptr;
};

/// All lines in the file's order. Their position is their number everywhere in the guard. The
/// pointers are into `settings`.
[[nodiscard]] std::vector<line_place> lines_of(const guard_settings& settings);

} // namespace gantry::guard
