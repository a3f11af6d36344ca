#include "geometry/mesh_check.hpp"

#include "geometry/numbers.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

namespace gantry::geometry {

namespace {

struct point {
  double x = 0;
  double y = 0;
  double z = 0;
};

point operator-(const point& a, const point& b) {
  return {a.x - b.x, a.y - b.y, a.z - b.z};
}

point cross(const point& a, const point& b) {
  return {a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}

double dot(const point& a, const point& b) {
  return a.x * b.x + a.y * b.y + a.z * b.z;
}

bool repeats_corner(const triangle& face) {
  return face[0] == face[1] || face[1] == face[2] || face[2] == face[0];
}

/// Disjoint sets of triangles, with path halving.
class triangle_sets {
public:
  explicit triangle_sets(std::size_t count) : parent_(count) {
    std::iota(parent_.begin(), parent_.end(), 0U);
  }

  std::uint32_t find(std::uint32_t item) {
    while (parent_[item] != item) {
      parent_[item] = parent_[parent_[item]];
      item = parent_[item];
    }
    return item;
  }

  /// The smaller root wins, which keeps the result independent of the order.
  void join(std::uint32_t a, std::uint32_t b) {
    a = find(a);
    b = find(b);
    if (a < b)
      parent_[b] = a;
    else
      parent_[a] = b;
  }

private:
  std::vector<std::uint32_t> parent_;
};

/// One side of a triangle, filed under the smaller of its two vertices.
struct edge_use {
  /// The larger vertex, shifted left by one; the low bit tells the direction.
  std::uint32_t other_and_direction;
  std::uint32_t face;
};

/// The sides of all triangles, grouped by smaller vertex: a counting sort that needs no keys.
struct edge_table {
  std::vector<std::uint32_t> first;
  std::vector<edge_use> uses;
};

template <class Visit>
void for_each_side(const mesh& model, Visit visit) {
  for (std::uint32_t face = 0; face < model.triangles.size(); ++face) {
    const auto& corners = model.triangles[face];
    if (repeats_corner(corners))
      continue;
    for (std::size_t i = 0; i < 3; ++i) {
      const auto from = corners[i];
      const auto to = corners[(i + 1) % 3];
      visit(std::min(from, to), (std::max(from, to) << 1) | (from > to ? 1U : 0U), face);
    }
  }
}

edge_table collect_edges(const mesh& model) {
  edge_table table;
  table.first.assign(model.vertices.size() + 1, 0);
  for_each_side(model,
                [&](std::uint32_t low, std::uint32_t, std::uint32_t) { ++table.first[low + 1]; });
  std::partial_sum(table.first.begin(), table.first.end(), table.first.begin());
  table.uses.resize(table.first.back());
  // Filling moves the start of every group to its end, where the next group starts, so that
  // shifting all of them by one place puts them right again.
  for_each_side(model, [&](std::uint32_t low, std::uint32_t other, std::uint32_t face) {
    table.uses[table.first[low]++] = {other, face};
  });
  std::copy_backward(table.first.begin(), table.first.end() - 1, table.first.end());
  table.first.front() = 0;
  return table;
}

/// Counts one edge, given all its uses, and joins the triangles that meet there.
void count_edge(const edge_use* begin, const edge_use* end, mesh_facts& facts,
                triangle_sets& sets) {
  const auto uses = end - begin;
  const auto backward = std::count_if(
      begin, end, [](const edge_use& use) { return (use.other_and_direction & 1U) != 0; });
  if (uses % 2 != 0)
    ++facts.open_edges;
  if (uses > 2)
    ++facts.nonmanifold_edges;
  if (uses % 2 == 0 && backward * 2 != uses)
    ++facts.inconsistent_edges;
  for (const auto* use = begin + 1; use < end; ++use)
    sets.join(begin->face, use->face);
}

void count_edges(const mesh& model, mesh_facts& facts, triangle_sets& sets) {
  auto table = collect_edges(model);
  for (std::size_t low = 0; low < model.vertices.size(); ++low) {
    auto* begin = table.uses.data() + table.first[low];
    auto* const end = table.uses.data() + table.first[low + 1];
    std::sort(begin, end, [](const edge_use& a, const edge_use& b) {
      return a.other_and_direction < b.other_and_direction;
    });
    while (begin != end) {
      const auto* next = std::find_if(begin, end, [begin](const edge_use& use) {
        return (use.other_and_direction ^ begin->other_and_direction) > 1;
      });
      count_edge(begin, next, facts, sets);
      begin += next - begin;
    }
  }
}

void measure_box(const mesh& model, mesh_facts& facts) {
  auto low = model.vertices.front();
  auto high = low;
  for (const auto& corner : model.vertices) {
    low = {std::min(low.x, corner.x), std::min(low.y, corner.y), std::min(low.z, corner.z)};
    high = {std::max(high.x, corner.x), std::max(high.y, corner.y), std::max(high.z, corner.z)};
  }
  facts.min_um = {thousandths(low.x), thousandths(low.y), thousandths(low.z)};
  facts.max_um = {thousandths(high.x), thousandths(high.y), thousandths(high.z)};
}

/// Area, volume and shells. Volumes are sums of tetrahedra over a point near the model, which
/// keeps the rounding small for models far away from the origin.
void measure_solid(const mesh& model, mesh_facts& facts, triangle_sets& sets) {
  const auto& near = model.vertices.front();
  const auto at = [&](std::uint32_t index) {
    const auto& corner = model.vertices[index];
    return point{corner.x, corner.y, corner.z} - point{near.x, near.y, near.z};
  };
  std::vector<double> shell_volume(model.triangles.size(), 0.0);
  double area = 0;
  double volume = 0;
  for (std::uint32_t face = 0; face < model.triangles.size(); ++face) {
    const auto& corners = model.triangles[face];
    const auto a = at(corners[0]);
    const auto normal = cross(at(corners[1]) - a, at(corners[2]) - a);
    const auto length = std::sqrt(dot(normal, normal));
    if (repeats_corner(corners) || length == 0)
      ++facts.degenerate_triangles;
    area += length / 2;
    const auto part = dot(a, normal) / 6;
    volume += part;
    shell_volume[sets.find(face)] += part;
  }
  for (std::uint32_t face = 0; face < model.triangles.size(); ++face) {
    if (sets.find(face) != face || repeats_corner(model.triangles[face]))
      continue;
    ++facts.shells;
    if (shell_volume[face] < 0)
      ++facts.negative_shells;
  }
  facts.area_mm2 = rounded(area);
  facts.volume_mm3 = rounded(volume);
}

} // namespace

mesh_facts measure(const mesh& model) {
  mesh_facts facts;
  facts.triangles = static_cast<std::int64_t>(model.triangles.size());
  facts.vertices = static_cast<std::int64_t>(model.vertices.size());
  if (model.triangles.empty())
    return facts;
  measure_box(model, facts);
  triangle_sets sets(model.triangles.size());
  count_edges(model, facts, sets);
  measure_solid(model, facts, sets);
  return facts;
}

} // namespace gantry::geometry
