// A guard with a kernel that follows a script, as real processes: `guard_probe FOLDER STEP...`. The
// guard runs this program again as its kernel. Each life of the kernel plays the steps up to the
// next `then`; steps are `run:PUMP:MS:LEASE`, `valve:PUMP:MS`, `started`, `ended`, `sleep:MS`,
// `emergency`, `acknowledge:EPOCH`, `kill`, `hang`, `wait` and `exit:CODE`. What it hears goes to
// `heard` in the folder.
#include "hal/guard/guard_client.hpp"
#include "hal/guard/guard_process.hpp"

#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <iostream>
#include <mutex>
#include <sstream>
#include <thread>
#include <unistd.h>

using namespace gantry;
using namespace std::chrono_literals;

namespace {

/// Counts and writes down what the guard says.
class heard final : public hal::pump_listener {
public:
  explicit heard(const std::string& path) : out_{path, std::ios::app} {}

  void on_state(const hal::guard_state& state) override {
    std::lock_guard lock{mutex_};
    for (const auto& line : state.lines)
      out_ << "used " << line.pump << ' ' << line.window_used.count() << ' '
           << (state.latched ? "latched" : "free") << std::endl;
  }
  void on_started(uint64_t) override { count(started_, "started"); }
  void on_finished(uint64_t, const hal::pump_run_result& result) override {
    count(ended_, "ended " + std::string{to_string(result.why)} + " "
                      + std::to_string(result.on_time.count()));
  }
  void await_started(int number) { await(started_, number); }
  void await_ended(int number) { await(ended_, number); }

private:
  void count(int& what, const std::string& text) {
    {
      std::lock_guard lock{mutex_};
      ++what;
      out_ << text << std::endl;
    }
    changed_.notify_all();
  }
  void await(int& what, int number) {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [&] { return what >= number; });
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::ofstream out_;
  int started_ = 0;
  int ended_ = 0;
};

std::vector<std::string> split(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream in{text};
  for (std::string part; std::getline(in, part, ':');)
    parts.push_back(part);
  return parts;
}

/// Which life of the kernel this is, counted in a file.
int count_life(const std::string& folder) {
  const auto path = folder + "/lives";
  int lives = 0;
  std::ifstream{path} >> lives;
  std::ofstream{path} << lives + 1;
  return lives;
}

void play(const std::vector<std::string>& step, hal::pump_port& pumps, heard& listener,
          uint64_t& ticket) {
  const auto number = [&step](size_t at) { return std::chrono::milliseconds{std::stol(step[at])}; };
  if (step[0] == "run")
    pumps.run(++ticket, {.pump = step[1],
                         .duration = number(2),
                         .lease = number(3),
                         .epoch = 9,
                         .purpose = "script"});
  else if (step[0] == "valve")
    pumps.run(++ticket, {.pump = step[1],
                         .duration = number(2),
                         .epoch = 9,
                         .with_valve = true,
                         .purpose = "script"});
  else if (step[0] == "started")
    listener.await_started(static_cast<int>(ticket));
  else if (step[0] == "ended")
    listener.await_ended(static_cast<int>(ticket));
  else if (step[0] == "sleep")
    std::this_thread::sleep_for(number(1));
  else if (step[0] == "emergency" && !pumps.emergency_stop(5s))
    std::_Exit(90);
  else if (step[0] == "acknowledge")
    pumps.acknowledge(std::stoul(step[1]));
  else if (step[0] == "kill")
    ::kill(::getpid(), SIGKILL);
  else if (step[0] == "hang")
    ::kill(::getpid(), SIGSTOP);
  else if (step[0] == "exit")
    std::_Exit(std::stoi(step[1]));
  else if (step[0] == "wait")
    for (;;)
      ::pause();
}

int run_kernel(guard::inherited_links links, const std::string& folder,
               const std::vector<std::string>& steps) {
  int skip = count_life(folder);
  std::ofstream{folder + "/kernel.new"} << ::getpid();
  std::rename((folder + "/kernel.new").c_str(), (folder + "/kernel.pid").c_str());
  auto client = guard::guard_client::connect(std::move(links));
  if (!client)
    return 91;
  auto listener = std::make_shared<heard>(folder + "/heard");
  auto pumps = (*client)->open("one", listener);
  (*client)->notify_service_manager("READY=1");
  uint64_t ticket = 0;
  for (const auto& step : steps) {
    if (step == "then") {
      if (skip-- == 0)
        break;
    } else if (skip == 0) {
      play(split(step), *pumps, *listener, ticket);
    }
  }
  return 0;
}

} // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> words{argv, argv + argc};
  const auto& folder = words.at(1);
  if (auto links = guard::take_inherited_links())
    return run_kernel(std::move(*links), folder, {words.begin() + 2, words.end()});
  return guard::run_guard(
      {.folder = folder,
       .kernel_words = words,
       .final_exit_codes = {0, 91},
       .exit_code_in_use = 3,
       .exit_code_unfit = 5,
       .exit_code_timeout = 70,
       .notify = [](const std::string& state) { std::cerr << state << std::endl; },
       .log = [](const std::string& text) { std::cerr << text << std::endl; }});
}
