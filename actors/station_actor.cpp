#include "actors/station_actor.hpp"

#include "actors/entity_runner.hpp"
#include "actors/station_core.hpp"

#include <caf/stateful_actor.hpp>

namespace gantry::actors {

namespace {

struct station_actor_state {
  static inline constexpr auto name = "station";
  std::unique_ptr<entity_host> host;
  std::unique_ptr<station_core> core;
};

using station_pointer = station_actor::stateful_pointer<station_actor_state>;

/// Hands over what the ports hear on their own threads: reports through the slot, answers as
/// messages, lists of files to whoever asked.
class station_listener final : public hal::resin_listener, public hal::pump_listener {
public:
  station_listener(station_actor reader, std::shared_ptr<station_slot> slot, station_desk& desk)
      : reader_{std::move(reader)}, slot_{std::move(slot)}, desk_{desk} {
    // nop
  }

  void on_report(const resin_report& report) override {
    if (slot_->put(report))
      caf::anon_send(reader_, report_atom_v);
  }

  void on_answer(uint64_t ticket, const hal::port_answer& answer) override {
    if (!desk_.take_answer(ticket, answer))
      caf::anon_send(reader_, answer_atom_v, ticket,
                     answer_ptr{std::make_shared<const hal::port_answer>(answer)});
  }

  void on_files(uint64_t ticket, const std::vector<hal::resin_file>& files) override {
    static_cast<void>(desk_.take_files(ticket, files));
  }

  void on_state(const hal::guard_state& state) override {
    if (slot_->put(state))
      caf::anon_send(reader_, report_atom_v);
  }

  void on_started(uint64_t) override {
    // That a pump is on shows in the guard's state.
  }

  void on_finished(uint64_t ticket, const hal::pump_run_result& result) override {
    caf::anon_send(reader_, answer_atom_v, ticket,
                   run_result_ptr{std::make_shared<const hal::pump_run_result>(result)});
  }

private:
  station_actor reader_;
  std::shared_ptr<station_slot> slot_;
  station_desk& desk_;
};

station_hooks hooks_for(station_pointer self, services& shared, bool may_connect) {
  station_hooks hooks;
  hooks.arm = [self](station_timer timer, uint64_t epoch, std::chrono::milliseconds pause) {
    self->delayed_send(self, pause, wake_atom_v, static_cast<uint64_t>(timer), epoch);
  };
  hooks.slot = std::make_shared<station_slot>();
  const auto listener =
      std::make_shared<station_listener>(station_actor{self}, hooks.slot, shared.stations);
  hooks.printer_listener = listener;
  hooks.pump_listener = listener;
  hooks.may_connect = may_connect;
  return hooks;
}

station_actor::behavior_type station_behavior(station_pointer self, services* shared,
                                              entity_ref ref, bool may_connect) {
  self->state.host = std::make_unique<actor_host<station_pointer>>(self, *shared);
  self->state.core = std::make_unique<station_core>(std::move(ref), *self->state.host, *shared,
                                                    hooks_for(self, *shared, may_connect));
  self->state.core->load();
  return {
      [self](command_atom, const command_ptr& request) {
        return handle_command(self, *self->state.core, request);
      },
      [self](committed_atom, const committed_ptr& states) {
        handle_committed(*self->state.core, states);
      },
      [self](report_atom) { self->state.core->take_reports(); },
      [self](answer_atom, uint64_t ticket, const answer_ptr& answer) {
        self->state.core->take_answer(ticket, *answer);
      },
      [self](answer_atom, uint64_t number, const run_result_ptr& result) {
        self->state.core->take_run_end(number, *result);
      },
      [self](wake_atom, uint64_t timer, uint64_t epoch) {
        self->state.core->take_wake(timer, epoch);
      },
  };
}

} // namespace

station_actor spawn_station(caf::actor_system& system, services& shared, const entity_ref& entity,
                            bool may_connect) {
  return system.spawn(station_behavior, &shared, entity, may_connect);
}

} // namespace gantry::actors
