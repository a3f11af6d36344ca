#include "bench/farm_sim/fault_mix.hpp"

#include "schemas/codec.hpp"

#include <nlohmann/json.hpp>

namespace gantry::farm_sim {

namespace {

using namespace std::chrono_literals;
using hal::mono_time;

/// Each kind of fault is left out of some seeds, so that the others are seen without it.
constexpr double left_out = 0.25;

double share(dice& random, double most) {
  return random.chance(left_out) ? 0 : random.unit() * most;
}

mono_time mean(dice& random, mono_time least, mono_time most) {
  return random.chance(left_out) ? mono_time{0} : random.span(least, most);
}

/// A time between a tenth and ten times of the usual one, within legal bounds.
int64_t stretched(dice& random, int64_t usual, int64_t least, int64_t most) {
  const auto drawn = random.chance(0.5) ? usual * random.between(10, 100) / 10
                                        : usual * random.between(10, 100) / 100;
  return std::clamp(drawn, least, most);
}

settings draw_rules(dice& random) {
  settings rules;
  rules.breaker_limit = random.between(1, 4);
  rules.reprint_ceiling = random.between(2, 6);
  rules.decision_ttl_s = stretched(random, rules.decision_ttl_s, 10, 86'400);
  rules.upload_deadline_s = stretched(random, rules.upload_deadline_s, 10, 86'400);
  rules.start_deadline_s = stretched(random, rules.start_deadline_s, 5, 3'600);
  rules.start_lag_s = stretched(random, rules.start_lag_s, 1, 600);
  rules.settle_after_ready_s = random.between(0, 10);
  rules.approval_from_risk = random.chance(0.3) ? risk_level::medium : risk_level::high;
  return rules;
}

hal::connector_settings draw_connector(dice& random) {
  hal::connector_settings drawn;
  const auto stretch = [&random](std::chrono::milliseconds& usual, int64_t least_ms) {
    usual = std::chrono::milliseconds{stretched(random, usual.count(), least_ms, 3'600'000)};
  };
  // The heartbeat must stay longer than the pause between two signs of life.
  stretch(drawn.heartbeat, 12'000);
  stretch(drawn.backoff_max, 5'000);
  // A question is answered with the machine's next sample.
  stretch(drawn.call_timeout, 12'000);
  stretch(drawn.start_timeout, 12'000);
  stretch(drawn.command_timeout, 60'000);
  return drawn;
}

/// Nothing but a network that is often disturbed and cut.
fault_mix only_network(const fault_mix& drawn) {
  fault_mix mix;
  mix.disturbed_share = 0.05 + drawn.disturbed_share / 2;
  mix.drop = drawn.drop / 10;
  mix.delay_max = drawn.delay_max / 10;
  mix.slow_write_max = 5ms;
  return mix;
}

} // namespace

fault_mix draw_mix(const sim_options& options) {
  dice random{options.seed * 0x9e3779b97f4a7c15 + 1};
  fault_mix mix;
  mix.disturbed_share = share(random, 0.3);
  mix.drop = share(random, 0.3);
  mix.duplicate = share(random, 0.5);
  mix.delay_max = random.chance(left_out) ? 0s : random.span(1s, 60s);
  mix.mangle = share(random, 0.02);
  mix.malformed = 0.02 + share(random, 0.2);
  mix.machine_fault_mean = mean(random, 1h, 12h);
  mix.restart_mean = mean(random, 20min, 4h);
  mix.power_loss = random.unit() * 0.5;
  mix.clean_stop = random.unit() * 0.4;
  mix.write_failure = share(random, 0.002);
  mix.read_failure = share(random, 0.0005);
  mix.slow_write_max = random.chance(left_out) ? 5ms : random.span(10ms, 10s);
  mix.disk_full_mean = mean(random, 2h, 12h);
  mix.wall_step_mean = mean(random, 1h, 8h);
  mix.damage_while_down = share(random, 0.5);
  mix.starvation = share(random, 0.02);
  mix.actor_crash = share(random, 0.02);
  mix.crash_storm_mean = mean(random, 1h, 8h);
  mix.forgetful = share(random, 0.2);
  mix.repeat = 0.02 + share(random, 0.2);
  mix.order_mean = random.span(30min, 90min);
  mix.storm_mean = mean(random, 2h, 12h);
  mix.print_minutes_max = random.between(20, 90);
  if (random.chance(0.1))
    mix.report_period = random.chance(0.5) ? 1s : 250ms;
  mix.screen_race = share(random, 0.1);
  mix.rules = draw_rules(random);
  mix.connector = draw_connector(random);
  // What people do at a station next depends on what they have asked for before.
  if (options.stations > 0)
    mix.forgetful = 0;
  return options.one_print ? only_network(mix) : mix;
}

std::string fault_mix::text() const {
  const auto seconds = [](mono_time x) { return std::chrono::duration<double>(x).count(); };
  const nlohmann::json shown{{"disturbed", disturbed_share},
                             {"drop", drop},
                             {"duplicate", duplicate},
                             {"delay_max_s", seconds(delay_max)},
                             {"mangle", mangle},
                             {"malformed", malformed},
                             {"machine_fault_mean_s", seconds(machine_fault_mean)},
                             {"screen_race", screen_race},
                             {"restart_mean_s", seconds(restart_mean)},
                             {"power_loss", power_loss},
                             {"clean_stop", clean_stop},
                             {"write_failure", write_failure},
                             {"read_failure", read_failure},
                             {"slow_write_max_s", seconds(slow_write_max)},
                             {"disk_full_mean_s", seconds(disk_full_mean)},
                             {"wall_step_mean_s", seconds(wall_step_mean)},
                             {"damage_while_down", damage_while_down},
                             {"starvation", starvation},
                             {"actor_crash", actor_crash},
                             {"crash_storm_mean_s", seconds(crash_storm_mean)},
                             {"forgetful", forgetful},
                             {"repeat", repeat},
                             {"order_mean_s", seconds(order_mean)},
                             {"storm_mean_s", seconds(storm_mean)},
                             {"report_period_ms", report_period.count()},
                             {"print_minutes_max", print_minutes_max},
                             {"heartbeat_ms", connector.heartbeat.count()},
                             {"call_timeout_ms", connector.call_timeout.count()},
                             {"start_timeout_ms", connector.start_timeout.count()},
                             {"settings", to_json_value(rules)}};
  return shown.dump();
}

} // namespace gantry::farm_sim
