#include "actors/kernel.hpp"

#include "actors/assembly.hpp"
#include "actors/clock_watch.hpp"
#include "actors/end_process.hpp"
#include "actors/slicer_probe.hpp"
#include "actors/station_stop.hpp"
#include "actors/station_watch.hpp"
#include "logging/log.hpp"
#include "rules/decide.hpp"
#include "rules/station_checks.hpp"
#include "rules/station_report.hpp"
#include "storage/reader.hpp"

#include <algorithm>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <thread>
#include <utility>

namespace gantry::actors {

namespace {

using std::chrono::milliseconds;

/// How long a stopping kernel waits for commands in flight.
constexpr milliseconds stop_patience{2'000};

/// A log that fails ends nothing, but somebody should know.
health_check log_check() {
  const auto log = logging::health();
  const auto lost = std::to_string(log.dropped) + " lines were dropped, "
                    + std::to_string(log.file_errors) + " could not be written";
  return {.name = "log",
          .healthy = !log.failing,
          .detail = log.failing ? "The log's files cannot be written: " + lost
                                      + ". Look at the disk and the folder logs."
                                : "Lines are written; since the start " + lost + "."};
}

class caf_kernel final : public kernel {
public:
  explicit caf_kernel(const kernel_parts& parts)
      : shared_{parts},
        clocks_{*parts.clock},
        system_{configure(config_)},
        actors_{system_, shared_, desk_, {}} {
    try {
      distrust_printers_after_restore();
      actors_.begin();
    } catch (...) {
      // Actors are at work already, and nobody could stop them.
      end_process("kernel", std::current_exception());
    }
  }

  ~caf_kernel() override { stop(); }

  void submit(command request, std::function<void(command_reply)> then) override {
    actors_.submit(std::move(request), std::move(then));
  }

  void probe(const hal::port_config& target, std::function<void(hal::port_answer)> then) override {
    shared_.parts.printers->probe(target, std::move(then));
  }

  void probe(const hal::resin_config& target, std::function<void(hal::port_answer)> then) override {
    if (shared_.parts.resin_printers)
      return shared_.parts.resin_printers->probe(target, std::move(then));
    then({hal::port_outcome::refused, reason::link_closed, "there is no connector", 0});
  }

  std::optional<bool> stop_pumps(const station_id& id,
                                 std::chrono::milliseconds patience) override {
    return actors::stop_pumps(shared_, id, patience);
  }

  void list_files(const station_id& id, std::function<void(station_files)> then) override {
    shared_.stations.list_files(id, std::move(then));
  }

  std::vector<station_check> check_start(const station& where,
                                         const commands::start_station& wanted) const override {
    return rules::start_checks(where, wanted, facts_of(where.id));
  }

  std::vector<station_check> check_attach(const station& where,
                                          const commands::attach_station& wanted) const override {
    return rules::attach_checks(where, wanted, facts_of(where.id));
  }

  outcome check_files(const commands::take_station_files& wanted) const override {
    const storage::reader view{*shared_.parts.store};
    rules::facts known;
    const auto put = [&known](const storage::stored_entity& stored) {
      if (auto state = decode_state(entity_kind::station, stored.json))
        known.put(stored.entity, {stored.version, std::move(*state)});
    };
    for (const auto& stored : view.open(entity_kind::station))
      put(stored);
    if (const auto stored = view.get(ref_of(wanted.id)))
      put(*stored);
    command request;
    request.context.who = kernel_principal("settings");
    request.body = wanted;
    const auto ruling = rules::decide(request, ref_of(wanted.id), known, nullptr);
    if (ruling.code != reason::ok)
      return refusal{ruling.code, ruling.params};
    return success();
  }

  station_report report(const station_id& id, size_t prints_max) const override {
    std::vector<event_envelope> events;
    size_t prints = 0;
    const storage::reader view{*shared_.parts.store};
    // Backwards, because the log of years lies before the prints that are asked for. The figures
    // are the same however few those are.
    const auto read_max = std::max(prints_max, rules::counted_prints_max);
    view.events_of(
        ref_of(id),
        [&events, &prints, read_max](uint64_t, std::string_view text) {
          auto envelope = decode_envelope(text);
          if (!envelope || !is_material_event(envelope->type))
            return true;
          const bool begins = envelope->type == events::station_job_began::type;
          events.push_back(std::move(*envelope));
          return !begins || ++prints < read_max;
        },
        storage::event_order::newest_first);
    std::ranges::reverse(events);
    station_report made;
    made.prints = rules::reports_of(events);
    made.statistics = rules::statistics_of(made.prints);
    if (made.prints.size() > prints_max)
      made.prints.erase(made.prints.begin(),
                        made.prints.begin()
                            + static_cast<std::ptrdiff_t>(made.prints.size() - prints_max));
    return made;
  }

  clock_report clock(std::optional<timestamp> client_time) const override {
    return clocks_.look(client_time);
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
    add_station_checks(checks, shared_);
    checks.push_back(log_check());
    checks.push_back(clock_check(clocks_.look(std::nullopt)));
    return checks;
  }

  void stop() override {
    if (std::exchange(stopped_, true))
      return;
    desk_.close(stop_patience);
    actors_.stop_deciding();
    for (const auto& each : actors_.deciders())
      await_exit(each);
    actors_.stop_committing();
    await_exit(shared_.journal);
    actors_.release();
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

  station_facts facts_of(const station_id& id) const {
    const auto live = shared_.live.station(id);
    return live ? live->facts : station_facts{};
  }

  template <class Handle>
  void await_exit(const Handle& handle) {
    caf::scoped_actor self{system_};
    self->wait_for(handle);
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

  caf::actor_system_config config_;
  services shared_;
  submission_desk desk_;
  mutable slicer_probe slicer_;
  mutable clock_watch clocks_;
  bool stopped_ = false;
  caf::actor_system system_;
  assembly actors_;
};

} // namespace

std::unique_ptr<kernel> start_kernel(const kernel_parts& parts) {
  return std::make_unique<caf_kernel>(parts);
}

} // namespace gantry::actors
