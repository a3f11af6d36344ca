#include "geometry/gcode_toolpath.hpp"

#include "geometry/numbers.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace gantry::geometry {

namespace {

/// Coordinates beyond ten kilometres are no coordinates; filament on a spool is shorter as well.
constexpr double coordinate_max_mm = 1.0e7;

constexpr std::string_view bad_number = "a move holds something that is not a number";

void widen(toolpath_box& box, std::size_t axis, std::int64_t value_um) {
  box.min_um[axis] = std::min(box.min_um[axis], value_um);
  box.max_um[axis] = std::max(box.max_um[axis], value_um);
}

} // namespace

std::optional<std::string_view> toolpath_tracker::take(std::string_view line) {
  ++found_.lines;
  line = trimmed(line.substr(0, line.find(';')));
  // Macros such as G1_SAFE or EXCLUDE_OBJECT are no numbered commands and end up in the last
  // branch.
  if (line.size() < 2 || (line[0] != 'G' && line[0] != 'M'))
    return std::nullopt;
  std::size_t digits = 1;
  int number = 0;
  while (digits < line.size() && digits < 5 && line[digits] >= '0' && line[digits] <= '9')
    number = number * 10 + (line[digits++] - '0');
  if (digits == 1 || (digits < line.size() && (line[digits] == '_' || line[digits] == '.')))
    return std::nullopt;
  if (line[0] == 'G')
    return run(number, line.substr(digits));
  if (number == 82 || number == 83)
    relative_extrusion_ = number == 83;
  return std::nullopt;
}

gcode_toolpath toolpath_tracker::result() const {
  auto found = found_;
  found.extruded_um = thousandths(extruded_mm_);
  return found;
}

std::optional<std::string_view> toolpath_tracker::run(int number, std::string_view parameters) {
  switch (number) {
  case 0:
  case 1:
  case 2:
  case 3: {
    const auto given = split(parameters);
    if (!given)
      return bad_number;
    if (given->radius && number >= 2)
      return "an arc is given by its radius";
    move(*given, number);
    return std::nullopt;
  }
  case 20:
    return "lengths are in inches";
  case 28:
    // Where homing ends is the machine's business.
    position_[0] = position_[1] = position_[2] = std::nullopt;
    return std::nullopt;
  case 90:
  case 91:
    relative_moves_ = number == 91;
    return std::nullopt;
  case 92: {
    const auto given = split(parameters);
    if (!given)
      return bad_number;
    set_position(*given);
    return std::nullopt;
  }
  default:
    return std::nullopt;
  }
}

std::optional<toolpath_tracker::words> toolpath_tracker::split(std::string_view parameters) {
  words given;
  for (parameters = trimmed(parameters); !parameters.empty(); parameters = trimmed(parameters)) {
    const auto letter = parameters.front();
    parameters.remove_prefix(1);
    const auto value = take_number(parameters);
    if (letter < 'A' || letter > 'Z' || !value || std::fabs(*value) > coordinate_max_mm)
      return std::nullopt;
    constexpr std::string_view axes = "XYZE";
    if (const auto axis = axes.find(letter); axis != std::string_view::npos)
      given.axes[axis] = value;
    else if (letter == 'I')
      given.i = value;
    else if (letter == 'J')
      given.j = value;
    else if (letter == 'R')
      given.radius = true;
  }
  return given;
}

void toolpath_tracker::move(const words& given, int number) {
  const auto before = position_;
  for (std::size_t axis = 0; axis < 3; ++axis) {
    if (!given.axes[axis])
      continue;
    if (!relative_moves_)
      position_[axis] = given.axes[axis];
    else if (position_[axis])
      *position_[axis] += *given.axes[axis];
  }
  double pushed = 0;
  if (given.axes[3]) {
    const bool relative = relative_extrusion_ || relative_moves_;
    const auto start = position_[3].value_or(0.0);
    pushed = relative ? *given.axes[3] : *given.axes[3] - start;
    position_[3] = start + pushed;
  }
  const bool sideways = given.axes[0] || given.axes[1] || given.i || given.j;
  if (pushed <= 0 || !sideways || !position_[0] || !position_[1])
    return;
  const auto z = position_[2].value_or(0.0);
  // A line without a known start is still known to end somewhere.
  cover(before[0].value_or(*position_[0]), before[1].value_or(*position_[1]), z);
  cover(*position_[0], *position_[1], z);
  if (number >= 2 && before[0] && before[1])
    cover_arc(*before[0], *before[1], given, number == 2);
  if (custom_)
    return;
  ++found_.extruding_moves;
  extruded_mm_ += pushed;
}

void toolpath_tracker::set_position(const words& given) {
  for (std::size_t axis = 0; axis < position_.size(); ++axis)
    if (given.axes[axis])
      position_[axis] = given.axes[axis];
}

void toolpath_tracker::cover(double x, double y, double z) {
  auto& box = custom_ ? found_.custom : found_.printed;
  widen(box, 0, thousandths(x));
  widen(box, 1, thousandths(y));
  widen(box, 2, thousandths(z));
}

void toolpath_tracker::cover_arc(double from_x, double from_y, const words& given, bool clockwise) {
  constexpr double quarter = std::numbers::pi / 2;
  const auto centre_x = from_x + given.i.value_or(0.0);
  const auto centre_y = from_y + given.j.value_or(0.0);
  const auto radius = std::hypot(from_x - centre_x, from_y - centre_y);
  auto first = std::atan2(from_y - centre_y, from_x - centre_x);
  auto last = std::atan2(*position_[1] - centre_y, *position_[0] - centre_x);
  if (clockwise)
    std::swap(first, last);
  // Equal ends mean a full turn.
  if (last <= first)
    last += 4 * quarter;
  // Besides its ends an arc reaches furthest at the multiples of 90 degrees that it passes.
  for (auto k = std::ceil(first / quarter); k * quarter <= last; k += 1.0)
    cover(centre_x + radius * std::cos(k * quarter), centre_y + radius * std::sin(k * quarter),
          position_[2].value_or(0.0));
}

} // namespace gantry::geometry
