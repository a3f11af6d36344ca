#include "hal/slicer/slicing_profile.hpp"

#include "geometry/numbers.hpp"
#include "schemas/digest.hpp"

#include <algorithm>

namespace gantry::slicer {

namespace {

using geometry::read_number;
using geometry::thousandths;
using geometry::trimmed;

/// Longest edge of a bed that is believed, in micrometres.
constexpr std::int64_t bed_max_um = 5'000'000;

refusal invalid_line(std::size_t number, std::string_view what) {
  return {reason::profile_text_invalid,
          {{"detail", std::string(what) + " in line " + std::to_string(number)},
           {"line", std::to_string(number)}}};
}

refusal bad_profile(std::string detail) {
  return {reason::slicer_bad_profile, {{"detail", std::move(detail)}}};
}

bool valid_key(std::string_view key) {
  return !key.empty() && key.size() <= 64 && std::ranges::all_of(key, [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '_';
  });
}

bool valid_value(std::string_view value) {
  return std::ranges::none_of(value, [](char letter) {
    return static_cast<unsigned char>(letter) < 0x20 && letter != '\t';
  });
}

/// Reads one corner such as "220x0" and widens the bed by it.
bool add_corner(std::string_view text, printable_volume& volume) {
  const auto cross = text.find('x');
  if (cross == std::string_view::npos)
    return false;
  const std::array coordinates{read_number(trimmed(text.substr(0, cross))),
                               read_number(trimmed(text.substr(cross + 1)))};
  for (std::size_t axis = 0; axis < 2; ++axis) {
    if (!coordinates[axis])
      return false;
    const auto value_um = thousandths(*coordinates[axis]);
    volume.bed_min_um[axis] = std::min(volume.bed_min_um[axis], value_um);
    volume.bed_max_um[axis] = std::max(volume.bed_max_um[axis], value_um);
  }
  return true;
}

} // namespace

void slicing_profile::merge(const slicing_profile& other) {
  for (const auto& [key, value] : other.settings_)
    settings_.insert_or_assign(key, value);
}

void slicing_profile::set(std::string_view key, std::string_view value) {
  settings_.insert_or_assign(std::string(key), std::string(trimmed(value)));
}

std::optional<std::string_view> slicing_profile::find(std::string_view key) const {
  const auto found = settings_.find(key);
  return found == settings_.end() ? std::nullopt : std::optional<std::string_view>(found->second);
}

std::string slicing_profile::canonical_text() const {
  std::string text;
  for (const auto& [key, value] : settings_)
    text += key + " = " + value + "\n";
  return text;
}

std::string slicing_profile::sha256() const {
  return sha256_hex(canonical_text());
}

result<printable_volume> slicing_profile::volume() const {
  const auto shape = find("bed_shape");
  const auto height = read_number(find("max_print_height").value_or(""));
  if (!shape || !height || *height <= 0)
    return bad_profile("bed_shape and max_print_height must be stated");
  printable_volume volume{{INT64_MAX, INT64_MAX}, {INT64_MIN, INT64_MIN}, thousandths(*height)};
  for (auto rest = *shape; !rest.empty();) {
    const auto end = std::min(rest.find(','), rest.size());
    if (!add_corner(rest.substr(0, end), volume))
      return bad_profile("bed_shape is not a list of corners such as 0x0,220x0,220x220,0x220");
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  for (std::size_t axis = 0; axis < 2; ++axis)
    if (volume.bed_min_um[axis] >= volume.bed_max_um[axis] || volume.bed_min_um[axis] < -bed_max_um
        || volume.bed_max_um[axis] > bed_max_um)
      return bad_profile("bed_shape encloses no believable area");
  return volume;
}

result<slicing_profile> parse_profile(std::string_view text) {
  if (text.size() > profile_bytes_max)
    return refusal{reason::profile_text_invalid, {{"detail", "the text is too long"}}};
  slicing_profile parsed;
  std::size_t number = 0;
  while (!text.empty()) {
    ++number;
    const auto end = std::min(text.find('\n'), text.size());
    const auto line = trimmed(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (line.empty() || line.front() == '#' || line.front() == ';')
      continue;
    if (line.front() == '[')
      return invalid_line(number, "sections are not flat settings");
    const auto equals = line.find('=');
    const auto key = trimmed(line.substr(0, equals));
    if (equals == std::string_view::npos || !valid_key(key))
      return invalid_line(number, "no setting");
    const auto value = trimmed(line.substr(equals + 1));
    if (!valid_value(value))
      return invalid_line(number, "control characters");
    if (parsed.find(key))
      return invalid_line(number, "the same setting again");
    if (parsed.settings().size() == profile_settings_max)
      return invalid_line(number, "too many settings");
    parsed.set(key, value);
  }
  return parsed;
}

outcome validate(const slicing_profile& profile) {
  if (profile.find("printer_technology").value_or("FFF") != "FFF")
    return bad_profile("printer_technology must be FFF");
  if (!profile.find("post_process").value_or("").empty())
    return bad_profile("post_process would run foreign programs");
  if (const auto volume = profile.volume(); !volume)
    return volume.why();
  return success();
}

} // namespace gantry::slicer
