// Goal: every fault of a model is found and named before a slicer sees it.
// Method: sample files and generated models, each with one known fault.

#include "geometry/mesh_check.hpp"
#include "geometry/preflight.hpp"
#include "geometry/stl_reader.hpp"
#include "tests/unit/geometry_models.hpp"

#include <boost/test/unit_test.hpp>
#include <chrono>
#include <limits>

#include <sys/resource.h>

using namespace gantry;
using namespace gantry::geometry;
using namespace gantry::testing;

namespace {

mesh_facts facts_of(const std::filesystem::path& path) {
  const auto model = read_stl(path);
  BOOST_REQUIRE(bool(model));
  return measure(*model);
}

mesh_facts facts_of(const std::vector<facet>& facets) {
  const scratch_folder folder;
  return facts_of(folder.write("model.stl", binary_stl(facets)));
}

reason fault_of(const std::filesystem::path& path) {
  const auto model = read_stl(path);
  return model ? reason::ok : model.why().code;
}

reason fault_of_bytes(const std::string& bytes) {
  const scratch_folder folder;
  return fault_of(folder.write("model.stl", bytes));
}

/// The verdicts of preflight by id.
std::map<std::string, check_verdict> verdicts(const mesh_facts& facts) {
  std::map<std::string, check_verdict> found;
  for (const auto& each : preflight(facts, {}))
    found[each.id] = each.verdict;
  return found;
}

std::vector<facet> joined(std::vector<facet> a, const std::vector<facet>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

void check_only_failure(const mesh_facts& facts, const std::string& id) {
  for (const auto& [name, verdict] : verdicts(facts))
    BOOST_TEST((verdict == check_verdict::fail) == (name == id), name);
}

} // namespace

BOOST_AUTO_TEST_SUITE(geometry_mesh)

BOOST_AUTO_TEST_CASE(a_cube_has_its_size_volume_and_no_faults) {
  const auto facts = facts_of(sample("cube.stl"));
  BOOST_TEST(facts.triangles == 12);
  BOOST_TEST(facts.vertices == 8);
  BOOST_TEST(facts.shells == 1);
  BOOST_TEST(facts.volume_mm3 == 8000);
  BOOST_TEST(facts.area_mm2 == 2400);
  for (std::size_t axis = 0; axis < 3; ++axis)
    BOOST_TEST(facts.size_um(axis) == 20'000);
  BOOST_TEST(facts.closed());
  for (const auto& each : preflight(facts, {})) {
    BOOST_TEST((each.verdict == check_verdict::pass), each.id);
    BOOST_TEST((each.why == reason::ok), each.id);
  }
}

BOOST_AUTO_TEST_CASE(checks_come_in_a_fixed_order) {
  std::vector<std::string> ids;
  for (const auto& each : preflight(facts_of(sample("cube.stl")), {}))
    ids.push_back(each.id);
  const std::vector<std::string> expected{"readable", "triangles", "closed", "oriented",
                                          "volume",   "size",      "units"};
  BOOST_TEST(ids == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(flipped_triangles_fail_the_orientation_alone) {
  const auto facts = facts_of(sample("cube_flip.stl"));
  BOOST_TEST(facts.inconsistent_edges > 0);
  BOOST_TEST(facts.closed());
  check_only_failure(facts, "oriented");
}

BOOST_AUTO_TEST_CASE(a_model_that_is_inside_out_is_a_warning) {
  const auto facts = facts_of(inside_out(box(20, 20, 20)));
  BOOST_TEST(facts.volume_mm3 == -8000);
  BOOST_TEST(facts.inconsistent_edges == 0);
  BOOST_TEST((verdicts(facts)["oriented"] == check_verdict::warn));
  check_only_failure(facts, "none");
}

BOOST_AUTO_TEST_CASE(a_missing_triangle_leaves_three_open_edges) {
  const auto facts = facts_of(sample("cube_hole.stl"));
  BOOST_TEST(facts.open_edges == 3);
  check_only_failure(facts, "closed");
}

BOOST_AUTO_TEST_CASE(a_flat_model_has_no_volume) {
  const auto facts = facts_of(sample("flat.stl"));
  BOOST_TEST(facts.flat());
  BOOST_TEST((verdicts(facts)["volume"] == check_verdict::fail));
}

BOOST_AUTO_TEST_CASE(a_thin_plate_is_a_sound_solid) {
  const auto facts = facts_of(sample("thin.stl"));
  BOOST_TEST(facts.volume_mm3 == 80);
  BOOST_TEST(facts.size_um(1) == 200);
  check_only_failure(facts, "none");
}

BOOST_AUTO_TEST_CASE(separate_and_overlapping_parts_count_as_shells) {
  for (const auto* name : {"two.stl", "selfint.stl"}) {
    const auto facts = facts_of(sample(name));
    BOOST_TEST(facts.shells == 2);
    BOOST_TEST(facts.volume_mm3 == 16'000);
    check_only_failure(facts, "none");
  }
}

BOOST_AUTO_TEST_CASE(an_overhang_is_measured_where_it_stands) {
  const auto facts = facts_of(sample("overhang.stl"));
  BOOST_TEST(facts.volume_mm3 == 6750);
  BOOST_TEST(facts.min_um[0] == -20'000);
  BOOST_TEST(facts.max_um[0] == 30'000);
  BOOST_TEST(facts.size_um(2) == 25'000);
  check_only_failure(facts, "none");
}

BOOST_AUTO_TEST_CASE(a_cavity_lowers_the_volume_and_is_a_warning) {
  const auto facts = facts_of(joined(box(20, 20, 20), inside_out(box(10, 10, 10, {5, 5, 5}))));
  BOOST_TEST(facts.volume_mm3 == 7000);
  BOOST_TEST(facts.negative_shells == 1);
  BOOST_TEST((verdicts(facts)["oriented"] == check_verdict::warn));
}

BOOST_AUTO_TEST_CASE(parts_touching_along_an_edge_are_a_warning) {
  const auto facts = facts_of(joined(box(10, 10, 10), box(10, 10, 10, {10, 10, 0})));
  BOOST_TEST(facts.nonmanifold_edges == 1);
  BOOST_TEST(facts.open_edges == 0);
  BOOST_TEST((verdicts(facts)["closed"] == check_verdict::warn));
}

BOOST_AUTO_TEST_CASE(parts_touching_in_a_corner_stay_two_shells) {
  const auto facts = facts_of(joined(box(10, 10, 10), box(10, 10, 10, {10, 10, 10})));
  BOOST_TEST(facts.shells == 2);
  BOOST_TEST(facts.vertices == 15);
  check_only_failure(facts, "none");
}

BOOST_AUTO_TEST_CASE(degenerate_triangles_are_counted_and_open_nothing) {
  auto facets = box(20, 20, 20);
  facets.push_back({facets[0][0], facets[0][0], facets[0][1]});
  const auto facts = facts_of(facets);
  BOOST_TEST(facts.degenerate_triangles == 1);
  BOOST_TEST(facts.closed());
  BOOST_TEST(facts.shells == 1);
}

BOOST_AUTO_TEST_CASE(negative_zero_is_welded_to_zero) {
  auto facets = box(20, 20, 20);
  for (auto& corner : facets[0])
    corner.x = corner.x == 0.0F ? -0.0F : corner.x;
  BOOST_TEST(facts_of(facets).vertices == 8);
}

BOOST_AUTO_TEST_CASE(models_beyond_the_build_volume_are_refused_unless_a_turn_helps) {
  BOOST_TEST((verdicts(facts_of(box(20, 20, 250)))["size"] == check_verdict::pass));
  check_only_failure(facts_of(box(20, 20, 251)), "size");
  check_only_failure(facts_of(box(221, 20, 20)), "size");
  const auto long_model = facts_of(box(20, 100, 20));
  const auto checks = preflight(long_model, {.build = {150'000, 50'000, 100'000}});
  BOOST_TEST(checks[5].id == "size");
  BOOST_TEST((checks[5].verdict == check_verdict::warn));
  BOOST_TEST(checks[5].value == 100'000);
  BOOST_TEST(checks[5].limit == 50'000);
}

BOOST_AUTO_TEST_CASE(models_in_inches_or_metres_are_noticed) {
  BOOST_TEST((verdicts(facts_of(box(0.9F, 0.9F, 0.9F)))["units"] == check_verdict::fail));
  BOOST_TEST((verdicts(facts_of(box(2001, 20, 20)))["units"] == check_verdict::fail));
  BOOST_TEST((verdicts(facts_of(box(2, 20, 20)))["units"] == check_verdict::pass));
}

BOOST_AUTO_TEST_CASE(text_and_binary_files_give_the_same_mesh) {
  const scratch_folder folder;
  const auto facts = facts_of(folder.write("a.stl", text_stl(box(20, 10, 5))));
  BOOST_TEST(facts.volume_mm3 == 1000);
  BOOST_TEST(facts.vertices == 8);
  const auto two_solids = text_stl(box(20, 10, 5)) + text_stl(box(1, 1, 1, {50, 0, 0}));
  BOOST_TEST(facts_of(folder.write("b.stl", two_solids)).shells == 2);
}

BOOST_AUTO_TEST_CASE(a_binary_file_that_begins_with_solid_is_binary) {
  auto bytes = binary_stl(box(20, 20, 20));
  bytes.replace(0, 10, "solid cube");
  const scratch_folder folder;
  BOOST_TEST(facts_of(folder.write("a.stl", bytes)).volume_mm3 == 8000);
}

BOOST_AUTO_TEST_CASE(unusable_files_are_refused_by_name) {
  const auto cube = binary_stl(box(20, 20, 20));
  const auto text = text_stl(box(20, 20, 20));
  BOOST_TEST((fault_of(std::filesystem::path("/nonexistent.stl")) == reason::storage_failed));
  BOOST_TEST((fault_of(std::filesystem::path("/tmp")) == reason::storage_failed));
  BOOST_TEST((fault_of_bytes({}) == reason::mesh_empty));
  BOOST_TEST((fault_of(sample("zero.stl")) == reason::mesh_no_triangles));
  BOOST_TEST((fault_of_bytes("solid nothing\nendsolid\n") == reason::mesh_no_triangles));
  BOOST_TEST((fault_of_bytes(cube.substr(0, 600)) == reason::mesh_truncated));
  BOOST_TEST((fault_of_bytes(text.substr(0, text.size() / 2)) == reason::mesh_truncated));
  BOOST_TEST((fault_of_bytes(text.substr(0, text.size() - 10)) == reason::mesh_truncated));
  BOOST_TEST((fault_of_bytes(cube + "x") == reason::mesh_not_stl));
  BOOST_TEST((fault_of_bytes("hello") == reason::mesh_not_stl));
  BOOST_TEST((fault_of_bytes("solid x\nfacet normal 0 0 1\nouter hoop\n") == reason::mesh_not_stl));
}

BOOST_AUTO_TEST_CASE(random_bytes_are_no_model) {
  std::string bytes;
  std::uint32_t state = 1;
  for (int i = 0; i < 5000; ++i) {
    state = state * 1'664'525U + 1'013'904'223U;
    bytes += static_cast<char>(state >> 24);
  }
  BOOST_TEST((fault_of_bytes(bytes) == reason::mesh_not_stl));
}

BOOST_AUTO_TEST_CASE(coordinates_that_are_no_numbers_are_refused) {
  for (const auto bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(), 1.0e9F}) {
    auto facets = box(20, 20, 20);
    facets[7][1].y = bad;
    BOOST_TEST((fault_of_bytes(binary_stl(facets)) == reason::mesh_not_finite));
  }
  BOOST_TEST((fault_of_bytes("solid x\nfacet normal 0 0 1\nouter loop\nvertex 0 zero 0\n")
              == reason::mesh_not_finite));
}

BOOST_AUTO_TEST_CASE(more_than_five_million_triangles_are_refused_unread) {
  const scratch_folder folder;
  auto header = binary_stl({});
  const std::uint32_t count = 5'000'001;
  header.replace(80, 4, reinterpret_cast<const char*>(&count), 4);
  const auto path = folder.write("big.stl", header);
  // A sparse file takes no space on the disk.
  std::filesystem::resize_file(path, 84 + 50ULL * count);
  BOOST_TEST((fault_of(path) == reason::mesh_too_large));
}

BOOST_AUTO_TEST_CASE(a_million_triangles_are_read_and_checked_in_bounded_time_and_memory) {
  const scratch_folder folder;
  const auto path = folder.write("torus.stl", binary_stl(torus(1000, 500)));
  const auto memory_kib = [] {
    rusage used = {};
    ::getrusage(RUSAGE_SELF, &used);
    return used.ru_maxrss;
  };
  BOOST_TEST_MESSAGE("peak before: " << memory_kib() << " KiB");
  const auto begin = std::chrono::steady_clock::now();
  const auto facts = facts_of(path);
  const auto spent = std::chrono::steady_clock::now() - begin;
  const auto spent_ms = std::chrono::duration_cast<std::chrono::milliseconds>(spent).count();
  BOOST_TEST_MESSAGE("read and measured in " << spent_ms << " ms");
  BOOST_TEST(facts.triangles == 1'000'000);
  BOOST_TEST(facts.vertices == 500'000);
  BOOST_TEST(facts.closed());
  BOOST_TEST(facts.inconsistent_edges == 0);
  BOOST_TEST(facts.shells == 1);
  // 2 pi^2 R r^2
  BOOST_TEST(std::abs(facts.volume_mm3 - 394'784) < 400);
  // Measured 0.3 s; the bound leaves room for a loaded machine and for sanitizers.
  BOOST_TEST(spent_ms < 10'000);
}

BOOST_AUTO_TEST_SUITE_END()
