// The in-flight protocol of every entity actor, once: decide -> commit -> evolve -> act. It knows
// no CAF; the actor gives it a host. At most one command is in flight; further ones wait in a
// bounded queue; a stale decision is taken anew.
#pragma once

#include "actors/command_reply.hpp"
#include "actors/journal_messages.hpp"
#include "rules/decide.hpp"
#include "rules/gate.hpp"
#include "rules/needs.hpp"

#include <deque>
#include <functional>
#include <memory>
#include <optional>

namespace gantry::actors {

/// Commands from outside that may wait for one entity; more are refused as `busy`. An entity serves
/// about a thousand a second, so this bounds the wait to well below a client's patience.
inline constexpr size_t waiting_commands_max = 64;
/// How often a command is decided before it is given up because its facts keep changing.
inline constexpr int decision_tries_max = 4;
/// Rounds of reading for one decision. Four reach the deepest chain (printer, run, plan, breaker);
/// twice that would mean a rule that never has enough.
inline constexpr int read_rounds_max = 8;

/// What an entity needs from its surroundings. Every function returns at once; the continuation is
/// called exactly once, on the entity's own thread.
class entity_host {
public:
  virtual ~entity_host() = default;
  virtual void load(load_request_ptr what, std::function<void(const load_reply&)> then) = 0;
  virtual void commit(commit_request_ptr what, std::function<void(const commit_reply&)> then) = 0;
  virtual void ask_gate(rules::gate_question question, const rules::facts& known,
                        std::function<void(const decision&)> then) = 0;
  /// Hands a command to another entity.
  virtual void forward(const command& request, const entity_ref& to,
                       std::function<void(const command_reply&)> then) = 0;
  [[nodiscard]] virtual timestamp wall() const = 0;
};

/// Called with the outcome once it is durable.
using reply_handler = std::function<void(const command_reply&)>;

/// One entity: its cached state and the protocol.
class entity {
public:
  entity(entity_ref self, entity_host& host);
  virtual ~entity() = default;
  entity(const entity&) = delete;
  entity& operator=(const entity&) = delete;

  /// Takes a command. `then` may be empty.
  void submit(command request, reply_handler then);
  /// Takes a state that another initiator committed.
  void adopt(const versioned_state& newer);
  /// Reads the state from the journal and calls `on_state`.
  void load();

  [[nodiscard]] const entity_ref& ref() const { return ref_; }
  [[nodiscard]] bool known() const { return state_ != nullptr; }
  [[nodiscard]] entity_version version() const { return version_; }
  /// The cached state, or null if it is not a `State` or not loaded.
  template <class State>
  [[nodiscard]] const State* as() const {
    return state_ && version_ > 0 ? std::get_if<State>(state_.get()) : nullptr;
  }
  /// True while a command is in flight or waits.
  [[nodiscard]] bool busy() const { return work_.has_value() || !waiting_.empty(); }

protected:
  /// Called after the state was loaded or has changed. Starts whatever the state obliges to; must
  /// be repeatable.
  virtual void on_state() {}
  /// Called when a command is about to be decided: the entity may add what only it knows now.
  virtual void on_begin(command&) {}
  /// Called once per durable effect of this entity's own decisions, after `on_state`.
  virtual void on_effect(const rules::effect& what);
  [[nodiscard]] entity_host& host() { return host_; }
  /// A command of the kernel's own, under the name of `part`.
  [[nodiscard]] command internal_command(any_command body, const std::string& part) const;

private:
  struct work {
    command request;
    reply_handler then;
    rules::facts known;
    std::optional<decision> gate;
    int tries = 0;
    int rounds = 0;
    bool key_checked = false;
  };
  /// What is left to do once a commit is durable.
  struct pending_commit {
    commit_request_ptr request;
    command_reply answer;
    std::vector<rules::effect> effects;
  };

  void begin_next();
  void advance();
  void read(rules::read_request missing);
  void take_facts(const load_reply& reply);
  void rule();
  void unless_key_is_known(std::function<void()> then);
  bool finish_known_key(const load_reply& reply);
  void commit(rules::ruling ruling);
  void take_commit(const commit_reply& reply, const pending_commit& pending);
  void try_again();
  void finish(const command_reply& answer);
  [[nodiscard]] command_reply answer_for(const std::vector<versioned_state>& states) const;

  entity_ref ref_;
  entity_host& host_;
  state_ptr state_;
  entity_version version_ = 0;
  std::optional<work> work_;
  std::deque<std::pair<command, reply_handler>> waiting_;
};

/// True for commands that record what has happened, or make things safer; they are admitted when
/// the disk is nearly full.
[[nodiscard]] bool is_settling(const any_command& body);

/// The commit of `ruling`: evolved states, enveloped events, required versions, records and the
/// idempotency key.
[[nodiscard]] commit_request build_commit(const command& request, const rules::ruling& ruling,
                                          const rules::facts& known, timestamp at);

} // namespace gantry::actors
