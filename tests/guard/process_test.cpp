// Goal: with real processes, killing the kernel at any point leaves no pump on, and killing the
// guard leaves a record that the next guard takes into account. Method: a guard and a scripted
// kernel; the simulated pumps' own record is the oracle.
#include "hal/pumps/pump_record.hpp"

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <sstream>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace gantry;
using namespace std::chrono_literals;

namespace {

const std::string settings = R"({"version": 1, "stations": [{"name": "one",
  "valve_before_ms": 50, "valve_after_ms": 50,
  "stop_input": {"kind": "simulated", "file": "@/button"},
  "lines": [
  {"name": "a", "driver": {"kind": "simulated"}},
  {"name": "b", "driver": {"kind": "simulated"}},
  {"name": "small", "single_limit_ms": 400, "window_ms": 60000, "window_limit_ms": 500,
   "driver": {"kind": "simulated"}},
  {"name": "air", "role": "valve", "driver": {"kind": "simulated"}}]}]})";

struct guarded {
  std::string folder;
  pid_t guard = -1;

  guarded() {
    auto name = (std::filesystem::temp_directory_path() / "gantry-guard-XXXXXX").string();
    BOOST_REQUIRE(::mkdtemp(name.data()) != nullptr);
    folder = name;
    auto text = settings;
    text.replace(text.find('@'), 1, folder);
    std::ofstream{folder + "/guard.json"} << text;
  }
  ~guarded() {
    kill_guard(SIGKILL);
    std::error_code ignored;
    std::filesystem::remove_all(folder, ignored);
  }

  void start(std::vector<std::string> steps) {
    steps.insert(steps.begin(), {GUARD_PROBE, folder});
    std::vector<char*> argv;
    for (auto& step : steps)
      argv.push_back(step.data());
    argv.push_back(nullptr);
    guard = ::fork();
    if (guard == 0) {
      if (!std::freopen((folder + "/said").c_str(), "a", stderr))
        ::_exit(126);
      ::execv(argv[0], argv.data());
      ::_exit(127);
    }
  }

  /// The guard's exit status; nothing if it runs on.
  std::optional<int> ended_within(std::chrono::milliseconds patience) {
    const auto end = std::chrono::steady_clock::now() + patience;
    for (int status = 0; std::chrono::steady_clock::now() < end;) {
      if (::waitpid(guard, &status, WNOHANG) == guard) {
        guard = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
      }
      std::this_thread::sleep_for(5ms);
    }
    return {};
  }

  void kill_guard(int number) {
    if (guard <= 0)
      return;
    ::kill(guard, number);
    ::waitpid(guard, nullptr, 0);
    guard = -1;
    // The kernel is asked to stop when its guard dies; this test does not wait for it.
    if (number == SIGKILL)
      ::kill(kernel(), SIGKILL);
  }

  [[nodiscard]] pid_t kernel() const {
    pid_t number = 0;
    std::ifstream{folder + "/kernel.pid"} >> number;
    return number > 0 ? number : std::numeric_limits<pid_t>::max();
  }

  [[nodiscard]] std::string text(const std::string& name) const {
    std::ifstream in{folder + "/" + name};
    std::ostringstream all;
    all << in.rdbuf();
    return all.str();
  }

  [[nodiscard]] bool eventually(const std::function<bool()>& holds) const {
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (!holds())
      if (std::chrono::steady_clock::now() > end)
        return false;
      else
        std::this_thread::sleep_for(5ms);
    return true;
  }
  [[nodiscard]] bool hears(const std::string& what) const {
    return eventually([&] { return text("heard").find(what) != std::string::npos; });
  }

  [[nodiscard]] pumps::pump_record record() const {
    auto read = pumps::pump_record::read(folder + "/pump-record.jsonl");
    BOOST_REQUIRE(read);
    return *read;
  }
  [[nodiscard]] bool is_on(const std::string& line) const {
    const auto now = record();
    const auto at = now.lines().find("one/" + line);
    return at != now.lines().end() && !at->second.runs.empty() && !at->second.runs.back().ended;
  }
  void expect_all_off() const {
    const auto done = record();
    for (const auto& [name, line] : done.lines())
      for (const auto& run : line.runs)
        BOOST_TEST(run.ended, name << " is on at the end");
    BOOST_TEST(done.overlaps().empty());
    BOOST_TEST(done.late_offs().empty());
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(guard_as_a_process, guarded)

BOOST_AUTO_TEST_CASE(a_kernel_that_ends_well_ends_the_guard_with_its_status) {
  start({"run:a:300:0", "ended", "valve:b:200", "ended"});
  BOOST_TEST(ended_within(20s).value_or(-1) == 0);
  BOOST_TEST(text("said").find("READY=1") != std::string::npos);
  const auto done = record();
  BOOST_TEST(done.lines().at("one/a").runs.size() == 1u);
  BOOST_TEST((done.lines().at("one/a").on_time() >= 299ms));
  BOOST_TEST((done.lines().at("one/air").on_time() >= 299ms));
  expect_all_off();
}

BOOST_AUTO_TEST_CASE(a_killed_kernel_leaves_nothing_on_and_is_started_again) {
  start({"run:a:30000:0", "started", "kill", "then", "run:b:100:0", "ended", "exit:0"});
  BOOST_TEST(ended_within(20s).value_or(-1) == 0);
  const auto done = record();
  BOOST_TEST((done.lines().at("one/a").on_time() < 5s));
  BOOST_TEST(done.lines().at("one/b").runs.size() == 1u);
  BOOST_TEST(text("said").find("by signal 9") != std::string::npos);
  expect_all_off();
}

BOOST_AUTO_TEST_CASE(a_kernel_that_hangs_loses_its_lease) {
  start({"run:a:30000:300", "started", "hang"});
  BOOST_TEST(eventually([this] { return std::filesystem::exists(folder + "/pump-record.jsonl"); }));
  BOOST_TEST(eventually([this] { return is_on("a"); }));
  BOOST_TEST(eventually([this] { return !is_on("a"); }));
  BOOST_TEST((record().lines().at("one/a").on_time() < 10s));
  ::kill(kernel(), SIGCONT);
  ::kill(guard, SIGTERM);
  BOOST_TEST(ended_within(20s).has_value());
}

BOOST_AUTO_TEST_CASE(a_window_outlives_the_kernel_and_the_guard) {
  start({"run:small:400:0", "ended", "kill", "then", "run:small:400:0", "ended", "wait"});
  BOOST_TEST(hears("ended pump_window_spent"));
  kill_guard(SIGKILL);
  start({"run:small:400:0", "ended", "run:small:400:0", "ended", "wait", "then", "run:small:400:0",
         "ended", "wait", "then", "run:small:400:0", "ended", "wait"});
  BOOST_TEST(eventually([this] {
    const auto all = text("heard");
    return all.find("ended pump_window_spent", all.find("ended pump_window_spent") + 1)
           != std::string::npos;
  }));
  BOOST_TEST((record().lines().at("one/small").window_peak(60s) < 500ms + 50ms));
  BOOST_TEST(record().lines().at("one/small").openings == 2);
}

BOOST_AUTO_TEST_CASE(a_killed_guard_is_the_residual_hazard_and_the_next_one_begins_with_off) {
  start({"run:a:60000:0", "started", "wait"});
  BOOST_TEST(hears("started"));
  kill_guard(SIGKILL);
  BOOST_TEST(is_on("a"));
  const auto before = text("heard").size();
  start({"wait", "then", "wait"});
  BOOST_TEST(eventually([this] { return !is_on("a"); }));
  // The interrupted run is charged for as long as it may have been on.
  BOOST_TEST(
      eventually([&] { return text("heard").find("used a ", before) != std::string::npos; }));
  BOOST_TEST(text("heard").find("used a 0 ", before) == std::string::npos);
  BOOST_TEST(record().late_offs().empty());
}

BOOST_AUTO_TEST_CASE(a_kernel_stops_when_its_guard_is_killed) {
  start({"wait"});
  BOOST_TEST(eventually([this] { return kernel() < std::numeric_limits<pid_t>::max(); }));
  BOOST_TEST(hears("used a"));
  const auto child = kernel();
  ::kill(guard, SIGKILL);
  ::waitpid(guard, nullptr, 0);
  guard = -1;
  BOOST_TEST(eventually([child] { return ::kill(child, 0) != 0; }));
}

BOOST_AUTO_TEST_CASE(a_terminated_guard_stops_its_kernel_and_switches_off) {
  start({"run:a:60000:0", "started", "wait"});
  BOOST_TEST(hears("started"));
  ::kill(guard, SIGTERM);
  // The scripted kernel does not handle the signal, so it dies by it.
  BOOST_TEST(ended_within(20s).value_or(-1) == 70);
  expect_all_off();
}

BOOST_AUTO_TEST_CASE(the_button_stops_pumps_while_the_kernel_hangs) {
  start({"run:a:60000:0", "started", "hang"});
  BOOST_TEST(hears("started"));
  BOOST_TEST(is_on("a"));
  std::ofstream{folder + "/button"} << "pressed";
  BOOST_TEST(eventually([this] { return !is_on("a"); }));
  std::filesystem::remove(folder + "/button");
  ::kill(kernel(), SIGKILL);
}

BOOST_AUTO_TEST_CASE(an_emergency_stop_latches_across_a_killed_kernel) {
  start({"run:a:60000:0", "started", "emergency", "kill", "then", "run:b:100:0", "ended",
         "acknowledge:9", "sleep:300", "run:b:100:0", "ended"});
  BOOST_TEST(ended_within(20s).value_or(-1) == 0);
  const auto heard = text("heard");
  BOOST_TEST(heard.find("ended pump_latched") != std::string::npos);
  BOOST_TEST(record().lines().at("one/b").runs.size() == 1u);
  expect_all_off();
}

BOOST_AUTO_TEST_CASE(two_guards_do_not_share_a_folder) {
  start({"wait"});
  BOOST_TEST(hears("used a"));
  const auto first = std::exchange(guard, -1);
  start({"wait"});
  BOOST_TEST(ended_within(20s).value_or(-1) == 3);
  guard = first;
}

BOOST_AUTO_TEST_CASE(a_file_that_is_not_understood_starts_nothing) {
  std::ofstream{folder + "/guard.json"} << R"({"version": 1})";
  start({"wait"});
  BOOST_TEST(ended_within(20s).value_or(-1) == 5);
  BOOST_TEST(text("said").find("stations") != std::string::npos);
  BOOST_TEST(text("heard").empty());
}

BOOST_AUTO_TEST_CASE(a_damaged_ledger_latches_and_counts_everything_as_spent) {
  std::ofstream{folder + "/guard-ledger"} << "half a ledg";
  start({"run:a:1000:0", "ended", "acknowledge:9", "sleep:300", "run:a:1000:0", "ended"});
  BOOST_TEST(ended_within(20s).value_or(-1) == 0);
  const auto heard = text("heard");
  BOOST_TEST(heard.find("ended pump_latched") != std::string::npos);
  BOOST_TEST(heard.find("ended pump_window_spent") != std::string::npos);
  BOOST_TEST(record().lines().at("one/a").runs.empty());
}

BOOST_AUTO_TEST_CASE(kills_at_random_moments_break_no_limit) {
  std::mt19937 random{20261125};
  // Each life pumps until it is killed; the last one ends by itself.
  std::vector<std::string> steps;
  for (int life = 0; life < 4; ++life) {
    for (const auto* step : {"valve:a:150", "run:b:150:0", "ended", "run:small:400:0", "valve:b:99",
                             "ended", "run:a:200:100", "ended", "wait", "then"})
      steps.emplace_back(step);
  }
  start(steps);
  BOOST_TEST(hears("used a"));
  for (int i = 0; i < 4; ++i) {
    const auto before = kernel();
    std::this_thread::sleep_for(std::chrono::milliseconds{random() % 900});
    ::kill(kernel(), SIGKILL);
    BOOST_TEST(eventually([&] { return kernel() != before || ended_within(0ms); }));
  }
  BOOST_TEST(ended_within(40s).value_or(-1) == 0, text("lives") << text("heard") << text("said"));
  const auto done = record();
  expect_all_off();
  BOOST_TEST((done.lines().at("one/small").window_peak(60s) < 550ms));
  BOOST_TEST(!done.lines().at("one/a").runs.empty());
}

BOOST_AUTO_TEST_SUITE_END()
