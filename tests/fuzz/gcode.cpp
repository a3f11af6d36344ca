// What slicers write: head, tail and moves.
#include "geometry/gcode_reader.hpp"
#include "geometry/toolpath_check.hpp"
#include "tests/fuzz/memory_file.hpp"

namespace gantry::fuzz {

namespace {

void check_box(const geometry::toolpath_box& box) {
  for (size_t axis = 0; axis < 3; ++axis)
    require(box.empty() || box.min_um[axis] <= box.max_um[axis], "a box is not inside out");
}

void check(const geometry::gcode_facts& facts) {
  const auto& moves = facts.toolpath;
  check_box(moves.printed);
  check_box(moves.custom);
  require(moves.extruded_um >= 0, "filament is pushed out, not in");
  require(moves.extruding_moves <= moves.lines, "a move takes a line");
  require((moves.extruding_moves == 0) == moves.printed.empty(),
          "the box is that of the moves that print");
  require(facts.summary.settings.size() <= geometry::gcode_settings_max, "settings are bounded");
  const auto layer_height = facts.summary.setting_thousandths("layer_height");
  static_cast<void>(layer_height);
  geometry::toolpath_expectations expected;
  expected.model.triangles = 12;
  expected.model.volume_mm3 = 8'000;
  expected.model.area_mm2 = 2'400;
  expected.model.max_um = {20'000, 20'000, 20'000};
  expected.model.shells = 1;
  const auto bounds = geometry::expect_plastic(expected, facts.summary);
  require(bounds.min_mm3 >= 0 && bounds.min_mm3 <= bounds.max_mm3, "bounds are in order");
  require(geometry::verify_toolpath(facts, expected).size() == 5,
          "every check is made for every toolpath");
}

} // namespace

} // namespace gantry::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gantry;
  const auto bytes = fuzz::input{data, size}.rest();
  const fuzz::memory_file file{bytes};
  const auto facts = geometry::read_gcode(file.path());
  if (facts)
    fuzz::check(*facts);
  else
    fuzz::require(geometry::verify_toolpath(facts.why()).size() == 1, "a refusal is one finding");
  if (const auto seconds = geometry::read_duration_s(bytes.substr(0, 64)))
    fuzz::require(*seconds >= 0, "a duration is not negative");
  return 0;
}
