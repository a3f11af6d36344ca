// Goal: a profile means the same wherever it is sliced, and cannot do more than describe a
// print.
// Method: the built-in profiles, and made texts with one fault each.

#include "hal/slicer/builtin_profiles.hpp"
#include "hal/slicer/prusa_messages.hpp"
#include "hal/slicer/slicer.hpp"
#include "hal/slicer/slicing_profile.hpp"
#include "tests/unit/geometry_models.hpp"

#include <boost/test/unit_test.hpp>
#include <set>

using namespace gantry;
using namespace gantry::slicer;

namespace {

const std::string bed = "bed_shape = 0x0,220x0,220x220,0x220\nmax_print_height = 250\n";

slicing_profile parsed(const std::string& text) {
  const auto profile = parse_profile(text);
  BOOST_REQUIRE(bool(profile));
  return *profile;
}

bool invalid(const std::string& text) {
  const auto profile = parse_profile(text);
  return !profile && profile.why().code == reason::profile_text_invalid;
}

bool bad(const std::string& text) {
  const auto valid = validate(parsed(text));
  return !valid && valid.why().code == reason::slicer_bad_profile;
}

} // namespace

BOOST_AUTO_TEST_CASE(order_comments_and_blanks_do_not_change_the_digest) {
  const auto a = parsed("# note\nb = 2\n\na=1\n");
  const auto b = parsed("a   = 1\r\nb = 2");
  BOOST_TEST(a.canonical_text() == "a = 1\nb = 2\n");
  BOOST_TEST(a.sha256() == b.sha256());
  BOOST_TEST(a.sha256() != parsed("a = 1\nb = 3\n").sha256());
}

BOOST_AUTO_TEST_CASE(canonical_text_is_read_back_unchanged) {
  for (const auto& each : builtin_profiles()) {
    const auto profile = find_builtin_profile(each.name);
    BOOST_REQUIRE(profile.has_value());
    BOOST_TEST(parsed(profile->canonical_text()).sha256() == profile->sha256());
  }
}

BOOST_AUTO_TEST_CASE(later_profiles_win) {
  auto merged = parsed("a = 1\nb = 2\n");
  merged.merge(parsed("b = 3\nc = 4\n"));
  BOOST_TEST(merged.canonical_text() == "a = 1\nb = 3\nc = 4\n");
}

BOOST_AUTO_TEST_CASE(texts_that_are_not_flat_settings_are_refused) {
  BOOST_TEST(invalid("[print:0.2mm]\nlayer_height = 0.2\n"));
  BOOST_TEST(invalid("layer_height\n"));
  BOOST_TEST(invalid("= 3\n"));
  BOOST_TEST(invalid("Layer-Height = 3\n"));
  BOOST_TEST(invalid("a = 1\na = 2\n"));
  BOOST_TEST(invalid("a = x\x01y\n"));
  BOOST_TEST(invalid(std::string(profile_bytes_max + 1, '#')));
  std::string many;
  for (std::size_t i = 0; i <= profile_settings_max; ++i)
    many += "k" + std::to_string(i) + " = 1\n";
  BOOST_TEST(invalid(many));
}

BOOST_AUTO_TEST_CASE(profiles_cannot_run_programs) {
  BOOST_TEST(bad(bed + "post_process = /bin/sh -c evil\n"));
  BOOST_TEST(!bad(bed + "post_process = \n"));
}

BOOST_AUTO_TEST_CASE(profiles_without_a_printable_volume_are_refused) {
  BOOST_TEST(!bad(bed));
  BOOST_TEST(bad(bed + "printer_technology = SLA\n"));
  BOOST_TEST(bad("bed_shape = 0x0,220x0,220x220,0x220\n"));
  BOOST_TEST(bad("max_print_height = 250\n"));
  for (const auto* shape : {"", "220", "0x0", "0x0,axb", "0x0,10x0,20x0", "0x0,99999999x1"})
    BOOST_TEST(bad(std::string("max_print_height = 250\nbed_shape = ") + shape + "\n"), shape);
}

BOOST_AUTO_TEST_CASE(the_bed_may_lie_around_the_origin) {
  const auto volume =
      parsed("bed_shape = -90x-80, 90x-80, 90x80, -90x80\nmax_print_height = 250.5\n").volume();
  BOOST_REQUIRE(bool(volume));
  BOOST_TEST(volume->bed_min_um[0] == -90'000);
  BOOST_TEST(volume->bed_max_um[1] == 80'000);
  BOOST_TEST(volume->height_um == 250'500);
}

BOOST_AUTO_TEST_CASE(built_in_profiles_are_valid_and_differ) {
  std::set<std::string> digests;
  for (const auto& each : builtin_profiles()) {
    const auto profile = find_builtin_profile(each.name);
    BOOST_REQUIRE(profile.has_value());
    BOOST_TEST(bool(validate(*profile)), each.name);
    BOOST_TEST(profile->find("filament_type").value_or("") == each.material);
    digests.insert(profile->sha256());
  }
  BOOST_TEST(digests.size() == 3u);
  BOOST_TEST(find_builtin_profile("klipper-220-pla-020")->find("layer_height").value_or("")
             == "0.2");
  BOOST_TEST(!find_builtin_profile("nothing").has_value());
}

BOOST_AUTO_TEST_CASE(the_cache_key_depends_on_everything_that_shapes_the_toolpath) {
  const std::set<std::string> keys{
      slice_cache_key("m", "p", "v", {}),  slice_cache_key("n", "p", "v", {}),
      slice_cache_key("m", "q", "v", {}),  slice_cache_key("m", "p", "w", {}),
      slice_cache_key("m", "p", "v", {2}), slice_cache_key("m", "p", "v", {1, 90}),
      slice_cache_key("mp", "", "v", {}),
  };
  BOOST_TEST(keys.size() == 7u);
  BOOST_TEST(slice_cache_key("m", "p", "v", {}) == *keys.find(slice_cache_key("m", "p", "v", {})));
}

BOOST_AUTO_TEST_CASE(progress_lines_are_told_from_others) {
  const auto read = read_progress("20 => Generating perimeters");
  BOOST_REQUIRE(read.has_value());
  BOOST_TEST(read->percent == 20);
  BOOST_TEST(read->step == "Generating perimeters");
  for (const auto* line : {"", " => x", "x => y", "101 => x", "-1 => x", "Slicing result exported"})
    BOOST_TEST(!read_progress(line).has_value(), line);
}

BOOST_AUTO_TEST_CASE(the_version_is_found_behind_log_lines) {
  BOOST_TEST(find_version("[x] [trace] Initializing\nPrusaSlicer-2.5.0+UNKNOWN based on\n")
             == "PrusaSlicer-2.5.0+UNKNOWN");
  BOOST_TEST(find_version("see PrusaSlicer-2").empty());
  BOOST_TEST(find_version("").empty());
}

BOOST_AUTO_TEST_CASE(only_the_time_of_the_first_line_is_replaced) {
  const auto line = without_time("; generated by PrusaSlicer 2.5.0 on 2026-11-20 at 22:09:38 UTC");
  BOOST_TEST(line.value_or("") == "; generated by PrusaSlicer 2.5.0 on 1970-01-01 at 00:00:00 UTC");
  for (const auto* other : {"", "; generated by PrusaSlicer 2.5.0 on Friday",
                            "; generated by Cura on 2026-11-20 at 22:09:38 UTC", "G1 X1"})
    BOOST_TEST(!without_time(other).has_value(), other);
}
