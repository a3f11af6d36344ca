// `gantry sim pumps`: what simulated pumps really did, from their own record.
#include "hal/pumps/pump_record.hpp"
#include "cli/command.hpp"

#include <cstdio>

namespace gantry::cli {

namespace {

double seconds(hal::mono_time time) {
  return std::chrono::duration<double>(time).count();
}

exit_code show_record(const arguments& given) {
  const auto record = pumps::pump_record::read(given.positional().front());
  if (!record) {
    std::fprintf(stderr, "gantry: %s\n", record.why().text().c_str());
    return exit_code::failed;
  }
  const std::chrono::seconds window{given.integer("--window", 600)};
  std::printf("%-24s %6s %10s %10s %12s\n", "line", "runs", "on", "ml",
              ("in " + std::to_string(window.count()) + " s").c_str());
  for (const auto& [name, line] : record->lines())
    std::printf("%-24s %6zu %8.2f s %10.1f %10.2f s%s\n", name.c_str(), line.runs.size(),
                seconds(line.on_time()), static_cast<double>(line.volume_ul()) / 1000,
                seconds(line.window_peak(window)),
                !line.runs.empty() && !line.runs.back().ended ? "  on" : "");
  auto violations = record->overlaps();
  violations.insert(violations.end(), record->late_offs().begin(), record->late_offs().end());
  for (const auto& each : violations)
    std::printf("VIOLATION: %s\n", each.c_str());
  return violations.empty() ? exit_code::done : exit_code::failed;
}

} // namespace

subcommand pump_record_command() {
  return {.name = "sim pumps",
          .operands = "RECORD",
          .operands_min = 1,
          .operands_max = 1,
          .summary = "Shows what simulated pumps really did, from their own record.",
          .details = "Times, volumes and the most on-time within any window, per line. Exit status "
                     "1 if two\npumps that exclude each other were on together.\n",
          .options = {{"--window", option_kind::integer, "SECONDS", "length of the window (600)", 1,
                       86'400}},
          .run = show_record};
}

} // namespace gantry::cli
