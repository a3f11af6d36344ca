#include "actors/spawn_io.hpp"

#include "actors/end_process.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>
#include <deque>

namespace gantry::actors {

namespace {

writer_actor::behavior_type writer(writer_actor::pointer self, storage::store* store) {
  end_process_with(self, "writer");
  return {
      [store](write_atom, const group_ptr& group) -> uint64_t {
        store->write(group->changes, true);
        return group->last_seq;
      },
      [store](keep_atom, const loose_batch_ptr& changes) { store->write(*changes, false); },
  };
}

using worker_actor = caf::typed_actor<caf::replies_to<work_atom, task_ptr>::with<bool>>;

worker_actor::behavior_type worker(worker_actor::pointer) {
  return {[](work_atom, const task_ptr& task) {
    (*task)();
    return true;
  }};
}

struct pool_state {
  static inline constexpr auto name = "work-pool";
  std::vector<worker_actor> idle;
  std::deque<std::pair<task_ptr, caf::typed_response_promise<bool>>> queue;
};

using pool_pointer = work_pool_actor::stateful_pointer<pool_state>;

void start_next(pool_pointer self) {
  auto& state = self->state;
  if (state.idle.empty() || state.queue.empty())
    return;
  auto worker = std::move(state.idle.back());
  state.idle.pop_back();
  auto [task, promise] = std::move(state.queue.front());
  state.queue.pop_front();
  auto done = [self, worker, promise = promise](bool ran) mutable {
    self->state.idle.push_back(worker);
    promise.deliver(ran);
    start_next(self);
  };
  self->request(worker, caf::infinite, work_atom_v, task)
      .then(done, [done](const caf::error&) mutable { done(false); });
}

work_pool_actor::behavior_type work_pool(pool_pointer self, size_t workers) {
  for (size_t i = 0; i < workers; ++i)
    self->state.idle.push_back(self->system().spawn<caf::detached>(worker));
  return {[self](work_atom, const task_ptr& task) {
    auto promise = self->make_response_promise<caf::typed_response_promise<bool>>();
    self->state.queue.emplace_back(task, promise);
    start_next(self);
    return promise;
  }};
}

} // namespace

writer_actor spawn_writer(caf::actor_system& system, storage::store& store) {
  return system.spawn<caf::detached>(writer, &store);
}

work_pool_actor spawn_work_pool(caf::actor_system& system, size_t workers) {
  return system.spawn(work_pool, workers);
}

} // namespace gantry::actors
