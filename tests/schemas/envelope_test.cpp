// Ids, envelopes and upcasters.
#include "schemas/command.hpp"
#include "schemas/digest.hpp"
#include "schemas/upcasters.hpp"
#include "tests/schemas/generated.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

using namespace gantry;
using nlohmann::json;

namespace {

event_envelope generated_envelope(uint32_t seed) {
  test::generator values{seed};
  event_envelope x;
  x.seq = values.below(1'000'000) + 1;
  x.entity = {static_cast<entity_kind>(values.below(entity_kinds)), "run-abcdefghijkl2"};
  x.version = values.below(1'000) + 1;
  x.type = "run.paused";
  values.fill(x.at);
  values.fill(x.who);
  values.fill(x.via);
  values.fill(x.correlation);
  values.fill(x.why);
  values.fill(x.why_params);
  values.fill(x.note);
  events::run_failed event;
  values.fill(event);
  x.data = encode_event(event);
  return x;
}

} // namespace

BOOST_AUTO_TEST_CASE(an_envelope_survives_encoding_byte_for_byte_on_one_line) {
  for (uint32_t seed = 0; seed < 100; ++seed) {
    const auto text = encode_envelope(generated_envelope(seed));
    BOOST_TEST(text.find('\n') == std::string::npos);
    const auto decoded = decode_envelope(text);
    BOOST_TEST_REQUIRE(!!decoded);
    BOOST_TEST(encode_envelope(*decoded) == text);
  }
}

BOOST_AUTO_TEST_CASE(an_envelope_with_something_missing_or_wrong_is_refused) {
  const auto whole = json::parse(encode_envelope(generated_envelope(1)));
  for (const auto& [name, value] : whole.items()) {
    auto damaged = whole;
    damaged.erase(name);
    BOOST_TEST_CONTEXT(name << " is missing") {
      BOOST_TEST(!decode_envelope(damaged.dump()));
    }
  }
  auto later = whole;
  later["kind"] = "pump";
  BOOST_TEST(to_string(decode_envelope(later.dump()).why().code) == "store_too_new");
  later = whole;
  later["why"] = "reason_of_tomorrow";
  BOOST_TEST(to_string(decode_envelope(later.dump()).why().code) == "store_too_new");
  BOOST_TEST(to_string(decode_envelope("{").why().code) == "storage_failed");
}

BOOST_AUTO_TEST_CASE(upcasters_lift_only_their_own_type_and_only_older_schemas) {
  const std::vector<upcaster> steps{
      {"run.failed", 1, [](json& data) { data["cause"] = data["why"]; }},
      {"run.failed", 2, [](json& data) { data.erase("why"); }},
      {"run.paused", 1, [](json& data) { data["by"] = "nobody"; }},
  };
  BOOST_TEST(schema_after(steps, "run.failed") == 3);
  BOOST_TEST(schema_after(steps, "run.paused") == 2);
  BOOST_TEST(schema_after(steps, "run.resumed") == 1);
  json oldest{{"why", "x"}};
  upcast(steps, "run.failed", 1, oldest);
  BOOST_TEST(oldest == json({{"cause", "x"}}));
  json newer{{"why", "x"}, {"cause", "y"}};
  upcast(steps, "run.failed", 2, newer);
  BOOST_TEST(newer == json({{"cause", "y"}}));
  json current{{"cause", "y"}};
  upcast(steps, "run.failed", 3, current);
  BOOST_TEST(current == json({{"cause", "y"}}));
  json other{{"why", "x"}};
  upcast(steps, "run.resumed", 1, other);
  BOOST_TEST(other == json({{"why", "x"}}));
}

BOOST_AUTO_TEST_CASE(the_table_of_upcasters_has_no_gaps_and_names_known_types) {
  std::map<std::string_view, int64_t> next;
  for (const auto& step : upcasters()) {
    BOOST_TEST(current_schema(step.type) > 0);
    BOOST_TEST(step.from == ++next[step.type]);
    BOOST_TEST((step.lift != nullptr));
  }
}

BOOST_AUTO_TEST_CASE(made_ids_are_well_formed_and_keep_all_64_bits) {
  BOOST_TEST(make_id("run", 0) == "run-aaaaaaaaaaaaa");
  BOOST_TEST(make_id("run", UINT64_MAX) == "run-777777777777" + std::string{"6"});
  std::set<std::string> seen;
  for (int bit = 0; bit < 64; ++bit) {
    const auto id = make_id("run", uint64_t{1} << bit);
    BOOST_TEST(well_formed_id("run", id));
    BOOST_TEST(seen.insert(id).second);
  }
}

BOOST_AUTO_TEST_CASE(derived_ids_depend_on_prefix_asker_and_key_alone) {
  const auto id = derive_id("ord", "tok-1", "key-1");
  BOOST_TEST(id == derive_id("ord", "tok-1", "key-1"));
  BOOST_TEST(id.substr(4) != derive_id("prn", "tok-1", "key-1").substr(4));
  BOOST_TEST(id != derive_id("ord", "tok-2", "key-1"));
  BOOST_TEST(id != derive_id("ord", "tok-1", "key-2"));
  // What is joined must not be confused.
  BOOST_TEST(derive_id("ord", "ab", "c") != derive_id("ord", "a", "bc"));
}

BOOST_AUTO_TEST_CASE(every_kind_of_entity_has_a_prefix_of_its_own_and_a_blank_state) {
  std::set<std::string_view> prefixes;
  for (size_t i = 0; i < entity_kinds; ++i) {
    const auto kind = static_cast<entity_kind>(i);
    BOOST_TEST(prefixes.insert(id_prefix_of(kind)).second);
    BOOST_TEST((kind_of(blank_state(kind)) == kind));
  }
  BOOST_TEST(well_formed_id("set", settings_ref().id));
}

BOOST_AUTO_TEST_CASE(duplicates_of_a_creating_command_meet_at_one_initiator) {
  command_context context;
  context.who.id = "tok-abcdefghijkl2";
  context.idempotency_key = "k1";
  const auto first = initiator_of({context, commands::create_order{}});
  BOOST_TEST((first == initiator_of({context, commands::create_order{}})));
  BOOST_TEST((first.kind == entity_kind::order));
  context.idempotency_key = "k2";
  BOOST_TEST((first != initiator_of({context, commands::create_order{}})));
  // Records with unique names are found by their names, whoever asks.
  commands::add_material pla;
  pla.name = "PLA";
  const auto one = initiator_of({context, pla});
  context.who.id = "tok-2222222222222";
  BOOST_TEST((one == initiator_of({context, pla})));
}

BOOST_AUTO_TEST_CASE(every_command_has_a_name_of_its_own) {
  std::set<std::string_view> names;
  const auto add = [&]<class... T>(std::type_identity<std::variant<T...>>) {
    (names.insert(name_of(any_command{T{}})), ...);
  };
  add(std::type_identity<any_command::alternatives>{});
  BOOST_TEST(names.size() == std::variant_size_v<any_command::alternatives>);
}

BOOST_AUTO_TEST_CASE(only_admins_have_every_role) {
  principal who{.id = "tok", .name = "t", .roles = {role::viewer}};
  BOOST_TEST(who.has(role::viewer));
  BOOST_TEST(!who.has(role::operator_));
  who.roles = {role::admin};
  BOOST_TEST(who.has(role::operator_));
  BOOST_TEST(!kernel_principal("scheduler").has(role::viewer));
}

BOOST_AUTO_TEST_CASE(digests_agree_with_the_published_test_vectors) {
  BOOST_TEST(sha256_hex("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  BOOST_TEST(sha256_hex("abc")
             == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  sha256 parts;
  parts.update("a");
  parts.update("bc");
  BOOST_TEST(parts.finish_hex() == sha256_hex("abc"));
}
