// Indexed triangle meshes and the welding that makes them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace gantry::geometry {

/// A corner in millimetres. Finite.
struct vertex {
  float x = 0;
  float y = 0;
  float z = 0;

  friend bool operator==(const vertex&, const vertex&) = default;
};

/// Three indices into `mesh::vertices`, counter-clockwise seen from outside.
using triangle = std::array<std::uint32_t, 3>;

/// A triangle mesh in which equal corners are one vertex.
struct mesh {
  std::vector<vertex> vertices;
  std::vector<triangle> triangles;
};

/// Collects triangles and welds corners whose coordinates have the same bits (-0 counts as 0).
/// Exact on purpose: exporters repeat a corner bit by bit, and a tolerance would close real holes.
class mesh_builder {
public:
  /// Makes room for the expected number of triangles. A hint only.
  explicit mesh_builder(std::size_t expected_triangles);

  /// Adds one triangle of finite corners. At most 2^31 corners in all.
  void add(const std::array<vertex, 3>& corners);

  /// Number of triangles so far.
  [[nodiscard]] std::size_t size() const { return made_.triangles.size(); }

  /// Hands the mesh out and leaves the builder empty.
  [[nodiscard]] mesh take();

private:
  std::uint32_t weld(vertex corner);
  void grow_slots(std::size_t count);

  mesh made_;
  /// Open addressing table of vertex indices; its size is a power of two, at most half full.
  std::vector<std::uint32_t> slots_;
};

} // namespace gantry::geometry
