#include "bench/farm_sim/farm_sim_command.hpp"

#include "bench/farm_sim/batch.hpp"
#include "schemas/defect.hpp"

#include <cstdio>
#include <nlohmann/json.hpp>

namespace gantry::farm_sim {

namespace {

using nlohmann::json;

constexpr const char* details =
    "The real actors, rules and connectors on one thread and in virtual time: simulated machines,\n"
    "a network that loses and delays, people who order and clear beds, a computer that is killed.\n"
    "The same seed is the same run. The last line is one JSON object; on a violation the drawn\n"
    "settings, the last events and the command that repeats the run come before it.\n";

batch_options options_of(const cli::arguments& given) {
  batch_options options;
  options.each.seed = static_cast<uint64_t>(given.integer("--seed", 1));
  options.each.stations = static_cast<size_t>(given.integer("--stations", 0));
  options.each.printers =
      static_cast<size_t>(given.integer("--printers", options.each.stations > 0 ? 0 : 3));
  options.each.one_print = given.has("--one-print");
  options.each.hours = given.real("--hours", 8);
  options.each.trace = given.has("--trace");
  options.each.on_disk = given.has("--on-disk");
  options.seeds = static_cast<uint64_t>(given.integer("--seeds", 1));
  options.jobs = static_cast<unsigned>(given.integer("--jobs", 1));
  return options;
}

void show_violation(const sim_result& what, const batch_options& options) {
  auto each = options.each;
  each.seed = what.seed;
  std::printf("\nseed %lu\nsettings %s\nlast events:\n", static_cast<unsigned long>(what.seed),
              what.mix.c_str());
  for (const auto& line : what.last_events)
    std::printf("  %.300s\n", line.c_str());
  for (const auto& text : what.violations)
    std::printf("VIOLATION %s\n", text.c_str());
  std::printf("again: %s\n", replay_command(each).c_str());
}

std::string hash_text(uint64_t hash) {
  char text[20];
  std::snprintf(text, sizeof text, "%016lx", static_cast<unsigned long>(hash));
  return text;
}

json json_of(const batch_result& x) {
  json violations = json::array();
  for (const auto& each : x.violated)
    for (const auto& text : each.violations)
      violations.push_back("seed " + std::to_string(each.seed) + ": " + text);
  return {{"seed", x.first_seed},
          {"seeds", x.seeds},
          {"trace_hash", hash_text(x.trace_hash)},
          {"printer_hours", x.printer_hours},
          {"wall_s", x.wall_s},
          {"steps", x.steps},
          {"starts", x.starts},
          {"restarts", x.restarts},
          {"restarts_in_transit", x.restarts_in_transit},
          {"reruns", x.reruns},
          {"mismatches", x.mismatches},
          {"faults", x.faults},
          {"checks", x.checks},
          {"vacuous", x.vacuous},
          {"violations", violations}};
}

cli::exit_code simulate_farms(const cli::arguments& given) {
  const auto options = options_of(given);
#ifdef GANTRY_DEFECTS
  if (given.has("--defect"))
    chosen_defect = "defect/" + given.text("--defect");
#endif
  if (options.seeds == 1)
    std::printf("settings %s\n", draw_mix(options.each).text().c_str());
  const auto found = run_batch(options);
  for (const auto& each : found.violated)
    show_violation(each, options);
  std::printf("%s\n", json_of(found).dump().c_str());
  return found.holds() ? cli::exit_code::done : cli::exit_code::failed;
}

} // namespace

cli::subcommand farm_sim_command() {
  using cli::option_kind;
  constexpr double most = 1e15;
  return {
      .name = "sim farm",
      .operands = "",
      .summary = "Simulates a whole farm under faults and checks what must always hold.",
      .details = details,
      .options = {{"--seed", option_kind::integer, "S", "first seed (default: 1)", 0, most},
                  {"--seeds", option_kind::integer, "N", "how many seeds (default: 1)", 1, most},
                  {"--printers", option_kind::integer, "N",
                   "printers (default: 3, or none with stations)", 0, 100},
                  {"--stations", option_kind::integer, "N", "resin stations (default: 0)", 0, 8},
                  {"--one-print", option_kind::flag, "",
                   "each station makes one print of all the hours, over a bad network"},
                  {"--hours", option_kind::real, "H", "virtual hours with faults (default: 8)", 0.1,
                   10'000},
                  {"--jobs", option_kind::integer, "N", "processes (default: 1)", 1, 64},
                  {"--on-disk", option_kind::flag, "", "RocksDB instead of memory"},
#ifdef GANTRY_DEFECTS
                  {"--defect", option_kind::text, "ID", "have the defect of an invariant"},
#endif
                  {"--trace", option_kind::flag, "", "print every event"}},
      .run = simulate_farms};
}

} // namespace gantry::farm_sim
