#include "cli/demo_resin.hpp"

#include "cli/demo_setup.hpp"
#include "cli/guarded.hpp"
#include "cli/serve.hpp"
#include "cli/simulator_child.hpp"
#include "cli/stop_signals.hpp"
#include "hal/guard/guard_process.hpp"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

namespace gantry::cli {

namespace {

using nlohmann::json;

constexpr std::chrono::milliseconds resin_round_pause{400};
/// Port of the simulated printer; the next ones are tried if it is taken.
constexpr int resin_first_port = 16'000;
constexpr int resin_port_tries = 8;
/// Faster than life by so much that a layer lasts as long as a poll.
constexpr double usual_speed = 12;
/// Flow of the simulated pumps, so that a change takes seconds.
constexpr int64_t flow_ul_per_s = 50'000;

/// Where the first process leaves the printer's port for the kernel.
std::string port_path(const std::string& folder) {
  return folder + "/demo/resin-port";
}

json line_of(const std::string& name) {
  return {{"name", name}, {"driver", {{"kind", "simulated"}, {"flow_ul_per_s", flow_ul_per_s}}}};
}

/// Names the simulated pumps and the air valve; a file that is there is kept.
void name_pumps(const std::string& folder) {
  const auto path = guard::settings_path(folder);
  if (std::filesystem::exists(path))
    return;
  json lines = json::array();
  for (const auto* name : {"a", "b", "c", "drain"})
    lines.push_back(line_of(name));
  lines.push_back({{"name", "air"}, {"role", "valve"}, {"driver", {{"kind", "simulated"}}}});
  std::ofstream{path}
      << json{{"version", 1}, {"stations", {{{"name", "demo"}, {"lines", std::move(lines)}}}}}.dump(
             2)
      << "\n";
}

std::unique_ptr<simulator_child> start_printer(const arguments& given, const std::string& folder) {
  simulator_settings settings;
  settings.kind = "anycubic";
  settings.count = 1;
  settings.speed = given.real("--speed", usual_speed);
  settings.folder = folder + "/demo";
  for (int attempt = 0; attempt < resin_port_tries; ++attempt) {
    settings.base_port = static_cast<uint16_t>(resin_first_port + attempt * 10);
    if (auto child = simulator_child::start(settings)) {
      std::ofstream{port_path(folder)} << child->printers().front().port;
      return child;
    }
  }
  return nullptr;
}

json pump_of(const std::string& name, const std::string& role, const std::string& material) {
  return {{"name", name},
          {"role", role},
          {"material", material},
          {"flow_ul_per_s", flow_ul_per_s},
          {"direction_confirmed", true}};
}

json setup_for(int64_t port) {
  return {{"name", "Resin"},
          {"host", "127.0.0.1"},
          {"port", port},
          {"poll_interval_ms", 1'000},
          {"pump_bank", "demo"},
          {"valve_during_drain", true},
          {"pumps",
           {pump_of("a", "fill", "A"), pump_of("b", "fill", "B"), pump_of("c", "fill", "C"),
            pump_of("drain", "drain", "")}},
          {"change",
           {{"quiescence_s", 2},
            {"plate_clear_delay_s", 2},
            {"drain_volume_ul", 50'000},
            {"fill_volume_ul", 45'000},
            {"settle_delay_s", 1}}},
          {"initial_material", "A"}};
}

/// One station with full reservoirs and a recipe, its print, and what came of it.
class resin_story {
public:
  resin_story(const arguments& given, farm& running, std::string folder)
      : given_{given},
        running_{running},
        folder_{std::move(folder)},
        began_{running.clock().mono()},
        keys_{running.ids()},
        api_{running.links(), {"127.0.0.1", running.port()}, running.admin_secret()} {}

  /// Until somebody stops it, or, with --once, until the print is over.
  exit_code run(stop_signals& signals) {
    if (auto problem = set_up(); !problem.empty())
      return fail(problem);
    const bool once = given_.has("--once");
    const auto limit = std::chrono::seconds{given_.integer("--timeout", 1'800)};
    while (!signals.wait(resin_round_pause)) {
      const auto now = api_.get(path()).json();
      if (!now.is_object())
        continue;
      tell(now);
      if (!once)
        continue;
      const auto number = now["job"].is_null() ? 0 : now["job"]["number"].get<int64_t>();
      const bool runs = number > 0 && now["job"]["end"] == "running";
      if (!seen_before_)
        seen_before_ = runs ? number - 1 : number;
      if (number == *seen_before_) {
        start(now);
        continue;
      }
      if (!runs)
        return report(now);
      if (!now["error"].is_null() && now["error"]["question"] != 0)
        return fail("the station asks a person: " + sentence_of(now));
      if (running_.clock().mono() - began_ > limit)
        return fail("the print did not end in time");
    }
    return once ? exit_code::failed : exit_code::done;
  }

private:
  [[nodiscard]] std::string path() const { return "/api/v1/stations/" + id_; }

  exit_code fail(const std::string& problem) {
    std::cerr << "gantry demo: " << problem << std::endl;
    return exit_code::failed;
  }

  api_reply post(const std::string& where, const json& body) {
    return api_.send("POST", path() + where, body.dump(), keys_.next());
  }

  /// Fills every reservoir and empties the waste container.
  std::string fill_up() {
    for (const auto* pump : {"a", "b", "c"})
      if (auto filled = post("/levels", {{"pump", pump}, {"volume_ul", 200'000}}); !filled)
        return filled.problem;
    return post("/levels", {{"pump", "waste"}, {"volume_ul", 0}}).problem;
  }

  /// Adds the station, or corrects the port of the one that is there.
  std::string set_up() {
    int64_t port = 0;
    std::ifstream{port_path(folder_)} >> port;
    for (const auto& each : api_.get("/api/v1/stations").items()) {
      id_ = each["id"].get<std::string>();
      const bool same = each["setup"]["port"] == port;
      const auto moved =
          same ? api_reply{}
               : api_.send("PUT", path(), json{{"setup", setup_for(port)}}.dump(), keys_.next());
      return moved.problem;
    }
    const auto added = api_.send("POST", "/api/v1/stations",
                                 json{{"setup", setup_for(port)}}.dump(), keys_.next());
    if (!added)
      return added.problem;
    id_ = added.json()["id"].get<std::string>();
    if (auto problem = fill_up(); !problem.empty())
      return problem;
    const json steps{{{"layer", 50}, {"material", "B"}},
                     {{"layer", 120}, {"material", "C"}},
                     {{"layer", 180}, {"material", "A"}}};
    return api_.send("PUT", path() + "/recipe", json{{"steps", steps}}.dump(), keys_.next())
        .problem;
  }

  /// Starts the first file of the printer once every check is met.
  void start(const json& now) {
    const bool is_free = now["state"] == "idle" || now["state"] == "completed";
    if (now["live"].value("stale", true) || !is_free)
      return;
    // The print before may have emptied them.
    if (const auto problem = std::exchange(filled_, true) ? std::string{} : fill_up();
        !problem.empty())
      std::cerr << problem << std::endl;
    const auto files = api_.get(path() + "/files").items();
    if (files.empty())
      return;
    const json wanted{{"file", files[0]["file"]}, {"internal_file", files[0]["internal_file"]}};
    const auto checks = post("/checks", wanted).json();
    if (!checks.is_object() || checks["ok"] != true)
      return;
    if (const auto started = post("/start", wanted); !started)
      std::cerr << started.problem << std::endl;
  }

  static std::string sentence_of(const json& now) {
    const auto& attention = now["live"]["attention"];
    return attention.empty() ? std::string{} : attention[0]["sentence"].get<std::string>();
  }

  /// A line whenever state, step or tenth of the print is another one.
  void tell(const json& now) {
    const auto& change = now["job"].is_null() ? json{} : now["job"]["change"];
    const auto& live = now["live"];
    auto line = now["state"].get<std::string>();
    if (!change.is_null())
      line += ", " + change["step"].get<std::string>() + " for "
              + change["material"].get<std::string>();
    line += ", " + std::to_string(live["progress_permille"].get<int64_t>() / 100 * 10) + " %";
    if (line == told_)
      return;
    told_ = line;
    std::cerr << "layer " << live["report"]["layer"].get<int64_t>() << " of "
              << live["report"]["layers"].get<int64_t>() << ": " << line << std::endl;
  }

  exit_code report(const json& now) {
    const auto& job = now["job"];
    const bool complete = job["end"] == "completed";
    size_t done = 0;
    for (const auto& change : job["changes"])
      done += change["outcome"] == "done" ? 1 : 0;
    const bool all = complete && done == job["plan"].size();
    if (given_.has("--json")) {
      std::cout << json{{"end", job["end"]},
                        {"layers", job["layers"]},
                        {"changes", job["changes"]},
                        {"elapsed_s",
                         std::chrono::duration<double>(running_.clock().mono() - began_).count()}}
                       .dump()
                << std::endl;
      return all ? exit_code::done : exit_code::failed;
    }
    std::cout << "SIMULATION. The print of " << job["layers"] << " layers is "
              << job["end"].get<std::string>() << ", " << done << " of " << job["plan"].size()
              << " changes were made:\n";
    for (const auto& change : job["changes"])
      std::cout << "  layer " << change["at_layer"] << ": " << change["material"].get<std::string>()
                << ", drained " << change["drain_actual_ul"] << " of " << change["drain_planned_ul"]
                << " ul, filled " << change["fill_actual_ul"] << " of " << change["fill_planned_ul"]
                << " ul, took " << change["actual_ms"] << " ms (" << change["planned_ms"]
                << " planned)\n";
    std::cout << std::flush;
    return all ? exit_code::done : exit_code::failed;
  }

  const arguments& given_;
  farm& running_;
  std::string folder_;
  hal::mono_time began_;
  key_maker keys_;
  api_client api_;
  std::string id_;
  std::string told_;
  bool filled_ = false;                ///< Just before our print.
  std::optional<int64_t> seen_before_; ///< Number of the last print before ours.
};

} // namespace

exit_code resin_demo(const arguments& given) {
  auto options = farm_options_of(given);
  if (!given.has("--data"))
    options.folder += "-demo-resin";
  std::filesystem::create_directories(options.folder + "/demo");
  std::unique_ptr<simulator_child> printer;
  if (!std::getenv(guard::link_variable)) {
    name_pumps(options.folder);
    printer = start_printer(given, options.folder);
    if (!printer) {
      std::cerr << "gantry demo: the simulated printer could not be started\n";
      return exit_code::failed;
    }
  }
  if (auto ended = guard_if_needed(options.folder, {exit_code::failed}))
    return static_cast<exit_code>(*ended);
  stop_signals signals;
  const auto guard = connect_to_guard();
  options.pumps = guard.get();
  options.demo_speed = given.real("--speed", usual_speed);
  options.terminal_level = logging::level::error;
  auto started = farm::start(options);
  if (!started)
    return exit_code_of(started.why());
  auto& told = given.has("--json") ? std::cerr : std::cout;
  told << "Gantry's demonstration: a simulated resin printer and four simulated pumps.\nOpen "
       << (*started)->login_link() << "\n";
  if (!given.has("--once"))
    told << "All is set up. To print: Stations, Resin, Start; choose a file, and press Start.\n"
         << "Ctrl-C stops.\n";
  told << std::endl;
  auto code = resin_story{given, **started, options.folder}.run(signals);
  stop_signals::stop_within(stop_patience);
  (*started)->stop();
  started->reset();
  return code;
}

} // namespace gantry::cli
