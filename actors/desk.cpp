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

entity_actor::behavior_type entity_behavior(entity_pointer self) {
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

entity_actor::behavior_type plain_entity(entity_pointer self, services* shared, entity_ref ref) {
  end_by_exceptions(self, ref);
  self->state.host = std::make_unique<actor_host<entity_pointer>>(self, *shared);
  self->state.core = std::make_unique<entity>(std::move(ref), *self->state.host);
  return entity_behavior(self);
}

entity_actor::behavior_type plan_entity(entity_pointer self, services* shared, entity_ref ref) {
  end_by_exceptions(self, ref);
  self->state.host = std::make_unique<actor_host<entity_pointer>>(self, *shared);
  // The work runs in the pool; its result comes back to this actor as a command.
  const auto run_task = [self, shared](std::shared_ptr<plan_task> task) {
    auto work = std::make_shared<const std::function<void()>>([task] { task->run(); });
    self->request(shared->pool, caf::infinite, work_atom_v, task_ptr{work})
        .then([self, task](bool) { self->state.core->submit(task->take_result(), {}); });
  };
  self->state.core =
      std::make_unique<plan_entity_core>(std::move(ref), *self->state.host, *shared, run_task);
  return entity_behavior(self);
}

} // namespace

entity_actor spawn_entity(caf::actor_system& system, services& shared, const entity_ref& entity) {
  return system.spawn(plain_entity, &shared, entity);
}

entity_actor spawn_plan(caf::actor_system& system, services& shared, const entity_ref& entity) {
  return system.spawn(plan_entity, &shared, entity);
}

} // namespace gantry::actors
