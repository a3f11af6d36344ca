// What kernel and guard say to each other: one JSON text per packet of a sequenced socket pair.
#pragma once

#include "schemas/describe.hpp"
#include "schemas/pump.hpp"
#include "schemas/result.hpp"

#include <array>
#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::guard {

/// Version of these messages. Both ends are the same binary, so they never differ unless somebody
/// replaced the program while it ran; then the kernel refuses to work with the guard.
inline constexpr int64_t protocol_version = 2;

/// Bytes of one packet at most, in either direction.
inline constexpr size_t packet_bytes_max = 64 * 1024;

/// Longest run that can be asked for at all: a day.
inline constexpr int64_t duration_ms_max = 86'400'000;

/// What the kernel asks for.
enum class order_kind : uint8_t {
  run,            ///< Switch a pump on for a while.
  renew,          ///< Renew the lease of a run.
  stop,           ///< End a run.
  acknowledge,    ///< Take the latch of a station away.
  emergency_stop, ///< Latch a station and switch everything off. On the urgent socket only.
  notify,         ///< Pass a word on to the service manager.
};
constexpr auto names_of(order_kind) {
  return std::to_array<std::string_view>(
      {"run", "renew", "stop", "acknowledge", "emergency_stop", "notify"});
}

/// An order of the kernel. Which fields count depends on its kind.
struct guard_order {
  order_kind kind = order_kind::run;
  uint64_t ticket = 0; ///< Names a run; never used twice in the life of a kernel.
  std::string station{};
  std::string pump{};
  pump_direction direction = pump_direction::forward;
  int64_t duration_ms = 0;
  int64_t lease_ms = 0;
  uint64_t epoch = 0;
  bool with_valve = false;
  std::string purpose{};
  std::string text{}; ///< notify: what to say.

  template <class V>
  static void describe(V&& v) {
    constexpr auto number = between(0, std::numeric_limits<int64_t>::max());
    v("kind", &guard_order::kind, "What is asked for.");
    v("ticket", &guard_order::ticket, "Names a run.", defaulted(number));
    v("station", &guard_order::station, "Name of the station.", defaulted(at_most(64)));
    v("pump", &guard_order::pump, "Name of the line.", defaulted(at_most(64)));
    v("direction", &guard_order::direction, "Which way it turns.", defaulted());
    v("duration_ms", &guard_order::duration_ms, "Planned on-time.",
      defaulted(between(0, duration_ms_max)));
    v("lease_ms", &guard_order::lease_ms, "Off unless renewed within this time.",
      defaulted(between(0, duration_ms_max)));
    v("epoch", &guard_order::epoch, "Of the last acknowledgement.", defaulted(number));
    v("with_valve", &guard_order::with_valve, "Opens the valve too.", defaulted());
    v("purpose", &guard_order::purpose, "Who asks.", defaulted(at_most(200)));
    v("text", &guard_order::text, "Word for the service manager.", defaulted(at_most(200)));
  }
  bool operator==(const guard_order&) const = default;
};

/// State of one line.
struct line_notice {
  std::string name{};
  bool is_on = false;
  bool is_valve = false;
  int64_t window_used_ms = 0;
  int64_t window_limit_ms = 0;
  int64_t window_ms = 0;
  int64_t single_limit_ms = 0;

  template <class V>
  static void describe(V&& v) {
    v("name", &line_notice::name, "Name of the line.");
    v("is_on", &line_notice::is_on, "True while on, or not known to be off.");
    v("is_valve", &line_notice::is_valve, "True for an air valve.");
    v("window_used_ms", &line_notice::window_used_ms, "Charged on-time.");
    v("window_limit_ms", &line_notice::window_limit_ms, "Its limit.");
    v("window_ms", &line_notice::window_ms, "Length of the window.");
    v("single_limit_ms", &line_notice::single_limit_ms, "Longest single run.");
  }
  bool operator==(const line_notice&) const = default;
};

/// What the guard says.
enum class notice_kind : uint8_t {
  hello,    ///< First: protocol and stations.
  state,    ///< A station as it is.
  started,  ///< A run began: its pump is on.
  finished, ///< A run ended, or never began.
  off,      ///< Answer to `emergency_stop`: the lines are off, or `why` not.
};
constexpr auto names_of(notice_kind) {
  return std::to_array<std::string_view>({"hello", "state", "started", "finished", "off"});
}

/// A message of the guard. Which fields count depends on its kind.
struct guard_notice {
  notice_kind kind = notice_kind::hello;
  int64_t protocol = protocol_version;
  std::vector<std::string> stations{};
  uint64_t ticket = 0;
  std::string station{};
  bool started = false;
  bool completed = false;
  reason why = reason::ok;
  std::string detail{};
  int64_t on_time_us = 0;
  bool latched = false;
  bool latched_by_input = false;
  uint64_t epoch = 0;
  int64_t lease_limit_ms = 0;
  int64_t valve_extra_ms = 0;
  bool simulated = false;
  std::vector<std::string> faults{};
  std::vector<line_notice> lines{};

  template <class V>
  static void describe(V&& v) {
    v("kind", &guard_notice::kind, "What is said.");
    v("protocol", &guard_notice::protocol, "Version of these messages.");
    v("stations", &guard_notice::stations, "hello: all stations.", at_most(16));
    v("ticket", &guard_notice::ticket, "The run.");
    v("station", &guard_notice::station, "The station.", defaulted());
    v("started", &guard_notice::started, "True if the pump was on.");
    v("completed", &guard_notice::completed, "True if the planned time was reached.");
    v("why", &guard_notice::why, "Why it ended.");
    v("detail", &guard_notice::detail, "The reason's sentence.", defaulted(at_most(2000)));
    v("on_time_us", &guard_notice::on_time_us, "Measured on-time.");
    v("latched", &guard_notice::latched, "True after an emergency stop.");
    v("latched_by_input", &guard_notice::latched_by_input, "True if the button did it.");
    v("epoch", &guard_notice::epoch, "Last acknowledgement.");
    v("lease_limit_ms", &guard_notice::lease_limit_ms, "Longest lease.");
    v("valve_extra_ms", &guard_notice::valve_extra_ms,
      "How much longer than its run a valve is open.");
    v("simulated", &guard_notice::simulated, "True if the lines are simulated.");
    v("faults", &guard_notice::faults, "Named faults.", at_most(64));
    v("lines", &guard_notice::lines, "The station's lines.", at_most(16));
  }
  bool operator==(const guard_notice&) const = default;
};

/// The text of a packet.
[[nodiscard]] std::string to_packet(const guard_order& given);
/// The text of a packet.
[[nodiscard]] std::string to_packet(const guard_notice& given);

/// Reads an order. Total: refuses with `pump_request_invalid` whatever is malformed, unknown or out
/// of range.
[[nodiscard]] result<guard_order> read_order(std::string_view packet);

/// Reads a notice; refuses like `read_order`.
[[nodiscard]] result<guard_notice> read_notice(std::string_view packet);

} // namespace gantry::guard
