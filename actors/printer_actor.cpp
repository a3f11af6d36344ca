#include "actors/printer_actor.hpp"

#include "actors/entity_runner.hpp"
#include "actors/printer_core.hpp"
#include "storage/telemetry.hpp"

#include <caf/stateful_actor.hpp>

namespace gantry::actors {

namespace {

struct printer_state {
  static inline constexpr auto name = "printer";
  std::unique_ptr<entity_host> host;
  std::unique_ptr<printer_core> core;
};

using printer_pointer = printer_actor::stateful_pointer<printer_state>;

/// Hands over what the port hears on its own thread: reports through the slot, answers as messages.
class message_listener final : public hal::port_listener {
public:
  message_listener(printer_actor reader, std::shared_ptr<report_slot> slot)
      : reader_{std::move(reader)}, slot_{std::move(slot)} {
    // nop
  }

  void on_report(const device_report& report) override {
    if (slot_->put(report))
      caf::anon_send(reader_, report_atom_v);
  }

  void on_answer(uint64_t ticket, const hal::port_answer& answer) override {
    caf::anon_send(reader_, answer_atom_v, ticket,
                   answer_ptr{std::make_shared<const hal::port_answer>(answer)});
  }

private:
  printer_actor reader_;
  std::shared_ptr<report_slot> slot_;
};

/// How long telemetry is kept.
constexpr std::chrono::hours telemetry_lifetime{30 * 24};
/// Old blocks that go with each new one; more than one, so that a shorter lifetime takes effect.
constexpr size_t expired_at_once = 4;

void keep_block(printer_pointer self, services& shared, const std::string& printer,
                const finished_block& block) {
  auto changes = std::make_shared<storage::batch>();
  storage::append_telemetry(*changes, printer, block.from.time_since_epoch().count(), block.bytes);
  const auto oldest = shared.parts.clock->wall() - telemetry_lifetime;
  static_cast<void>(storage::expire_telemetry(*changes, *shared.parts.store, printer,
                                              oldest.time_since_epoch().count(), expired_at_once));
  self->send(shared.journal, keep_atom_v, loose_batch_ptr{changes});
}

printer_hooks hooks_for(printer_pointer self, services& shared, const std::string& printer,
                        bool may_connect) {
  printer_hooks hooks;
  hooks.arm = [self](printer_timer timer, uint64_t epoch, std::chrono::milliseconds pause) {
    self->delayed_send(self, pause, wake_atom_v, static_cast<uint64_t>(timer), epoch);
  };
  hooks.wake_scheduler = [self, &shared] { self->send(shared.scheduler, wake_atom_v); };
  hooks.keep_block = [self, &shared, printer](const finished_block& block) {
    keep_block(self, shared, printer, block);
  };
  hooks.slot = std::make_shared<report_slot>();
  hooks.listener = std::make_shared<message_listener>(printer_actor{self}, hooks.slot);
  hooks.may_connect = may_connect;
  return hooks;
}

printer_actor::behavior_type printer_behavior(printer_pointer self, services* shared,
                                              entity_ref ref, bool may_connect) {
  end_by_exceptions(self, ref);
  self->state.host = std::make_unique<actor_host<printer_pointer>>(self, *shared);
  auto hooks = hooks_for(self, *shared, ref.id, may_connect);
  self->state.core =
      std::make_unique<printer_core>(std::move(ref), *self->state.host, *shared, std::move(hooks));
  self->state.core->load();
  return {
      [self](command_atom, const command_ptr& request) {
        return handle_command(self, *self->state.core, request);
      },
      [self](committed_atom, const committed_ptr& states) {
        handle_committed(*self->state.core, states);
      },
      [self](report_atom) { self->state.core->take_report(); },
      [self](answer_atom, uint64_t ticket, const answer_ptr& answer) {
        self->state.core->take_answer(ticket, *answer);
      },
      [self](wake_atom, uint64_t timer, uint64_t epoch) {
        self->state.core->take_wake(timer, epoch);
      },
  };
}

} // namespace

printer_actor spawn_printer(caf::actor_system& system, services& shared, const entity_ref& entity,
                            bool may_connect) {
  return system.spawn(printer_behavior, &shared, entity, may_connect);
}

} // namespace gantry::actors
