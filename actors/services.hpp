// What all actors share: the ports, the tables, and each other's handles.
#pragma once

#include "actors/actors.hpp"
#include "actors/kernel.hpp"
#include "actors/station_desk.hpp"

#include <atomic>
#include <memory>

namespace gantry::actors {

/// Shared by all actors of one kernel; outlives them.
struct services {
  explicit services(const kernel_parts& made_of) : parts{made_of} {}

  kernel_parts parts;
  live_table live;
  event_feed feed;
  station_desk stations;
  journal_actor journal;
  policy_actor policy;
  directory_actor directory;
  scheduler_actor scheduler;
  work_pool_actor pool;
  /// The newest durable settings of the farm.
  std::atomic<std::shared_ptr<const settings>> rules{std::make_shared<const settings>()};
  /// Set when the kernel stops, so that work in the pool gives up.
  std::atomic<bool> stopping{false};
  /// Failures that the supervisors saw, for `/health`.
  std::atomic<uint64_t> entity_failures{0};
  std::atomic<uint64_t> quarantined{0};
  std::atomic<uint64_t> commits_durable{0};
  /// Newest verdict of the journal about the disk.
  std::atomic<bool> storage_low{false};
};

} // namespace gantry::actors
