// Pulses through a real guard process with simulated lines. The lines' own record says when they
// went on and off; nothing that the guard or the kernel believes is used.
#include "bench/busy_cores.hpp"
#include "bench/claims.hpp"
#include "hal/clock.hpp"
#include "hal/guard/guard_client.hpp"
#include "hal/guard/guard_process.hpp"
#include "hal/pumps/pump_record.hpp"

#include <algorithm>
#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace gantry::bench {

namespace {

using namespace std::chrono_literals;
using hal::mono_time;

/// Tells the kernel process of a measurement where its folder is.
constexpr const char* folder_variable = "GANTRY_BENCH_FOLDER";

/// A station without limits that would end a measurement.
constexpr const char* settings = R"({"version": 1, "stations": [{"name": "bench", "lines": [
  {"name": "a", "window_ms": 86400000, "window_limit_ms": 86400000,
   "driver": {"kind": "simulated"}},
  {"name": "b", "window_ms": 86400000, "window_limit_ms": 86400000,
   "driver": {"kind": "simulated"}}]}]})";

/// What the guard says, to wait for.
class replies final : public hal::pump_listener {
public:
  void on_state(const hal::guard_state&) override {}
  void on_started(uint64_t) override {}
  void on_finished(uint64_t ticket, const hal::pump_run_result& result) override {
    {
      std::lock_guard lock{mutex_};
      finished_ = ticket;
      why_ = result.why;
    }
    changed_.notify_all();
  }

  [[nodiscard]] reason await_finished(uint64_t ticket) {
    std::unique_lock lock{mutex_};
    if (!changed_.wait_for(lock, 30s, [&] { return finished_ >= ticket; }))
      throw std::runtime_error{"the guard does not answer"};
    return why_;
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  uint64_t finished_ = 0;
  reason why_ = reason::ok;
};

/// The kernel of a measurement: its pumps, and what they really did.
class pump_kernel {
public:
  explicit pump_kernel(guard::inherited_links links) {
    auto connected = guard::guard_client::connect(std::move(links));
    if (!connected)
      throw std::runtime_error{connected.why().text()};
    client_ = std::move(*connected);
    pumps_ = client_->open("bench", heard_);
  }

  /// Runs a pump to its end.
  void pulse(const std::string& pump, std::chrono::milliseconds length) {
    run(pump, length);
    if (const auto why = heard_->await_finished(ticket_); why != reason::ok)
      throw std::runtime_error{"a pulse ended by " + std::string{to_string(why)}};
  }

  /// What a line did, by its own record.
  [[nodiscard]] std::vector<pumps::recorded_run> runs_of(const std::string& line) const {
    auto record = pumps::pump_record::read(guard::record_path(std::getenv(folder_variable)));
    if (!record)
      throw std::runtime_error{record.why().text()};
    return record->lines().at("bench/" + line).runs;
  }

private:
  void run(const std::string& pump, std::chrono::milliseconds length) {
    const auto ticket = ++ticket_;
    pumps_->run(
        ticket,
        {.pump = pump, .duration = length, .purpose = "measurement " + std::to_string(ticket)});
  }

  std::shared_ptr<replies> heard_ = std::make_shared<replies>();
  std::unique_ptr<guard::guard_client> client_;
  std::unique_ptr<hal::pump_port> pumps_;
  uint64_t ticket_ = 0;
};

using kernel_work = std::vector<figure> (*)(pump_kernel& kernel, const effort& how);

/// Runs `work` in a kernel below a guard: this command line is run again as the guard's child,
/// which leaves its figures in a file.
std::vector<figure> below_a_guard(const effort& how, kernel_work work) {
  if (auto links = guard::take_inherited_links()) {
    pump_kernel kernel{std::move(*links)};
    std::ofstream out{std::string{std::getenv(folder_variable)} + "/figures"};
    for (const auto& each : work(kernel, how))
      out << each.name << '\n' << each.value << '\n';
    out.close();
    std::_Exit(0);
  }
  auto folder = (std::filesystem::temp_directory_path() / "gantry-bench-XXXXXX").string();
  if (!::mkdtemp(folder.data()))
    throw std::runtime_error{"no temporary folder"};
  std::ofstream{guard::settings_path(folder)} << settings;
  ::setenv(folder_variable, folder.c_str(), 1);
  const auto process = ::fork();
  if (process == 0)
    ::_exit(guard::run_guard(
        {.folder = folder,
         .kernel_words = guard::own_words(),
         .final_exit_codes = {0, 1},
         .notify = [](const std::string&) {},
         .log = [](const std::string& text) { std::fprintf(stderr, "%s\n", text.c_str()); }}));
  int status = 0;
  ::waitpid(process, &status, 0);
  std::vector<figure> figures;
  std::ifstream in{folder + "/figures"};
  for (std::string name, value; std::getline(in, name) && std::getline(in, value);)
    figures.push_back(plain_figure(name, std::stod(value)));
  std::filesystem::remove_all(folder);
  if (status != 0 || figures.empty())
    throw std::runtime_error{"the kernel below the guard did not measure"};
  return figures;
}

double milliseconds(mono_time time) {
  return std::chrono::duration<double, std::milli>(time).count();
}

/// How far pulses of 20 to 119 ms were from what was planned.
double measure_pulses(pump_kernel& kernel, const char* what, int count) {
  const auto first = kernel.runs_of("a").size();
  for (int i = 0; i < count; ++i) {
    kernel.pulse("a", std::chrono::milliseconds{20 + i * 37 % 100});
    kernel.pulse("b", 1ms);
  }
  const auto runs = kernel.runs_of("a");
  std::vector<double> errors;
  for (int i = 0; i < count; ++i) {
    const auto& run = runs.at(first + static_cast<size_t>(i));
    errors.push_back(std::abs(milliseconds(run.to - run.from) - (20 + i * 37 % 100)));
  }
  return print_p99(what, std::move(errors), "ms off");
}

std::vector<figure> pulses(pump_kernel& kernel, const effort& how) {
  const int count = how.quick ? 100 : 400;
  std::vector<figure> figures{plain_figure("idle", measure_pulses(kernel, "idle", count))};
  const busy_cores busy;
  figures.push_back(plain_figure("loaded", measure_pulses(kernel, "cores loaded", count)));
  return figures;
}

} // namespace

std::vector<figure> measure_pump(const effort& how) {
  return below_a_guard(how, pulses);
}

} // namespace gantry::bench
