// The CAF side of an entity: host calls become requests to other actors, and back.
#pragma once

#include "actors/entity.hpp"
#include "actors/failure.hpp"
#include "actors/services.hpp"
#include "logging/log.hpp"

#include <caf/actor_system.hpp>
#include <caf/response_promise.hpp>
#include <caf/sec.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

namespace gantry::actors {

/// An entity host on top of an actor. `Pointer` is the actor's typed pointer, which outlives the
/// host.
template <class Pointer>
class actor_host final : public entity_host {
public:
  actor_host(Pointer self, services& shared) : self_{self}, shared_{shared} {
    // nop
  }

  void load(load_request_ptr what, std::function<void(const load_reply&)> then) override {
    self_->request(shared_.journal, caf::infinite, load_atom_v, std::move(what))
        .then([then = std::move(then)](const load_reply_ptr& reply) { then(*reply); });
  }

  void commit(commit_request_ptr what, std::function<void(const commit_reply&)> then) override {
    self_->request(shared_.journal, caf::infinite, commit_atom_v, std::move(what))
        .then([then = std::move(then)](const commit_reply_ptr& reply) { then(*reply); });
  }

  void ask_gate(rules::gate_question question, const rules::facts& known,
                std::function<void(const decision&)> then) override {
    auto request =
        std::make_shared<const gate_request>(gate_request{std::move(question), known, wall()});
    self_->request(shared_.policy, caf::infinite, gate_atom_v, gate_request_ptr{request})
        .then([then = std::move(then)](const decision_ptr& answer) { then(*answer); });
  }

  void forward(const command& request, const entity_ref& to,
               std::function<void(const command_reply&)> then) override {
    auto copy = std::make_shared<const command>(request);
    self_
        ->request(shared_.directory, caf::infinite, command_atom_v, command_ptr{copy},
                  static_cast<uint8_t>(to.kind), to.id)
        .then([then](const reply_ptr& reply) { then(*reply); },
              [then, to](const caf::error&) {
                then(refusal_reply(to, reason::busy, {{"entity", to.text()}}));
              });
  }

  [[nodiscard]] timestamp wall() const override { return shared_.parts.clock->wall(); }

private:
  Pointer self_;
  services& shared_;
};

/// Lets an exception end the actor, with its words in the log; the supervisor does the rest.
template <class Pointer>
void end_by_exceptions(Pointer self, const entity_ref& entity) {
  self->set_exception_handler([entity](std::exception_ptr& thrown) -> caf::error {
    logging::write(logging::level::error, "entity", failure_text(thrown),
                   {{"entity", entity.text()}});
    return caf::sec::runtime_error;
  });
}

/// An answer that an actor owes. If the actor ends before it was given, the asker gets an error
/// instead: nobody waits for an actor that is no more.
class owed_answer {
public:
  explicit owed_answer(caf::typed_response_promise<reply_ptr> promise)
      : promise_{std::move(promise)} {}
  ~owed_answer() {
    if (promise_.pending())
      promise_.deliver(caf::make_error(caf::sec::request_receiver_down));
  }
  owed_answer(const owed_answer&) = delete;
  owed_answer& operator=(const owed_answer&) = delete;

  void give(const command_reply& reply) {
    promise_.deliver(reply_ptr{std::make_shared<const command_reply>(reply)});
  }

private:
  caf::typed_response_promise<reply_ptr> promise_;
};

/// Hands a command message to `target` and answers when its outcome is durable.
template <class Pointer>
caf::result<reply_ptr> handle_command(Pointer self, entity& target, const command_ptr& request) {
  auto promise = self->template make_response_promise<caf::typed_response_promise<reply_ptr>>();
  const auto owed = std::make_shared<owed_answer>(promise);
  target.submit(*request, [owed](const command_reply& reply) { owed->give(reply); });
  return promise;
}

/// Adopts the states that concern `target`.
inline void handle_committed(entity& target, const committed_ptr& states) {
  for (const auto& state : *states)
    if (state.entity == target.ref())
      target.adopt(state);
}

} // namespace gantry::actors
