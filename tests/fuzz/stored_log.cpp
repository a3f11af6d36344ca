// What stands in the log: envelopes, events, states and remembered replies. An input is `envelope`,
// `event TYPE SCHEMA`, `state KIND` or `reply`, a line break, and the stored text.
#include "actors/command_reply.hpp"
#include "schemas/describe.hpp"
#include "schemas/envelope.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <charconv>

namespace gantry::fuzz {

namespace {

void check_envelope(std::string_view text) {
  const auto decoded = decode_envelope(text);
  if (!decoded)
    return;
  const auto once = encode_envelope(*decoded);
  const auto again = decode_envelope(once);
  require(static_cast<bool>(again), "a written envelope can be read");
  require(encode_envelope(*again) == once, "an envelope stays the same");
}

void check_event(std::string_view type, int64_t schema, std::string_view text) {
  const auto decoded = decode_event(type, schema, text);
  if (!decoded)
    return;
  const auto once = encode_event(*decoded);
  const auto again = decode_event(type, current_schema(type), once);
  require(static_cast<bool>(again), "a written event can be read");
  require(encode_event(*again) == once, "an event stays the same");
}

void check_state(std::string_view name, std::string_view text) {
  entity_kind kind{};
  if (!parse_name(name, kind))
    return;
  const auto decoded = decode_state(kind, text);
  if (!decoded)
    return;
  const auto once = encode_state(*decoded);
  const auto again = decode_state(kind, once);
  require(static_cast<bool>(again), "a written state can be read");
  require(encode_state(*again) == once, "a state stays the same");
}

void check_reply(std::string_view text) {
  const auto reply = actors::decode_reply(text);
  if (reply.code != reason::ok)
    return require(reply.code == reason::storage_failed, "a refused reply has one reason");
  const auto once = actors::encode_reply(reply);
  require(actors::encode_reply(actors::decode_reply(once)) == once, "a reply stays the same");
}

} // namespace

} // namespace gantry::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gantry::fuzz;
  input bytes{data, size};
  const auto head = bytes.line();
  input words{reinterpret_cast<const uint8_t*>(head.data()), head.size()};
  const auto what = words.until(' ');
  const auto name = words.until(' ');
  const auto number = words.rest();
  int64_t schema = 1;
  std::from_chars(number.data(), number.data() + number.size(), schema);
  if (what == "envelope")
    check_envelope(bytes.rest());
  else if (what == "event")
    check_event(name, schema, bytes.rest());
  else if (what == "state")
    check_state(name, bytes.rest());
  else if (what == "reply")
    check_reply(bytes.rest());
  return 0;
}
