// A disk that fills up, on a small file system of its own. Needs the right to mount one; without
// it the journal's floor is still tested on the memory store.
#include "storage/data_folder.hpp"
#include "storage/doctor.hpp"
#include "support.hpp"

#include <boost/test/unit_test.hpp>
#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::storage;
using namespace gantry::storage::testing;

namespace {

constexpr uint64_t floor_bytes = 24ull << 20;
constexpr uint64_t ballast_bytes = 8ull << 20;

/// A file system of 80 MB that goes when the test ends.
class small_disk {
public:
  small_disk() : mounted_{::mount("tmpfs", folder_.path().c_str(), "tmpfs", 0, "size=80m") == 0} {}
  ~small_disk() {
    if (mounted_)
      ::umount2(folder_.path().c_str(), MNT_DETACH);
  }
  small_disk(const small_disk&) = delete;
  small_disk& operator=(const small_disk&) = delete;

  bool mounted() const { return mounted_; }
  std::string data() const { return folder_ / "data"; }
  /// Takes space so that `free_bytes` are left.
  void leave(uint64_t free_bytes) const {
    const auto size = free_bytes_of(folder_.path()) - free_bytes;
    const auto file = ::open((folder_ / "filler").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    BOOST_REQUIRE(file >= 0);
    BOOST_REQUIRE(::posix_fallocate(file, 0, static_cast<off_t>(size)) == 0);
    ::close(file);
  }
  void give_back() const { std::filesystem::remove(folder_ / "filler"); }

private:
  scratch_folder folder_;
  bool mounted_ = false;
};

/// Commits of 20 kB over and over, each written; returns how many were admitted before a refusal.
size_t fill(journal& log, store& to, size_t count_max, urgency how) {
  for (size_t i = 0; i < count_max; ++i) {
    auto what = make_commit(log, {{entity_kind::run, "run-" + std::to_string(i)}},
                            std::string(10'000, static_cast<char>('a' + i % 26)));
    what.how = how;
    const auto answer = log.admit(std::move(what)).answer;
    write_all(log, to);
    if (answer != admission::admitted) {
      BOOST_TEST((answer == admission::storage_low));
      return i;
    }
  }
  return count_max;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_full_disk_stops_ordinary_commits_only_and_is_got_over_without_a_restart) {
  const small_disk disk;
  if (!disk.mounted()) {
    BOOST_TEST_MESSAGE("skipped: no right to mount a file system");
    return;
  }
  auto opened = open_disk(disk.data(), ballast_bytes);
  journal log{*opened, {.free_bytes_floor = floor_bytes}};
  BOOST_TEST(fill(log, *opened, 200, urgency::normal) == 200u);
  disk.leave(floor_bytes + (2 << 20));
  BOOST_TEST(fill(log, *opened, 10'000, urgency::normal) < 10'000u);
  BOOST_TEST(free_bytes_of(disk.data()) > floor_bytes / 2);
  // What must be recorded still is.
  BOOST_TEST(fill(log, *opened, 200, urgency::settle) == 200u);
  disk.give_back();
  BOOST_TEST(fill(log, *opened, 200, urgency::normal) == 200u);
  BOOST_TEST(examine(*opened, test_evolve).clean());
}

BOOST_AUTO_TEST_CASE(a_store_on_a_full_disk_opens_once_the_ballast_is_released) {
  const small_disk disk;
  if (!disk.mounted())
    return;
  {
    auto opened = open_disk(disk.data(), ballast_bytes);
    journal log{*opened, {.free_bytes_floor = floor_bytes}};
    BOOST_TEST(fill(log, *opened, 100, urgency::normal) == 100u);
  }
  disk.leave(0);
  BOOST_TEST(release_ballast(disk.data()) == ballast_bytes);
  auto opened = open_disk(disk.data(), ballast_bytes);
  BOOST_TEST(!std::filesystem::exists(ballast_path(disk.data())));
  journal log{*opened, {.free_bytes_floor = floor_bytes}};
  BOOST_TEST(fill(log, *opened, 1, urgency::normal) == 0u);
  BOOST_TEST(fill(log, *opened, 50, urgency::settle) == 50u);
  disk.give_back();
  BOOST_TEST(fill(log, *opened, 50, urgency::normal) == 50u);
}
