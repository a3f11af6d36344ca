// The value of a decision: what is recorded, what is done afterwards, and why.
#pragma once

#include "rules/facts.hpp"
#include "schemas/command.hpp"

#include <optional>
#include <variant>
#include <vector>

namespace gantry::rules {

/// Events of one entity, decided together.
struct entity_events {
  entity_ref entity;
  std::vector<any_event> events;
};

namespace effects {

/// Send the start of `attempt`, once.
struct send_start {
  int64_t attempt = 0;
  std::string file;
};

/// Send a pause, resume or cancel.
struct send_action {
  wanted_action action = wanted_action::none;
};

/// Hand a command to another initiator.
struct forward {
  any_command body;
};

/// Send a command to a resin printer. `attempt` is the step that asks, 0 if a person does.
struct resin_command {
  resin_control control = resin_control::none;
  int64_t attempt = 0;
  std::string internal_file; ///< For a start.
};

/// Switch a pump on, once.
struct run_pump {
  pump_run run;
};

/// Switch a pump off.
struct stop_pump {
  int64_t number = 0;
};

/// Take the latch of an emergency stop away.
struct acknowledge_pumps {
  int64_t epoch = 0;
};

} // namespace effects

/// What is done once the ruling is durable. Everything that may safely be repeated (checking,
/// slicing, uploading, fencing) is not an effect but follows from the state; see `obligations.hpp`.
using effect = std::variant<effects::send_start, effects::send_action, effects::forward,
                            effects::resin_command, effects::run_pump, effects::stop_pump,
                            effects::acknowledge_pumps>;

/// A record outside the log that is stored with the ruling. Exactly one of the two is set.
struct record_change {
  std::string key;
  std::optional<customer> person;    ///< An erasable customer record.
  std::optional<std::string> secret; ///< A secret, such as a printer's API key; empty = forget it.
};

/// What was decided.
struct ruling {
  reason code = reason::ok; ///< `ok`, or why nothing is done.
  reason_params params;
  std::vector<entity_events> writes;
  std::vector<entity_ref> relied_on; ///< Read, unchanged, and must still be so at the commit.
  std::vector<effect> effects;
  std::vector<record_change> records;
  std::optional<entity_ref> redirect;      ///< The initiator is another entity in this state.
  reason event_reason = reason::requested; ///< Reason code that the events carry.
  reason_params event_params;

  /// Adds an event to `entity`, keeping one entry per entity.
  void add(const entity_ref& entity, any_event event);
};

/// A ruling that changes nothing and says why.
[[nodiscard]] ruling refuse(reason code, reason_params params = {});

} // namespace gantry::rules
