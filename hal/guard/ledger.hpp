// What the guard must still know after a crash, a reboot or a power cut: on-times, latches, epochs.
#pragma once

#include "hal/clock.hpp"
#include "hal/guard/guard_settings.hpp"
#include "schemas/describe.hpp"
#include "schemas/result.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::guard {

/// Times of a ledger lie within thirty years of the boot that it names: a run that was carried over
/// from an earlier one began before it.
inline constexpr int64_t ledger_time_us_max = 1'000'000'000'000'000;

/// An interval in which a line was on, or may be on until `to_us` if it is open.
struct kept_interval {
  int64_t from_us = 0;
  int64_t to_us = 0;
  bool open = false;

  template <class V>
  static void describe(V&& v) {
    v("from_us", &kept_interval::from_us, "Monotonic time of the boot that the ledger names.",
      between(-ledger_time_us_max, ledger_time_us_max));
    v("to_us", &kept_interval::to_us, "Planned for an open run, measured otherwise.",
      between(-ledger_time_us_max, ledger_time_us_max));
    v("open", &kept_interval::open, "True while the run is charged in full.");
  }
  bool operator==(const kept_interval&) const = default;
};

/// The on-times of one line.
struct kept_line {
  std::string station{};
  std::string line{};
  std::vector<kept_interval> runs{};

  template <class V>
  static void describe(V&& v) {
    v("station", &kept_line::station, "Name of its station.", at_most(32));
    v("line", &kept_line::line, "Name of the line.", at_most(32));
    v("runs", &kept_line::runs, "When it was on.", at_most(300));
  }
  bool operator==(const kept_line&) const = default;
};

/// The latch of one station.
struct kept_station {
  std::string name{};
  uint64_t epoch = 0;
  bool latched = false;
  bool latched_by_input = false;

  template <class V>
  static void describe(V&& v) {
    v("name", &kept_station::name, "Name of the station.", at_most(32));
    v("epoch", &kept_station::epoch, "Last acknowledgement.",
      between(0, std::numeric_limits<int64_t>::max()));
    v("latched", &kept_station::latched, "True after an emergency stop.");
    v("latched_by_input", &kept_station::latched_by_input, "True if the button did it.");
  }
  bool operator==(const kept_station&) const = default;
};

/// The ledger as it stands in its file.
struct ledger {
  int64_t version = 1;
  std::string boot{};
  int64_t saved_us = 0;
  std::vector<kept_station> stations{};
  std::vector<kept_line> lines{};

  template <class V>
  static void describe(V&& v) {
    v("version", &ledger::version, "Version of this format.", between(1, 1));
    v("boot", &ledger::boot, "Boot whose monotonic time the ledger uses.", defaulted(at_most(64)));
    v("saved_us", &ledger::saved_us, "When it was written, in that time.",
      between(0, ledger_time_us_max));
    v("stations", &ledger::stations, "Latches.", at_most(16));
    v("lines", &ledger::lines, "On-times.", at_most(256));
  }
  bool operator==(const ledger&) const = default;
};

/// Bytes that a ledger has at most.
inline constexpr size_t ledger_bytes_max = 8 * 1024 * 1024;

/// The ledger's text: one line of JSON, and one with its checksum.
[[nodiscard]] std::string to_text(const ledger& given);

/// Reads such a text. Refuses with `guard_ledger_damaged`.
[[nodiscard]] result<ledger> read_ledger(std::string_view text);

/// The kept ledger in the monotonic time of this boot at `now`. How much time went by is a lower
/// bound: within one boot the difference of the monotonic clock, across boots what the ledger
/// itself saw plus the uptime. The wall clock has no say. A run that was still open counts as on
/// until `now` within one boot, and across boots in full, as late as it can have been.
[[nodiscard]] ledger carried_over(const ledger& kept, const std::string& boot, hal::mono_time now);

/// The ledger to assume if the kept one is damaged: every line has just spent its whole window, and
/// every station is latched.
[[nodiscard]] ledger worst_case(const guard_settings& settings, const std::string& boot,
                                hal::mono_time now);

} // namespace gantry::guard
