// The one place where actors get threads of their own. Work that blocks runs there and nowhere
// else; a kernel that runs step by step has ordinary actors instead.
#pragma once

#include "actors/actors.hpp"
#include "actors/end_process.hpp"
#include "storage/store.hpp"

#include <caf/actor_system.hpp>
#include <functional>

namespace gantry::actors {

/// Where work that blocks runs.
struct io_variant {
  /// True: on threads of its own. False: as ordinary actors, for a kernel that runs step by step.
  bool own_threads = true;
  /// What happens when an actor fails that all others need.
  process_end end = end_process;
  /// Put something in front of the writer or of a worker, e.g. one that takes its time.
  std::function<writer_actor(caf::actor_system&, writer_actor)> around_writer;
  std::function<worker_actor(caf::actor_system&, worker_actor)> around_worker;
};

/// Starts the journal's writer.
[[nodiscard]] writer_actor spawn_writer(caf::actor_system& system, storage::store& store,
                                        const io_variant& io);

/// Starts a pool of `workers` workers. Tasks wait in order of arrival; every asker has at most one,
/// so the queue is as short as the number of entities that are checked or sliced.
[[nodiscard]] work_pool_actor spawn_work_pool(caf::actor_system& system, size_t workers,
                                              const io_variant& io);

} // namespace gantry::actors
