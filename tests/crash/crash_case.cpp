#include "tests/crash/crash_case.hpp"

#include "cli/replay.hpp"
#include "storage/doctor.hpp"
#include "storage/idempotency_key.hpp"
#include "tests/scenarios/farm.hpp"

#include <algorithm>
#include <fcntl.h>
#include <fstream>
#include <memory>
#include <mutex>
#include <spawn.h>
#include <sstream>
#include <sys/wait.h>
#include <unistd.h>

namespace gantry::test {

namespace {

namespace fs = std::filesystem;

/// Held while a program is started and while ports are bound: until it runs, a new program keeps
/// the sockets of other stages' printers, and a port that they listened at cannot be bound again.
std::mutex& starting() {
  static std::mutex only;
  return only;
}

/// The status of a program that was run to its end; its output goes to the file `output`.
int run_program(std::vector<std::string> args, const fs::path& output) {
  std::vector<char*> pointers;
  for (auto& arg : args)
    pointers.push_back(arg.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions{};
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, output.c_str(),
                                     O_WRONLY | O_CREAT | O_TRUNC, 0600);
  ::posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
  // The sockets of other stages' printers stay here.
  ::posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  pid_t child = 0;
  const int failed = [&] {
    const std::lock_guard guard{starting()};
    return ::posix_spawn(&child, args[0].c_str(), &actions, nullptr, pointers.data(), environ);
  }();
  ::posix_spawn_file_actions_destroy(&actions);
  must(failed == 0, "no child");
  int status = 0;
  must(::waitpid(child, &status, 0) == child, "no status");
  return status;
}

bool ended_well(int status) {
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::string content_of(const fs::path& path) {
  std::ifstream file{path};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

sim::simulator_options machine_options(crash_story story, uint16_t port, const fs::path& logs) {
  sim::simulator_options options;
  options.count = machines_of(story);
  options.base_port = port;
  options.speed = 2'000;
  options.log_dir = logs;
  fs::create_directories(logs);
  return options;
}

std::unique_ptr<simulated_printers> open_machines(crash_story story, uint16_t port,
                                                  const fs::path& logs) {
  const auto options = machine_options(story, port, logs);
  const std::lock_guard guard{starting()};
  return std::make_unique<simulated_printers>(options);
}

/// Ports below those that the system hands out by itself, so that they are free in each telling.
uint16_t find_port(crash_story story, unsigned number, const fs::path& logs) {
  const auto first = 20'000u + static_cast<unsigned>(::getpid()) % 500u * 20u + 2u * number;
  for (unsigned port = first; port < first + 2'000u; port += 20)
    try {
      return open_machines(story, static_cast<uint16_t>(port), logs)->port(0);
    } catch (const std::exception&) {
      continue;
    }
  throw std::runtime_error{"no free port"};
}

void check_machines(const fs::path& logs, crash_story story, const std::vector<run>& runs,
                    std::vector<std::string>& problems) {
  const auto starts = print_starts_in(logs);
  if (starts.size() > prints_of(story) || starts.empty())
    problems.push_back(std::to_string(starts.size()) + " prints began");
  for (const auto& each : starts) {
    if (each.bed_items != 0)
      problems.push_back("a print began on an occupied bed");
    if (each.origin != "api")
      problems.push_back("somebody else began a print: " + each.file);
  }
  for (const auto& what : runs) {
    const auto count = std::ranges::count_if(starts, [&](const print_start& x) {
      return x.file.find(what.id.value) != std::string::npos;
    });
    if (count > 1 || (count == 0 && what.state == run_state::passed))
      problems.push_back(what.id.value + " was started " + std::to_string(count) + " times");
  }
}

/// Every plate has one good run, and none is left half done.
void check_runs(const std::vector<run>& runs, crash_story story,
                std::vector<std::string>& problems) {
  size_t passed = 0;
  for (const auto& what : runs) {
    passed += what.state == run_state::passed ? 1u : 0u;
    if (what.state != run_state::passed && what.state != run_state::failed
        && what.state != run_state::cancelled)
      problems.push_back("a run ended " + std::string{name_of(what.state)});
    const bool all_are_good = story == crash_story::print || story == crash_story::permits;
    if (what.state != run_state::passed && all_are_good)
      problems.push_back("a print went wrong: " + std::string{name_of(what.state)});
  }
  if (passed != good_prints_of(story))
    problems.push_back(std::to_string(passed) + " good prints");
}

/// The replies that the operator got must be in the store, under their keys.
void check_journal(const fs::path& journal, const storage::store& store,
                   std::vector<std::string>& problems) {
  std::ifstream file{journal};
  const storage::reader reader{store};
  const auto view = store.read();
  size_t lines = 0;
  std::string key;
  std::string subject;
  for (uint64_t version = 0; file >> key >> subject >> version; ++lines) {
    const auto stored = view->get(storage::family::keys, storage::stored_key("tok-test", key));
    const auto record = stored ? storage::decode_key_record(*stored) : std::nullopt;
    if (!record) {
      problems.push_back("the reply to " + key + " is lost");
      continue;
    }
    const auto reply = actors::decode_reply(record->reply);
    bool found = false;
    reader.events_of(reply.entity, [&](uint64_t, std::string_view encoded) {
      found = decode_envelope(encoded)->version == version;
      return !found;
    });
    if (reply.entity.text() != subject || reply.version != version || !found)
      problems.push_back("the reply to " + key + " is not what is stored");
  }
  if (lines < 3)
    problems.push_back("the operator got " + std::to_string(lines) + " replies only");
}

} // namespace

crash_stage::crash_stage(fs::path folder, unsigned number, crash_story story)
    : folder_{std::move(folder)}, story_{story} {
  fs::create_directories(folder_);
  port_ = find_port(story, number, folder_ / "logs-of-search");
  for (const std::string mode : {"seed", "queue"}) {
    const auto machines = open_machines(story, port_, folder_ / ("logs-of-" + mode));
    const auto status = run_program({GANTRY_CRASH_KERNEL, mode, text_of(story),
                                     (folder_ / mode).string(), std::to_string(port_)},
                                    folder_ / (mode + ".txt"));
    must(ended_well(status), mode + ": " + content_of(folder_ / (mode + ".txt")));
  }
}

int crash_stage::live(const fs::path& where, const kill_point& point) const {
  return run_program({GANTRY_CRASH_KERNEL, "work", text_of(story_), (where / "data").string(),
                      point.text(), (where / "journal").string()},
                     where / "output");
}

crash_stage::outcome crash_stage::play(const std::string& start,
                                       const std::vector<kill_point>& lives) {
  outcome result;
  const auto where = folder_ / ("story-" + std::to_string(++stories_));
  fs::create_directories(where);
  fs::copy(folder_ / start, where / "data", fs::copy_options::recursive);
  {
    const auto machines = open_machines(story_, port_, where / "logs");
    auto points = lives;
    points.push_back({});
    for (const auto& point : points) {
      const int status = live(where, point);
      if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL && point.number > 0) {
        ++result.kills;
        continue;
      }
      if (!ended_well(status))
        result.problems.push_back(point.text() + ": " + content_of(where / "output"));
      break;
    }
  }
  finish(where, result);
  if (result.problems.empty())
    fs::remove_all(where);
  return result;
}

void crash_stage::finish(const fs::path& where, outcome& what) const {
  std::istringstream numbers{content_of(where / "output")};
  for (auto& number : what.last_life)
    numbers >> number;
  const auto store =
      storage::open_rocksdb_store((where / "data").string(), {.ballast_bytes = 0, .warn = {}});
  if (!store)
    return what.problems.push_back(store.why().text());
  const auto report = storage::examine(**store, cli::replay_event);
  for (const auto& each : report.findings)
    what.problems.push_back(each.subject + ": " + each.detail);
  check_journal(where / "journal", **store, what.problems);
  storage::list_query every_run;
  every_run.kind = entity_kind::run;
  std::vector<run> runs;
  for (const auto& each : storage::reader{**store}.list(every_run).items)
    runs.push_back(std::get<run>(*decode_state(entity_kind::run, each.json)));
  check_runs(runs, story_, what.problems);
  check_machines(where / "logs", story_, runs, what.problems);
}

} // namespace gantry::test
