// Goal: when the disk fails or fills up, nothing new is started, running prints are left alone,
// callers get a reason or no answer at all, and work goes on by itself when the disk is well again.
// Method: `gantry serve` on a disk that fails on order, and on a small one that is really full; a
// print is running meanwhile. Pass: the printer's own log has one start, the promises hold, and the
// program never aborts.
#include "tests/binary/kernel_process.hpp"
#include "tests/crash/people.hpp"
#include "tests/crash/victim.hpp"
#include "tests/scenarios/farm.hpp"

#include <boost/test/unit_test.hpp>
#include <csignal>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

using namespace gantry::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

constexpr int disk_failed = 74;

/// A farm with a print that goes on until it is told to hurry.
class printing_farm {
public:
  explicit printing_farm(const std::filesystem::path& folder,
                         const std::filesystem::path& data_folder = {})
      : home_{folder, data_folder}, machine_{machine_options(made(folder) / "machine")} {
    start();
    people_.stop_ordering_after(1);
    auto client = this->client();
    const auto prints = [&] {
      static_cast<void>(people_.operate(client));
      const auto runs = client.get("/api/v1/runs?state=printing");
      return runs.is_object() && !runs["items"].empty();
    };
    BOOST_REQUIRE(eventually(prints, 60s));
  }

  void start() {
    life_.reset();
    life_ = std::make_unique<victim>(home_);
    BOOST_REQUIRE_MESSAGE(life_->listens(), life_->child().output());
  }
  /// A start on a disk that fails ends with the exit status for it.
  void fails_to_start() {
    life_.reset();
    life_ = std::make_unique<victim>(home_);
    BOOST_TEST(!life_->listens());
    const auto code = life_->child().exit_code_within(10s).value_or(-1);
    BOOST_TEST(code == disk_failed, "exit status " << code << "\n" << life_->child().output());
  }

  /// The printer prints on, and nothing else was begun.
  void check_print() {
    BOOST_TEST(truth_of_machine(machine_.port(0))["print_state"] == "printing");
    BOOST_TEST(print_starts_in(home_.folder / "machine").size() == 1u);
  }

  /// The print ends well, all promises hold and the log agrees.
  void finish() {
    act_at_machine(machine_.port(0), {{"kind", "speed"}, {"factor", 2'000}});
    auto farm = client();
    BOOST_TEST(eventually([&] { return people_.operate(farm); }, 60s));
    for (const auto& each : farm.find_broken_promises(journal_.since(0)))
      BOOST_ERROR(each);
    BOOST_TEST(print_starts_in(home_.folder / "machine").size() == 1u);
    BOOST_TEST(life_->stop().value_or(-1) == 0);
    const auto examined = home_.examine();
    BOOST_TEST(examined.exit_code == 0, examined.output);
  }

  [[nodiscard]] farm_client client() { return life_->client(journal_); }
  [[nodiscard]] victim& life() { return *life_; }
  [[nodiscard]] const victim_home& home() const { return home_; }
  [[nodiscard]] const promise_journal& journal() const { return journal_; }
  [[nodiscard]] people& who() { return people_; }

private:
  static const std::filesystem::path& made(const std::filesystem::path& folder) {
    std::filesystem::create_directories(folder / "machine");
    return folder;
  }
  static gantry::sim::simulator_options machine_options(const std::filesystem::path& logs) {
    gantry::sim::simulator_options options;
    options.speed = 10;
    options.log_dir = logs;
    return options;
  }

  victim_home home_;
  simulated_printers machine_;
  people people_{machine_.port(0)};
  promise_journal journal_;
  std::unique_ptr<victim> life_;
};

/// The reason in an answer; empty if there was none.
std::string reason_of(const std::optional<raw_answer>& got) {
  const auto body = got ? json::parse(got->body, nullptr, false) : json{};
  return body.is_object() ? body.value("reason", "") : "";
}

/// A file system of its own, in memory; nothing without the right to mount one.
class small_disk {
public:
  small_disk() : mounted_{::mount("tmpfs", path().c_str(), "tmpfs", 0, "size=240m") == 0} {}
  ~small_disk() {
    if (mounted_)
      ::umount2(path().c_str(), MNT_DETACH);
  }
  small_disk(const small_disk&) = delete;
  small_disk& operator=(const small_disk&) = delete;

  [[nodiscard]] bool mounted() const { return mounted_; }
  [[nodiscard]] std::filesystem::path path() const { return folder_ / ""; }
  /// Takes all space but so much.
  void leave(uint64_t bytes) const {
    struct statvfs disk {};
    BOOST_REQUIRE(::statvfs(path().c_str(), &disk) == 0);
    const auto free = static_cast<uint64_t>(disk.f_bavail) * disk.f_frsize;
    const auto file = ::open((path() / "filler").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    BOOST_REQUIRE(file >= 0);
    const auto size = static_cast<off_t>(std::filesystem::file_size(path() / "filler"));
    BOOST_REQUIRE(::posix_fallocate(file, size, static_cast<off_t>(free - bytes)) == 0);
    ::close(file);
  }
  void give_back() const { std::filesystem::remove(path() / "filler"); }

private:
  temporary_folder folder_;
  bool mounted_ = false;
};

} // namespace

BOOST_AUTO_TEST_CASE(a_disk_that_fails_to_write_ends_the_kernel_and_never_the_print) {
  const temporary_folder folder;
  printing_farm farm{folder / "farm"};
  for (const std::string fault : {"append", "sync", "append full", "sync full"}) {
    BOOST_TEST_CONTEXT(fault) {
      farm.home().fail_disk(fault);
      auto client = farm.client();
      // No answer: whether it is on the disk is unknown, so it must not be called done.
      BOOST_TEST(!farm.who().write(client, 0));
      BOOST_TEST(farm.life().child().exit_code_within(10s).value_or(-1) == disk_failed,
                 farm.life().child().output());
      farm.check_print();
      // The service manager goes on trying after this exit code.
      farm.fails_to_start();
      farm.check_print();
      farm.home().fail_disk({});
      farm.start();
      client = farm.client();
      BOOST_TEST(farm.who().write(client, 0));
    }
  }
  farm.finish();
}

BOOST_AUTO_TEST_CASE(defect_a_disk_that_failed_at_the_start_was_taken_for_a_damaged_folder) {
  const temporary_folder folder;
  printing_farm farm{folder / "farm"};
  BOOST_TEST(farm.life().stop().value_or(-1) == 0);
  for (const std::string fault : {"open", "open full"}) {
    farm.home().fail_disk(fault);
    farm.fails_to_start();
    const auto wanted = fault == "open" ? "Input/output error" : "No space left on device";
    BOOST_TEST(farm.life().child().output().find(wanted) != std::string::npos,
               farm.life().child().output());
    farm.check_print();
  }
  farm.home().fail_disk({});
  farm.start();
  farm.finish();
}

BOOST_AUTO_TEST_CASE(defect_a_journal_that_could_not_read_left_its_callers_waiting_for_ever) {
  const temporary_folder folder;
  printing_farm farm{folder / "farm"};
  auto client = farm.client();
  for (int i = 0; i < 300; ++i)
    BOOST_TEST_REQUIRE(farm.who().write(client, 0));
  const auto old = farm.journal().since(150).front();
  // A clean stop and a start, so that everything is in files and nothing in memory; but who asks
  // is known.
  BOOST_TEST(farm.life().stop().value_or(-1) == 0);
  farm.start();
  client = farm.client();
  BOOST_TEST(client.look("/api/v1/session").status == 200);
  farm.home().fail_disk("read");
  const auto read = client.look("/api/v1/events?after=10&limit=200");
  BOOST_TEST(read.status == 503, read.head << read.body);
  BOOST_TEST(read.has("storage_failed"));
  const auto began = std::chrono::steady_clock::now();
  const auto repeated = client.tell(old.method, old.target, old.key, old.body);
  // Its kernel refuses it and lives, or is about to end, as some other read of its own may have
  // told it to.
  const bool refused = reason_of(repeated) == "storage_failed";
  BOOST_TEST((!repeated || refused || reason_of(repeated) == "shutting_down"),
             repeated.value_or(raw_answer{}).body);
  BOOST_TEST((std::chrono::steady_clock::now() - began) / 1s < 5);
  farm.check_print();
  farm.home().fail_disk({});
  if (const auto died = farm.life().child().exit_code_within(refused ? 1s : 20s)) {
    BOOST_TEST(*died == disk_failed, farm.life().child().output());
    farm.start();
  }
  client = farm.client();
  BOOST_TEST(farm.who().write(client, 0));
  farm.finish();
}

BOOST_AUTO_TEST_CASE(a_full_disk_refuses_new_work_and_records_what_happens) {
  const temporary_folder folder;
  const small_disk disk;
  if (!disk.mounted()) {
    BOOST_TEST_MESSAGE("skipped: no right to mount a file system");
    return;
  }
  printing_farm farm{folder / "farm", disk.path() / "data"};
  auto client = farm.client();
  disk.leave(32ull << 20);
  const auto refused =
      client.tell("/api/v1/materials", "full", R"({"name":"FULL","density_mg_per_cm3":1000})");
  BOOST_TEST((refused && refused->status == 503));
  BOOST_TEST(reason_of(refused) == "storage_low");
  const auto upload = client.tell("/api/v1/artifacts?kind=model&name=x.stl", "full-too", "solid x");
  BOOST_TEST(reason_of(upload) == "storage_low");
  BOOST_TEST(client.look("/health").status == 503);
  BOOST_TEST(client.look("/api/v1/orders").status == 200);
  farm.check_print();
  // A start on a disk this full works, and knows of the print.
  BOOST_TEST(farm.life().stop().value_or(-1) == 0);
  farm.start();
  client = farm.client();
  BOOST_TEST(client.get("/api/v1/runs?state=printing")["items"].size() == 1u);
  disk.leave(0);
  farm.check_print();
  disk.give_back();
  if (farm.life().child().exit_code_within(0ms))
    farm.start();
  client = farm.client();
  BOOST_TEST(farm.who().write(client, 0));
  farm.finish();
}

BOOST_AUTO_TEST_CASE(a_disk_without_a_byte_left_is_named_at_the_start_and_the_reserve_helps) {
  const temporary_folder folder;
  const small_disk disk;
  if (!disk.mounted())
    return;
  printing_farm farm{folder / "farm", disk.path() / "data"};
  farm.life().kill();
  disk.leave(0);
  farm.fails_to_start();
  farm.check_print();
  const auto data = farm.home().data().string();
  const auto freed = run_program({"doctor", "--free", "--data", data}, "/dev/null");
  BOOST_TEST(freed.exit_code == 0);
  farm.start();
  auto client = farm.client();
  BOOST_TEST(client.get("/api/v1/runs?state=printing")["items"].size() == 1u);
  BOOST_TEST(reason_of(client.tell("/api/v1/materials", "full",
                                   R"({"name":"FULL","density_mg_per_cm3":1000})"))
             == "storage_low");
  disk.give_back();
  farm.finish();
}
