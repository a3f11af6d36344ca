#include "tests/crash/station_bench.hpp"

#include "hal/pumps/pump_record.hpp"
#include "tests/binary/guarded_kernel.hpp"

#include <algorithm>
#include <csignal>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace gantry::test {

using nlohmann::json;
using namespace std::chrono_literals;

namespace {

/// A layer of the printer lasts as long as a poll.
constexpr int printer_speed = 12;
constexpr int reply_ms = 250;
constexpr int64_t flow_ul_per_s = 25'000;
/// More than the vat holds: a simulated pump writes its record while it is switched on, and a disk
/// that is slow for half a second makes a fill longer.
constexpr double drain_ml = 70;
constexpr double fill_ml = 45;
constexpr double vat_capacity_ml = 60;
/// What may be left in a vat that counts as empty.
constexpr double rest_ml = 0.5;
/// A pause takes effect at the end of a layer, and a poll may be a layer late.
constexpr int64_t late_layers_max = 3;

double seconds_now(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

double seconds_of(hal::mono_time time) {
  return std::chrono::duration<double>(time).count();
}

json pump_of(const std::string& name, const std::string& role, const std::string& material) {
  return {{"name", name},
          {"role", role},
          {"material", material},
          {"flow_ul_per_s", flow_ul_per_s},
          {"direction_confirmed", true}};
}

json setup_for(uint16_t port) {
  return {{"name", "Bench"},
          {"host", "127.0.0.1"},
          {"port", port},
          {"poll_interval_ms", 1'000},
          {"pump_bank", "bench"},
          {"valve_during_drain", true},
          {"pumps",
           {pump_of("a", "fill", "A"), pump_of("b", "fill", "B"), pump_of("c", "fill", "C"),
            pump_of("drain", "drain", "")}},
          {"change",
           {{"quiescence_s", 1},
            {"plate_clear_delay_s", 2},
            {"drain_volume_ul", static_cast<int64_t>(drain_ml * 1'000)},
            {"fill_volume_ul", static_cast<int64_t>(fill_ml * 1'000)},
            {"settle_delay_s", 2}}},
          {"initial_material", "A"}};
}

/// The folder `folder`/data with a guard's file that names four simulated pumps and an air valve.
std::filesystem::path guarded_data(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder / "data");
  json lines = json::array();
  for (const auto* name : {"a", "b", "c", "drain"})
    lines.push_back(
        {{"name", name}, {"driver", {{"kind", "simulated"}, {"flow_ul_per_s", flow_ul_per_s}}}});
  lines.push_back({{"name", "air"}, {"role", "valve"}, {"driver", {{"kind", "simulated"}}}});
  std::ofstream{folder / "data/guard.json"}
      << json{{"version", 1}, {"stations", {{{"name", "bench"}, {"lines", std::move(lines)}}}}};
  return folder / "data";
}

std::filesystem::path made(const std::filesystem::path& folder) {
  std::filesystem::create_directories(folder);
  return folder;
}

void tell_printer(uint16_t control_port, const json& what) {
  raw_client control{control_port};
  const auto body = what.dump();
  control.send("POST /sim/fault HTTP/1.1\r\nHost: machine\r\nConnection: close\r\n"
               "Content-Length: "
               + std::to_string(body.size()) + "\r\n\r\n" + body);
  if (control.answer().status != 200)
    throw std::runtime_error{"the printer does not take " + body};
}

const json& change_of(const json& station) {
  static const json none;
  return station["job"].is_null() ? none : station["job"]["change"];
}

bool is_in(const json& station, const std::string& state) {
  if (!station.is_object())
    return false;
  const auto& change = change_of(station);
  return station["state"] == state || (!change.is_null() && change["step"] == state);
}

/// The vat is drained with the air valve open from before until after.
void check_valve(const pumps::pump_record& record, std::vector<std::string>& broken) {
  const auto& lines = record.lines();
  const auto drain = lines.find("bench/drain"), air = lines.find("bench/air");
  if (drain == lines.end() || air == lines.end())
    return broken.push_back("the record has no drain or no valve");
  for (const auto& run : drain->second.runs)
    if (std::ranges::none_of(air->second.runs, [&run](const auto& open) {
          return open.from <= run.from && run.to <= open.to;
        }))
      broken.push_back("the vat was drained with the valve closed");
}

} // namespace

station_bench::station_bench(const std::filesystem::path& folder, int64_t layers,
                             std::vector<bench_change> recipe)
    : folder_{made(folder)},
      recipe_{std::move(recipe)},
      printer_{{"sim", "anycubic", "--speed", std::to_string(printer_speed), "--log-dir",
                (folder / "printer").string(), "--exit-with-parent"},
               folder / "printer.output"} {
  const auto printer = json::parse(printer_.line_with("\"port\""));
  printer_port_ = printer["port"];
  // Slow replies, so that the states in which one is awaited are seen.
  tell_printer(printer["control_port"],
               {{"kind", "delay_replies"}, {"min_ms", reply_ms}, {"max_ms", reply_ms}});
  tell_printer(printer["control_port"],
               {{"kind", "place_file"}, {"file", "9.pwmb"}, {"layers", layers}});
  kernel_.emplace(guarded_data(folder),
                  std::vector<std::string>{"--port", std::to_string(kernel_port_.number())});
}

json station_bench::now() {
  return kernel_->get(path());
}

void station_bench::start() {
  id_ = kernel_->post("/api/v1/stations", {{"setup", setup_for(printer_port_)}})["id"];
  for (const auto* pump : {"a", "b", "c"})
    kernel_->post(path() + "/levels", {{"pump", pump}, {"volume_ul", 200'000}});
  json steps = json::array();
  for (const auto& each : recipe_)
    steps.push_back({{"layer", each.layer}, {"material", each.material}});
  kernel_->send("PUT", path() + "/recipe", {{"steps", steps}});
  press_start();
}

void station_bench::press_start() {
  const json wanted{{"file", "9.pwmb"}, {"internal_file", "9.pwmb"}};
  const auto ready = [&] { return kernel_->post(path() + "/checks", wanted)["ok"] == true; };
  if (!eventually(ready, 20s))
    throw std::runtime_error{kernel_->post(path() + "/checks", wanted).dump()};
  kernel_->post(path() + "/start", wanted);
}

bool station_bench::reach(const std::string& state) {
  const auto end = std::chrono::steady_clock::now() + 120s * time_scale;
  for (;;) {
    const auto station = now();
    if (is_in(station, state))
      return true;
    if (station.is_object())
      answer(station);
    if (std::chrono::steady_clock::now() > end)
      return false;
    std::this_thread::sleep_for(2ms);
  }
}

bool station_bench::kill_in(const std::string& state) {
  if (!reach(state))
    return false;
  const auto data = (folder_ / "data").string();
  const auto kernel = guarded_kernel(data);
  if (kernel == 0 || ::kill(kernel, SIGKILL) != 0)
    return false;
  killed_at_ = seconds_now(CLOCK_BOOTTIME);
  return eventually(
      [&] {
        const auto next = guarded_kernel(data);
        return next != 0 && next != kernel && now().is_object();
      },
      30s);
}

bool station_bench::finish() {
  return eventually(
      [&] {
        const auto station = now();
        if (!station.is_object())
          return false;
        answer(station);
        if (station["state"] == "starting" && killed_at_ + 5 < seconds_now(CLOCK_BOOTTIME)
            && printer_log("print_started").empty())
          start_again();
        return !station["job"].is_null() && station["job"]["end"] != "running";
      },
      600s);
}

/// A start that died before it was sent is not sent again by the kernel. A person who sees that the
/// printer stands still does it.
void station_bench::start_again() {
  kernel_->post(path() + "/stop", json::object());
  press_start();
}

/// As a careful person does: an interrupted fill is taken out of the vat by hand and done again;
/// every other step is done again as it is. Nobody answers within a second, and an answer that is
/// refused is given again later.
void station_bench::answer(const json& station) {
  const auto& error = station["error"];
  if (error.is_null() || error["question"] == 0)
    return;
  if (error["question"] != asked_) {
    asked_ = error["question"].get<int64_t>();
    answer_at_ = seconds_now(CLOCK_BOOTTIME) + 1;
  }
  if (seconds_now(CLOCK_BOOTTIME) < answer_at_)
    return;
  answer_at_ += 1;
  const auto& change = change_of(station);
  std::string vat = "unknown";
  if (!change.is_null() && change["step"] == "filling") {
    emptied_.push_back(seconds_now(CLOCK_BOOTTIME));
    vat = "empty";
  }
  const json wanted{{"question", error["question"]}, {"answer", "redo"}, {"vat", vat}};
  static_cast<void>(kernel_->ask(kernel_->text("POST", path() + "/answer", wanted.dump())));
}

std::vector<json> station_bench::printer_log(const std::string& event) const {
  std::vector<json> found;
  for (const auto& each : std::filesystem::directory_iterator{folder_ / "printer"}) {
    std::ifstream file{each.path()};
    for (std::string line; std::getline(file, line);)
      if (auto entry = json::parse(line); event.empty() || entry["event"] == event)
        found.push_back(std::move(entry));
  }
  return found;
}

std::vector<station_bench::stretch> station_bench::movements() const {
  const auto boot = seconds_now(CLOCK_REALTIME) - seconds_now(CLOCK_BOOTTIME);
  std::vector<stretch> found;
  for (const auto& each : printer_log({})) {
    const auto& event = each["event"].get_ref<const std::string&>();
    const auto at = each["unix_s"].get<double>() - boot;
    if (event == "print_started" || event == "goresume_accepted")
      found.push_back({at, seconds_now(CLOCK_BOOTTIME)});
    else if (!found.empty() && (event == "print_paused" || event == "print_finished"))
      found.back().to = at;
  }
  return found;
}

std::vector<station_bench::pumped>
station_bench::pump_runs(std::vector<std::string>& broken) const {
  std::vector<pumped> found;
  const auto record = pumps::pump_record::read((folder_ / "data/pump-record.jsonl").string());
  if (!record) {
    broken.push_back(record.why().text());
    return found;
  }
  for (const auto& each : record->overlaps())
    broken.push_back(each);
  for (const auto& each : record->late_offs())
    broken.push_back(each);
  for (const auto& [name, line] : record->lines()) {
    if (line.window_peak(600s) > 180s)
      broken.push_back(name + " was on for more than its window allows");
    for (const auto& run : line.runs) {
      if (!run.ended)
        broken.push_back(name + " was left on");
      if (line.is_valve)
        continue;
      const auto ml = seconds_of(run.to - run.from) * static_cast<double>(flow_ul_per_s) / 1'000;
      found.push_back(
          {name.substr(name.find('/') + 1), {seconds_of(run.from), seconds_of(run.to)}, ml});
    }
  }
  check_valve(*record, broken);
  std::ranges::sort(found, {}, [](const pumped& x) { return x.when.from; });
  return found;
}

/// Follows what was in the vat through every run, and looks at it whenever the printer goes on.
void station_bench::check_vat(const std::vector<pumped>& runs,
                              std::vector<std::string>& broken) const {
  double level_ml = fill_ml;
  std::string material = "A";
  auto emptied = emptied_.begin();
  size_t next = 0;
  const auto pump_until = [&](double time) {
    for (; next < runs.size() && runs[next].when.from < time; ++next) {
      for (; emptied != emptied_.end() && *emptied < runs[next].when.from; ++emptied)
        level_ml = 0;
      const auto& run = runs[next];
      if (run.line == "drain") {
        level_ml = std::max(0.0, level_ml - run.ml);
        continue;
      }
      const std::string filled(1, static_cast<char>(run.line[0] - 'a' + 'A'));
      if (level_ml > rest_ml)
        broken.push_back(filled + " was filled upon " + std::to_string(level_ml) + " ml of "
                         + material);
      material = filled;
      level_ml += run.ml;
      if (level_ml > vat_capacity_ml)
        broken.emplace_back("the vat ran over");
    }
  };
  const auto moved = movements();
  for (size_t i = 0; i < moved.size(); ++i) {
    pump_until(moved[i].from);
    const auto wanted =
        i == 0 ? std::string{"A"} : recipe_.at(std::min(i, recipe_.size()) - 1).material;
    if (material != wanted || level_ml < fill_ml - rest_ml)
      broken.push_back("the printer went on over " + std::to_string(level_ml) + " ml of " + material
                       + " instead of " + wanted);
    for (const auto& run : runs)
      if (run.when.from < moved[i].to && run.when.to > moved[i].from)
        broken.push_back("pump " + run.line + " was on while the printer moved");
  }
  pump_until(seconds_now(CLOCK_BOOTTIME));
}

void station_bench::check_printer(std::vector<std::string>& broken) const {
  const auto count = [&](const char* event, size_t wanted) {
    const auto found = printer_log(event).size();
    if (found != wanted)
      broken.push_back(std::to_string(found) + " times " + event + " instead of "
                       + std::to_string(wanted));
  };
  count("print_started", 1);
  count("print_paused", recipe_.size());
  count("print_resumed", recipe_.size());
  count("print_finished", 1);
  const auto pauses = printer_log("print_paused");
  for (size_t i = 0; i < std::min(pauses.size(), recipe_.size()); ++i) {
    const auto layer = pauses[i]["layer"].get<int64_t>();
    if (layer < recipe_[i].layer || layer > recipe_[i].layer + late_layers_max)
      broken.push_back("the change of layer " + std::to_string(recipe_[i].layer)
                       + " was made at layer " + std::to_string(layer));
  }
}

bool station_bench::stop() {
  return kernel_->stop().value_or(-1) == 0;
}

std::vector<std::string> station_bench::violations() {
  std::vector<std::string> broken;
  const auto station = now();
  if (!station.is_object() || station["job"]["end"] != "completed")
    broken.push_back("the print did not complete: " + station.dump());
  else
    for (const auto& change : station["job"]["changes"])
      if (change["outcome"] != "done")
        broken.push_back("a change was left out: " + change.dump());
  check_printer(broken);
  check_vat(pump_runs(broken), broken);
  if (!stop())
    broken.emplace_back("the kernel did not stop well");
  return broken;
}

} // namespace gantry::test
