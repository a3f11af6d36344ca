// What was measured, and what was promised.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::bench {

/// What is compared with a goal. Ratios and counts hold on any machine; times depend on it.
enum class judged_by { ratio, count, time };

/// A promise of limits.json about one figure of a claim.
struct goal {
  std::string figure;
  double value = 0;
  std::string unit; ///< Of the measured value; a goal that is judged by ratio has none itself.
  bool less_is_better = true;
  bool must_hold = false; ///< False for a target that is worked towards.
  judged_by by = judged_by::count;
  /// What must hold even on a small machine that does other work; nothing if no value does.
  std::optional<double> gate;
};

/// A claim with its goals, in the order of limits.json.
struct promised_claim {
  std::string claim;
  std::string about;
  std::vector<goal> goals;
};

/// One measured figure.
struct figure {
  std::string name;
  double value = 0;
  /// The ceiling of the machine or the library, measured in the same run; nothing if there is none.
  std::optional<double> limit;
  /// What is judged if the goal is a ratio: value / limit, or the median of the rounds' ratios.
  std::optional<double> ratio;
};

/// A figure without a ceiling.
[[nodiscard]] figure plain_figure(std::string name, double value);

/// A figure with its ceiling; the ratio is value / limit.
[[nodiscard]] figure limited_figure(std::string name, double value, double limit);

/// The text of limits.json, compiled in.
[[nodiscard]] std::string_view limits_text();

/// The promises in `text`. Throws `std::runtime_error` if one is incomplete.
[[nodiscard]] std::vector<promised_claim> read_limits(std::string_view text);

/// True if the figure keeps the promise. Throws `std::runtime_error` if it lacks the ratio that is
/// judged.
[[nodiscard]] bool keeps(const goal& promised, const figure& measured);

/// A figure beside its goal.
struct verdict {
  goal promised;
  figure measured;
  bool kept = false;
  /// How far the figure is on the wrong side of its goal: above 1 it is missed.
  double strain = 0;
};

/// Compares; in the order of the goals. Throws `std::runtime_error` if a figure has no goal, or,
/// unless `quick`, if one is missing: the short form leaves out what takes long.
[[nodiscard]] std::vector<verdict> judge(const promised_claim& claim,
                                         const std::vector<figure>& measured, bool quick);

/// True if the claim has a figure that must hold on any machine: one with a gate.
[[nodiscard]] bool has_gate(const promised_claim& claim);

/// True if every figure is within its gate.
[[nodiscard]] bool passes(const std::vector<verdict>& verdicts);

/// `{"claim","value","unit","limit","ratio","goal",...,"figures":[...]}` on one line. What stands
/// at the top is the figure nearest to its goal or farthest beyond it; `limit` and `ratio` are null
/// where there is no ceiling. `quick` is told as well.
[[nodiscard]] std::string json_line(const std::string& claim, const std::vector<verdict>& verdicts,
                                    bool quick);

/// The value in the middle; the mean of two for an even number. `values` must not be empty.
[[nodiscard]] double median(std::vector<double> values);

/// The value below which a `share` (0 to 1) of `values` lies. `values` must not be empty.
[[nodiscard]] double quantile(std::vector<double> values, double share);

/// Prints a row of a table: count, median, 99th percentile and worst of `values`. Returns the 99th
/// percentile.
double print_p99(const char* what, std::vector<double> values, const char* unit);

} // namespace gantry::bench
