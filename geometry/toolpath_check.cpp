#include "geometry/toolpath_check.hpp"

#include "geometry/numbers.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <numbers>
#include <string>

namespace gantry::geometry {

namespace {

/// Skirt, brim and purge lines: about 0.8 m of filament.
constexpr double extras_mm3 = 2000;
/// Rounding of coordinates in the file.
constexpr std::int64_t bed_slack_um = 10;
constexpr std::int64_t height_slack_um = 500;
constexpr std::int64_t default_layer_um = 200;
constexpr std::int64_t default_filament_um = 1750;
/// Thinnest wall that is assumed if the file does not state its settings.
constexpr double wall_min_mm = 0.2;
/// Usual line width where the settings leave it to the slicer.
constexpr double line_width_mm = 0.4;

double setting(const gcode_summary& summary, std::string_view name, double otherwise) {
  const auto value = summary.setting_thousandths(name);
  return value ? static_cast<double>(*value) / 1000 : otherwise;
}

/// Share of the inside that is filled, 0 to 1, from a setting like "15%".
double fill_share(const gcode_summary& summary) {
  const auto found = summary.settings.find("fill_density");
  if (found == summary.settings.end())
    return 0;
  std::string_view text = found->second;
  if (text.ends_with('%'))
    text.remove_suffix(1);
  return std::clamp(read_number(text).value_or(0.0) / 100, 0.0, 1.0);
}

bool is_on(const gcode_summary& summary, std::string_view name) {
  return summary.setting_thousandths(name).value_or(0) > 0;
}

/// Thickness of the skin: walls and top/bottom differ, and the thinner one is the safe guess.
double skin_mm(const gcode_summary& summary) {
  const auto walls = setting(summary, "perimeters", 1) * line_width_mm;
  const auto layers =
      std::min(setting(summary, "top_solid_layers", 1), setting(summary, "bottom_solid_layers", 1));
  const auto caps = layers * setting(summary, "layer_height", wall_min_mm);
  return std::max(wall_min_mm, std::min(walls, caps));
}

check judge(check found, bool good, reason why = reason::slicer_output_implausible) {
  found.verdict = good ? check_verdict::pass : check_verdict::fail;
  found.why = good ? reason::ok : why;
  return found;
}

check check_complete(const gcode_facts& facts) {
  return judge(
      {.id = "toolpath_complete", .value = facts.toolpath.lines, .limit = 1, .unit = "lines"},
      facts.summary.settings_complete && facts.summary.time_s);
}

check check_extrusion(const gcode_facts& facts) {
  const auto& path = facts.toolpath;
  return judge(
      {.id = "toolpath_extrusion", .value = path.extruding_moves, .limit = 1, .unit = "moves"},
      path.extruding_moves > 0 && path.extruded_um > 0);
}

/// The value is how far the print reaches over the edge of the bed.
check check_bed(const gcode_facts& facts, const toolpath_expectations& expected) {
  check found{.id = "toolpath_bed", .limit = bed_slack_um, .unit = "um"};
  const auto& box = facts.toolpath.printed;
  if (box.empty())
    return judge(found, false);
  for (std::size_t axis = 0; axis < 2; ++axis)
    found.value = std::max({found.value, expected.bed_min_um[axis] - box.min_um[axis],
                            box.max_um[axis] - expected.bed_max_um[axis]});
  return judge(found, found.value <= bed_slack_um, reason::slicer_does_not_fit);
}

check check_height(const gcode_facts& facts, const toolpath_expectations& expected) {
  const auto& box = facts.toolpath.printed;
  const auto height = box.empty() ? 0 : box.max_um[2];
  const auto model = expected.model.size_um(2);
  check found{
      .id = "toolpath_height", .value = height, .limit = expected.height_max_um, .unit = "um"};
  if (height > expected.height_max_um)
    return judge(found, false, reason::slicer_does_not_fit);
  const auto layer = facts.summary.setting_thousandths("layer_height").value_or(default_layer_um);
  const auto slack = std::max(height_slack_um, 2 * layer);
  const bool too_low = height < model - slack;
  const bool too_high = height > model + slack && !is_on(facts.summary, "raft_layers");
  if (too_low || too_high)
    found.limit = model;
  return judge(found, !too_low && !too_high);
}

check check_plastic(const gcode_facts& facts, const toolpath_expectations& expected) {
  const auto diameter = setting(facts.summary, "filament_diameter", default_filament_um / 1000.0);
  const auto section = std::numbers::pi / 4 * diameter * diameter;
  const auto plastic = rounded(static_cast<double>(facts.toolpath.extruded_um) / 1000 * section);
  const auto bounds = expect_plastic(expected, facts.summary);
  const bool too_much = plastic > bounds.max_mm3;
  return judge({.id = "toolpath_plastic",
                .value = plastic,
                .limit = too_much ? bounds.max_mm3 : bounds.min_mm3,
                .unit = "mm3"},
               plastic >= bounds.min_mm3 && !too_much);
}

} // namespace

plastic_bounds expect_plastic(const toolpath_expectations& expected, const gcode_summary& summary) {
  const auto& model = expected.model;
  const auto copies = static_cast<double>(expected.copies);
  const auto volume = std::fabs(static_cast<double>(model.volume_mm3));
  const auto area = static_cast<double>(model.area_mm2);
  const auto fill = fill_share(summary);
  const auto likely = fill * volume + (1 - fill) * std::min(volume, area * skin_mm(summary));
  plastic_bounds bounds;
  // Overlapping shells are counted once by the slicer and one by one in the model's volume.
  bounds.min_mm3 = rounded(copies * likely / 2
                           / static_cast<double>(std::clamp<std::int64_t>(model.shells, 1, 2)));
  if (is_on(summary, "wipe_tower") || is_on(summary, "raft_layers"))
    return bounds;
  auto most = 1.3 * volume + 0.5 * area;
  if (is_on(summary, "support_material")) {
    double box = 1;
    for (std::size_t axis = 0; axis < 3; ++axis)
      box *= static_cast<double>(model.size_um(axis)) / 1000;
    most = std::max(most, box);
  }
  bounds.max_mm3 = rounded(copies * most + extras_mm3);
  return bounds;
}

std::vector<check> verify_toolpath(const gcode_facts& facts,
                                   const toolpath_expectations& expected) {
  return {check_complete(facts), check_extrusion(facts), check_bed(facts, expected),
          check_height(facts, expected), check_plastic(facts, expected)};
}

std::vector<check> verify_toolpath(const refusal& why) {
  return {{.id = "toolpath_complete",
           .verdict = check_verdict::fail,
           .unit = "lines",
           .why = why.code}};
}

} // namespace gantry::geometry
