#include "geometry/preflight.hpp"

#include <algorithm>
#include <array>
#include <cstdlib>

namespace gantry::geometry {

namespace {

check judge(check found, check_verdict verdict, reason why) {
  found.verdict = verdict;
  found.why = verdict == check_verdict::pass ? reason::ok : why;
  return found;
}

check_verdict fail_if(bool bad) {
  return bad ? check_verdict::fail : check_verdict::pass;
}

check_verdict warn_if(bool odd) {
  return odd ? check_verdict::warn : check_verdict::pass;
}

check check_triangles(const mesh_facts& facts, const preflight_limits& limits) {
  return judge({.id = "triangles",
                .value = facts.triangles,
                .limit = limits.triangles_max,
                .unit = "triangles"},
               fail_if(facts.triangles > limits.triangles_max), reason::mesh_too_large);
}

/// Parts that touch along an edge are only a warning: slicers print them, but what is inside near
/// the edge is their guess.
check check_closed(const mesh_facts& facts) {
  const bool open = facts.open_edges > 0;
  return judge(
      {.id = "closed", .value = open ? facts.open_edges : facts.nonmanifold_edges, .unit = "edges"},
      open ? check_verdict::fail : warn_if(facts.nonmanifold_edges > 0), reason::mesh_open);
}

/// A model which is inside out as a whole is only a warning, as slicers turn it; so are single
/// parts, as they may be cavities. Single wrong triangles are not: what is inside depends on the
/// slicer's guess.
check check_oriented(const mesh_facts& facts) {
  if (facts.inconsistent_edges > 0)
    return judge({.id = "oriented", .value = facts.inconsistent_edges, .unit = "edges"},
                 check_verdict::fail, reason::mesh_not_oriented);
  return judge({.id = "oriented", .value = facts.negative_shells, .unit = "shells"},
               warn_if(facts.negative_shells > 0), reason::mesh_inside_out);
}

check check_volume(const mesh_facts& facts, const preflight_limits& limits) {
  const auto volume = std::abs(facts.volume_mm3);
  return judge({.id = "volume", .value = volume, .limit = limits.volume_min_mm3, .unit = "mm3"},
               fail_if(facts.flat() || volume < limits.volume_min_mm3), reason::mesh_flat);
}

/// Reports the axis with the least room to spare. A model that fits when turned by 90 degrees is a
/// warning.
check check_size(const mesh_facts& facts, const preflight_limits& limits) {
  const std::array size{facts.size_um(0), facts.size_um(1), facts.size_um(2)};
  const std::array room{limits.build.x_um, limits.build.y_um, limits.build.z_um};
  std::size_t worst = 0;
  for (std::size_t axis = 1; axis < size.size(); ++axis)
    if (size[axis] - room[axis] > size[worst] - room[worst])
      worst = axis;
  const bool fits = size[worst] <= room[worst];
  const bool fits_turned = limits.build.holds({size[1], size[0], size[2]});
  return judge({.id = "size", .value = size[worst], .limit = room[worst], .unit = "um"},
               fits_turned ? warn_if(!fits) : fail_if(!fits), reason::mesh_oversized);
}

check check_units(const mesh_facts& facts, const preflight_limits& limits) {
  const auto largest = std::max({facts.size_um(0), facts.size_um(1), facts.size_um(2)});
  const bool tiny = largest < limits.plausible_min_um;
  return judge({.id = "units",
                .value = largest,
                .limit = tiny ? limits.plausible_min_um : limits.plausible_max_um,
                .unit = "um"},
               fail_if(tiny || largest > limits.plausible_max_um), reason::mesh_units_implausible);
}

} // namespace

std::vector<check> preflight(const mesh_facts& facts, const preflight_limits& limits) {
  return {
      {.id = "readable", .value = facts.triangles, .limit = 1, .unit = "triangles"},
      check_triangles(facts, limits),
      check_closed(facts),
      check_oriented(facts),
      check_volume(facts, limits),
      check_size(facts, limits),
      check_units(facts, limits),
  };
}

std::vector<check> preflight(const refusal& why) {
  return {{.id = "readable",
           .verdict = check_verdict::fail,
           .limit = 1,
           .unit = "triangles",
           .why = why.code}};
}

} // namespace gantry::geometry
