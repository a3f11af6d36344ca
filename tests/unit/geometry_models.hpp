// Models and files for the tests of geometry and slicers.
#pragma once

#include "geometry/mesh.hpp"

#include <array>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <numbers>
#include <string>
#include <vector>

#include <unistd.h>

namespace gantry::testing {

/// A folder that lives as long as the object.
class scratch_folder {
public:
  scratch_folder() {
    auto pattern = (std::filesystem::temp_directory_path() / "gantry-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~scratch_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;

  const std::filesystem::path& path() const { return path_; }

  /// Writes a file and returns its path.
  std::filesystem::path write(const std::string& name, const std::string& content) const {
    const auto path = path_ / name;
    std::ofstream(path, std::ios::binary) << content;
    return path;
  }

private:
  std::filesystem::path path_;
};

/// A sample file of the project.
inline std::filesystem::path sample(const std::string& name) {
  return std::filesystem::path(GANTRY_SOURCE_DIR) / "tests/data/slicing" / name;
}

/// The whole content of a file.
inline std::string content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

using facet = std::array<geometry::vertex, 3>;

/// The bytes of a binary STL.
inline std::string binary_stl(const std::vector<facet>& facets) {
  std::string bytes(80, '\0');
  const auto count = static_cast<std::uint32_t>(facets.size());
  bytes.append(reinterpret_cast<const char*>(&count), 4);
  bytes.reserve(84 + 50 * facets.size());
  for (const auto& corners : facets) {
    bytes.append(12, '\0');
    bytes.append(reinterpret_cast<const char*>(corners.data()), 36);
    bytes.append(2, '\0');
  }
  return bytes;
}

/// A closed box with outward triangles.
inline std::vector<facet> box(float x, float y, float z, geometry::vertex at = {}) {
  const auto corner = [&](int index) {
    return geometry::vertex{at.x + ((index & 1) != 0 ? x : 0.0F),
                            at.y + ((index & 2) != 0 ? y : 0.0F),
                            at.z + ((index & 4) != 0 ? z : 0.0F)};
  };
  constexpr std::array<std::array<int, 4>, 6> sides{
      {{0, 2, 3, 1}, {4, 5, 7, 6}, {0, 1, 5, 4}, {2, 6, 7, 3}, {0, 4, 6, 2}, {1, 3, 7, 5}}};
  std::vector<facet> facets;
  for (const auto& side : sides) {
    facets.push_back({corner(side[0]), corner(side[1]), corner(side[2])});
    facets.push_back({corner(side[0]), corner(side[2]), corner(side[3])});
  }
  return facets;
}

/// The same triangles seen from the other side.
inline std::vector<facet> inside_out(std::vector<facet> facets) {
  for (auto& corners : facets)
    std::swap(corners[1], corners[2]);
  return facets;
}

/// A closed torus of 2 * rings * segments triangles: ring radius 50 mm, tube radius 20 mm.
inline std::vector<facet> torus(int rings, int segments) {
  const auto at = [&](int ring, int segment) {
    const auto u = 2 * std::numbers::pi * (ring % rings) / rings;
    const auto v = 2 * std::numbers::pi * (segment % segments) / segments;
    const auto radius = 50 + 20 * std::cos(v);
    return geometry::vertex{static_cast<float>(radius * std::cos(u)),
                            static_cast<float>(radius * std::sin(u)),
                            static_cast<float>(20 * std::sin(v))};
  };
  std::vector<facet> facets;
  for (int ring = 0; ring < rings; ++ring)
    for (int segment = 0; segment < segments; ++segment) {
      const auto a = at(ring, segment);
      const auto b = at(ring + 1, segment);
      const auto c = at(ring + 1, segment + 1);
      const auto d = at(ring, segment + 1);
      facets.push_back({a, b, c});
      facets.push_back({a, c, d});
    }
  return facets;
}

/// The bytes of an ASCII STL.
inline std::string text_stl(const std::vector<facet>& facets) {
  std::string text = "solid made by a test\n";
  for (const auto& corners : facets) {
    text += " facet normal nan 0 0\n  outer loop\n";
    for (const auto& corner : corners)
      text += "   vertex " + std::to_string(corner.x) + " " + std::to_string(corner.y) + " "
              + std::to_string(corner.z) + "\n";
    text += "  endloop\n endfacet\n";
  }
  return text + "endsolid\n";
}

} // namespace gantry::testing
