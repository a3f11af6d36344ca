// How often what is believed differs from what the machines do, while links and machines misbehave.
#include "bench/busy_farm.hpp"
#include "bench/claims.hpp"

#include <chrono>
#include <cstdio>
#include <map>
#include <random>
#include <thread>

namespace gantry::bench {

using nlohmann::json;

namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds sample_pause{250};
/// A difference that is younger may still be on its way to us; it counts as one, but needs no
/// badge.
constexpr std::chrono::seconds badge_grace{2};
/// Each printer meets a disturbance this often, thirty times as often as a bad day would have it.
constexpr std::chrono::milliseconds disturbance_pace{60'000};
/// Of the faults; the machine's clock is the only other source of chance.
constexpr uint32_t seed = 20'261'125;

/// Disturbances of links and of machines, as hal/sim/README.md has them.
constexpr const char* faults[] = {
    R"({"kind":"drop_connections"})",
    R"({"kind":"silent","for_ms":4000,"executes":true})",
    R"({"kind":"refuse_connections","for_ms":3000})",
    R"({"kind":"delay_replies","min_ms":50,"max_ms":800})",
    R"({"kind":"drop_frames","share":0.3})",
    R"({"kind":"duplicate_frames","share":0.5})",
    R"({"kind":"clear"})",
    R"({"kind":"moonraker_restart","for_ms":2000})",
    R"({"kind":"screen_pause"})",
    R"({"kind":"screen_resume"})",
    R"({"kind":"report_file","file":"other.gcode"})",
    R"({"kind":"report_file","file":""})",
    R"({"kind":"klippy_shutdown","message":"bench"})",
    R"({"kind":"klippy_repaired"})",
};

/// What a machine does, in the words of a ticket. Firmware that is shut down still calls the print
/// that this ended "paused", but nothing can go on with it.
std::string truth_of(http_client& machine) {
  if (machine.ask(get_text("/sim/state", {})) != 200)
    return "unknown";
  const auto state = json::parse(machine.body(), nullptr, false);
  if (state.value("klippy_state", "") != "ready")
    return "none";
  const auto word = state.value("print_state", "");
  return word == "printing" || word == "paused" ? word : "none";
}

/// What the kernel believes; a print that a person is asked about is no belief.
std::string belief_of(const json& printer) {
  const auto& ticket = printer["ticket"];
  if (!ticket.is_object())
    return "none";
  const auto phase = ticket["phase"].get<std::string>();
  if (phase == "printing" || phase == "paused")
    return phase;
  return phase == "attention" ? "attention" : "none";
}

/// True if the page shows that what it says about the printer may be wrong.
bool is_badged(const json& printer) {
  const auto& live = printer["live"];
  return live["stale"] == true || !live["desync"].is_null() || !live["attention"].empty()
         || live["report"].is_null() || live["report"]["link"] != "online"
         || live["report"]["firmware"] != "ready";
}

struct tally {
  size_t samples = 0;
  size_t differing = 0;
  size_t unbadged = 0;
  /// Differing samples by the last disturbance of their machine, `belief, not truth`.
  std::map<std::string, size_t> by_cause;
};

/// Compares one printer and remembers since when it differs.
void look_at(const json& printer, const std::string& truth, const std::string& last_fault,
             std::map<std::string, clock::time_point>& since, tally& to) {
  const auto id = printer["id"].get<std::string>();
  ++to.samples;
  const auto belief = belief_of(printer);
  if (belief == truth || belief == "attention") {
    since.erase(id);
    return;
  }
  ++to.differing;
  ++to.by_cause[last_fault + ": " + belief + ", not " + truth];
  const auto began = since.emplace(id, clock::now()).first->second;
  if (clock::now() - began > badge_grace && !is_badged(printer))
    ++to.unbadged;
}

} // namespace

std::vector<figure> measure_desync(const effort& how) {
  farm_options options;
  options.park.printers = how.quick ? 20 : 30;
  options.park.speed = 10;
  options.past = no_past;
  served_farm farm{options};
  farm.start();
  farm.await_printers();
  farm_api api{farm.port(), farm.token(), "desync"};
  static_cast<void>(put_to_work(farm, api, 3 * options.park.printers));
  std::vector<std::unique_ptr<http_client>> machines;
  std::map<std::string, size_t> numbers;
  for (size_t i = 0; i < farm.printer_ids().size(); ++i) {
    machines.push_back(std::make_unique<http_client>(farm.park().printers()[i].port));
    numbers[farm.printer_ids()[i]] = i;
  }
  std::mt19937 chance{seed};
  const auto pick = [&chance](size_t count) { return chance() % count; };
  std::map<std::string, size_t> injected;
  std::vector<std::string> last_faults(machines.size(), "none");
  std::map<std::string, clock::time_point> since;
  tally found;
  const auto until = clock::now() + std::chrono::seconds{how.quick ? 20 : 120};
  const auto odds = static_cast<size_t>(disturbance_pace / sample_pause) / machines.size();
  while (clock::now() < until) {
    if (pick(std::max<size_t>(odds, 1)) == 0) {
      const std::string fault = faults[pick(std::size(faults))];
      const auto victim = pick(machines.size());
      farm.park().inject(victim, fault);
      last_faults[victim] = json::parse(fault)["kind"].get<std::string>();
      ++injected[last_faults[victim]];
    }
    std::vector<std::string> truths;
    for (auto& each : machines)
      truths.push_back(truth_of(*each));
    const auto page = api.get("/printers?limit=500");
    for (const auto& printer : page["items"]) {
      const auto number = numbers.at(printer["id"].get<std::string>());
      look_at(printer, truths[number], last_faults[number], since, found);
    }
    std::this_thread::sleep_for(sample_pause);
  }
  std::printf("fault               times\n");
  for (const auto& [kind, times] : injected)
    std::printf("%-18s  %5zu\n", kind.c_str(), times);
  std::printf("\nlast fault: belief, not truth                samples\n");
  for (const auto& [cause, times] : found.by_cause)
    std::printf("%-44s %7zu\n", cause.c_str(), times);
  const auto share = 100.0 * static_cast<double>(found.differing)
                     / static_cast<double>(std::max<size_t>(found.samples, 1));
  std::printf("\nsamples  differing  without a badge\n%7zu  %9zu  %15zu\n", found.samples,
              found.differing, found.unbadged);
  return {plain_figure("differing", share), plain_figure("differing, wanted", share),
          plain_figure("without a badge", static_cast<double>(found.unbadged))};
}

} // namespace gantry::bench
