// Who asked, why and where: what every command and every event says about itself.
#pragma once

#include "schemas/catalogue.hpp"
#include "schemas/entity.hpp"
#include "schemas/result.hpp"

#include <optional>
#include <string>
#include <vector>

namespace gantry {

/// What kind of actor in the world a principal is.
enum class principal_kind : uint8_t { user, device, policy, timer, integration };
constexpr auto names_of(principal_kind) {
  return std::to_array<std::string_view>({"user", "device", "policy", "timer", "integration"});
}

/// Who asks.
struct principal {
  std::string id;
  std::string name;
  principal_kind kind = principal_kind::user;
  std::vector<role> roles;

  /// True if one of its roles is `wanted`, or `admin`.
  [[nodiscard]] bool has(role wanted) const;

  template <class V>
  static void describe(V&& v) {
    v("id", &principal::id, "Token id, printer id, or the name of a kernel part.");
    v("name", &principal::name, "Name for people.");
    v("kind", &principal::kind, "What kind of principal.");
    v("roles", &principal::roles, "What it may do.");
  }
  bool operator==(const principal&) const = default;
};

/// The principal of decisions that the kernel takes by itself; `part` names which of its parts.
[[nodiscard]] principal kernel_principal(std::string part);

/// What every command says about itself.
struct command_context {
  principal who;
  std::string via;                        ///< http, cli, scheduler, link, timer.
  std::string idempotency_key;            ///< Empty for commands inside the kernel.
  std::string body_sha256;                ///< Digest of what was asked under that key.
  std::optional<entity_version> expected; ///< From If-Match.
  std::string note;                       ///< The asker's words.
  std::string correlation;                ///< Ties the events of one cause together.
  timestamp at;                           ///< Wall time, for people.
};

/// One event as it stands in the log. `data` is the event itself as JSON text.
struct event_envelope {
  uint64_t seq = 0;           ///< Position in the log, from 1, without gaps.
  entity_ref entity;          ///< Whose event it is.
  entity_version version = 0; ///< Number among the entity's own events, from 1.
  std::string type;           ///< `any_event` alternative's name.
  int64_t schema = 1;         ///< Version of the event's fields; upcasters lift older ones.
  timestamp at;               ///< Wall time, for people.
  principal who;              ///< Who caused it.
  std::string via;            ///< Through what.
  std::string correlation;    ///< Ties the events of one cause together.
  reason why = reason::ok;    ///< Reason code.
  reason_params why_params;   ///< Values for the reason's text.
  std::string note;           ///< Free words of the principal.
  std::string data = "{}";    ///< The event's fields as JSON.
};

/// The envelope as one line of JSON, `data` spliced in unchanged.
[[nodiscard]] std::string encode_envelope(const event_envelope& envelope);

/// Reads what `encode_envelope` wrote.
[[nodiscard]] result<event_envelope> decode_envelope(std::string_view text);

/// The event's fields as JSON text.
[[nodiscard]] std::string encode_event(const any_event& event);

/// Reads an event; older schemas are lifted by upcasters. Refuses unknown types and newer schemas
/// with `store_too_new`.
[[nodiscard]] result<any_event> decode_event(std::string_view type, int64_t schema,
                                             std::string_view data);

/// The schema number that this version writes for `type`; 0 if the type is unknown.
[[nodiscard]] int64_t current_schema(std::string_view type);

/// A state as the JSON that is stored and served.
[[nodiscard]] std::string encode_state(const any_state& state);

/// Reads a stored state of `kind`.
[[nodiscard]] result<any_state> decode_state(entity_kind kind, std::string_view text);

} // namespace gantry
