#include "actors/desk.hpp"

#include "actors/entity_runner.hpp"
#include "actors/plan_work.hpp"

#include <caf/stateful_actor.hpp>

namespace gantry::actors {

namespace {

struct entity_state {
  static inline constexpr auto name = "entity";
  std::unique_ptr<entity_host> host;
  std::unique_ptr<entity> core;
};

using entity_pointer = entity_actor::stateful_pointer<entity_state>;

/// A plan's actor has one message more.
using plan_actor = entity_actor::extend<
    // INTERNAL: time to report the result of work again.
    caf::reacts_to<wake_atom, command_ptr>>;
using plan_pointer = plan_actor::stateful_pointer<entity_state>;

/// Pause before a result that was not taken is reported again.
constexpr std::chrono::seconds result_pause{5};

entity_actor::behavior_type plain_entity(entity_pointer self, services* shared, entity_ref ref) {
  end_by_exceptions(self, ref);
  self->state.host = std::make_unique<actor_host<entity_pointer>>(self, *shared);
  self->state.core = std::make_unique<entity>(std::move(ref), *self->state.host);
  self->state.core->load();
  return {
      [self](command_atom, const command_ptr& request) {
        return handle_command(self, *self->state.core, request);
      },
      [self](committed_atom, const committed_ptr& states) {
        handle_committed(*self->state.core, states);
      },
  };
}

/// Reports the result of a plan's work. A full disk and facts that keep changing pass, and without
/// its result the plan would wait for ever.
void report_result(plan_pointer self, const command_ptr& result) {
  self->state.core->submit(*result, [self, result](const command_reply& reply) {
    if (reply.code == reason::storage_low || reply.code == reason::decision_stale)
      self->delayed_send(self, result_pause, wake_atom_v, result);
  });
}

plan_actor::behavior_type plan_entity(plan_pointer self, services* shared, entity_ref ref) {
  end_by_exceptions(self, ref);
  self->state.host = std::make_unique<actor_host<plan_pointer>>(self, *shared);
  // The work runs in the pool; its result comes back to this actor as a command.
  const auto run_task = [self, shared](std::shared_ptr<plan_task> task) {
    auto work = std::make_shared<const std::function<void()>>([task] { task->run(); });
    self->request(shared->pool, caf::infinite, work_atom_v, task_ptr{work})
        .then([self, task](bool done) {
          // What was not done has no result; the supervisor starts this actor and the work again.
          if (!done)
            throw std::runtime_error{"the work of a plan failed"};
          report_result(self, std::make_shared<const command>(task->take_result()));
        });
  };
  self->state.core =
      std::make_unique<plan_entity_core>(std::move(ref), *self->state.host, *shared, run_task);
  self->state.core->load();
  return {
      [self](command_atom, const command_ptr& request) {
        return handle_command(self, *self->state.core, request);
      },
      [self](committed_atom, const committed_ptr& states) {
        handle_committed(*self->state.core, states);
      },
      [self](wake_atom, const command_ptr& result) { report_result(self, result); },
  };
}

} // namespace

entity_actor spawn_entity(caf::actor_system& system, services& shared, const entity_ref& entity) {
  return system.spawn(plain_entity, &shared, entity);
}

entity_actor spawn_plan(caf::actor_system& system, services& shared, const entity_ref& entity) {
  return caf::actor_cast<entity_actor>(system.spawn(plan_entity, &shared, entity));
}

} // namespace gantry::actors
