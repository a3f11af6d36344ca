// Goal: a recipe means the same in the file, in the page and in the plan, and nothing of an import
// is lost silently. Method: the recipes that were shipped, the forms of older files, and random
// recipes and mutations.
#include "storage/station_files/recipe_file.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <fstream>
#include <map>
#include <random>

using namespace gantry;
using namespace gantry::storage;

namespace {

std::string sample(const std::string& name) {
  std::ifstream file{std::string{GANTRY_SOURCE_DIR} + "/tests/data/station/" + name,
                     std::ios::binary};
  BOOST_REQUIRE(file.good());
  return {std::istreambuf_iterator<char>{file}, {}};
}

bool has_note(const recipe_import& read, reason code) {
  return std::ranges::any_of(read.notes, [code](const auto& x) { return x.code == code; });
}

/// What a strict reader says of a text.
reason answer_to(std::string_view text) {
  const auto steps = parse_recipe(text);
  return steps ? reason::ok : steps.why().code;
}

} // namespace

BOOST_AUTO_TEST_CASE(the_exact_form_is_written_and_read_back_as_the_same_steps) {
  const std::vector<recipe_step> steps{{50, "A"}, {120, "B"}, {200, "C"}};
  BOOST_TEST(format_recipe(steps) == "A,50:B,120:C,200");
  const auto read = parse_recipe("A,50:B,120:C,200");
  BOOST_REQUIRE(!!read);
  BOOST_TEST((*read == steps));
  BOOST_TEST((*parse_recipe(sample("recipe.txt"))
              == std::vector<recipe_step>{{1, "A"}, {2, "B"}, {3, "C"}}));
  BOOST_TEST(parse_recipe("")->empty());
  BOOST_TEST(format_recipe({}).empty());
}

BOOST_AUTO_TEST_CASE(a_strict_reader_refuses_everything_else_and_names_the_step) {
  for (const auto& [text, code] :
       std::map<std::string, reason>{{"A,50:B,50", reason::recipe_layer_duplicate},
                                     {"A,0", reason::recipe_layer_invalid},
                                     {"A,50:B,1000001", reason::recipe_layer_invalid},
                                     {"A,99999999999999999999", reason::recipe_layer_invalid},
                                     {"A,-5", reason::recipe_step_malformed},
                                     {"A,5.5", reason::recipe_step_malformed},
                                     {"E,50", reason::recipe_material_unknown},
                                     {"a,50", reason::recipe_material_unknown},
                                     {"A,120:B,50", reason::recipe_order_wrong},
                                     {"A,50:", reason::recipe_step_malformed},
                                     {"A;50", reason::recipe_step_malformed},
                                     {"A,50 :B,60", reason::recipe_step_malformed},
                                     {"A,007", reason::recipe_step_malformed},
                                     {"50,A", reason::recipe_step_malformed}})
    BOOST_TEST((answer_to(text) == code), text << " " << to_string(answer_to(text)));
  BOOST_TEST(parse_recipe("A,50:B,60:E,70").why().params.at("place") == "3");
}

BOOST_AUTO_TEST_CASE(defect_layers_strictly_increase_and_are_never_zero) {
  BOOST_TEST((check_recipe({{0, "A"}}).why().code == reason::recipe_layer_invalid));
  BOOST_TEST((check_recipe({{-3, "A"}}).why().code == reason::recipe_layer_invalid));
  BOOST_TEST((check_recipe({{5, "A"}, {5, "B"}}).why().code == reason::recipe_layer_duplicate));
  BOOST_TEST(
      (check_recipe({{5, "A"}, {7, "B"}, {5, "C"}}).why().code == reason::recipe_layer_duplicate));
  BOOST_TEST((check_recipe({{5, "A"}, {4, "B"}}).why().code == reason::recipe_order_wrong));
  BOOST_TEST(!!check_recipe({{1, "D"}, {2, "A"}}));
  std::vector<recipe_step> many;
  for (int64_t layer = 1; layer <= 501; ++layer)
    many.push_back({layer, "A"});
  BOOST_TEST((check_recipe(many).why().code == reason::recipe_too_long));
  many.pop_back();
  BOOST_TEST(!!check_recipe(many));
}

BOOST_AUTO_TEST_CASE(older_forms_are_imported_with_a_note) {
  const auto lines = import_recipe(sample("testlayers.txt"));
  // Layer 0 was the first layer there; it names what is in the vat, which is no change.
  BOOST_TEST((lines.steps == std::vector<recipe_step>{{59, "B"}, {119, "B"}}));
  BOOST_TEST(has_note(lines, reason::import_format_older));
  BOOST_TEST(has_note(lines, reason::recipe_layer_invalid));
  BOOST_TEST(!lines.complete);
  const auto semicolons = import_recipe(sample("layerlines.txt"));
  BOOST_TEST((semicolons.steps == std::vector<recipe_step>{{1, "A"}}));
  BOOST_TEST(semicolons.complete);
  const auto output = import_recipe(sample("output.txt"));
  BOOST_TEST((output.steps == std::vector<recipe_step>{{2, "A"}, {3, "B"}, {4, "C"}}));
  BOOST_TEST(output.notes.empty());
}

BOOST_AUTO_TEST_CASE(quirks_that_change_no_meaning_are_noted_and_complete) {
  const auto read = import_recipe("\xEF\xBB\xBF c,200 : a,50\r\n b,120 :\r\n");
  BOOST_TEST((read.steps == std::vector<recipe_step>{{50, "A"}, {120, "B"}, {200, "C"}}));
  BOOST_TEST(read.complete);
  BOOST_TEST(has_note(read, reason::import_letter_lower_case));
  BOOST_TEST(has_note(read, reason::import_order_changed));
  BOOST_TEST(has_note(read, reason::import_text_trimmed));
  BOOST_TEST(import_recipe(" \n").steps.empty());
}

BOOST_AUTO_TEST_CASE(defect_one_bad_pair_is_named_and_does_not_drop_the_rest) {
  const auto read = import_recipe("A,50:B,sixty:C,200:E,210:junk");
  BOOST_TEST((read.steps == std::vector<recipe_step>{{50, "A"}, {200, "C"}}));
  BOOST_TEST(!read.complete);
  BOOST_REQUIRE(read.notes.size() == 3u);
  BOOST_TEST((read.notes[0].code == reason::recipe_layer_invalid));
  BOOST_TEST(read.notes[0].params.at("given") == "sixty");
  BOOST_TEST((read.notes[1].code == reason::recipe_material_unknown));
  BOOST_TEST((read.notes[2].code == reason::recipe_step_malformed));
}

BOOST_AUTO_TEST_CASE(defect_a_layer_that_comes_twice_is_never_settled_silently) {
  const auto read = import_recipe("A,50:B,50");
  BOOST_TEST((read.steps == std::vector<recipe_step>{{50, "B"}}));
  BOOST_TEST(!read.complete);
  BOOST_TEST(has_note(read, reason::recipe_layer_duplicate));
}

BOOST_AUTO_TEST_CASE(what_is_repeated_to_people_cannot_steer_their_terminal) {
  const auto read = import_recipe("A,\x1b[2J" + std::string(500, 'x'));
  BOOST_REQUIRE(read.notes.size() == 1u);
  BOOST_TEST(read.notes[0].params.at("given").size() == 40u);
  BOOST_TEST(read.notes[0].params.at("given").find('\x1b') == std::string::npos);
}

BOOST_AUTO_TEST_CASE(random_recipes_survive_both_readers) {
  std::mt19937_64 random{99};
  for (int i = 0; i < 500; ++i) {
    std::vector<recipe_step> steps;
    int64_t layer = 0;
    for (auto k = random() % 50; k > 0; --k)
      steps.push_back({layer += 1 + static_cast<int64_t>(random() % 1'000),
                       std::string(1, static_cast<char>('A' + random() % 4))});
    const auto text = format_recipe(steps);
    BOOST_REQUIRE((*parse_recipe(text) == steps));
    auto shuffled = steps;
    std::ranges::shuffle(shuffled, random);
    const auto read = import_recipe(format_recipe(shuffled));
    BOOST_REQUIRE(read.complete);
    BOOST_REQUIRE((read.steps == steps));
  }
}

BOOST_AUTO_TEST_CASE(whatever_an_import_makes_of_a_text_is_sound) {
  std::mt19937_64 random{123};
  const std::string letters = "ABCDEabc0123456789,,::;;\n\r \t-.xyz";
  size_t complete = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text = i % 2 == 0 ? "A,50:B,120:C,200" : "";
    for (auto k = random() % 8; k > 0; --k)
      text.insert(random() % (text.size() + 1), 1, letters[random() % letters.size()]);
    const auto read = import_recipe(text);
    BOOST_REQUIRE(!!check_recipe(read.steps));
    BOOST_REQUIRE((*parse_recipe(format_recipe(read.steps)) == read.steps));
    // A text that the strict reader accepts loses nothing in the tolerant one.
    if (const auto strict = parse_recipe(text)) {
      BOOST_REQUIRE(read.complete);
      BOOST_REQUIRE((read.steps == *strict));
    }
    complete += read.complete ? 1 : 0;
  }
  BOOST_TEST(complete > 100u);
  BOOST_TEST(complete < 19'000u);
}
