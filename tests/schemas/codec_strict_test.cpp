// What the codec accepts from outside, and how it names what it refuses.
#include "schemas/codec.hpp"
#include "schemas/command.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

using namespace gantry;
using nlohmann::json;

namespace {

json order_body() {
  return {{"lines",
           {{{"name", "bracket"},
             {"model", "art-abcdefghijkl2"},
             {"quantity", 4},
             {"pieces_per_plate", 2},
             {"colour", {{"match", "any_of"}, {"colours", {"black", "#ff0000"}}}}}}},
          {"due", {{"text", "2026-12-01"}, {"zone", "Europe/Berlin"}}}};
}

json printer_body() {
  return {{"setup", {{"name", "A"}, {"address", {{"host", "10.0.0.5"}, {"port", 7125}}}}}};
}

template <class T>
refusal refused(const json& body) {
  const auto decoded = from_json_value<T>(body, strictness::request);
  BOOST_TEST_REQUIRE(!decoded);
  return decoded.why();
}

refusal refused_order(const std::string& pointer, const json& value) {
  auto body = order_body();
  body[json::json_pointer{pointer}] = value;
  return refused<commands::create_order>(body);
}

void expect(const refusal& why, reason code, const std::string& field) {
  BOOST_TEST(to_string(why.code) == to_string(code));
  BOOST_TEST(why.params.at("field") == field);
}

} // namespace

BOOST_AUTO_TEST_CASE(a_well_formed_request_is_decoded_with_defaults_for_what_it_leaves_out) {
  const auto decoded = from_json_value<commands::create_order>(order_body(), strictness::request);
  BOOST_TEST_REQUIRE(!!decoded);
  BOOST_TEST(decoded->priority == 5);
  BOOST_TEST(decoded->lines.size() == 1u);
  BOOST_TEST(decoded->lines[0].material == "PLA");
  BOOST_TEST(decoded->lines[0].colour.colours.size() == 2u);
  BOOST_TEST(!decoded->customer_record.has_value());
  BOOST_TEST(decoded->due->zone == "Europe/Berlin");
}

BOOST_AUTO_TEST_CASE(an_unknown_field_is_refused_with_its_path) {
  expect(refused_order("/colour", "red"), reason::field_unknown, "colour");
  expect(refused_order("/lines/0/quantitty", 1), reason::field_unknown, "lines[0].quantitty");
  expect(refused_order("/lines/0/colour/hue", 1), reason::field_unknown, "lines[0].colour.hue");
}

BOOST_AUTO_TEST_CASE(a_missing_field_is_refused_with_its_path) {
  auto body = order_body();
  body["lines"][0].erase("model");
  expect(refused<commands::create_order>(body), reason::field_missing, "lines[0].model");
  expect(refused<commands::create_order>(json::object()), reason::field_missing, "lines");
  auto printer = printer_body();
  printer["setup"]["address"].erase("host");
  expect(refused<commands::add_printer>(printer), reason::field_missing, "setup.address.host");
}

BOOST_AUTO_TEST_CASE(null_stands_for_a_field_left_out_but_not_for_a_required_one) {
  auto body = order_body();
  body["priority"] = nullptr;
  body["due"] = nullptr;
  BOOST_TEST(!!from_json_value<commands::create_order>(body, strictness::request));
  expect(refused_order("/lines/0/model", nullptr), reason::field_invalid, "lines[0].model");
}

BOOST_AUTO_TEST_CASE(a_value_of_another_type_is_refused) {
  for (const auto& wrong : {json("4"), json(4.5), json(true), json::array(), json::object()})
    expect(refused_order("/lines/0/quantity", wrong), reason::field_invalid, "lines[0].quantity");
  for (const auto& wrong : {json(4), json(true), json::array(), json::object()})
    expect(refused_order("/note", wrong), reason::field_invalid, "note");
  expect(refused_order("/lines", json::object()), reason::field_invalid, "lines");
  expect(refused_order("/lines/0", "a"), reason::field_invalid, "lines[0]");
  expect(refused_order("/lines/0/colour/match", "pink"), reason::field_invalid,
         "lines[0].colour.match");
  expect(refused_order("/due", "2026-12-01"), reason::field_invalid, "due");
  expect(refused<commands::create_order>(json::array()), reason::field_invalid, "the body");
  auto settings_body = json{{"content", {{"dispatch_enabled", 1}}}};
  expect(refused<commands::change_settings>(settings_body), reason::field_invalid,
         "content.dispatch_enabled");
}

BOOST_AUTO_TEST_CASE(a_refused_enumerator_is_answered_with_those_that_exist) {
  const auto why = refused_order("/lines/0/colour/match", "pink");
  BOOST_TEST(why.params.at("detail") == "one of any, exact, any_of, none_of is expected");
}

BOOST_AUTO_TEST_CASE(numbers_outside_their_range_are_refused_and_its_ends_are_accepted) {
  for (const int64_t wrong : {int64_t{0}, int64_t{-1}, int64_t{10'001}, INT64_MAX, INT64_MIN})
    expect(refused_order("/lines/0/quantity", wrong), reason::field_invalid, "lines[0].quantity");
  for (const int64_t right : {1, 10'000}) {
    auto body = order_body();
    body["lines"][0]["quantity"] = right;
    BOOST_TEST(!!from_json_value<commands::create_order>(body, strictness::request));
  }
  expect(refused_order("/priority", 10), reason::field_invalid, "priority");
  auto printer = printer_body();
  printer["setup"]["address"]["port"] = 65'536;
  expect(refused<commands::add_printer>(printer), reason::field_invalid, "setup.address.port");
}

BOOST_AUTO_TEST_CASE(huge_numbers_never_wrap_around) {
  expect(refused_order("/priority", UINT64_MAX), reason::field_invalid, "priority");
  for (const auto* number : {"18446744073709551616", "1e400", "1e3", "-9223372036854775809", "1.0",
                             "99999999999999999999999999999999999999"}) {
    const auto text = R"({"lines":[],"priority":)" + std::string{number} + "}";
    BOOST_TEST_CONTEXT(number) {
      const auto decoded = from_json_text<commands::create_order>(text, strictness::request);
      BOOST_TEST(!decoded);
    }
  }
}

BOOST_AUTO_TEST_CASE(text_and_lists_are_bounded_by_bytes_and_items) {
  auto body = order_body();
  body["note"] = std::string(2'000, 'x');
  BOOST_TEST(!!from_json_value<commands::create_order>(body, strictness::request));
  expect(refused_order("/note", std::string(2'001, 'x')), reason::field_invalid, "note");
  // Bytes count, not letters.
  std::string umlauts;
  for (int i = 0; i < 41; ++i)
    umlauts += "ä";
  expect(refused_order("/reference", umlauts), reason::field_invalid, "reference");
  expect(refused_order("/lines", json(101, order_body()["lines"][0])), reason::field_invalid,
         "lines");
  expect(refused_order("/lines/0/colour/colours", json(17, "red")), reason::field_invalid,
         "lines[0].colour.colours");
  expect(refused_order("/lines/0/colour/colours/1", std::string(401, 'r')), reason::field_invalid,
         "lines[0].colour.colours[1]");
}

BOOST_AUTO_TEST_CASE(required_text_must_not_be_empty_and_no_text_holds_a_zero_byte) {
  expect(refused_order("/lines/0/name", ""), reason::field_invalid, "lines[0].name");
  expect(refused_order("/note", std::string("a\0b", 3)), reason::field_invalid, "note");
}

BOOST_AUTO_TEST_CASE(ids_must_have_their_own_prefix_and_alphabet) {
  for (const auto* wrong :
       {"", "art", "ord-abcdefghijkl2", "art-ABCDEFGHIJKL2", "art-abcdefghijkl1",
        "art-abcdefghijkl", "art-abcdefghijkl22", "art_abcdefghijkl2", "art-../../../etc/"})
    BOOST_TEST_CONTEXT(wrong) {
      expect(refused_order("/lines/0/model", wrong), reason::field_invalid, "lines[0].model");
    }
  auto body = order_body();
  body["lines"][0]["profile"] = ""; // an id that may be left out may be empty
  BOOST_TEST(!!from_json_value<commands::create_order>(body, strictness::request));
}

BOOST_AUTO_TEST_CASE(malformed_text_is_refused_as_such) {
  for (const auto* text :
       {"", " ", "{", "nul", "{\"lines\":[}", "[1,]", "{\"a\":NaN}", "{\"a\":Infinity}",
        "{\"a\":-nan}", "{'a':1}", "{} {}", "\"\\x\"", "{\"a\":01}", "\"\\ud800\""})
    BOOST_TEST_CONTEXT(text) {
      const auto parsed = parse_json(text);
      BOOST_TEST_REQUIRE(!parsed);
      BOOST_TEST(to_string(parsed.why().code) == "json_malformed");
      BOOST_TEST(parsed.why().params.at("detail").size() <= 160u);
    }
}

BOOST_AUTO_TEST_CASE(bytes_that_are_not_utf_8_are_refused) {
  for (const auto* bytes : {"\xff", "\xc3", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80"}) {
    const auto text = "{\"note\":\"" + std::string{bytes} + "\"}";
    const auto parsed = parse_json(text);
    BOOST_TEST_REQUIRE(!parsed);
    BOOST_TEST(to_string(parsed.why().code) == "json_malformed");
  }
}

BOOST_AUTO_TEST_CASE(nesting_is_bounded_before_it_is_parsed) {
  const auto nested = [](size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  BOOST_TEST(!!parse_json(nested(json_depth_max)));
  BOOST_TEST(!parse_json(nested(json_depth_max + 1)));
  BOOST_TEST(!parse_json(std::string(1'000'000, '[')));
  // Brackets inside text are no nesting, whatever is escaped there.
  BOOST_TEST(!!parse_json("\"" + std::string(100, '[') + "\\\"" + std::string(100, '{') + "\""));
}

BOOST_AUTO_TEST_CASE(our_own_records_are_read_leniently) {
  const auto text = R"({"id":"run-x","state":"printing","from_a_later_version":[1],"ordinal":900,
                        "due_at":null})";
  const auto decoded = from_json_text<run>(text, strictness::stored);
  BOOST_TEST_REQUIRE(!!decoded);
  BOOST_TEST(name_of(decoded->state) == "printing");
  BOOST_TEST(decoded->ordinal == 900);
  BOOST_TEST(decoded->priority == 5);
}

BOOST_AUTO_TEST_CASE(even_our_own_records_must_have_the_right_types) {
  for (const auto* text : {R"({"state":"flying"})", R"({"ordinal":"1"})", R"({"why":"no_such"})",
                           R"({"items":{}})", R"({"queued_at":"yesterday"})", R"([])",
                           R"({"ordinal":18446744073709551615})", R"({"why_params":[]})"})
    BOOST_TEST_CONTEXT(text) {
      BOOST_TEST(!from_json_text<run>(text, strictness::stored));
    }
}

BOOST_AUTO_TEST_CASE(bytes_that_a_device_reported_are_encoded_whatever_they_are) {
  run what;
  what.observed = "printing \xff\xfe.gcode";
  const auto text = to_json_text(what);
  BOOST_TEST(!!parse_json(text));
  BOOST_TEST(!!from_json_text<run>(text, strictness::stored));
}
