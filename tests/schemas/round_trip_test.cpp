// Every type that is stored or served survives the way to JSON and back, and its JSON Schema names
// every field.
#include "schemas/codec.hpp"
#include "schemas/command.hpp"
#include "tests/schemas/generated.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>
#include <type_traits>

using namespace gantry;
using nlohmann::json;

namespace {

constexpr uint32_t seeds = 40;

/// The library's own serialiser is the oracle: no spaces, keys in ascending order.
void check_shortest_form(const std::string& text) {
  BOOST_TEST(json::parse(text).dump() == text);
}

template <class Event>
void check_event() {
  for (uint32_t seed = 0; seed < seeds; ++seed) {
    Event event;
    test::generator{seed}.fill(event);
    const auto text = encode_event(event);
    const auto decoded = decode_event(Event::type, current_schema(Event::type), text);
    BOOST_TEST_REQUIRE(!!decoded);
    BOOST_TEST(std::holds_alternative<Event>(*decoded));
    BOOST_TEST(encode_event(*decoded) == text);
    check_shortest_form(text);
  }
}

template <class State>
void check_state() {
  for (uint32_t seed = 0; seed < seeds; ++seed) {
    State state;
    test::generator{seed}.fill(state);
    const any_state any{state};
    const auto text = encode_state(any);
    const auto decoded = decode_state(kind_of(any), text);
    BOOST_TEST_REQUIRE(!!decoded);
    BOOST_TEST((std::get<State>(*decoded) == state));
    BOOST_TEST(encode_state(*decoded) == text);
    check_shortest_form(text);
  }
}

template <class T>
void check_schema(const char* name) {
  BOOST_TEST_CONTEXT(name) {
    const auto schema = json_schema_of<T>();
    BOOST_TEST(schema.at("type") == "object");
    const auto fields = test::fields_of<T>();
    BOOST_TEST(schema.at("properties").size() == fields.size());
    for (const auto& field : fields) {
      BOOST_TEST_CONTEXT(field) {
        BOOST_TEST_REQUIRE(schema.at("properties").contains(field));
        const auto& entry = schema.at("properties").at(field);
        BOOST_TEST(!entry.at("description").template get<std::string>().empty());
      }
    }
    for (const auto& required : schema.at("required"))
      BOOST_TEST(schema.at("properties").contains(required.template get<std::string>()));
  }
}

template <class... T>
void check_events(std::type_identity<std::variant<T...>>) {
  (check_event<T>(), ...);
}

template <class... T>
void check_states(std::type_identity<std::variant<T...>>) {
  (check_state<T>(), ...);
}

} // namespace

BOOST_AUTO_TEST_CASE(every_event_type_survives_encoding_byte_for_byte) {
  check_events(std::type_identity<any_event::alternatives>{});
}

BOOST_AUTO_TEST_CASE(every_state_survives_encoding_byte_for_byte) {
  check_states(std::type_identity<any_state::alternatives>{});
}

BOOST_AUTO_TEST_CASE(device_reports_and_principals_survive_encoding) {
  for (uint32_t seed = 0; seed < seeds; ++seed) {
    test::generator values{seed};
    device_report report;
    values.fill(report);
    const auto back = from_json_text<device_report>(to_json_text(report), strictness::stored);
    BOOST_TEST_REQUIRE(!!back);
    BOOST_TEST((*back == report));
    principal who;
    values.fill(who);
    const auto again = from_json_text<principal>(to_json_text(who), strictness::stored);
    BOOST_TEST_REQUIRE(!!again);
    BOOST_TEST((*again == who));
  }
}

BOOST_AUTO_TEST_CASE(defect_text_that_is_not_utf_8_ended_whoever_wrote_it_down) {
  // Machines say what they like; what they said must still be written, and read again.
  event_envelope envelope;
  envelope.type = "printer.added";
  envelope.note = "\xff\xfe\x80";
  envelope.data = "{}";
  const auto read = decode_envelope(encode_envelope(envelope));
  BOOST_TEST_REQUIRE(!!read);
  BOOST_TEST(read->note == "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
}

BOOST_AUTO_TEST_CASE(texts_are_written_as_the_library_writes_them) {
  const auto dumped = [](const std::string& text) {
    return json(text).dump(-1, ' ', false, json::error_handler_t::replace);
  };
  principal who;
  for (const std::string& text :
       {std::string{}, std::string{"plain ~\x7f"}, std::string{"\"quoted\" back\\slash /"},
        std::string{"line\nbreak\ttab\x01"},
        std::string{"K\xc3\xb6nig \xe2\x82\xac \xf0\x9f\x98\x80"},
        std::string{"not UTF-8: \xff\xc3"}, std::string{"zero\0byte", 9}}) {
    who.name = text;
    BOOST_TEST(to_json_text(who).find("\"name\":" + dumped(text)) != std::string::npos);
  }
  event_envelope envelope;
  envelope.type = "printer.added";
  envelope.why_params = {{"b", "\xff"}, {"a", "1"}};
  envelope.data = "{}";
  const auto text = encode_envelope(envelope);
  BOOST_TEST(text.find(R"("why_params":{"a":"1","b":")") != std::string::npos);
  BOOST_TEST(encode_envelope(*decode_envelope(text)) == text);
}

BOOST_AUTO_TEST_CASE(event_types_are_unique_and_begin_with_the_kind_of_their_entity) {
  std::set<std::string_view> types;
  const auto add = [&]<class... T>(std::type_identity<std::variant<T...>>) {
    (types.insert(T::type), ...);
  };
  add(std::type_identity<any_event::alternatives>{});
  BOOST_TEST(types.size() == std::variant_size_v<any_event::alternatives>);
  for (const auto type : types) {
    entity_kind kind{};
    BOOST_TEST_CONTEXT(type) {
      BOOST_TEST(parse_name(type.substr(0, type.find('.')), kind));
      BOOST_TEST(current_schema(type) >= 1);
    }
  }
  BOOST_TEST(current_schema("order.invented") == 0);
}

BOOST_AUTO_TEST_CASE(an_event_or_state_of_an_unknown_kind_is_refused_as_too_new) {
  BOOST_TEST(to_string(decode_event("order.invented", 1, "{}").why().code) == "store_too_new");
  BOOST_TEST(to_string(decode_event("order.accepted", 99, "{}").why().code) == "store_too_new");
  BOOST_TEST(to_string(decode_event("order.accepted", 1, "{").why().code) == "storage_failed");
  BOOST_TEST(to_string(decode_state(entity_kind::run, "nonsense").why().code) == "storage_failed");
  BOOST_TEST(!decode_state(static_cast<entity_kind>(200), "{}"));
}

BOOST_AUTO_TEST_CASE(the_json_schema_of_every_type_names_every_field) {
#define CHECK(type) check_schema<type>(#type)
  CHECK(order);
  CHECK(plan);
  CHECK(plate);
  CHECK(run);
  CHECK(printer);
  CHECK(breaker);
  CHECK(decision);
  CHECK(artifact);
  CHECK(profile);
  CHECK(material);
  CHECK(token);
  CHECK(settings);
  CHECK(customer);
  CHECK(principal);
  CHECK(gantry::check);
  CHECK(device_report);
  CHECK(rule_result);
  CHECK(commands::create_order);
  CHECK(commands::cancel_order);
  CHECK(commands::request_revision);
  CHECK(commands::reprint_plate);
  CHECK(commands::cancel_run);
  CHECK(commands::pause_run);
  CHECK(commands::resume_run);
  CHECK(commands::inspect_run);
  CHECK(commands::settle_run);
  CHECK(commands::add_printer);
  CHECK(commands::edit_printer);
  CHECK(commands::set_printer_mode);
  CHECK(commands::confirm_bed_clear);
  CHECK(commands::settle_foreign);
  CHECK(commands::confirm_printer);
  CHECK(commands::settle_approval);
  CHECK(commands::reset_breaker);
  CHECK(commands::add_profile);
  CHECK(commands::add_material);
  CHECK(commands::issue_token);
  CHECK(commands::revoke_token);
  CHECK(commands::change_settings);
  CHECK(station);
  CHECK(resin_report);
  CHECK(pump_bank_report);
  CHECK(station_check);
  CHECK(commands::add_station);
  CHECK(commands::edit_station);
  CHECK(commands::retire_station);
  CHECK(commands::set_recipe);
  CHECK(commands::set_level);
  CHECK(commands::calibrate_pump);
  CHECK(commands::start_station);
  CHECK(commands::attach_station);
  CHECK(commands::stop_station);
  CHECK(commands::control_station);
  CHECK(commands::run_station_pump);
  CHECK(commands::stop_station_pump);
  CHECK(commands::answer_station);
  CHECK(commands::acknowledge_station);
  CHECK(commands::emergency_stop_station);
#undef CHECK
}

BOOST_AUTO_TEST_CASE(the_json_schema_states_ranges_lengths_and_names) {
  const auto schema = json_schema_of<commands::create_order>();
  const auto& line = schema["properties"]["lines"]["items"];
  BOOST_TEST(schema["properties"]["lines"]["maxItems"] == 100);
  BOOST_TEST(line["properties"]["quantity"]["minimum"] == 1);
  BOOST_TEST(line["properties"]["quantity"]["maximum"] == 10'000);
  BOOST_TEST(line["properties"]["name"]["maxLength"] == 120);
  BOOST_TEST(line["properties"]["model"]["pattern"] == "^art-[a-z2-7]{13}$");
  BOOST_TEST(line["properties"]["colour"]["properties"]["match"]["enum"].size() == 4u);
  BOOST_TEST(line["required"] == json({"name", "model"}));
}
