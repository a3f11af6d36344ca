// What was measured, and what was promised.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace gantry::bench {

/// A promise of limits.json.
struct limit {
  std::string claim;
  double value = 0;
  std::string unit;
  bool less_is_better = true;
  bool must_hold = false; ///< False for a target that is worked towards.
  std::string about;
};

/// The text of limits.json, compiled in.
[[nodiscard]] std::string_view limits_text();

/// The promises in `text`, by name. Throws `std::runtime_error` if one is incomplete.
[[nodiscard]] std::vector<limit> read_limits(std::string_view text);

/// True if `value` keeps the promise.
[[nodiscard]] bool keeps(const limit& promised, double value);

/// `{"claim","value","unit","limit","ratio"}` on one line; `ratio` is value / limit.
[[nodiscard]] std::string json_line(const limit& promised, double value);

/// The value in the middle; the mean of two for an even number. `values` must not be empty.
[[nodiscard]] double median(std::vector<double> values);

/// The value below which a `share` (0 to 1) of `values` lies. `values` must not be empty.
[[nodiscard]] double quantile(std::vector<double> values, double share);

} // namespace gantry::bench
