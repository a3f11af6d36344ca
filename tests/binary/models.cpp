#include "tests/binary/models.hpp"

#include "tests/binary/kernel_process.hpp"

#include <cstring>
#include <random>

namespace gantry::test {

namespace {

constexpr size_t header_bytes = 84;
constexpr size_t facet_bytes = 50;
constexpr size_t normal_bytes = 12;
constexpr int coordinates = 9;

/// A binary STL with every coordinate multiplied.
std::string scaled(std::string stl, float factor) {
  for (size_t facet = header_bytes; facet + facet_bytes <= stl.size(); facet += facet_bytes)
    for (int i = 0; i < coordinates; ++i) {
      auto* at = stl.data() + facet + normal_bytes + sizeof(float) * static_cast<size_t>(i);
      float value = 0;
      std::memcpy(&value, at, sizeof value);
      value *= factor;
      std::memcpy(at, &value, sizeof value);
    }
  return stl;
}

std::string random_bytes(size_t size) {
  std::mt19937 generator{7}; // always the same bytes
  std::string bytes(size, '\0');
  for (auto& byte : bytes)
    byte = static_cast<char>(generator() & 0xFF);
  return bytes;
}

} // namespace

std::vector<bad_model> bad_models() {
  const auto cube = source_bytes("examples/cube.stl");
  const auto recorded = [](const std::string& name) {
    return source_bytes("tests/data/slicing/" + name);
  };
  return {
      {"empty", "", "mesh_empty"},
      {"truncated", cube.substr(0, cube.size() - 60), "mesh_truncated"},
      {"random", random_bytes(5'000), "mesh_not_stl"},
      {"open", recorded("cube_hole.stl"), "mesh_open"},
      {"flipped", recorded("cube_flip.stl"), "mesh_not_oriented"},
      {"flat", recorded("flat.stl"), "mesh_flat"},
      {"oversized", scaled(cube, 15), "mesh_oversized"},
  };
}

} // namespace gantry::test
