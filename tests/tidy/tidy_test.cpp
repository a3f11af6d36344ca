// Goal: the house rules hold in the whole tree. Method: the rules read every source; each of them
// is also shown code that breaks it, because a rule that finds nothing proves nothing.
#include "tests/tidy/rules.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>

using namespace gantry::tidy;

namespace {

const tree& repository() {
  static const tree files = load_tree(GANTRY_SOURCE_DIR);
  return files;
}

void report(const findings& found) {
  BOOST_REQUIRE(repository().size() > 50u);
  for (const auto& finding : found)
    BOOST_ERROR(finding);
}

tree one(std::string path, std::string_view text) {
  return {make_source(std::move(path), text)};
}

} // namespace

BOOST_AUTO_TEST_CASE(includes_follow_the_dependency_table) {
  report(include_directions(repository()));
  BOOST_TEST(include_directions(one("rules/a.cpp", "#include \"storage/store.hpp\"\n")).size()
             == 1u);
  BOOST_TEST(include_directions(one("http/a.cpp", "#include \"actors/entity.hpp\"\n")).size()
             == 1u);
  BOOST_TEST(include_directions(one("hal/a.cpp", "#include \"hal/net/session.hpp\"\n")).size()
             == 1u);
  BOOST_TEST(include_directions(one("http/a.cpp", "#include \"actors/kernel.hpp\"\n")).empty());
}

BOOST_AUTO_TEST_CASE(libraries_stay_at_their_edge) {
  report(third_party_edges(repository()));
  BOOST_TEST(third_party_edges(one("rules/a.cpp", "#include <caf/all.hpp>\n")).size() == 1u);
}

BOOST_AUTO_TEST_CASE(time_chance_and_threads_come_from_where_they_belong) {
  report(banned_calls(repository()));
  BOOST_TEST(banned_calls(one("rules/a.cpp", "auto t = std::chrono::system_clock::now();")).size()
             == 1u);
  BOOST_TEST(banned_calls(one("actors/a.cpp", "f([&] { return 1; });")).size() == 1u);
  BOOST_TEST(banned_calls(one("rules/a.cpp", "// not system_clock::now()\n")).empty());
  BOOST_TEST(banned_calls(one("rules/a.cpp", "auto text = \"sleep_for\";\n")).empty());
}

BOOST_AUTO_TEST_CASE(lines_are_short_enough) {
  report(line_shape(repository()));
  BOOST_TEST(line_shape(one("rules/a.cpp", std::string(101, 'x'))).size() == 1u);
  BOOST_TEST(line_shape(one("rules/a.hpp", "int x;\n")).size() == 1u);
}

BOOST_AUTO_TEST_CASE(functions_are_short_enough) {
  report(function_lengths(repository()));
  std::string body;
  for (int i = 0; i < 70; ++i)
    body += "  step();\n";
  BOOST_TEST(function_lengths(one("a.cpp", "int f(int x) {\n" + body + "}\n")).size() == 1u);
  BOOST_TEST(
      function_lengths(one("a.cpp", "thing::thing(int x)\n  : a_{x}, b_{x} {\n" + body + "}\n"))
          .size()
      == 1u);
  BOOST_TEST(function_lengths(one("a.cpp", "namespace x {\nint y();\n" + body + "}\n")).empty());
}

BOOST_AUTO_TEST_CASE(nothing_is_left_for_later) {
  report(left_over_markers(repository()));
  BOOST_TEST(left_over_markers(one("rules/a.cpp", std::string{"// TO"} + "DO: later\n")).size()
             == 1u);
}

BOOST_AUTO_TEST_CASE(every_reason_is_given_by_something) {
  report(unused_reasons(repository()));
  BOOST_TEST(unused_reasons(one("schemas/reason.hpp", "  ok = 0,\n")).size() == 1u);
}

BOOST_AUTO_TEST_CASE(every_folder_says_what_it_is_for) {
  report(missing_readmes(repository()));
  BOOST_TEST(missing_readmes(one("rules/a.cpp", "")).size() == 1u);
}

BOOST_AUTO_TEST_CASE(every_source_belongs_to_a_target) {
  report(orphans(repository()));
  BOOST_TEST(orphans(one("rules/a.cpp", "")).size() == 1u);
}

BOOST_AUTO_TEST_CASE(documents_name_code_that_exists) {
  report(dead_references(repository()));
  BOOST_TEST(dead_references(one("docs/a.md", "see rules/none.cpp:decide")).size() == 1u);
}

BOOST_AUTO_TEST_CASE(every_requirement_of_the_resin_station_is_proven) {
  report(unproven_requirements(repository()));
  const auto table = one("docs/requirements-resin.tsv", "id\twhat\ttests\nINV-10\tx\tno.cpp:t\n");
  const auto found = unproven_requirements(table);
  BOOST_TEST(std::ranges::count_if(found, [](const auto& x) { return x.ends_with("no.cpp:t"); })
             == 1);
  BOOST_TEST(std::ranges::count_if(found, [](const auto& x) { return x.ends_with("INV-10"); })
             == 1);
}
