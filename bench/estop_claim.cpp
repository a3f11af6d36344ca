// Emergency stops as a page sends them, to a farm whose event streams are all in use and whose
// cores are busy, until the pump's line is off by its own record.
#include "bench/busy_cores.hpp"
#include "bench/child_process.hpp"
#include "bench/claims.hpp"
#include "bench/event_client.hpp"
#include "bench/farm_api.hpp"
#include "bench/served_farm.hpp"
#include "cli/data_folder.hpp"
#include "hal/clock.hpp"
#include "hal/guard/guard_process.hpp"
#include "hal/pumps/pump_record.hpp"

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <stdexcept>
#include <thread>

namespace gantry::bench {

namespace {

using namespace std::chrono_literals;
using hal::mono_time;
using nlohmann::json;

/// As many as a guard takes: each is locked for 3 s after its stop.
constexpr size_t stations = 16;
/// All that the server admits.
constexpr size_t streams = 64;
constexpr auto estop_patience = 20s;

std::string name_of(size_t station) {
  return "station-" + std::to_string(station);
}

void write_guard_file(const std::string& folder) {
  std::filesystem::create_directories(folder);
  json all = json::array();
  for (size_t i = 0; i < stations; ++i)
    all.push_back(
        {{"name", name_of(i)}, {"lines", {{{"name", "a"}, {"driver", {{"kind", "simulated"}}}}}}});
  std::ofstream{guard::settings_path(folder)} << json{{"version", 1}, {"stations", all}};
}

/// A server below its guard, with stations that wait for somebody to run their pumps.
class stations_farm {
public:
  stations_farm()
      : port_{free_port()},
        kernel_{started()},
        token_{await_token()},
        api_{port_, token_, "bench"} {
    for (size_t i = 0; i < stations; ++i)
      ids_.push_back(added(i));
    for (size_t i = 0; i < streams; ++i)
      readers_.push_back(
          std::make_unique<event_client>(port_, token_, true, [](std::string_view) {}));
  }

  /// Runs a station's pump and stops it in an emergency; returns when that was asked for.
  mono_time stop_in_emergency(size_t station) {
    const auto path = "/stations/" + ids_[station];
    // The printer of such a station does not exist, so somebody vouches that it stands still.
    // Shortly after an acknowledgement the guard may not have taken its latch away yet.
    const json run{{"duration_ms", 10'000}, {"printer_is_idle", true}};
    await([&] { return api_.post(path + "/pumps/a/run", run) == 200; }, "a run is refused");
    const auto running = [&] {
      const auto lines = api_.get(path)["live"]["pumps"]["lines"];
      return !lines.empty() && lines[0]["is_on"] == true;
    };
    await(running, "a pump does not run");
    const auto asked = clock_->mono();
    if (api_.post(path + "/emergency-stop", json::object()) != 200
        || api_.reply["lines_off"] != true)
      throw std::runtime_error{"an emergency stop was not confirmed"};
    return asked;
  }

  /// Lets a station be used again.
  void acknowledge(size_t station) {
    const auto path = "/stations/" + ids_[station] + "/acknowledge";
    await([&] { return api_.post(path, json::object()) == 200; }, "a station stays locked");
  }

  /// What the pump of a station did, by its own record.
  [[nodiscard]] std::vector<pumps::recorded_run> runs_of(size_t station) const {
    const auto record = pumps::pump_record::read(guard::record_path(folder_.path("data")));
    if (!record)
      throw std::runtime_error{record.why().text()};
    return record->lines().at(name_of(station) + "/a").runs;
  }

private:
  template <class Question>
  static void await(const Question& holds, const char* what) {
    const auto end = std::chrono::steady_clock::now() + estop_patience;
    while (!holds()) {
      if (std::chrono::steady_clock::now() > end)
        throw std::runtime_error{what};
      std::this_thread::sleep_for(5ms);
    }
  }

  [[nodiscard]] std::unique_ptr<child_process> started() const {
    write_guard_file(folder_.path("data"));
    return std::make_unique<child_process>(std::vector<std::string>{"serve", "--data",
                                                                    folder_.path("data"), "--port",
                                                                    std::to_string(port_)},
                                           folder_.path("serve.log"));
  }

  [[nodiscard]] std::string await_token() const {
    const auto request = get_text("/health", {});
    await(
        [&] {
          http_client client{port_};
          return client.connected() && client.ask(request) != 0;
        },
        "the kernel does not answer");
    return cli::first_line(cli::admin_token_path(folder_.path("data")));
  }

  std::string added(size_t station) {
    const json pump{{"name", "a"}, {"role", "fill"}, {"material", "A"}, {"flow_ul_per_s", 5'000}};
    const json setup{{"name", name_of(station)},      {"host", "127.0.0.1"},
                     {"port", 1 + station}, // Nobody listens there.
                     {"pump_bank", name_of(station)}, {"pumps", {pump}},
                     {"initial_material", "A"}};
    return api_.require("/stations", {{"setup", setup}})["id"];
  }

  scratch_folder folder_;
  std::unique_ptr<hal::clock> clock_ = hal::make_system_clock();
  uint16_t port_;
  std::unique_ptr<child_process> kernel_;
  std::string token_;
  farm_api api_;
  std::vector<std::string> ids_;
  std::vector<std::unique_ptr<event_client>> readers_;
};

} // namespace

std::vector<figure> measure_estop(const effort& how) {
  const size_t count = how.quick ? 80 : 400;
  stations_farm farm;
  const busy_cores busy;
  std::vector<mono_time> asked;
  for (size_t i = 0; i < count; ++i) {
    if (i >= stations)
      farm.acknowledge(i % stations);
    asked.push_back(farm.stop_in_emergency(i % stations));
  }
  std::vector<double> delays_ms;
  for (size_t i = 0; i < count; ++i)
    delays_ms.push_back(std::chrono::duration<double, std::milli>(
                            farm.runs_of(i % stations).at(i / stations).to - asked[i])
                            .count());
  return {plain_figure("to the line", print_p99("64 streams", std::move(delays_ms), "ms"))};
}

} // namespace gantry::bench
