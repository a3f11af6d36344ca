// Reading STL files from people and shops.
#pragma once

#include "geometry/mesh.hpp"
#include "schemas/result.hpp"

#include <cstdint>
#include <filesystem>

namespace gantry::geometry {

/// More triangles than this are refused: PrusaSlicer needs 430 MB and 40 s for one million already.
inline constexpr std::uint64_t stl_triangles_max = 5'000'000;

/// Larger files are refused unread; five million ASCII triangles fit.
inline constexpr std::uint64_t stl_bytes_max = 1'500'000'000;

/// Coordinates beyond a kilometre are refused: no unit mix-up explains them, and volumes stay in
/// range.
inline constexpr float stl_coordinate_max_mm = 1.0e6F;

/// Reads a binary or ASCII STL and welds it. A file is binary when its size is exactly what its
/// triangle count asks for, whatever its first word is: many binary files start with "solid".
/// Normals and colour bytes are ignored. Needs about 45 bytes of memory per triangle. Thread-safe.
///
/// Refusals: storage_failed (missing, no permission, not a regular file), mesh_empty,
/// mesh_truncated, mesh_not_stl, mesh_no_triangles, mesh_too_large, mesh_not_finite (NaN, infinite
/// or beyond `stl_coordinate_max_mm`).
[[nodiscard]] result<mesh> read_stl(const std::filesystem::path& path);

} // namespace gantry::geometry
