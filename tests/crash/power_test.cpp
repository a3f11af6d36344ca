// Goal: the program may be killed, and the power may fail, at any moment; what it acknowledged is
// there afterwards, no print is started twice, and work goes on by itself. Method: `gantry serve`
// as it is shipped on a disk whose unsynced bytes vanish; the oracle is what its clients were
// promised and the printer's own log. Pass: no broken promise, a clean examination after each
// death, every order fulfilled at the end; and a disk that only says that it syncs is caught.
#include "tests/binary/kernel_process.hpp"
#include "tests/crash/effort.hpp"
#include "tests/crash/people.hpp"
#include "tests/crash/victim.hpp"
#include "tests/scenarios/farm.hpp"

#include <boost/test/unit_test.hpp>
#include <csignal>

using namespace gantry::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

constexpr int killed = 256 + SIGKILL;

/// What a series of deaths came to.
struct death_toll {
  size_t kills = 0;
  size_t ordered_kills = 0; ///< Those at an operation of the disk.
  size_t power_losses = 0;
  uint64_t bytes_lost = 0;
  uint64_t names_undone = 0;
  std::vector<std::string> problems;
};

/// A farm whose program dies in many ways.
class dying_farm {
public:
  explicit dying_farm(uint64_t seed) : random_{seed} {
    std::filesystem::create_directories(home_.folder);
  }

  /// One life with people at work, ended by a kill at a moment that is drawn: in the middle of the
  /// clerks' writes, or at a step of the operator's prints.
  void live_and_die(bool power_fails, std::vector<std::string> orders = {}) {
    const bool by_disk = random_() % 2 == 0;
    const bool with_clerks = random_() % 2 == 0;
    const auto pause = std::chrono::milliseconds{random_() % (with_clerks ? 500 : 3'000)};
    if (by_disk) {
      constexpr std::array<const char*, 3> moments{"before", "torn", "after"};
      orders.push_back(std::string{disk_order::kill} + "=" + moments[random_() % 3] + ":"
                       + std::to_string(1 + random_() % (with_clerks ? 250 : 80)));
    }
    {
      victim life{home_, orders};
      if (life.listens()) {
        const busy_people at_work{people_, life.client(journal_), with_clerks};
        static_cast<void>(life.child().exit_code_within(by_disk ? 3s : pause));
        life.kill();
      }
      if (life.child().exit_code_within(0ms) != killed)
        toll_.problems.push_back("it ended by itself: " + life.child().output());
      toll_.kills += 1;
      toll_.ordered_kills += by_disk ? 1 : 0;
    }
    if (!power_fails)
      return;
    const auto lost = lose_power(home_.ledger(), random_);
    toll_.power_losses += 1;
    toll_.bytes_lost += lost.bytes;
    toll_.names_undone += lost.names_undone;
  }

  /// The store agrees with its log.
  void examine() {
    // The first death may come before there is a store.
    if (!std::filesystem::exists(home_.data() / "db/CURRENT"))
      return;
    const auto found = home_.examine();
    if (found.exit_code != 0)
      toll_.problems.push_back("doctor: " + found.output);
  }

  /// A new life; every promise made since the last check holds. It is killed again.
  void check_promises() {
    victim life{home_};
    if (!life.listens()) {
      toll_.problems.push_back("it does not start: " + life.child().output());
      return;
    }
    for (const auto& each : life.client(journal_).find_broken_promises(journal_.since(checked_)))
      toll_.problems.push_back(each);
    checked_ = journal_.size();
    life.kill();
  }

  /// No more deaths: every order is fulfilled, every promise holds, and the log agrees.
  void finish() {
    people_.stop_ordering();
    victim life{home_};
    BOOST_REQUIRE_MESSAGE(life.listens(), life.child().output());
    auto client = life.client(journal_);
    BOOST_TEST(eventually([&] { return people_.operate(client); }, 60s));
    for (const auto& each : client.find_broken_promises(journal_.since(0)))
      toll_.problems.push_back(each);
    BOOST_TEST(life.stop().value_or(-1) == 0);
    examine();
    check_machine();
    report();
  }

  [[nodiscard]] death_toll& toll() { return toll_; }
  [[nodiscard]] promise_journal& journal() { return journal_; }
  [[nodiscard]] const victim_home& home() const { return home_; }
  [[nodiscard]] std::mt19937_64& random() { return random_; }

private:
  void check_machine() {
    std::map<std::string, int> starts;
    for (const auto& each : print_starts_in(home_.folder / "machine")) {
      if (++starts[run_of(each.file)] > 1)
        toll_.problems.push_back(each.file + " was started twice");
      if (each.bed_items != 0)
        toll_.problems.push_back(each.file + " was started on an occupied bed");
    }
    BOOST_TEST(starts.size() >= people_.orders());
    prints_ = starts.size();
  }

  /// The run in the name of a file: all its attempts have it.
  static std::string run_of(const std::string& file) {
    const auto at = file.find("run-");
    return at == std::string::npos ? file : file.substr(at, file.find_first_of("-.", at + 4) - at);
  }

  void report() const {
    std::printf("%zu kills (%zu at an operation of the disk), %zu losses of power (%lu bytes, %lu "
                "names), %zu promises, %zu orders, %zu prints, %zu violations\n",
                toll_.kills, toll_.ordered_kills, toll_.power_losses, toll_.bytes_lost,
                toll_.names_undone, journal_.size(), people_.orders(), prints_,
                toll_.problems.size());
    for (const auto& each : toll_.problems)
      BOOST_ERROR(each);
  }

  static gantry::sim::simulator_options machine_options(const std::filesystem::path& logs) {
    gantry::sim::simulator_options options;
    options.speed = 2'000;
    options.log_dir = logs;
    std::filesystem::create_directories(logs);
    return options;
  }

  temporary_folder folder_;
  victim_home home_{folder_ / "farm"};
  simulated_printers machine_{machine_options(home_.folder / "machine")};
  people people_{machine_.port(0)};
  promise_journal journal_;
  std::mt19937_64 random_;
  death_toll toll_;
  size_t checked_ = 0;
  size_t prints_ = 0;
};

victim_home home_below(const temporary_folder& folder) {
  const victim_home home{folder / "farm"};
  std::filesystem::create_directories(home.folder);
  return home;
}

const crash_effort& effort() {
  static const auto only = crash_effort::from_environment();
  return only;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_program_killed_at_random_keeps_every_promise) {
  dying_farm farm{effort().seed};
  for (size_t i = 0; i < effort().lives(12, 500); ++i) {
    farm.live_and_die(false);
    if (farm.random()() % 3 == 0)
      farm.examine();
    if (farm.random()() % 3 == 0)
      farm.check_promises();
  }
  farm.finish();
}

BOOST_AUTO_TEST_CASE(a_program_whose_power_fails_keeps_every_promise) {
  dying_farm farm{effort().seed + 1};
  for (size_t i = 0; i < effort().lives(20, 1'000); ++i) {
    // After a plain kill the next life builds on bytes that were never synced.
    farm.live_and_die(farm.random()() % 4 != 0);
    if (farm.random()() % 3 == 0)
      farm.examine();
    farm.check_promises();
  }
  farm.finish();
}

BOOST_AUTO_TEST_CASE(a_first_start_survives_a_loss_of_power_at_every_operation_of_its_disk) {
  uint64_t steps = 0;
  {
    const temporary_folder folder;
    const auto home = home_below(folder);
    victim life{home};
    BOOST_REQUIRE(life.listens());
    steps = disk_steps_in(home.ledger());
  }
  std::mt19937_64 random{effort().seed + 3};
  size_t kills = 0;
  const auto stride = effort().sweep ? 1 : std::max<uint64_t>(steps / 12, 1);
  for (auto n = 1 + random() % stride; n <= steps; n += stride) {
    const temporary_folder folder;
    const auto home = home_below(folder);
    {
      victim life{home, {std::string{disk_order::kill} + "=torn:" + std::to_string(n)}};
      kills += life.listens() ? 0 : 1;
    }
    lose_power(home.ledger(), random);
    victim life{home};
    BOOST_TEST(life.listens(), "after operation " << n << ": " << life.child().output());
    BOOST_TEST(life.stop().value_or(-1) == 0);
    BOOST_TEST(home.examine().exit_code == 0);
  }
  std::printf("%zu kills among the %lu operations of a first start\n", kills, steps);
  BOOST_TEST(kills > 5u);
}

BOOST_AUTO_TEST_CASE(control_a_disk_that_forgets_is_caught) {
  dying_farm farm{effort().seed + 2};
  size_t lives = 0;
  while (lives < 12 && farm.toll().problems.empty()) {
    ++lives;
    farm.live_and_die(true, {std::string{disk_order::forgetful} + "=1"});
    farm.check_promises();
  }
  std::printf("control: %zu broken promises after %zu losses of power\n",
              farm.toll().problems.size(), lives);
  BOOST_REQUIRE(!farm.toll().problems.empty());
  BOOST_TEST_MESSAGE(farm.toll().problems.front());
}

BOOST_AUTO_TEST_CASE(defect_an_answer_repeated_after_a_kill_did_not_survive_a_loss_of_power) {
  // What was written but not synced is read by the next life, which then answers with it.
  std::mt19937_64 random{effort().seed};
  for (int i = 0; i < 4; ++i) {
    const temporary_folder folder;
    const auto home = home_below(folder);
    promise_journal journal;
    people who{0};
    {
      victim life{home};
      BOOST_REQUIRE(life.listens());
      home.fail_disk("die sync");
      auto client = life.client(journal);
      BOOST_TEST(!who.write(client, 0));
      BOOST_TEST(life.child().exit_code_within(5s).value_or(0) == killed);
    }
    home.fail_disk({});
    {
      victim life{home};
      BOOST_REQUIRE(life.listens());
      auto client = life.client(journal);
      BOOST_TEST(who.write(client, 0));
      life.kill();
    }
    BOOST_TEST(journal.size() == 1u);
    lose_power(home.ledger(), random);
    victim life{home};
    BOOST_REQUIRE_MESSAGE(life.listens(), life.child().output());
    for (const auto& each : life.client(journal).find_broken_promises(journal.since(0)))
      BOOST_ERROR(each);
  }
}
