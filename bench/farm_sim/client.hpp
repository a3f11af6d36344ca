// A client of the kernel: asks, waits, asks again under the same key, and keeps a journal of every
// reply that it got. The journal is the oracle for what was acknowledged.
#pragma once

#include "bench/farm_sim/computer.hpp"

#include <set>

namespace gantry::farm_sim {

/// A reply that a client got, which must hold for ever.
struct acknowledged {
  std::string key;
  entity_ref entity;
  entity_version version = 0;
};

/// All clients of a farm.
class client_desk {
public:
  client_desk(const fault_mix& mix, computer& host, agenda& time, dice& random, ledger& counts)
      : mix_{mix}, host_{host}, time_{time}, random_{random}, counts_{counts} {}

  /// Called with the final outcome; never if the client has forgotten its request.
  using outcome_handler = std::function<void(const actors::command_reply&)>;
  /// Asks for `body` under a key of its own, and insists until there is an answer.
  void ask(any_command body, outcome_handler then = {},
           std::optional<entity_version> expected = {});
  /// Sends `text` as the body of an order and expects a refusal before anything is submitted.
  void send_malformed(const std::string& text);
  /// Floods one entity with different requests at once.
  void flood(const std::vector<any_command>& bodies);

  /// What waits at one entity is bounded: the others of a flood have been told to come again
  /// (INV-33). To be called when the kernel has had its say.
  void check_bound();

  /// While true, clients forget, repeat and mistake themselves.
  void set_unruly(bool on) { unruly_ = on; }
  /// The kernel is there again: what was asked of the one before is asked again.
  void reconnect();
  /// Requests without an answer that somebody waits for.
  [[nodiscard]] size_t waiting() const { return open_.size(); }
  /// The oldest of them, in words.
  [[nodiscard]] std::string oldest() const;
  /// Every acknowledged reply is still there (INV-20).
  void check_journal();
  /// Told when a reply to a change was received.
  std::function<void()> on_acknowledged;

private:
  struct request {
    any_command body;
    std::string key;
    std::optional<entity_version> expected;
    outcome_handler then;
    hal::mono_time asked_at{0};
    uint64_t life = 0;
    int tries = 0;
    bool in_flight = false;
  };

  void submit(uint64_t number);
  void take(uint64_t number, const actors::command_reply& reply);
  void repeat(const request& what, const actors::command_reply& first);
  [[nodiscard]] command command_of(const request& what, const std::string& variation = {}) const;

  const fault_mix& mix_;
  computer& host_;
  agenda& time_;
  dice& random_;
  ledger& counts_;
  bool unruly_ = false;
  uint64_t last_ = 0;
  uint64_t life_ = 0;
  std::map<uint64_t, request> open_;
  std::vector<acknowledged> journal_;
};

} // namespace gantry::farm_sim
