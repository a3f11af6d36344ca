#include "tests/binary/program.hpp"

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <spawn.h>
#include <sstream>
#include <stdexcept>
#include <sys/wait.h>
#include <unistd.h>

namespace gantry::test {

namespace fs = std::filesystem;
using namespace std::chrono_literals;

temporary_folder::temporary_folder() {
  auto name = (fs::temp_directory_path() / "gantry-binary-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr)
    throw std::runtime_error{"no temporary folder"};
  path_ = name;
}

temporary_folder::~temporary_folder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

program::program(std::vector<std::string> words, fs::path output,
                 std::vector<std::string> variables)
    : output_{std::move(output)} {
  words.insert(words.begin(), GANTRY_PROGRAM);
  std::vector<char*> argv;
  for (auto& word : words)
    argv.push_back(word.data());
  argv.push_back(nullptr);
  std::vector<char*> all;
  for (auto& variable : variables)
    all.push_back(variable.data());
  for (auto** each = environ; *each != nullptr; ++each)
    all.push_back(*each);
  all.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output_.c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  const auto failed =
      ::posix_spawn(&process_, GANTRY_PROGRAM, &actions, nullptr, argv.data(), all.data());
  ::posix_spawn_file_actions_destroy(&actions);
  if (failed != 0)
    throw std::runtime_error{std::string{"cannot start "} + GANTRY_PROGRAM};
}

program::~program() {
  if (exit_code_)
    return;
  ::kill(process_, SIGKILL);
  ::waitpid(process_, nullptr, 0);
}

void program::signal(int number) const {
  ::kill(process_, number);
}

std::optional<int> program::exit_code_within(std::chrono::milliseconds patience) {
  const auto end = std::chrono::steady_clock::now() + patience * time_scale;
  while (!exit_code_) {
    int status = 0;
    if (::waitpid(process_, &status, WNOHANG) == process_)
      exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 256 + WTERMSIG(status);
    else if (std::chrono::steady_clock::now() > end)
      break;
    else
      std::this_thread::sleep_for(10ms);
  }
  return exit_code_;
}

std::string program::output() const {
  std::ifstream in{output_};
  std::stringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string program::line_with(const std::string& text) const {
  std::string written;
  size_t at = std::string::npos;
  const auto found = [&] {
    written = output();
    at = written.find(text);
    return at != std::string::npos && written.find('\n', at) != std::string::npos;
  };
  if (!eventually(found, 20s))
    throw std::runtime_error{"never said '" + text + "' but:\n" + written};
  const auto begin = written.rfind('\n', at) + 1;
  return written.substr(begin, written.find('\n', at) - begin);
}

int64_t program::memory_peak_kb() const {
  std::ifstream in{"/proc/" + std::to_string(process_) + "/status"};
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("VmHWM:"))
      return std::stoll(line.substr(6));
  return 0;
}

finished_program run_program(std::vector<std::string> words, const fs::path& output,
                             std::vector<std::string> variables) {
  program child{std::move(words), output, std::move(variables)};
  const auto code = child.exit_code_within(60s).value_or(-1);
  return {code, child.output()};
}

} // namespace gantry::test
