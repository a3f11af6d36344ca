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

using measure = double (*)(const effort&);

const std::map<std::string_view, measure>& claims() {
  static const std::map<std::string_view, measure> table{
      {"start", measure_start},   {"memory", measure_memory}, {"idle", measure_idle},
      {"writes", measure_writes}, {"list", measure_list},     {"list-p99", measure_list_p99},
      {"commit", measure_commit},
  };
  return table;
}

void print_help() {
  std::printf("Usage: gantry bench CLAIM [--quick] [--check]\n\n"
              "Measures a claim on this machine, over loopback and in a temporary folder. The last "
              "line is JSON.\n\n");
  for (const auto& each : read_limits(limits_text()))
    std::printf("  %-9s %s %g %s (%s)\n            %s\n", each.claim.c_str(),
                each.less_is_better ? "at most" : "at least", each.value, each.unit.c_str(),
                each.must_hold ? "must" : "target", each.about.c_str());
  std::printf("\n  --quick   a few seconds instead of up to a minute\n"
              "  --check   exit status 1 if a claim that must hold does not\n"
              "  --limits  print the claims as JSON\n\n"
              "Exit status: 0 measured, 1 could not be measured or missed, 2 wrong usage.\n");
}

int usage(const std::string& sentence) {
  std::fprintf(stderr, "gantry bench: %s. Try 'gantry bench --help'.\n", sentence.c_str());
  return wrong_usage;
}

int run(const limit& promised, measure how, const effort& wanted, bool check) {
  try {
    const auto value = how(wanted);
    std::printf("\n%s: %.4g %s, promised %s %g: %s\n", promised.about.c_str(), value,
                promised.unit.c_str(), promised.less_is_better ? "at most" : "at least",
                promised.value, keeps(promised, value) ? "kept" : "missed");
    std::printf("%s\n", json_line(promised, value).c_str());
    return check && promised.must_hold && !keeps(promised, value) ? failed : 0;
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
    if (word == "--quick")
      wanted.quick = true;
    else if (word == "--check")
      check = true;
    else if (word.starts_with('-') || !claim.empty())
      return usage("'" + std::string{word} + "' is not understood");
    else
      claim = word;
  }
  const auto how = claims().find(claim);
  if (how == claims().end())
    return usage(claim.empty() ? "which claim?" : "there is no claim '" + claim + "'");
  const auto limits = read_limits(limits_text());
  const auto promised = std::ranges::find(limits, claim, &limit::claim);
  if (promised == limits.end())
    return usage("limits.json does not name '" + claim + "'");
  return run(*promised, how->second, wanted, check);
}

} // namespace gantry::bench
