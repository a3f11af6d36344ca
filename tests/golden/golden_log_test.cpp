// Logs written by each release must stay readable: `log-<release>.jsonl` holds one envelope per
// line. With GANTRY_WRITE_GOLDEN=<file> the program writes this version's log instead.
#include "schemas/envelope.hpp"

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <type_traits>
#include <utility>

using namespace gantry;

namespace {

const std::string folder = std::string{GANTRY_SOURCE_DIR} + "/tests/golden";

/// One event of every type, with default fields.
template <class... Event>
std::vector<any_event> every_event(std::type_identity<std::variant<Event...>>) {
  return {any_event{Event{}}...};
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
      }
    }
    BOOST_TEST(seq > 0u);
  }
  BOOST_TEST(logs > 0u);
}

BOOST_AUTO_TEST_CASE(an_event_of_a_later_version_is_refused) {
  const auto refused = decode_event("order_accepted", current_schema("order_accepted") + 1, "{}");
  BOOST_TEST_REQUIRE(!refused);
  BOOST_TEST((refused.why().code == reason::store_too_new));
}
