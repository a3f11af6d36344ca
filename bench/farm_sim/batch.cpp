#include "bench/farm_sim/batch.hpp"

#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <sys/wait.h>
#include <unistd.h>

namespace gantry::farm_sim {

namespace {

using nlohmann::json;

constexpr uint64_t rerun_interval = 20;
constexpr uint64_t disk_interval = 50;

json json_of(const sim_result& x) {
  return {{"seed", x.seed},
          {"trace_hash", x.trace_hash},
          {"printer_hours", x.printer_hours},
          {"steps", x.steps},
          {"starts", x.starts},
          {"restarts", x.restarts},
          {"restarts_in_transit", x.restarts_in_transit},
          {"faults", x.faults},
          {"checks", x.checks},
          {"violations", x.violations},
          {"mix", x.mix},
          {"last_events", x.last_events}};
}

sim_result result_of(const json& x) {
  sim_result answer;
  answer.seed = x.at("seed");
  answer.trace_hash = x.at("trace_hash");
  answer.printer_hours = x.at("printer_hours");
  answer.steps = x.at("steps");
  answer.starts = x.at("starts");
  answer.restarts = x.at("restarts");
  answer.restarts_in_transit = x.at("restarts_in_transit");
  answer.faults = x.at("faults").get<counters>();
  answer.checks = x.at("checks").get<counters>();
  answer.violations = x.at("violations").get<std::vector<std::string>>();
  answer.mix = x.at("mix");
  answer.last_events = x.at("last_events").get<std::deque<std::string>>();
  return answer;
}

sim_options options_for(const batch_options& options, uint64_t seed) {
  auto each = options.each;
  each.seed = seed;
  each.on_disk = each.on_disk || seed % disk_interval == 0;
  return each;
}

/// Runs one seed, a second time if it is its turn, and with its events if it found something.
void run_seed(const batch_options& options, uint64_t seed,
              const std::function<void(const sim_result&, bool rerun, bool same)>& use) {
  auto each = options_for(options, seed);
  auto found = simulate(each);
  const bool rerun = options.seeds > 1 && seed % rerun_interval == 0;
  const bool same = !rerun || simulate(each).trace_hash == found.trace_hash;
  if (!found.violations.empty() && !each.keep_events) {
    each.keep_events = true;
    found = simulate(each);
  }
  use(found, rerun, same);
}

void add(counters& to, const counters& from) {
  for (const auto& [id, count] : from)
    to[id] += count;
}

void add(batch_result& to, const sim_result& from, bool rerun, bool same) {
  ++to.seeds;
  // A sum does not depend on the order in which processes end.
  to.trace_hash += from.trace_hash;
  to.printer_hours += from.printer_hours;
  to.steps += from.steps;
  to.starts += from.starts;
  to.restarts += from.restarts;
  to.restarts_in_transit += from.restarts_in_transit;
  to.reruns += rerun ? 1 : 0;
  to.mismatches += same ? 0 : 1;
  add(to.faults, from.faults);
  add(to.checks, from.checks);
  if (from.starts == 0)
    to.vacuous.push_back("seed " + std::to_string(from.seed) + " has no start");
  if (!from.violations.empty())
    to.violated.push_back(from);
}

void judge_vacuity(batch_result& what, const sim_options& options) {
  for (const auto& id : faults_in_scope(options))
    if (!what.faults.contains(id))
      what.vacuous.push_back(id);
  for (const auto& id : invariants_in_scope(options))
    if (!what.checks.contains(id))
      what.vacuous.push_back(id);
  if (what.restarts_in_transit == 0 && !options.one_print)
    what.vacuous.push_back("no restart fell into a transient state");
}

/// The child's part: its share of the seeds, one line of JSON for each.
void run_share(const batch_options& options, unsigned part, int to) {
  auto* out = ::fdopen(to, "w");
  for (uint64_t i = part; i < options.seeds; i += options.jobs)
    run_seed(options, options.each.seed + i, [&](const sim_result& x, bool rerun, bool same) {
      auto line = json_of(x);
      line["rerun"] = rerun;
      line["same"] = same;
      std::fprintf(out, "%s\n", line.dump(-1, ' ', false, json::error_handler_t::replace).c_str());
    });
  std::fclose(out);
}

void read_share(int from, batch_result& into) {
  auto* in = ::fdopen(from, "r");
  char* line = nullptr;
  size_t size = 0;
  while (::getline(&line, &size, in) > 0) {
    const auto read = json::parse(line);
    add(into, result_of(read), read.at("rerun"), read.at("same"));
  }
  std::free(line);
  std::fclose(in);
}

void run_in_processes(const batch_options& options, batch_result& into) {
  std::vector<std::pair<pid_t, int>> children;
  std::fflush(nullptr);
  for (unsigned part = 0; part < options.jobs; ++part) {
    int ends[2];
    if (::pipe(ends) != 0)
      throw std::runtime_error{"no pipe"};
    const auto child = ::fork();
    if (child == 0) {
      ::close(ends[0]);
      run_share(options, part, ends[1]);
      ::_exit(0);
    }
    ::close(ends[1]);
    children.emplace_back(child, ends[0]);
  }
  for (const auto& [child, from] : children)
    read_share(from, into);
  for (const auto& [child, from] : children) {
    int status = 0;
    ::waitpid(child, &status, 0);
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
      into.vacuous.push_back("a process ended with status " + std::to_string(status));
  }
}

} // namespace

batch_result run_batch(const batch_options& options) {
  const auto began = std::chrono::steady_clock::now();
  batch_result sum;
  sum.first_seed = options.each.seed;
  if (options.jobs > 1)
    run_in_processes(options, sum);
  else
    for (uint64_t i = 0; i < options.seeds; ++i)
      run_seed(options, options.each.seed + i,
               [&sum](const sim_result& x, bool rerun, bool same) { add(sum, x, rerun, same); });
  if (options.seeds > 1)
    judge_vacuity(sum, options.each);
  else
    sum.vacuous.clear();
  sum.wall_s = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  return sum;
}

std::string replay_command(const sim_options& options) {
  char hours[32];
  std::snprintf(hours, sizeof hours, "%g", options.hours);
  return "gantry sim farm --seed " + std::to_string(options.seed) + " --printers "
         + std::to_string(options.printers) + " --stations " + std::to_string(options.stations)
         + " --hours " + hours + (options.one_print ? " --one-print" : "")
         + (options.on_disk ? " --on-disk" : "") + " --trace";
}

} // namespace gantry::farm_sim
