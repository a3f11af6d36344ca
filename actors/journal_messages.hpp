// What entity actors and the journal say to each other.
#pragma once

#include "schemas/entity.hpp"
#include "storage/journal.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace gantry::actors {

/// A state that nobody changes any more.
using state_ptr = std::shared_ptr<const any_state>;

/// An entity at a version. Version 0 = it does not exist, and `state` is blank.
struct versioned_state {
  entity_ref entity;
  entity_version version = 0;
  state_ptr state;
};

/// A question to the journal: states, and whether an idempotency key was used before.
struct load_request {
  std::vector<entity_ref> entities;
  std::vector<entity_kind> kinds;          ///< Every open entity of these kinds.
  std::optional<storage::idempotency> key; ///< `reply` is not used.
};
using load_request_ptr = std::shared_ptr<const load_request>;

/// The newest admitted states.
struct load_reply {
  std::vector<versioned_state> states;
  storage::admission key = storage::admission::admitted;
  std::string reply; ///< For `duplicate`.
};
using load_reply_ptr = std::shared_ptr<const load_reply>;

/// A commit with the states that it leads to, so that nobody has to decode them again.
struct commit_request {
  storage::commit content;
  std::vector<versioned_state> states;
};
/// The journal takes `content` out; `states` change no more.
using commit_request_ptr = std::shared_ptr<commit_request>;

/// The journal's answer; `admitted` means durable.
struct commit_reply {
  storage::admission_result result;
};
using commit_reply_ptr = std::shared_ptr<const commit_reply>;

/// States that became durable together.
using committed_ptr = std::shared_ptr<const std::vector<versioned_state>>;

/// A group for the writer.
using group_ptr = std::shared_ptr<const storage::commit_group>;

} // namespace gantry::actors
