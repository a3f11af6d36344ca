#include "bench/measurement.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace gantry::bench {

using json = nlohmann::ordered_json;

namespace {

/// Three digits that matter, so that lines can be compared by eye.
double rounded(double value) {
  if (value == 0 || !std::isfinite(value))
    return 0;
  const auto scale = std::pow(10.0, 3 - std::ceil(std::log10(std::abs(value))));
  return std::round(value * scale) / scale;
}

json optional_number(const std::optional<double>& value) {
  return value ? json(rounded(*value)) : json(nullptr);
}

judged_by read_judged(const std::string& word) {
  if (word == "ratio")
    return judged_by::ratio;
  if (word == "count")
    return judged_by::count;
  if (word == "time")
    return judged_by::time;
  throw std::runtime_error{"'" + word + "' is not ratio, count or time"};
}

/// What must hold is its own gate if it is a ratio or a count, unless a wider one is given. A time
/// has one only if it is given.
std::optional<double> read_gate(const json& row, const goal& promised) {
  if (!row.contains("gate"))
    return promised.must_hold && promised.by != judged_by::time
               ? std::optional{promised.value}
               : std::nullopt;
  const auto gate = row.at("gate").get<double>();
  const auto wider = promised.less_is_better ? gate > promised.value : gate < promised.value;
  if (!promised.must_hold || !wider)
    throw std::runtime_error{"'" + promised.figure + "' has a gate that is no wider must"};
  return gate;
}

goal read_goal(const std::string& name, const json& row) {
  const auto better = row.at("better").get<std::string>();
  const auto level = row.at("level").get<std::string>();
  if ((better != "less" && better != "more") || (level != "must" && level != "target"))
    throw std::runtime_error{"'" + name + "' has an unknown word"};
  goal promised{name,
                row.at("goal").get<double>(),
                row.at("unit").get<std::string>(),
                better == "less",
                level == "must",
                read_judged(row.at("judged").get<std::string>()),
                std::nullopt};
  promised.gate = read_gate(row, promised);
  return promised;
}

double judged_value(const goal& promised, const figure& measured) {
  if (promised.by != judged_by::ratio)
    return measured.value;
  if (!measured.ratio)
    throw std::runtime_error{"'" + measured.name + "' was measured without its ceiling"};
  return *measured.ratio;
}

/// Above 1 on the wrong side of the goal. A goal of zero is kept by zero only.
double strain_of(const goal& promised, double value) {
  if (promised.value == 0)
    return promised.less_is_better ? value + 1 : 1 - value;
  if (promised.less_is_better)
    return value / promised.value;
  return value == 0 ? INFINITY : promised.value / value;
}

bool is_within(const goal& promised, double value, double limit) {
  return promised.less_is_better ? value <= limit : value >= limit;
}

json row_of(const verdict& each) {
  const auto& measured = each.measured;
  return {{"name", measured.name},
          {"value", rounded(measured.value)},
          {"unit", each.promised.unit},
          {"limit", optional_number(measured.limit)},
          {"ratio", optional_number(measured.ratio)},
          {"goal", each.promised.value},
          {"gate", optional_number(each.promised.gate)},
          {"judged", each.promised.by == judged_by::ratio ? "ratio" : "value"},
          {"better", each.promised.less_is_better ? "less" : "more"},
          {"level", each.promised.must_hold ? "must" : "target"},
          {"kept", each.kept}};
}

} // namespace

figure plain_figure(std::string name, double value) {
  return {std::move(name), value, std::nullopt, std::nullopt};
}

figure limited_figure(std::string name, double value, double limit) {
  return {std::move(name), value, limit, value / limit};
}

std::vector<promised_claim> read_limits(std::string_view text) {
  std::vector<promised_claim> claims;
  try {
    const auto table = json::parse(text);
    for (const auto& [name, row] : table.items()) {
      promised_claim claim{name, row.at("about").get<std::string>(), {}};
      for (const auto& [figure_name, figure_row] : row.at("figures").items())
        claim.goals.push_back(read_goal(figure_name, figure_row));
      if (claim.goals.empty())
        throw std::runtime_error{"'" + name + "' has no figures"};
      claims.push_back(std::move(claim));
    }
  } catch (const std::exception& error) {
    throw std::runtime_error{std::string{"limits.json: "} + error.what()};
  }
  return claims;
}

bool keeps(const goal& promised, const figure& measured) {
  return is_within(promised, judged_value(promised, measured), promised.value);
}

bool has_gate(const promised_claim& claim) {
  return std::ranges::any_of(claim.goals, [](const auto& each) { return each.gate.has_value(); });
}

bool passes(const std::vector<verdict>& verdicts) {
  return std::ranges::all_of(verdicts, [](const auto& each) {
    const auto& promised = each.promised;
    return !promised.gate
           || is_within(promised, judged_value(promised, each.measured), *promised.gate);
  });
}

std::vector<verdict> judge(const promised_claim& claim, const std::vector<figure>& measured,
                           bool quick) {
  std::vector<verdict> verdicts;
  for (const auto& promised : claim.goals) {
    const auto found = std::ranges::find(measured, promised.figure, &figure::name);
    if (found == measured.end()) {
      if (quick)
        continue;
      throw std::runtime_error{"'" + promised.figure + "' was not measured"};
    }
    verdicts.push_back({promised, *found, keeps(promised, *found),
                        strain_of(promised, judged_value(promised, *found))});
  }
  if (measured.size() != verdicts.size() || verdicts.empty())
    throw std::runtime_error{"a figure of '" + claim.claim + "' has no goal"};
  return verdicts;
}

std::string json_line(const std::string& claim, const std::vector<verdict>& verdicts, bool quick) {
  const auto worst = std::ranges::max_element(verdicts, {}, &verdict::strain);
  json line{{"claim", claim}};
  const auto top = row_of(*worst);
  for (const auto* key : {"value", "unit", "limit", "ratio", "goal", "kept"})
    line[key] = top[key];
  line["quick"] = quick;
  line["figures"] = json::array();
  for (const auto& each : verdicts)
    line["figures"].push_back(row_of(each));
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

double print_p99(const char* what, std::vector<double> values, const char* unit) {
  const auto p99 = quantile(values, 0.99);
  std::printf("%-14s %5zu  median %.3f  p99 %.3f  worst %.3f %s\n", what, values.size(),
              median(values), p99, *std::ranges::max_element(values), unit);
  std::fflush(stdout);
  return p99;
}

} // namespace gantry::bench
