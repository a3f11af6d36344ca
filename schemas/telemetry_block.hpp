// A printer's measurements over some minutes in a few hundred bytes.
#pragma once

#include "schemas/device_report.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry {

/// One moment of a printer.
struct telemetry_sample {
  timestamp at;
  int64_t progress_permille = 0;
  int64_t layer = 0;
  std::vector<temperature_reading> temperatures; ///< In tenths of a degree once it was stored.
  bool operator==(const telemetry_sample&) const = default;
};

/// What a report says at its moment; nothing if the printer is not there.
[[nodiscard]] std::optional<telemetry_sample> sample_of(const device_report& report, timestamp at);

/// Writes a block sample by sample; each takes what has changed since the one before. Layout: a
/// byte (1), the number of heaters and their names, then per sample the differences of time (ms),
/// progress, layer, and of each heater's temperature and target (tenths of a degree), as
/// zigzag-encoded base-128 integers.
class telemetry_writer {
public:
  /// False, and nothing is written, if the heaters are others than in this block.
  [[nodiscard]] bool add(const telemetry_sample& sample);
  [[nodiscard]] bool empty() const { return samples_ == 0; }
  [[nodiscard]] size_t samples() const { return samples_; }
  [[nodiscard]] timestamp from() const { return from_; }
  [[nodiscard]] const std::string& block() const { return block_; }

private:
  void begin(const telemetry_sample& first);

  std::string block_;
  std::vector<std::string> heaters_;
  std::vector<int64_t> last_; ///< In the order of the layout.
  timestamp from_{};
  size_t samples_ = 0;
};

/// The samples of a block, oldest first. A block that is damaged ends early.
[[nodiscard]] std::vector<telemetry_sample> read_telemetry_block(std::string_view block);

} // namespace gantry
