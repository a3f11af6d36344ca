// Reads a record of simulated lines and integrates it: what was on, for how long, and what flowed.
// The ground truth of tests, benchmarks and `gantry sim pumps`.
#pragma once

#include "hal/clock.hpp"
#include "schemas/result.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace gantry::pumps {

/// A time in which a line was on.
struct recorded_run {
  hal::mono_time from{0};
  hal::mono_time to{0};
  bool reverse = false;
  bool ended = true; ///< False if the record ends with the line on; then `to` is its last time.
  std::string purpose{};
};

/// What one line did.
struct recorded_line {
  std::string bank{};
  bool is_valve = false;
  int64_t flow_ul_per_s = 0;
  int openings = 0; ///< How often a guard began with it.
  std::vector<recorded_run> runs{};

  [[nodiscard]] hal::mono_time on_time() const;
  /// What flowed forward less what flowed backward.
  [[nodiscard]] int64_t volume_ul() const;
  /// The most on-time in any window of that length.
  [[nodiscard]] hal::mono_time window_peak(hal::mono_time window) const;
};

/// A whole record. Its times are of one boot: a record that spans boots is refused.
class pump_record {
public:
  /// Reads a record file. Refuses with `storage_failed` or `field_invalid`; a last line that was
  /// cut off is left out.
  [[nodiscard]] static result<pump_record> read(const std::string& path);

  [[nodiscard]] const std::map<std::string, recorded_line>& lines() const { return lines_; }
  /// Pairs of pumps of one bank or station that were on at the same time, as sentences.
  [[nodiscard]] std::vector<std::string> overlaps() const;
  /// Lines whose first event after a guard opened them was not "off", as sentences.
  [[nodiscard]] const std::vector<std::string>& late_offs() const { return late_offs_; }

private:
  [[nodiscard]] bool take(const std::string& text);

  std::map<std::string, recorded_line> lines_;
  std::map<std::string, bool> just_opened_;
  std::vector<std::string> late_offs_;
  std::string boot_;
  hal::mono_time last_{0};
};

} // namespace gantry::pumps
