#include "bench/bench.hpp"
#include "bench/claims.hpp"
#include "bench/measurement.hpp"

#include <algorithm>
#include <cstdio>
#include <exception>
#include <map>
#include <string>

namespace gantry::bench {

namespace {

constexpr int failed = 1;
constexpr int wrong_usage = 2;

using measure = std::vector<figure> (*)(const effort&);

const std::map<std::string_view, measure>& programs() {
  static const std::map<std::string_view, measure> table{
      {"list", measure_list},     {"commit", measure_commit}, {"telemetry", measure_telemetry},
      {"bytes", measure_bytes},   {"farm50", measure_farm50}, {"ui", measure_ui},
      {"desync", measure_desync}, {"memory", measure_memory}, {"start", measure_start},
      {"idle", measure_idle},     {"writes", measure_writes}, {"upload", measure_upload},
      {"growth", measure_growth}, {"pump", measure_pump},     {"estop", measure_estop},
      {"log", measure_log},       {"page", measure_station_page},
  };
  return table;
}

std::string goal_text(const goal& each) {
  std::string text = each.less_is_better ? "at most " : "at least ";
  char number[32];
  std::snprintf(number, sizeof number, "%g", each.value);
  text += number;
  text += each.by == judged_by::ratio ? " of the ceiling" : " " + each.unit;
  return text;
}

void print_help() {
  std::printf("Usage: gantry bench CLAIM [--quick] [--check]\n\n"
              "Measures a claim on this machine, over loopback and in a temporary folder. The last "
              "line is JSON.\n\n");
  for (const auto& each : read_limits(limits_text())) {
    std::printf("  %-9s %s\n", each.claim.c_str(), each.about.c_str());
    for (const auto& promised : each.goals)
      std::printf("            %s: %s (%s)\n", promised.figure.c_str(), goal_text(promised).c_str(),
                  promised.must_hold ? "must" : "target");
  }
  std::printf("\n  --quick   a few seconds instead of up to a minute\n"
              "  --check   exit status 1 if a figure is beyond what must hold on any machine\n"
              "  --claims  print the names of the claims\n"
              "  --gates   print the names of those that --check can fail\n"
              "  --limits  print the promises as JSON\n\n"
              "Exit status: 0 measured, 1 could not be measured or missed, 2 wrong usage.\n");
}

int print_names(bool gates_only) {
  for (const auto& each : read_limits(limits_text()))
    if (!gates_only || has_gate(each))
      std::printf("%s\n", each.claim.c_str());
  return 0;
}

int usage(const std::string& sentence) {
  std::fprintf(stderr, "gantry bench: %s. Try 'gantry bench --help'.\n", sentence.c_str());
  return wrong_usage;
}

int run(const promised_claim& claim, measure how, const effort& wanted, bool check) {
  try {
    const auto verdicts = judge(claim, how(wanted), wanted.quick);
    std::printf("\n%s\n", claim.about.c_str());
    for (const auto& each : verdicts) {
      std::printf("  %s: %.4g %s", each.measured.name.c_str(), each.measured.value,
                  each.promised.unit.c_str());
      if (each.measured.limit)
        std::printf(", ceiling %.4g, ratio %.3g", *each.measured.limit,
                    each.measured.ratio.value_or(0));
      std::printf("; promised %s: %s\n", goal_text(each.promised).c_str(),
                  each.kept ? "kept" : "missed");
    }
    std::printf("%s\n", json_line(claim.claim, verdicts, wanted.quick).c_str());
    return check && !passes(verdicts) ? failed : 0;
  } catch (const std::exception& error) {
    std::fprintf(stderr, "gantry bench: %s\n", error.what());
    return failed;
  }
}

} // namespace

int bench_main(int argc, char** argv) {
  std::string claim;
  effort wanted;
  bool check = false;
  if (argc > 1 && std::string_view{argv[1]} == "bare-server")
    return bare_server_main(argc - 2, argv + 2);
  for (int i = 1; i < argc; ++i) {
    const std::string_view word = argv[i];
    if (word == "--help" || word == "-h")
      return print_help(), 0;
    if (word == "--limits")
      return std::printf("%s", std::string{limits_text()}.c_str()), 0;
    if (word == "--claims" || word == "--gates")
      return print_names(word == "--gates");
    if (word == "--quick")
      wanted.quick = true;
    else if (word == "--check")
      check = true;
    else if (word.starts_with('-') || !claim.empty())
      return usage("'" + std::string{word} + "' is not understood");
    else
      claim = word;
  }
  const auto how = programs().find(claim);
  if (how == programs().end())
    return usage(claim.empty() ? "which claim?" : "there is no claim '" + claim + "'");
  const auto limits = read_limits(limits_text());
  const auto promised = std::ranges::find(limits, claim, &promised_claim::claim);
  if (promised == limits.end())
    return usage("limits.json does not name '" + claim + "'");
  return run(*promised, how->second, wanted, check);
}

} // namespace gantry::bench
