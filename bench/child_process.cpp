#include "bench/child_process.hpp"

#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <spawn.h>
#include <sstream>
#include <stdexcept>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

namespace gantry::bench {

child_process::child_process(const std::vector<std::string>& words, const std::string& log_path) {
  const int log = ::open(log_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  if (log < 0)
    throw std::runtime_error{log_path + " cannot be written"};
  try {
    spawn("/proc/self/exe", "gantry", words, log, log);
  } catch (...) {
    ::close(log);
    throw;
  }
  ::close(log);
}

child_process::child_process(const std::string& program, const std::vector<std::string>& words,
                             int output) {
  spawn(program.c_str(), program, words, output, STDERR_FILENO);
}

void child_process::spawn(const char* path, const std::string& name,
                          const std::vector<std::string>& words, int output, int errors) {
  std::vector<std::string> copies{name};
  copies.insert(copies.end(), words.begin(), words.end());
  std::vector<char*> argv;
  for (auto& word : copies)
    argv.push_back(word.data());
  argv.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
  const auto problem = ::posix_spawnp(&process_, path, &actions, nullptr, argv.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (problem != 0) {
    process_ = -1;
    throw std::runtime_error{name + " cannot be started"};
  }
}

child_process::~child_process() {
  if (process_ <= 0)
    return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

int child_process::wait() {
  int status = 0;
  const bool ended = process_ > 0 && ::waitpid(process_, &status, 0) == process_;
  process_ = -1;
  return ended && WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

int child_process::stop() {
  if (process_ <= 0)
    return -1;
  constexpr auto patience = std::chrono::seconds{10};
  ::kill(process_, SIGTERM);
  const auto due = std::chrono::steady_clock::now() + patience;
  int status = 0;
  while (::waitpid(process_, &status, WNOHANG) == 0) {
    if (std::chrono::steady_clock::now() > due)
      ::kill(process_, SIGKILL);
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  }
  process_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

uint64_t child_process::figure(const char* file, const std::string& name) const {
  std::ifstream in{"/proc/" + std::to_string(process_) + "/" + file};
  for (std::string line; std::getline(in, line);)
    if (line.starts_with(name + ":"))
      return std::stoull(line.substr(name.size() + 1));
  throw std::runtime_error{"the system does not tell " + name + " of the child"};
}

uint64_t child_process::resident_bytes() const {
  return figure("status", "VmRSS") * 1024;
}

uint64_t child_process::written_bytes() const {
  return figure("io", "write_bytes");
}

uint64_t child_process::threads() const {
  return figure("status", "Threads");
}

double child_process::processor_s() const {
  std::ifstream in{"/proc/" + std::to_string(process_) + "/stat"};
  std::string text{std::istreambuf_iterator<char>{in}, {}};
  // The name in parentheses may hold spaces; user and system time are the 12th and 13th after it.
  std::istringstream fields{text.substr(std::min(text.size(), text.rfind(')') + 1))};
  std::string skipped;
  for (int i = 0; i < 11; ++i)
    fields >> skipped;
  uint64_t user = 0, system = 0;
  if (!(fields >> user >> system))
    throw std::runtime_error{"the system does not tell the processor time of the child"};
  return static_cast<double>(user + system) / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

} // namespace gantry::bench
