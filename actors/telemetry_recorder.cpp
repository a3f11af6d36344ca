#include "actors/telemetry_recorder.hpp"

#include <algorithm>
#include <utility>

namespace gantry::actors {

namespace {

bool is_busy(const device_report& report) {
  return report.is_active || report.print == print_state::printing
         || report.print == print_state::paused
         || std::ranges::any_of(report.temperatures,
                                [](const temperature_reading& each) { return each.target_mc > 0; });
}

} // namespace

std::optional<finished_block> telemetry_recorder::take(const device_report& report,
                                                       hal::mono_time now, timestamp wall) {
  fresh_ = false;
  const auto pace = is_busy(report) ? busy_pace : idle_pace;
  if (last_at_ && now - *last_at_ < pace)
    return std::nullopt;
  const auto sample = sample_of(report, wall);
  if (!sample)
    return std::nullopt;
  last_at_ = now;
  fresh_ = true;
  std::optional<finished_block> done;
  if (!writer_.add(*sample)) {
    // Another tool head, or another machine at this address: it begins a block of its own.
    done = finish();
    static_cast<void>(writer_.add(*sample));
  } else if (writer_.samples() >= samples_max) {
    done = finish();
  }
  return done;
}

finished_block telemetry_recorder::finish() {
  const auto full = std::exchange(writer_, {});
  return {full.from(), full.block()};
}

} // namespace gantry::actors
