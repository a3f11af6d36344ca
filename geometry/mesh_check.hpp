// What can be said about a mesh as a solid, in integers.
#pragma once

#include "geometry/mesh.hpp"

#include <array>
#include <cstdint>

namespace gantry::geometry {

/// Facts about a mesh. Lengths in micrometres, rounded; volumes and areas rounded to whole units.
struct mesh_facts {
  std::int64_t triangles = 0;
  std::int64_t vertices = 0;
  /// Triangles without area: two equal corners, or three on a line.
  std::int64_t degenerate_triangles = 0;
  /// Edges with an odd number of triangles: the surface has a border there.
  std::int64_t open_edges = 0;
  /// Edges with more than two triangles.
  std::int64_t nonmanifold_edges = 0;
  /// Edges whose two triangles disagree about what is outside.
  std::int64_t inconsistent_edges = 0;
  /// Parts connected by edges. Touching in a corner does not connect.
  std::int64_t shells = 0;
  /// Shells whose volume is negative: cavities, or parts turned inside out.
  std::int64_t negative_shells = 0;
  /// Signed volume; overlapping shells count twice. Means nothing unless closed and oriented.
  std::int64_t volume_mm3 = 0;
  std::int64_t area_mm2 = 0;
  std::array<std::int64_t, 3> min_um{};
  std::array<std::int64_t, 3> max_um{};

  /// Size of the bounding box along an axis (0 = x, 1 = y, 2 = z).
  [[nodiscard]] std::int64_t size_um(std::size_t axis) const { return max_um[axis] - min_um[axis]; }

  /// Whether every edge has an even number of triangles.
  [[nodiscard]] bool closed() const { return triangles > 0 && open_edges == 0; }

  /// Whether the mesh has no extent along some axis.
  [[nodiscard]] bool flat() const { return size_um(0) == 0 || size_um(1) == 0 || size_um(2) == 0; }
};

/// Measures a mesh in O(n log n) time and about 40 bytes of scratch per triangle.
/// Self-intersection is not looked for. Deterministic.
[[nodiscard]] mesh_facts measure(const mesh& model);

} // namespace gantry::geometry
