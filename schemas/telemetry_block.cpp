#include "schemas/telemetry_block.hpp"

#include <algorithm>
#include <limits>
#include <span>

namespace gantry {

namespace {

constexpr char layout = 1;
constexpr int64_t mc_per_step = 100;
/// Temperatures beyond it, which only a damaged block holds, are no number of millidegrees.
constexpr int64_t steps_max = std::numeric_limits<int64_t>::max() / mc_per_step - 1;
/// Time, progress and layer come before the heaters.
constexpr size_t head_numbers = 3;
constexpr size_t heaters_max = 32;

void append_integer(std::string& out, int64_t value) {
  auto bits = (static_cast<uint64_t>(value) << 1) ^ static_cast<uint64_t>(value >> 63);
  for (; bits >= 0x80; bits >>= 7)
    out += static_cast<char>((bits & 0x7f) | 0x80);
  out += static_cast<char>(bits);
}

/// Takes an integer off the front; nothing if the text ends before it does.
std::optional<int64_t> take_integer(std::string_view& text) {
  uint64_t bits = 0;
  for (unsigned shift = 0; !text.empty() && shift < 64; shift += 7) {
    const auto byte = static_cast<unsigned char>(text.front());
    text.remove_prefix(1);
    bits |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80)
      return static_cast<int64_t>(bits >> 1) ^ -static_cast<int64_t>(bits & 1);
  }
  return std::nullopt;
}

int64_t steps_of(int64_t millidegrees) {
  const auto half = millidegrees < 0 ? -mc_per_step / 2 : mc_per_step / 2;
  return (millidegrees + half) / mc_per_step;
}

std::vector<int64_t> numbers_of(const telemetry_sample& sample) {
  std::vector<int64_t> numbers{sample.at.time_since_epoch().count(), sample.progress_permille,
                               sample.layer};
  for (const auto& each : sample.temperatures) {
    numbers.push_back(steps_of(each.actual_mc));
    numbers.push_back(steps_of(each.target_mc));
  }
  return numbers;
}

bool are_temperatures(std::span<const int64_t> steps) {
  return std::ranges::all_of(steps, [](int64_t x) { return -steps_max <= x && x <= steps_max; });
}

telemetry_sample sample_from(const std::vector<std::string>& heaters,
                             const std::vector<int64_t>& numbers) {
  telemetry_sample sample;
  sample.at = timestamp{std::chrono::milliseconds{numbers[0]}};
  sample.progress_permille = numbers[1];
  sample.layer = numbers[2];
  for (size_t i = 0; i < heaters.size(); ++i)
    sample.temperatures.push_back({heaters[i], numbers[head_numbers + 2 * i] * mc_per_step,
                                   numbers[head_numbers + 2 * i + 1] * mc_per_step});
  return sample;
}

/// The names at the front of a block; nothing if it is none.
std::optional<std::vector<std::string>> take_heaters(std::string_view& block) {
  if (block.empty() || block.front() != layout)
    return std::nullopt;
  block.remove_prefix(1);
  const auto count = take_integer(block);
  if (!count || *count < 0 || static_cast<size_t>(*count) > heaters_max)
    return std::nullopt;
  std::vector<std::string> names;
  for (int64_t i = 0; i < *count; ++i) {
    const auto size = take_integer(block);
    if (!size || *size < 0 || static_cast<size_t>(*size) > block.size())
      return std::nullopt;
    names.emplace_back(block.substr(0, static_cast<size_t>(*size)));
    block.remove_prefix(names.back().size());
  }
  return names;
}

} // namespace

std::optional<telemetry_sample> sample_of(const device_report& report, timestamp at) {
  if (report.link != link_state::online || report.temperatures.empty()
      || report.temperatures.size() > heaters_max)
    return std::nullopt;
  return telemetry_sample{at, report.progress_permille, report.layer, report.temperatures};
}

void telemetry_writer::begin(const telemetry_sample& first) {
  block_ = layout;
  append_integer(block_, static_cast<int64_t>(first.temperatures.size()));
  for (const auto& each : first.temperatures) {
    heaters_.push_back(each.name);
    append_integer(block_, static_cast<int64_t>(each.name.size()));
    block_ += each.name;
  }
  last_.assign(head_numbers + 2 * heaters_.size(), 0);
  from_ = first.at;
}

bool telemetry_writer::add(const telemetry_sample& sample) {
  if (empty())
    begin(sample);
  if (!std::ranges::equal(heaters_, sample.temperatures, {}, {}, &temperature_reading::name))
    return false;
  const auto numbers = numbers_of(sample);
  for (size_t i = 0; i < numbers.size(); ++i)
    // Wraps as reading does.
    append_integer(block_, static_cast<int64_t>(static_cast<uint64_t>(numbers[i])
                                                - static_cast<uint64_t>(last_[i])));
  last_ = numbers;
  ++samples_;
  return true;
}

std::vector<telemetry_sample> read_telemetry_block(std::string_view block) {
  std::vector<telemetry_sample> samples;
  const auto heaters = take_heaters(block);
  if (!heaters)
    return samples;
  std::vector<int64_t> numbers(head_numbers + 2 * heaters->size(), 0);
  while (!block.empty()) {
    for (auto& each : numbers) {
      const auto difference = take_integer(block);
      if (!difference)
        return samples;
      // Wraps on a damaged block instead of being undefined.
      each = static_cast<int64_t>(static_cast<uint64_t>(each) + static_cast<uint64_t>(*difference));
    }
    if (!are_temperatures(std::span{numbers}.subspan(head_numbers)))
      return samples;
    samples.push_back(sample_from(*heaters, numbers));
  }
  return samples;
}

} // namespace gantry
