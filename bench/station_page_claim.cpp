// Prints of two resin stations, watched on their pages in a real browser: how long after an event,
// by the printer's log or the pumps' record, the page shows it.
#include "bench/browser_script.hpp"
#include "bench/child_process.hpp"
#include "bench/claims.hpp"
#include "bench/farm_api.hpp"
#include "bench/served_farm.hpp"
#include "cli/data_folder.hpp"
#include "hal/clock.hpp"
#include "hal/guard/guard_process.hpp"
#include "hal/pumps/pump_record.hpp"
#include "hal/sim/anycubic_server.hpp"

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <thread>

namespace gantry::bench {

namespace {

using namespace std::chrono_literals;
using nlohmann::json;

constexpr int64_t flow_ul_per_s = 25'000;
constexpr auto patience = 30s;
const std::string file = "9.pwmb";

/// How often a printer is asked, and how long its layers last: so much longer that no layer is
/// passed over, and no multiple, so that layers begin at all moments between two polls.
struct station_pace {
  int64_t poll_s;
  double layer_s;
};
constexpr station_pace paces[] = {{1, 1.83}, {3, 3.83}};

std::string name_of(const station_pace& pace) {
  return "poll-" + std::to_string(pace.poll_s);
}

/// Something that a person should see: a layer of the printer, or a pump that goes on.
struct event {
  double at_ms = 0; ///< Since 1970.
  int64_t layer = 0;
  std::string pump;
};

/// What a page showed, and since when.
struct glance {
  double at_ms = 0;
  int64_t layer = 0;
  std::string pump;
};

double wall_ms(const hal::clock& clock) {
  return static_cast<double>(clock.wall().time_since_epoch().count());
}

template <class Question>
void await(const Question& holds, const std::string& what) {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!holds()) {
    if (std::chrono::steady_clock::now() > end)
      throw std::runtime_error{what};
    std::this_thread::sleep_for(20ms);
  }
}

/// One simulated resin printer in a thread of this process.
class resin_printer {
public:
  resin_printer(const scratch_folder& folder, const station_pace& pace, int64_t layers)
      : options_{options_for(folder, pace, layers)}, simulator_{options_}, thread_{[this] {
          simulator_.run(false);
        }} {
    // nop
  }
  ~resin_printer() {
    simulator_.stop();
    thread_.join();
  }
  resin_printer(const resin_printer&) = delete;
  resin_printer& operator=(const resin_printer&) = delete;

  [[nodiscard]] uint16_t port() const { return simulator_.printers().front().port; }

  [[nodiscard]] std::vector<event> layers() const {
    std::vector<event> found;
    std::ifstream log{options_.log_dir / (simulator_.printers().front().printer + ".jsonl")};
    for (std::string line; std::getline(log, line);)
      if (const auto entry = json::parse(line); entry["event"] == "layer")
        found.push_back({entry["unix_s"].get<double>() * 1'000, entry["layer"].get<int64_t>(), {}});
    return found;
  }

private:
  static sim::anycubic_simulator_options options_for(const scratch_folder& folder,
                                                     const station_pace& pace, int64_t layers) {
    sim::anycubic_simulator_options options;
    options.name = name_of(pace);
    options.log_dir = folder.path("printers");
    options.machine.files = {
        {.display = file, .internal = file, .layers = layers, .layer_s = pace.layer_s}};
    options.machine.mechanics.lift_s = 1;
    return options;
  }

  sim::anycubic_simulator_options options_;
  sim::anycubic_simulator simulator_;
  std::thread thread_;
};

json pump_of(const std::string& name, const std::string& role, const std::string& material) {
  return {{"name", name},
          {"role", role},
          {"material", material},
          {"flow_ul_per_s", flow_ul_per_s},
          {"direction_confirmed", true}};
}

/// A kernel below its guard, with a station for each pace.
class watched_stations {
public:
  explicit watched_stations(int64_t layers) : layers_{layers}, port_{free_port()} {
    write_guard_file();
    for (const auto& pace : paces)
      printers_.push_back(std::make_unique<resin_printer>(folder_, pace, layers));
    kernel_ = std::make_unique<child_process>(
        std::vector<std::string>{"serve", "--data", folder_.path("data"), "--port",
                                 std::to_string(port_)},
        folder_.path("serve.log"));
    await(
        [this] {
          http_client client{port_};
          return client.connected() && client.ask(get_text("/health", {})) != 0;
        },
        "the kernel does not answer");
    token_ = cli::first_line(cli::admin_token_path(folder_.path("data")));
    api_ = std::make_unique<farm_api>(port_, token_, "bench");
    for (size_t i = 0; i < printers_.size(); ++i)
      ids_.push_back(added(paces[i], printers_[i]->port()));
  }

  /// Prints on every station and returns what each page showed.
  std::vector<std::vector<glance>> watch() {
    browser_script browser{
        folder_,
        station_page_script(),
        {{"BENCH_LINK", "http://127.0.0.1:" + std::to_string(port_) + "/#/login?token=" + token_},
         {"BENCH_STATIONS", ids_[0] + "," + ids_[1]}}};
    if (browser.line() != "watching")
      throw std::runtime_error{"the pages were not opened"};
    for (const auto& id : ids_) {
      const json wanted{{"file", file}, {"internal_file", file}};
      await([&] { return api_->require("/stations/" + id + "/checks", wanted)["ok"] == true; },
            "a check before the start fails");
      api_->require("/stations/" + id + "/start", wanted);
    }
    std::vector<std::vector<glance>> pages;
    for (const auto& page : json::parse(browser.line())) {
      auto& glances = pages.emplace_back();
      for (const auto& each : page)
        glances.push_back({each[0], each[1], each[2]});
    }
    return pages;
  }

  /// What a person should have seen of a station.
  [[nodiscard]] std::vector<event> events_of(size_t station) const {
    auto found = printers_[station]->layers();
    const auto record = pumps::pump_record::read(guard::record_path(folder_.path("data")));
    if (!record)
      throw std::runtime_error{record.why().text()};
    // The record's times begin with the boot.
    const auto boot_ms =
        wall_ms(*clock_) - std::chrono::duration<double, std::milli>(clock_->mono()).count();
    for (const auto* pump : {"a", "b", "drain"})
      for (const auto& run : record->lines().at(name_of(paces[station]) + "/" + pump).runs)
        found.push_back(
            {boot_ms + std::chrono::duration<double, std::milli>(run.from).count(), 0, pump});
    // Every layer, and the drain and the fill of the one change.
    if (found.size() != static_cast<size_t>(layers_) + 2)
      throw std::runtime_error{"the print did not go as planned: " + std::to_string(found.size())
                               + " events"};
    return found;
  }

private:
  void write_guard_file() const {
    const auto data = folder_.path("data");
    std::filesystem::create_directories(data);
    json all = json::array();
    for (const auto& pace : paces) {
      json lines = json::array();
      for (const auto* name : {"a", "b", "drain"})
        lines.push_back({{"name", name},
                         {"driver", {{"kind", "simulated"}, {"flow_ul_per_s", flow_ul_per_s}}}});
      all.push_back({{"name", name_of(pace)}, {"lines", std::move(lines)}});
    }
    std::ofstream{guard::settings_path(data)} << json{{"version", 1}, {"stations", all}};
  }

  std::string added(const station_pace& pace, uint16_t printer_port) {
    const json setup{
        {"name", name_of(pace)},
        {"host", "127.0.0.1"},
        {"port", printer_port},
        {"poll_interval_ms", pace.poll_s * 1'000},
        {"pump_bank", name_of(pace)},
        {"pumps",
         {pump_of("a", "fill", "A"), pump_of("b", "fill", "B"), pump_of("drain", "drain", "")}},
        {"change",
         {{"quiescence_s", 1},
          {"plate_clear_delay_s", 1},
          {"drain_volume_ul", 70'000},
          {"fill_volume_ul", 45'000},
          {"settle_delay_s", 1}}},
        {"initial_material", "A"}};
    const std::string id = api_->require("/stations", {{"setup", setup}})["id"];
    for (const auto* pump : {"a", "b"})
      api_->require("/stations/" + id + "/levels", {{"pump", pump}, {"volume_ul", 200'000}});
    const json step{{"layer", layers_ / 2}, {"material", "B"}};
    api_->require("/stations/" + id + "/recipe", {{"steps", {step}}}, "PUT");
    return id;
  }

  const int64_t layers_;
  scratch_folder folder_;
  std::unique_ptr<hal::clock> clock_ = hal::make_system_clock();
  std::vector<std::unique_ptr<resin_printer>> printers_;
  uint16_t port_;
  std::unique_ptr<child_process> kernel_;
  std::string token_;
  std::unique_ptr<farm_api> api_;
  std::vector<std::string> ids_;
};

bool shows(const glance& seen, const event& what) {
  return what.pump.empty() ? seen.layer >= what.layer : seen.pump == what.pump;
}

/// How exactly the clocks of printer and page agree.
constexpr double clock_slack_ms = 20;
/// How long before its line goes on a pump may be shown.
constexpr double intent_ms = 500;

/// From each event to the first glance that shows it, 0 if a page was faster than what the event's
/// clock resolves. Throws if one was never seen. A pump is meant to run, and may be shown, shortly
/// before its line goes on.
std::vector<double> delays_ms(const std::vector<event>& events, const std::vector<glance>& page) {
  std::vector<double> delays;
  for (const auto& each : events) {
    const auto slack_ms = each.pump.empty() ? clock_slack_ms : intent_ms;
    const auto seen = std::ranges::find_if(page, [&](const glance& at) {
      return at.at_ms >= each.at_ms - slack_ms && shows(at, each);
    });
    if (seen == page.end())
      throw std::runtime_error{"the page never showed layer " + std::to_string(each.layer)
                               + each.pump};
    delays.push_back(std::max(0.0, seen->at_ms - each.at_ms));
  }
  return delays;
}

} // namespace

std::vector<figure> measure_station_page(const effort& how) {
  watched_stations stations{how.quick ? 6 : 32};
  const auto pages = stations.watch();
  std::vector<figure> figures;
  for (size_t i = 0; i < pages.size(); ++i) {
    const auto name = "polled each " + std::to_string(paces[i].poll_s) + " s";
    auto delays = delays_ms(stations.events_of(i), pages.at(i));
    figures.push_back(plain_figure(name, quantile(delays, 1)));
    print_p99(name.c_str(), std::move(delays), "ms");
  }
  return figures;
}

} // namespace gantry::bench
