// A process that commits is killed at random moments; what it acknowledged must be there and the
// store must be sound. All database objects live in child processes: their threads do not survive
// a fork.
#include "storage/doctor.hpp"
#include "storage/reader.hpp"
#include "support.hpp"

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <cstdlib>
#include <random>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace gantry;
using namespace gantry::storage;
using namespace gantry::storage::testing;

namespace {

constexpr size_t rounds = 20;

/// Runs `work` in a child that ends with its result, or with 99 after an exception.
pid_t spawn(const std::function<int()>& work) {
  const auto child = ::fork();
  BOOST_REQUIRE(child >= 0);
  if (child != 0)
    return child;
  // The test framework's handlers are not for this process.
  for (const auto x : {SIGABRT, SIGSEGV, SIGCHLD})
    std::signal(x, SIG_DFL);
  auto status = 99;
  try {
    status = work();
  } catch (...) {
    status = 99;
  }
  ::_exit(status);
}

/// Commits for ever and writes the number of the newest durable event into `pipe` after each sync.
int commit_for_ever(const std::string& folder, int pipe, uint64_t seed) {
  auto opened = open_rocksdb_store(folder, {.ballast_bytes = 0, .warn = {}});
  if (!opened)
    return 1;
  journal log{**opened, {}};
  std::mt19937_64 random{seed};
  const auto any_entity = [&] {
    return entity_ref{entity_kind::run, "run-" + std::to_string(random() % 40)};
  };
  while (true) {
    for (size_t i = 0; i <= random() % 4; ++i)
      if (log.admit(make_commit(log, {any_entity()}, std::string(random() % 2'000, 'x'),
                                random() % 2 == 0))
              .answer
          != admission::admitted)
        return 2;
    write_all(log, **opened);
    const auto durable = log.durable_seq();
    if (::write(pipe, &durable, sizeof durable) != sizeof durable)
      return 3;
  }
}

/// 0 if the store is sound and has everything up to `acknowledged`.
int verify(const std::string& folder, uint64_t acknowledged) {
  auto opened = open_rocksdb_store(folder, {.ballast_bytes = 0, .warn = {}});
  if (!opened)
    return 1;
  const auto report = examine(**opened, test_evolve);
  if (!report.clean())
    return 2;
  return report.last_seq >= acknowledged ? 0 : 3;
}

int status_of(pid_t child) {
  int status = 0;
  BOOST_REQUIRE(::waitpid(child, &status, 0) == child);
  return status;
}

/// Newest number in the pipe, read to its end.
uint64_t newest_in(int pipe) {
  uint64_t newest = 0;
  uint64_t next = 0;
  while (::read(pipe, &next, sizeof next) == sizeof next)
    newest = next;
  return newest;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_killed_process_loses_nothing_that_it_acknowledged) {
  const auto previous = std::signal(SIGCHLD, SIG_DFL);
  const scratch_folder folder;
  std::mt19937_64 random{11};
  uint64_t acknowledged = 0;
  for (size_t round = 0; round < rounds; ++round) {
    std::array<int, 2> pipe{};
    BOOST_REQUIRE(::pipe(pipe.data()) == 0);
    const auto child = spawn([&] { return commit_for_ever(folder.path(), pipe[1], 100 + round); });
    ::close(pipe[1]);
    std::this_thread::sleep_for(std::chrono::milliseconds{random() % 150});
    ::kill(child, SIGKILL);
    acknowledged = std::max(acknowledged, newest_in(pipe[0]));
    ::close(pipe[0]);
    const auto killed = status_of(child);
    BOOST_TEST((WIFSIGNALED(killed) && WTERMSIG(killed) == SIGKILL));
    const auto checked = status_of(spawn([&] { return verify(folder.path(), acknowledged); }));
    BOOST_TEST_REQUIRE((WIFEXITED(checked) ? WEXITSTATUS(checked) : 98) == 0);
  }
  BOOST_TEST_MESSAGE("acknowledged events: " << acknowledged);
  BOOST_TEST(acknowledged > rounds);
  std::signal(SIGCHLD, previous);
}
