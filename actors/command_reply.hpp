// What became of a command.
#pragma once

#include "schemas/entity.hpp"

#include <string>

namespace gantry::actors {

/// The outcome of a command, as its asker gets it.
struct command_reply {
  reason code = reason::ok; ///< `ok`, or why nothing was changed.
  reason_params params;
  entity_ref entity; ///< The entity that the command is about; the created one for a creation.
  entity_version version = 0; ///< Its version after the command.
  std::string projection;     ///< Its state as JSON after the command; empty on a refusal.
  bool replayed = false;      ///< True if the same key was answered before.
};

/// A refusal about `entity`.
[[nodiscard]] command_reply refusal_reply(const entity_ref& entity, reason code,
                                          reason_params params = {});

/// The reply as it is stored under an idempotency key.
[[nodiscard]] std::string encode_reply(const command_reply& reply);

/// Reads what `encode_reply` wrote and marks it as replayed.
[[nodiscard]] command_reply decode_reply(std::string_view text);

} // namespace gantry::actors
