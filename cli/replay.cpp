#include "cli/replay.hpp"

#include "rules/evolve.hpp"

namespace gantry::cli {

result<std::string> replay_event(entity_kind kind, const std::string& before,
                                 const event_envelope& event) {
  auto state = blank_state(kind);
  if (!before.empty()) {
    auto decoded = decode_state(kind, before);
    if (!decoded)
      return decoded.why();
    state = std::move(*decoded);
  }
  auto what = decode_event(event.type, event.schema, event.data);
  if (!what)
    return what.why();
  return encode_state(rules::evolve(std::move(state), *what, event.at));
}

bool is_open_state(entity_kind kind, const std::string& state) {
  auto decoded = decode_state(kind, state);
  return !decoded || is_open(*decoded);
}

} // namespace gantry::cli
