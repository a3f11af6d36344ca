// The catalogue of reasons: complete, well numbered, and every sentence says what it must.
#include "schemas/reason.hpp"
#include "schemas/result.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <regex>
#include <set>

using namespace gantry;

namespace {

/// The enumerators as they are declared: name and number.
std::map<std::string, int> declared_reasons() {
  std::ifstream file{std::string{GANTRY_SOURCE_DIR} + "/schemas/reason.hpp"};
  static const std::regex declaration{R"(^  (\w+) = (\d+),$)"};
  std::map<std::string, int> result;
  for (std::string line; std::getline(file, line);)
    if (std::smatch match; std::regex_match(line, match, declaration))
      result[match[1]] = std::stoi(match[2]);
  return result;
}

size_t sentences_in(std::string_view text) {
  size_t count = 0;
  for (size_t i = 0; i < text.size(); ++i)
    count += (text[i] == '.' && (i + 1 == text.size() || text[i + 1] == ' ')) ? 1 : 0;
  return count;
}

} // namespace

BOOST_AUTO_TEST_CASE(every_declared_reason_has_one_entry_under_its_own_name_and_number) {
  const auto declared = declared_reasons();
  BOOST_TEST(declared.size() > 100u);
  BOOST_TEST(declared.size() == reason_catalogue().size());
  for (const auto& entry : reason_catalogue()) {
    BOOST_TEST_CONTEXT(entry.name) {
      BOOST_TEST_REQUIRE(declared.contains(std::string{entry.name}));
      BOOST_TEST(declared.at(std::string{entry.name}) == static_cast<int>(entry.code));
      BOOST_TEST(&entry_of(entry.code) == &entry);
    }
  }
}

BOOST_AUTO_TEST_CASE(names_parse_to_the_code_that_they_name_and_unknown_ones_do_not) {
  std::set<std::string_view> names;
  for (const auto& entry : reason_catalogue()) {
    BOOST_TEST(names.insert(entry.name).second);
    auto code = reason::internal_error;
    BOOST_TEST(parse_reason(entry.name, code));
    BOOST_TEST((code == entry.code));
  }
  auto untouched = reason::busy;
  BOOST_TEST(!parse_reason("no_such_reason", untouched));
  BOOST_TEST(to_string(static_cast<reason>(9'999)) == "internal_error");
}

BOOST_AUTO_TEST_CASE(numbers_stand_in_the_block_of_their_area) {
  const std::map<std::string, int> blocks{{"run_", 1},     {"printer_", 2}, {"link_", 2},
                                          {"bed_", 2},     {"order_", 4},   {"slicer_", 4},
                                          {"mesh_", 4},    {"breaker_", 5}, {"approval_", 5},
                                          {"storage_", 6}, {"store_", 6},   {"field_", 7}};
  for (const auto& entry : reason_catalogue()) {
    BOOST_TEST(static_cast<int>(entry.code) < 900);
    for (const auto& [prefix, block] : blocks)
      // An adopted run is told of by its printer.
      if (entry.name.starts_with(prefix) && entry.code != reason::run_adopted)
        BOOST_TEST_CONTEXT(entry.name) {
          BOOST_TEST(static_cast<int>(entry.code) / 100 == block);
        }
  }
}

BOOST_AUTO_TEST_CASE(placeholders_are_filled_and_braces_are_balanced) {
  static const std::regex placeholder{R"(\{(\w+)\})"};
  for (const auto& entry : reason_catalogue()) {
    const std::string text{entry.text};
    reason_params params;
    std::vector<std::string> values;
    for (std::sregex_iterator at{text.begin(), text.end(), placeholder}, end; at != end; ++at) {
      values.push_back("<" + (*at)[1].str() + ">");
      params[(*at)[1]] = values.back();
    }
    const auto full = render(entry.code, params);
    BOOST_TEST_CONTEXT(entry.name) {
      BOOST_TEST(full.find_first_of("{}") == std::string::npos);
      for (const auto& value : values)
        BOOST_TEST(full.find(value) != std::string::npos);
      BOOST_TEST((refusal{entry.code, params}.text()) == full);
      BOOST_TEST(render(entry.code, {}).find_first_of("{}") == std::string::npos);
    }
  }
}

BOOST_AUTO_TEST_CASE(values_are_taken_as_they_are_even_if_they_look_like_placeholders) {
  BOOST_TEST(render(reason::route_not_found, {{"path", "{path}"}})
             == "There is nothing at {path}.");
}

BOOST_AUTO_TEST_CASE(a_value_that_is_a_sentence_keeps_one_full_stop) {
  BOOST_TEST(render(reason::route_not_found, {{"path", "a sentence."}})
             == "There is nothing at a sentence.");
}

BOOST_AUTO_TEST_CASE(loud_reasons_say_the_cause_and_what_is_unaffected_or_comes_next) {
  for (const auto& entry : reason_catalogue()) {
    BOOST_TEST_CONTEXT(entry.name) {
      BOOST_TEST(!entry.text.empty());
      BOOST_TEST(entry.text.back() == '.');
      BOOST_TEST(entry.text.size() <= 260u);
      if (entry.level >= severity::warning)
        BOOST_TEST((sentences_in(entry.text) >= 2 || entry.text.size() >= 60));
      if (entry.level == severity::notice)
        BOOST_TEST(entry.text.size() >= 20u);
    }
  }
}

BOOST_AUTO_TEST_CASE(statuses_fit_who_must_act) {
  for (const auto& entry : reason_catalogue()) {
    BOOST_TEST_CONTEXT(entry.name) {
      BOOST_TEST(
          (entry.http_status == 200 || (entry.http_status >= 400 && entry.http_status < 600)));
      if (entry.level == severity::critical)
        BOOST_TEST((entry.who == responder::admin || entry.who == responder::operator_));
    }
  }
}
