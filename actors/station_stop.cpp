#include "actors/station_stop.hpp"

#include "hal/pump_port.hpp"
#include "schemas/codec.hpp"
#include "storage/reader.hpp"

namespace gantry::actors {

namespace {

/// Asks for nothing but the stop, and hears nothing.
class deaf_listener final : public hal::pump_listener {
public:
  void on_state(const hal::guard_state&) override {
    // Whoever works with the pumps hears it, too.
  }
  void on_started(uint64_t) override {
    // It runs nothing.
  }
  void on_finished(uint64_t, const hal::pump_run_result&) override {
    // It runs nothing.
  }
};

/// The guard's name of the station's lines; empty if it has none.
std::string bank_of(const services& shared, const station_id& id) {
  const auto stored = storage::reader{*shared.parts.store}.get(ref_of(id));
  const auto where = stored ? from_json_text<station>(stored->json, strictness::stored)
                            : result<station>{refusal{reason::not_found, {}}};
  return where && !where->retired ? where->setup.pump_bank : std::string{};
}

} // namespace

std::optional<bool> stop_pumps(services& shared, const station_id& id,
                               std::chrono::milliseconds patience) {
  if (const auto off = shared.stations.emergency_stop(id, patience))
    return off;
  // Nobody works with its pumps: it was set aside after failures, or has not begun yet. The lines
  // are the guard's all the same.
  const auto bank = bank_of(shared, id);
  if (bank.empty())
    return std::nullopt;
  if (!shared.parts.pumps)
    return false;
  return shared.parts.pumps->open(bank, std::make_shared<deaf_listener>())
      ->emergency_stop(patience);
}

} // namespace gantry::actors
