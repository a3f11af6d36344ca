#include "actors/kernel.hpp"

#include "actors/directory.hpp"
#include "actors/end_process.hpp"
#include "actors/journal_actor.hpp"
#include "actors/policy.hpp"
#include "actors/scheduler.hpp"
#include "actors/services.hpp"
#include "actors/slicer_probe.hpp"
#include "actors/spawn_io.hpp"
#include "logging/log.hpp"
#include "storage/reader.hpp"

#include <algorithm>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <condition_variable>
#include <map>
#include <mutex>
#include <thread>

namespace gantry::actors {

namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

/// Commands that may be in flight from outside; more are refused as `busy`. Bounds the mailboxes
/// behind them.
constexpr size_t submissions_max = 1'024;
/// How long a stopping kernel waits for commands in flight.
constexpr milliseconds stop_patience{2'000};
/// Slicers at once; each takes a core and up to 4 GB.
constexpr size_t pool_workers = 2;

/// The answers that are owed to callers outside the actor system. Thread-safe.
class submission_desk {
public:
  using callback = std::function<void(command_reply)>;

  /// Takes a caller in; 0 if the kernel is stopping or has no room.
  uint64_t open(callback then) {
    const std::lock_guard guard{mutex_};
    if (closed_ || open_.size() >= submissions_max)
      return 0;
    open_.emplace(++last_, std::move(then));
    return last_;
  }

  void answer(uint64_t number, const command_reply& reply) {
    callback then;
    {
      const std::lock_guard guard{mutex_};
      const auto position = open_.find(number);
      if (position == open_.end())
        return;
      then = std::move(position->second);
      open_.erase(position);
      drained_.notify_all();
    }
    then(reply);
  }

  /// Takes nobody in any more, waits for the answers that are on their way, and tells the rest that
  /// the kernel stops.
  void close(milliseconds patience) {
    std::map<uint64_t, callback> rest;
    {
      std::unique_lock guard{mutex_};
      closed_ = true;
      drained_.wait_for(guard, patience, [this] { return open_.empty(); });
      rest.swap(open_);
    }
    for (const auto& [number, then] : rest)
      then(refusal_reply({}, reason::shutting_down));
  }

  [[nodiscard]] bool closed() const {
    const std::lock_guard guard{mutex_};
    return closed_;
  }

private:
  mutable std::mutex mutex_;
  std::condition_variable drained_;
  std::map<uint64_t, callback> open_;
  uint64_t last_ = 0;
  bool closed_ = false;
};

/// The GATEWAY actor: carries commands from other threads to the directory.
using gateway_actor = caf::typed_actor<caf::reacts_to<command_atom, command_ptr, uint64_t>>;

gateway_actor::behavior_type gateway(gateway_actor::pointer self, services* shared,
                                     submission_desk* desk) {
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

class caf_kernel final : public kernel {
public:
  explicit caf_kernel(const kernel_parts& parts) : system_{configure(config_)} {
    shared_.parts = parts;
    load_settings();
    shared_.policy = spawn_policy(system_);
    shared_.pool = spawn_work_pool(system_, pool_workers);
    shared_.directory = spawn_directory(system_, shared_);
    // The journal tells the scheduler what it commits, so the scheduler reads the store before the
    // first commit.
    shared_.scheduler = spawn_scheduler(system_, shared_);
    shared_.journal = spawn_journal(system_, shared_);
    gateway_ = system_.spawn(gateway, &shared_, &desk_);
    try {
      distrust_printers_after_restore();
      wake_open_entities();
      sweep_artifacts();
    } catch (...) {
      // Actors are at work already, and nobody could stop them.
      end_process("kernel", std::current_exception());
    }
  }

  ~caf_kernel() override { stop(); }

  void submit(command request, std::function<void(command_reply)> then) override {
    const auto number = desk_.open(then);
    if (number == 0) {
      const auto entity = initiator_of(request);
      return then(desk_.closed() ? refusal_reply(entity, reason::shutting_down)
                                 : refusal_reply(entity, reason::busy, {{"entity", "the kernel"}}));
    }
    caf::anon_send(gateway_, command_atom_v,
                   command_ptr{std::make_shared<const command>(std::move(request))}, number);
  }

  void probe(const hal::port_config& target, std::function<void(hal::port_answer)> then) override {
    shared_.parts.printers->probe(target, std::move(then));
  }

  live_table& live() override { return shared_.live; }
  event_feed& feed() override { return shared_.feed; }
  const kernel_parts& parts() const override { return shared_.parts; }

  std::vector<health_check> health() const override {
    std::vector<health_check> checks;
    const bool low = shared_.storage_low;
    checks.push_back(
        {"storage", !low,
         low ? "The disk is nearly full: new work is refused, running prints are recorded."
             : "Commits are written and synced."});
    checks.push_back(slicer_.check(shared_));
    const auto aside = shared_.quarantined.load();
    checks.push_back({"supervision", aside == 0,
                      aside == 0
                          ? std::to_string(shared_.entity_failures.load())
                                + " failures of entities since the start."
                          : std::to_string(aside) + " printers were set aside; see the log."});
    return checks;
  }

  void stop() override {
    if (std::exchange(stopped_, true))
      return;
    shared_.stopping = true;
    desk_.close(stop_patience);
    shared_.feed.close();
    for (const auto& each :
         {caf::actor_cast<caf::actor>(gateway_), caf::actor_cast<caf::actor>(shared_.scheduler),
          caf::actor_cast<caf::actor>(shared_.directory)})
      caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
    await_exit(shared_.directory);
    await_exit(shared_.scheduler);
    await_exit(gateway_);
    for (const auto& each :
         {caf::actor_cast<caf::actor>(shared_.pool), caf::actor_cast<caf::actor>(shared_.policy),
          caf::actor_cast<caf::actor>(shared_.journal)})
      caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
    await_exit(shared_.journal);
    // The handles would keep their actors alive, and the system waits for all of them.
    shared_.journal = nullptr;
    shared_.policy = nullptr;
    shared_.directory = nullptr;
    shared_.scheduler = nullptr;
    shared_.pool = nullptr;
    gateway_ = nullptr;
  }

private:
  static caf::actor_system_config& configure(caf::actor_system_config& config) {
    // Work sharing sleeps on a condition variable; stealing polls and costs most of a percent of a
    // core when idle.
    config.set("scheduler.policy", caf::atom("sharing"));
    config.set("scheduler.max-threads",
               std::clamp<size_t>(std::thread::hardware_concurrency(), 2, 4));
    return config;
  }

  template <class Handle>
  void await_exit(const Handle& handle) {
    caf::scoped_actor self{system_};
    self->wait_for(handle);
  }

  void load_settings() {
    const auto stored = storage::reader{*shared_.parts.store}.get(settings_ref());
    if (!stored)
      return;
    if (const auto state = decode_state(entity_kind::settings, stored->json))
      shared_.rules.store(std::make_shared<const settings>(std::get<settings>(*state)));
  }

  /// A restored store remembers an older world: every printer waits until a person has confirmed
  /// it. The mark of the restore goes only when all of them are marked, so a crash in between marks
  /// them again.
  void distrust_printers_after_restore() {
    const storage::reader reader{*shared_.parts.store};
    if (reader.restored_from().empty())
      return;
    caf::scoped_actor self{system_};
    for (const auto& stored : reader.open(entity_kind::printer)) {
      command request;
      request.context.who = kernel_principal("restore");
      request.context.via = "restore";
      request.body = commands::mark_unreconciled{printer_id{stored.entity.id}};
      self->request(shared_.directory, caf::infinite, command_atom_v,
                    command_ptr{std::make_shared<const command>(std::move(request))})
          .receive([](const reply_ptr&) {}, [](const caf::error&) {});
    }
    auto done = std::make_shared<commit_request>();
    done->content.records.push_back({storage::family::meta, "restored", std::nullopt});
    self->request(shared_.journal, caf::infinite, commit_atom_v, commit_request_ptr{done})
        .receive([](const commit_reply_ptr&) {}, [](const caf::error&) {});
  }

  /// Removes files that were uploaded but never registered, and what a crash left half-written.
  void sweep_artifacts() {
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

  /// Entities with something to do by themselves get their actors now; the others when they are
  /// needed.
  void wake_open_entities() {
    const storage::reader reader{*shared_.parts.store};
    for (const auto kind : {entity_kind::printer, entity_kind::plan})
      for (const auto& stored : reader.open(kind))
        caf::anon_send(shared_.directory, restart_atom_v, static_cast<uint8_t>(kind),
                       stored.entity.id);
  }

  caf::actor_system_config config_;
  services shared_;
  submission_desk desk_;
  mutable slicer_probe slicer_;
  bool stopped_ = false;
  caf::actor_system system_;
  gateway_actor gateway_;
};

} // namespace

std::unique_ptr<kernel> start_kernel(const kernel_parts& parts) {
  return std::make_unique<caf_kernel>(parts);
}

} // namespace gantry::actors
