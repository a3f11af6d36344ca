#include "cli/simulator_child.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <nlohmann/json.hpp>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace gantry::cli {

namespace {

/// posix_spawn's two tables, released together.
struct spawn_tables {
  spawn_tables() {
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawnattr_init(&attributes);
  }
  ~spawn_tables() {
    ::posix_spawn_file_actions_destroy(&actions);
    ::posix_spawnattr_destroy(&attributes);
  }
  spawn_tables(const spawn_tables&) = delete;
  spawn_tables& operator=(const spawn_tables&) = delete;

  posix_spawn_file_actions_t actions{};
  posix_spawnattr_t attributes{};
};

std::vector<std::string> words_of(const simulator_settings& settings) {
  std::vector<std::string> words{"gantry",
                                 "sim",
                                 settings.kind,
                                 "--count",
                                 std::to_string(settings.count),
                                 "--port",
                                 std::to_string(settings.base_port),
                                 "--speed",
                                 std::to_string(settings.speed),
                                 "--name",
                                 "demo",
                                 "--log-dir",
                                 settings.folder + "/logs",
                                 "--exit-with-parent"};
  if (settings.kind == "moonraker")
    words.insert(words.end(), {"--state-dir", settings.folder + "/state"});
  return words;
}

} // namespace

std::unique_ptr<simulator_child> simulator_child::start(const simulator_settings& settings) {
  std::array<int, 2> pipe{};
  if (::pipe2(pipe.data(), O_CLOEXEC) != 0)
    return nullptr;
  spawn_tables tables;
  ::posix_spawn_file_actions_adddup2(&tables.actions, pipe[1], STDOUT_FILENO);
  // The child gets signals again that we hold back, and none from our terminal: it has to outlive
  // our own stop, or every stop would look like a power failure.
  sigset_t none;
  ::sigemptyset(&none);
  ::posix_spawnattr_setsigmask(&tables.attributes, &none);
  ::posix_spawnattr_setpgroup(&tables.attributes, 0);
  ::posix_spawnattr_setflags(&tables.attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
  auto words = words_of(settings);
  std::vector<char*> argv;
  for (auto& word : words)
    argv.push_back(word.data());
  argv.push_back(nullptr);
  pid_t process = -1;
  auto failed = ::posix_spawn(&process, "/proc/self/exe", &tables.actions, &tables.attributes,
                              argv.data(), environ);
  ::close(pipe[1]);
  if (failed != 0) {
    ::close(pipe[0]);
    return nullptr;
  }
  std::unique_ptr<simulator_child> child{new simulator_child{process, pipe[0]}};
  if (!child->read_printers(settings.count))
    return nullptr;
  return child;
}

simulator_child::~simulator_child() {
  ::kill(process_, SIGTERM);
  while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
    // nop: asked again
  }
  ::close(output_);
}

bool simulator_child::read_printers(size_t count) {
  std::string line;
  char byte = 0;
  while (printers_.size() < count && ::read(output_, &byte, 1) == 1) {
    if (byte != '\n') {
      line += byte;
      continue;
    }
    auto parsed = nlohmann::json::parse(line, nullptr, false);
    if (parsed.is_object() && parsed.contains("printer") && parsed.contains("port"))
      printers_.push_back({parsed["printer"].get<std::string>(), parsed["port"].get<uint16_t>()});
    line.clear();
  }
  return printers_.size() == count;
}

} // namespace gantry::cli
