// What a plan does by itself: check its model, then slice it. Both run in the work pool and come
// back as commands.
#pragma once

#include "actors/entity.hpp"
#include "actors/services.hpp"

namespace gantry::actors {

/// One piece of blocking work for a plan.
class plan_task {
public:
  virtual ~plan_task() = default;
  /// Does the work, on a worker thread. Never throws.
  virtual void run() = 0;
  /// The command that reports the result.
  [[nodiscard]] virtual command take_result() = 0;
};

/// A plan: decides like every entity, and starts the work that its state calls for.
class plan_entity_core final : public entity {
public:
  using task_runner = std::function<void(std::shared_ptr<plan_task>)>;

  plan_entity_core(entity_ref self, entity_host& host, services& shared, task_runner run);

protected:
  void on_state() override;

private:
  void start_check(const plan& how);
  void start_slice(const plan& how);

  services& shared_;
  task_runner run_;
  /// Version of the plan for which work was started last; work is started once per state.
  entity_version started_for_ = 0;
};

} // namespace gantry::actors
