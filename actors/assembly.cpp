#include "actors/assembly.hpp"

#include "actors/directory.hpp"
#include "actors/journal_actor.hpp"
#include "actors/policy.hpp"
#include "actors/scheduler.hpp"
#include "actors/station_watch.hpp"
#include "logging/log.hpp"
#include "storage/reader.hpp"

#include <caf/exit_reason.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace gantry::actors {

namespace {

/// Slicers at once; each takes a core and up to 4 GB.
constexpr size_t pool_workers = 2;

gateway_actor::behavior_type gateway(gateway_actor::pointer self, services* shared,
                                     submission_desk* desk, const process_end& end) {
  end_process_with(self, "gateway", end);
  return {[self, shared, desk](command_atom, const command_ptr& request, uint64_t number) {
    self->request(shared->directory, caf::infinite, command_atom_v, request)
        .then([desk, number](const reply_ptr& reply) { desk->answer(number, *reply); },
              [desk, number, request](const caf::error&) {
                const auto entity = initiator_of(*request);
                desk->answer(number,
                             refusal_reply(entity, reason::busy, {{"entity", entity.text()}}));
              });
  }};
}

} // namespace

assembly::assembly(caf::actor_system& system, services& shared, submission_desk& desk,
                   const io_variant& io)
    : shared_{shared}, desk_{desk} {
  load_settings();
  shared_.policy = spawn_policy(system, io.end);
  shared_.pool = spawn_work_pool(system, pool_workers, io);
  shared_.directory = spawn_directory(system, shared_, io.end);
  // The journal tells the scheduler what it commits, so the scheduler reads the store before the
  // first commit.
  shared_.scheduler = spawn_scheduler(system, shared_, io);
  shared_.journal = spawn_journal(system, shared_, io);
  gateway_ = system.spawn(gateway, &shared_, &desk_, io.end);
  station_watch_ = spawn_station_watch(system, shared_);
}

void assembly::begin() {
  // Entities with something to do by themselves get their actors now; the others when they are
  // needed.
  const storage::reader reader{*shared_.parts.store};
  for (const auto kind : {entity_kind::printer, entity_kind::plan, entity_kind::station})
    for (const auto& stored : reader.open(kind))
      caf::anon_send(shared_.directory, restart_atom_v, static_cast<uint8_t>(kind),
                     stored.entity.id);
  sweep_artifacts();
}

void assembly::submit(command request, submission_desk::callback then) {
  const auto number = desk_.open(then);
  if (number == 0) {
    const auto entity = initiator_of(request);
    return then(desk_.closed() ? refusal_reply(entity, reason::shutting_down)
                               : refusal_reply(entity, reason::busy, {{"entity", "the kernel"}}));
  }
  caf::anon_send(gateway_, command_atom_v,
                 command_ptr{std::make_shared<const command>(std::move(request))}, number);
}

std::vector<caf::actor> assembly::deciders() const {
  return {caf::actor_cast<caf::actor>(shared_.directory),
          caf::actor_cast<caf::actor>(shared_.scheduler), caf::actor_cast<caf::actor>(gateway_),
          caf::actor_cast<caf::actor>(station_watch_)};
}

void assembly::stop_deciding() {
  shared_.stopping = true;
  shared_.feed.close();
  for (const auto& each : deciders())
    caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
}

void assembly::stop_committing() {
  for (const auto& each :
       {caf::actor_cast<caf::actor>(shared_.pool), caf::actor_cast<caf::actor>(shared_.policy),
        caf::actor_cast<caf::actor>(shared_.journal)})
    caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
}

void assembly::release() {
  shared_.journal = nullptr;
  shared_.policy = nullptr;
  shared_.directory = nullptr;
  shared_.scheduler = nullptr;
  shared_.pool = nullptr;
  gateway_ = nullptr;
  station_watch_ = nullptr;
}

void assembly::load_settings() {
  const auto stored = storage::reader{*shared_.parts.store}.get(settings_ref());
  if (!stored)
    return;
  if (const auto state = decode_state(entity_kind::settings, stored->json))
    shared_.rules.store(std::make_shared<const settings>(std::get<settings>(*state)));
}

/// Removes files that were uploaded but never registered, and what a crash left half-written.
void assembly::sweep_artifacts() {
  constexpr int64_t grace_s = 24 * 3600;
  const auto parts = shared_.parts;
  auto task = std::make_shared<const std::function<void()>>([parts] {
    const storage::reader reader{*parts.store};
    const auto used = [&reader](const std::string& sha256) {
      const artifact_id id{derive_id(artifact_id::prefix, "name", sha256)};
      return reader.get(ref_of(id)).has_value();
    };
    const auto removed = parts.artifacts->sweep(used, grace_s);
    if (removed > 0)
      logging::write(logging::level::info, "artifacts", "unused files were removed",
                     {{"files", std::to_string(removed)}});
  });
  caf::anon_send(shared_.pool, work_atom_v, task_ptr{task});
}

} // namespace gantry::actors
