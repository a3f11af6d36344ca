// Logs written by each release must stay readable, and every field in them must still be known:
// `log-<release>.jsonl` holds one envelope per line. With GANTRY_WRITE_GOLDEN=<file> the program
// writes this version's log instead.
#include "schemas/envelope.hpp"
#include "tests/schemas/generated.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <type_traits>
#include <utility>

using namespace gantry;

namespace {

const std::string folder = std::string{GANTRY_SOURCE_DIR} + "/tests/golden";

/// Enough for every optional field and every list to have something in it at least once.
constexpr uint32_t variants = 4;

/// The event `Event` with generated fields.
template <class Event>
any_event filled(uint32_t seed) {
  Event event;
  test::generator{seed}.fill(event);
  return event;
}

/// Events of every type, with fields that differ from their defaults.
template <class... Event>
std::vector<any_event> every_event(std::type_identity<std::variant<Event...>>) {
  std::vector<any_event> events;
  for (uint32_t seed = 0; seed < variants; ++seed)
    (events.push_back(filled<Event>(seed)), ...);
  return events;
}

/// The types that this version knows.
template <class... Event>
std::set<std::string> every_type(std::type_identity<std::variant<Event...>>) {
  return {std::string{Event::type}...};
}

/// Where `old` says something that `now` does not; empty if nowhere. Fields may be added later, so
/// `now` may say more.
std::string lost_in(const nlohmann::json& now, const nlohmann::json& old, const std::string& path) {
  if (old.is_object() && now.is_object()) {
    for (const auto& [name, value] : old.items()) {
      const auto inner = path + "/" + name;
      if (!now.contains(name))
        return inner;
      if (auto lost = lost_in(now.at(name), value, inner); !lost.empty())
        return lost;
    }
    return {};
  }
  if (old.is_array() && now.is_array() && old.size() == now.size()) {
    for (size_t i = 0; i < old.size(); ++i)
      if (auto lost = lost_in(now[i], old[i], path + "/" + std::to_string(i)); !lost.empty())
        return lost;
    return {};
  }
  return old == now ? std::string{} : path;
}

/// The file of a version.
std::filesystem::path log_of(const std::string& version) {
  return folder + "/log-" + version + ".jsonl";
}

void write_log(const std::string& path) {
  std::ofstream file{path};
  uint64_t seq = 0;
  for (const auto& event : every_event(std::type_identity<any_event::alternatives>{})) {
    event_envelope x;
    x.seq = ++seq;
    x.entity = {static_cast<entity_kind>(seq % entity_kinds), "golden-" + std::to_string(seq)};
    x.version = 1;
    x.type = type_of(event);
    x.schema = current_schema(x.type);
    x.at = timestamp{std::chrono::milliseconds{1'790'000'000'000 + static_cast<int64_t>(seq)}};
    x.who = kernel_principal("golden");
    x.via = "test";
    x.correlation = "golden";
    x.why = reason::requested;
    x.why_params = {{"detail", "a \"quoted\" word"}};
    x.data = encode_event(event);
    file << encode_envelope(x) << '\n';
  }
}

} // namespace

BOOST_AUTO_TEST_CASE(every_golden_log_can_be_read) {
  if (const auto* path = std::getenv("GANTRY_WRITE_GOLDEN")) {
    write_log(path);
    return;
  }
  size_t logs = 0;
  for (const auto& x : std::filesystem::directory_iterator{folder}) {
    if (x.path().extension() != ".jsonl")
      continue;
    ++logs;
    std::ifstream file{x.path()};
    uint64_t seq = 0;
    for (std::string line; std::getline(file, line);) {
      BOOST_TEST_CONTEXT(x.path().filename() << " line " << seq + 1) {
        const auto envelope = decode_envelope(line);
        BOOST_TEST_REQUIRE(!!envelope);
        BOOST_TEST(envelope->seq == ++seq);
        BOOST_TEST(envelope->why_params.at("detail") == "a \"quoted\" word");
        const auto event = decode_event(envelope->type, envelope->schema, envelope->data);
        BOOST_TEST_REQUIRE(!!event);
        BOOST_TEST(type_of(*event) == envelope->type);
        // An event that was lifted to other fields says the same in other words.
        if (envelope->schema == current_schema(envelope->type)) {
          const auto old = nlohmann::json::parse(envelope->data);
          const auto now = nlohmann::json::parse(encode_event(*event));
          BOOST_TEST(lost_in(now, old, {}) == "");
        }
      }
    }
    BOOST_TEST(seq > 0u);
  }
  BOOST_TEST(logs > 0u);
}

BOOST_AUTO_TEST_CASE(the_golden_log_of_this_version_has_every_type_of_event) {
  std::set<std::string> missing = every_type(std::type_identity<any_event::alternatives>{});
  std::ifstream file{log_of(GANTRY_VERSION)};
  BOOST_TEST_REQUIRE(file.is_open());
  for (std::string line; std::getline(file, line);) {
    const auto envelope = decode_envelope(line);
    BOOST_TEST_REQUIRE(!!envelope);
    missing.erase(envelope->type);
  }
  BOOST_TEST(missing.empty(), "missing is " << (missing.empty() ? "" : *missing.begin()));
}

BOOST_AUTO_TEST_CASE(a_field_that_was_renamed_is_found_to_be_lost) {
  const nlohmann::json old{{"steps", {{{"layer", 50}, {"material", "B"}}}}};
  const nlohmann::json now{{"steps", {{{"layer", 50}, {"resin", "B"}}}}, {"added", true}};
  BOOST_TEST(lost_in(now, old, {}) == "/steps/0/material");
  BOOST_TEST(lost_in(old, old, {}) == "");
}

BOOST_AUTO_TEST_CASE(an_event_of_a_later_version_is_refused) {
  const auto refused = decode_event("order_accepted", current_schema("order_accepted") + 1, "{}");
  BOOST_TEST_REQUIRE(!refused);
  BOOST_TEST((refused.why().code == reason::store_too_new));
}
