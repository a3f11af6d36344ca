#include "hal/pumps/pump_record.hpp"

#include "schemas/json_integer.hpp"

#include <algorithm>
#include <fstream>
#include <nlohmann/json.hpp>

namespace gantry::pumps {

namespace {

using hal::mono_time;
using nlohmann::json;

/// Longer than a machine stays up: a record is of one boot.
constexpr mono_time uptime_max = std::chrono::years{20};
constexpr int64_t flow_ul_per_s_max = 100'000;

mono_time overlap(const recorded_run& run, mono_time from, mono_time to) {
  return std::max(mono_time{0}, std::min(run.to, to) - std::max(run.from, from));
}

std::string station_of(const std::string& name) {
  return name.substr(0, name.find('/'));
}

} // namespace

mono_time recorded_line::on_time() const {
  mono_time sum{0};
  for (const auto& each : runs)
    sum += each.to - each.from;
  return sum;
}

int64_t recorded_line::volume_ul() const {
  mono_time net{0};
  for (const auto& each : runs)
    net += each.reverse ? each.from - each.to : each.to - each.from;
  const auto us = std::chrono::duration_cast<std::chrono::microseconds>(net).count();
  return us / 1'000'000 * flow_ul_per_s + us % 1'000'000 * flow_ul_per_s / 1'000'000;
}

mono_time recorded_line::window_peak(mono_time window) const {
  // The sum is largest in a window that ends where a run ends, or begins where one begins.
  mono_time peak{0};
  for (const auto& run : runs)
    for (auto from : {run.to - window, run.from}) {
      mono_time sum{0};
      for (const auto& each : runs)
        sum += overlap(each, from, from + window);
      peak = std::max(peak, sum);
    }
  return peak;
}

result<pump_record> pump_record::read(const std::string& path) {
  std::ifstream in{path, std::ios::binary};
  if (!in)
    return refusal{reason::storage_failed, {{"detail", path + " cannot be read"}}};
  pump_record record;
  int64_t number = 0;
  for (std::string text; std::getline(in, text);) {
    ++number;
    // A line without its end was being written when the machine stopped.
    if (in.eof())
      break;
    bool understood = false;
    try {
      understood = record.take(text);
    } catch (const json::exception&) {
      // A field of another type.
    }
    if (!understood)
      return refusal{reason::field_invalid,
                     {{"field", path + " line " + std::to_string(number)},
                      {"detail", "it is not what a simulated line writes in one boot"}}};
  }
  for (auto& [name, line] : record.lines_)
    for (auto& run : line.runs)
      if (!run.ended)
        run.to = std::max(run.from, record.last_);
  return record;
}

bool pump_record::take(const std::string& text) {
  const auto read = json::parse(text, nullptr, false);
  if (!read.is_object() || !read.contains("at_us"))
    return false;
  const auto at_us = integer_in<int64_t>(read["at_us"]);
  if (!at_us || *at_us < 0 || *at_us > uptime_max / std::chrono::microseconds{1})
    return false;
  const mono_time at = std::chrono::microseconds{*at_us};
  const auto name = read.value("line", "");
  const auto event = read.value("event", "");
  auto& line = lines_[name];
  last_ = std::max(last_, at);
  if (event == "line") {
    const auto boot = read.value("boot", "");
    if (!boot_.empty() && boot != boot_)
      return false;
    boot_ = boot;
    line.bank = read.value("bank", "");
    line.is_valve = read.value("valve", false);
    const auto flow = integer_in<int64_t>(read.value("flow_ul_per_s", json(0)));
    line.flow_ul_per_s = flow.value_or(0);
    ++line.openings;
    just_opened_[name] = true;
    return flow && 0 <= *flow && *flow <= flow_ul_per_s_max;
  }
  const bool opened = std::exchange(just_opened_[name], false);
  const bool is_on = !line.runs.empty() && !line.runs.back().ended;
  if (event == "off") {
    if (is_on) {
      if (at < line.runs.back().from)
        return false;
      line.runs.back().to = at;
      line.runs.back().ended = true;
    }
    return true;
  }
  if (opened)
    late_offs_.push_back(name + " was switched on before it was switched off");
  if (event == "on" && !is_on)
    line.runs.push_back(
        {at, at, read.value("direction", "") == "reverse", false, read.value("purpose", "")});
  return event == "on";
}

std::vector<std::string> pump_record::overlaps() const {
  std::vector<std::string> found;
  for (auto one = lines_.begin(); one != lines_.end(); ++one)
    for (auto other = std::next(one); other != lines_.end(); ++other) {
      const bool exclusive = !one->second.is_valve && !other->second.is_valve
                             && (one->second.bank == other->second.bank
                                 || station_of(one->first) == station_of(other->first));
      for (const auto& run : one->second.runs)
        for (const auto& second : other->second.runs)
          if (exclusive && overlap(run, second.from, second.to) > mono_time{0})
            found.push_back(one->first + " and " + other->first + " were on together for "
                            + std::to_string(overlap(run, second.from, second.to).count() / 1000)
                            + " us");
    }
  return found;
}

} // namespace gantry::pumps
