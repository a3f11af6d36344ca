#include "actors/spawn_io.hpp"

#include "actors/failure.hpp"
#include "logging/log.hpp"
#include "schemas/defect.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>
#include <deque>

namespace gantry::actors {

namespace {

/// One batch with one sync: state and events are never apart.
void write_group(storage::store& store, const storage::batch& changes) {
  if (GANTRY_DEFECT("INV-25")) {
    for (const auto& each : changes)
      store.write({each}, true);
    return;
  }
  store.write(changes, !GANTRY_DEFECT("INV-20"));
}

writer_actor::behavior_type writer(writer_actor::pointer self, storage::store* store,
                                   const io_variant& io) {
  end_process_with(self, "writer", io.end);
  return {
      [store](write_atom, const group_ptr& group) -> uint64_t {
        write_group(*store, group->changes);
        return group->last_seq;
      },
      [store](keep_atom, const loose_batch_ptr& changes) { store->write(*changes, false); },
  };
}

worker_actor::behavior_type worker(worker_actor::pointer) {
  // A worker outlives its tasks, whatever they do.
  return {[](work_atom, const task_ptr& task) {
    try {
      (*task)();
      return true;
    } catch (...) {
      logging::write(logging::level::error, "worker", "a task failed",
                     {{"error", failure_text(std::current_exception())}});
      return false;
    }
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

worker_actor make_worker(caf::actor_system& system, const io_variant& io) {
  auto made = io.own_threads ? system.spawn<caf::detached>(worker) : system.spawn(worker);
  return io.around_worker ? io.around_worker(system, std::move(made)) : made;
}

work_pool_actor::behavior_type work_pool(pool_pointer self, size_t workers, const io_variant& io) {
  end_process_with(self, "work pool", io.end);
  for (size_t i = 0; i < workers; ++i)
    self->state.idle.push_back(make_worker(self->system(), io));
  return {[self](work_atom, const task_ptr& task) {
    auto promise = self->make_response_promise<caf::typed_response_promise<bool>>();
    self->state.queue.emplace_back(task, promise);
    start_next(self);
    return promise;
  }};
}

} // namespace

writer_actor spawn_writer(caf::actor_system& system, storage::store& store, const io_variant& io) {
  auto made = io.own_threads ? system.spawn<caf::detached>(writer, &store, io)
                             : system.spawn(writer, &store, io);
  return io.around_writer ? io.around_writer(system, std::move(made)) : made;
}

work_pool_actor spawn_work_pool(caf::actor_system& system, size_t workers, const io_variant& io) {
  return system.spawn(work_pool, workers, io);
}

} // namespace gantry::actors
