// Models from people and shops.
#include "geometry/preflight.hpp"
#include "geometry/stl_reader.hpp"
#include "tests/fuzz/memory_file.hpp"

#include <cmath>

namespace gantry::fuzz {

namespace {

void check(const geometry::mesh& model) {
  require(!model.triangles.empty(), "a model has a triangle");
  for (const auto& corners : model.triangles)
    for (const auto corner : corners)
      require(corner < model.vertices.size(), "a corner is one of the vertices");
  for (const auto& at : model.vertices)
    for (const auto value : {at.x, at.y, at.z})
      require(std::fabs(value) <= geometry::stl_coordinate_max_mm, "a coordinate is bounded");
  const auto facts = geometry::measure(model);
  require(facts.triangles == static_cast<int64_t>(model.triangles.size()),
          "no triangle is lost when measuring");
  for (size_t axis = 0; axis < 3; ++axis)
    require(facts.size_um(axis) >= 0, "a box is not inside out");
  require(facts.area_mm2 >= 0, "an area is not negative");
  require(facts.shells >= 1 || facts.degenerate_triangles == facts.triangles,
          "triangles with an area make a shell");
  require(geometry::preflight(facts, {}).size() == 7, "every check is made for every model");
}

} // namespace

} // namespace gantry::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gantry;
  const fuzz::memory_file file{fuzz::input{data, size}.rest()};
  const auto model = geometry::read_stl(file.path());
  if (model)
    fuzz::check(*model);
  else
    fuzz::require(geometry::preflight(model.why()).size() == 1, "a refusal is one finding");
  return 0;
}
