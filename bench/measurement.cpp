#include "bench/measurement.hpp"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace gantry::bench {

using nlohmann::json;

namespace {

/// Three digits that matter, so that lines can be compared by eye.
double rounded(double value) {
  if (value == 0 || !std::isfinite(value))
    return 0;
  const auto scale = std::pow(10.0, 3 - std::ceil(std::log10(std::abs(value))));
  return std::round(value * scale) / scale;
}

} // namespace

std::vector<limit> read_limits(std::string_view text) {
  std::vector<limit> limits;
  try {
    const auto table = json::parse(text);
    for (const auto& [claim, row] : table.items()) {
      const auto better = row.at("better").get<std::string>();
      const auto level = row.at("level").get<std::string>();
      if ((better != "less" && better != "more") || (level != "must" && level != "target"))
        throw std::runtime_error{"limits.json: " + claim + " has an unknown word"};
      limits.push_back({claim, row.at("limit").get<double>(), row.at("unit").get<std::string>(),
                        better == "less", level == "must", row.at("about").get<std::string>()});
    }
  } catch (const json::exception& error) {
    throw std::runtime_error{std::string{"limits.json: "} + error.what()};
  }
  return limits;
}

bool keeps(const limit& promised, double value) {
  return promised.less_is_better ? value <= promised.value : value >= promised.value;
}

std::string json_line(const limit& promised, double value) {
  nlohmann::ordered_json line;
  line["claim"] = promised.claim;
  line["value"] = rounded(value);
  line["unit"] = promised.unit;
  line["limit"] = promised.value;
  line["ratio"] = rounded(value / promised.value);
  return line.dump();
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  const auto middle = values.size() / 2;
  return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

double quantile(std::vector<double> values, double share) {
  std::ranges::sort(values);
  const auto at = static_cast<size_t>(share * static_cast<double>(values.size()));
  return values[std::min(at, values.size() - 1)];
}

} // namespace gantry::bench
