// Goal: a store whose files were damaged while nobody used them is refused or works; it never
// answers with something else than it promised. Method: one bit of a copy is turned over, in each
// kind of file, and the program is started on it. Pass: it refuses with exit status 5 and a
// sentence, or each promise is kept or answered by a failure; never an abort. A log may lose its
// end, since a cut end looks like one that was never written; what is left is then a prefix.
#include "tests/binary/kernel_process.hpp"
#include "tests/crash/effort.hpp"
#include "tests/crash/people.hpp"
#include "tests/crash/victim.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <map>

using namespace gantry::test;
using nlohmann::json;

namespace {

namespace fs = std::filesystem;

constexpr int folder_unfit = 5;
constexpr int disk_failed = 74;

/// What came of the copies with a turned bit.
struct tally {
  size_t refused = 0;   ///< They did not start.
  size_t intact = 0;    ///< Everything was there.
  size_t failed = 0;    ///< Some of it was answered by a failure.
  size_t shortened = 0; ///< The end of the log was lost.
};

void turn_bit(const fs::path& path, uint64_t bit) {
  std::fstream file{path, std::ios::in | std::ios::out | std::ios::binary};
  file.seekg(static_cast<std::streamoff>(bit / 8));
  const auto byte = static_cast<char>(file.get() ^ (1 << bit % 8));
  file.seekp(static_cast<std::streamoff>(bit / 8));
  file.put(byte);
  BOOST_REQUIRE(file.good());
}

/// A farm that was killed: promises in files of every kind, the newest only in the log.
class damaged_farm {
public:
  damaged_farm() {
    fs::create_directories(home_.folder);
    people who{0};
    for (int life_number = 0; life_number < 3; ++life_number) {
      victim life{home_};
      BOOST_REQUIRE(life.listens());
      auto client = life.client(journal_);
      for (int i = 0; i < 60; ++i)
        BOOST_TEST_REQUIRE(who.write(client, 0));
      if (life_number < 2)
        BOOST_TEST(life.stop().value_or(-1) == 0);
      else
        life.kill();
    }
  }

  /// `log`, `sst`, `MANIFEST` or `CURRENT`.
  [[nodiscard]] std::vector<fs::path> files(const std::string& kind) const {
    std::vector<fs::path> found;
    for (const auto& each : fs::directory_iterator{home_.data() / "db"}) {
      const auto name = each.path().filename().string();
      if ((name.ends_with("." + kind) || name.starts_with(kind)) && each.file_size() > 0)
        found.push_back(each.path().filename());
    }
    std::ranges::sort(found);
    return found;
  }

  /// Turns over one bit of `kind` in a copy and sees what comes of it.
  void damage(const std::string& kind, std::mt19937_64& random) {
    const auto names = files(kind);
    BOOST_REQUIRE(!names.empty());
    const temporary_folder folder;
    const victim_home copy{folder / "farm"};
    fs::create_directories(copy.folder);
    fs::copy(home_.data(), copy.data(), fs::copy_options::recursive);
    const auto path = copy.data() / "db" / names[random() % names.size()];
    const auto bit = random() % (fs::file_size(path) * 8);
    turn_bit(path, bit);
    BOOST_TEST_CONTEXT(path.filename().string() << " bit " << bit) judge(kind, copy);
  }

  [[nodiscard]] const std::map<std::string, tally>& tallies() const { return tallies_; }

private:
  void judge(const std::string& kind, const victim_home& copy) {
    auto& sum = tallies_[kind];
    victim life{copy};
    if (!life.listens()) {
      const auto code = life.child().exit_code_within(std::chrono::seconds{5}).value_or(-1);
      BOOST_TEST((code == folder_unfit || code == disk_failed),
                 "exit status " << code << ": " << life.child().output());
      BOOST_TEST(!life.child().output().empty());
      ++sum.refused;
      return;
    }
    size_t kept = 0;
    size_t failed = 0;
    const auto client = life.client(journal_);
    const auto promises = journal_.since(0);
    for (const auto& each : promises) {
      const auto got = client.repeat(each);
      if (!got || got->status == 503) {
        ++failed;
        continue;
      }
      const bool same = got->header("Gantry-Replayed") == "true" && got->status == each.status
                        && got->body == each.reply;
      // Once the end is lost, nothing behind it may be there.
      if (!same)
        break;
      ++kept;
    }
    if (kept + failed == promises.size()) {
      ++(failed > 0 ? sum.failed : sum.intact);
      return;
    }
    ++sum.shortened;
    BOOST_TEST(kind == "log", "promise " << kept << " was broken");
    life.kill();
    BOOST_TEST(copy.examine().exit_code == 0);
  }

  temporary_folder folder_;
  victim_home home_{folder_ / "farm"};
  promise_journal journal_;
  std::map<std::string, tally> tallies_;
};

} // namespace

BOOST_AUTO_TEST_CASE(a_turned_bit_is_refused_or_harmless) {
  const auto effort = crash_effort::from_environment();
  std::mt19937_64 random{effort.seed};
  damaged_farm farm;
  for (const std::string kind : {"log", "sst", "MANIFEST", "CURRENT"})
    for (size_t i = 0; i < effort.lives(8, 200); ++i)
      farm.damage(kind, random);
  size_t refused = 0;
  for (const auto& [kind, sum] : farm.tallies()) {
    refused += sum.refused;
    std::printf("%s: %zu refused, %zu intact, %zu answered by failures, %zu lost the end\n",
                kind.c_str(), sum.refused, sum.intact, sum.failed, sum.shortened);
  }
  BOOST_TEST(refused > 0u);
}
