#include "geometry/mesh.hpp"

#include <algorithm>
#include <bit>
#include <utility>

namespace gantry::geometry {

namespace {

constexpr std::uint32_t empty_slot = 0xffffffffU;
constexpr std::size_t slots_min = 1024;

/// Mixes the bits of three coordinates. The multipliers are odd 64-bit constants with well spread
/// bits (2^64 / golden ratio and two primes), so that grids of neighbouring floats spread over the
/// table.
std::uint64_t hash_of(const vertex& corner) {
  auto h = std::uint64_t{std::bit_cast<std::uint32_t>(corner.x)} * 0x9e3779b97f4a7c15ULL;
  h ^= h >> 32;
  h = (h + std::bit_cast<std::uint32_t>(corner.y)) * 0xc2b2ae3d27d4eb4fULL;
  h ^= h >> 29;
  h = (h + std::bit_cast<std::uint32_t>(corner.z)) * 0x165667b19e3779f9ULL;
  return h ^ (h >> 32);
}

} // namespace

mesh_builder::mesh_builder(std::size_t expected_triangles) {
  made_.triangles.reserve(expected_triangles);
  // A closed mesh has about half as many vertices as triangles.
  made_.vertices.reserve(expected_triangles / 2 + 2);
  grow_slots(std::max(slots_min, std::bit_ceil(expected_triangles + 1)));
}

void mesh_builder::add(const std::array<vertex, 3>& corners) {
  made_.triangles.push_back({weld(corners[0]), weld(corners[1]), weld(corners[2])});
}

mesh mesh_builder::take() {
  slots_.assign(slots_min, empty_slot);
  return std::exchange(made_, {});
}

std::uint32_t mesh_builder::weld(vertex corner) {
  // Adding zero turns -0 into +0 and leaves every other value alone.
  corner = {corner.x + 0.0F, corner.y + 0.0F, corner.z + 0.0F};
  const auto mask = slots_.size() - 1;
  auto slot = hash_of(corner) & mask;
  for (; slots_[slot] != empty_slot; slot = (slot + 1) & mask)
    if (made_.vertices[slots_[slot]] == corner)
      return slots_[slot];
  const auto index = static_cast<std::uint32_t>(made_.vertices.size());
  slots_[slot] = index;
  made_.vertices.push_back(corner);
  if (made_.vertices.size() * 2 > slots_.size())
    grow_slots(slots_.size() * 2);
  return index;
}

void mesh_builder::grow_slots(std::size_t count) {
  slots_.assign(count, empty_slot);
  const auto mask = count - 1;
  for (std::uint32_t index = 0; index < made_.vertices.size(); ++index) {
    auto slot = hash_of(made_.vertices[index]) & mask;
    while (slots_[slot] != empty_slot)
      slot = (slot + 1) & mask;
    slots_[slot] = index;
  }
}

} // namespace gantry::geometry
