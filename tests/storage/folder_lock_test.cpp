// Who may use a data folder, when processes die.
#include "storage/data_folder.hpp"
#include "support.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <optional>
#include <sys/wait.h>
#include <unistd.h>

using namespace gantry;
using namespace gantry::storage;
using namespace gantry::storage::testing;

namespace {

/// A process that uses a folder and has just forked a child, which is no program yet.
class user_of_a_folder {
public:
  explicit user_of_a_folder(const std::string& folder) {
    std::array<int, 2> pipe{-1, -1};
    BOOST_TEST_REQUIRE(::pipe(pipe.data()) == 0);
    user_ = ::fork();
    if (user_ == 0) {
      const auto lock = folder_lock::acquire(folder);
      auto child = lock ? ::fork() : -1;
      // Nobody waits longer for either.
      ::alarm(60);
      if (child != 0 && ::write(pipe[1], &child, sizeof child) != sizeof child)
        ::_exit(1);
      for (;;)
        ::pause();
    }
    ::close(pipe[1]);
    BOOST_TEST_REQUIRE(::read(pipe[0], &child_, sizeof child_) == sizeof child_);
    ::close(pipe[0]);
    BOOST_TEST_REQUIRE(child_ > 0);
  }
  ~user_of_a_folder() {
    die();
    ::kill(child_, SIGKILL);
  }
  user_of_a_folder(const user_of_a_folder&) = delete;
  user_of_a_folder& operator=(const user_of_a_folder&) = delete;

  /// Its child lives on.
  void die() {
    if (user_ > 0) {
      ::kill(user_, SIGKILL);
      ::waitpid(user_, nullptr, 0);
    }
    user_ = -1;
  }
  [[nodiscard]] bool child_lives() const { return ::kill(child_, 0) == 0; }

private:
  pid_t user_ = -1;
  pid_t child_ = -1;
};

} // namespace

BOOST_AUTO_TEST_CASE(a_folder_that_another_process_uses_is_refused) {
  const scratch_folder folder;
  const user_of_a_folder other{folder.path()};
  for (int i = 0; i < 2; ++i) {
    const auto lock = folder_lock::acquire(folder.path());
    BOOST_TEST_REQUIRE(!lock);
    BOOST_TEST((lock.why().code == reason::store_locked));
  }
}

BOOST_AUTO_TEST_CASE(defect_a_child_that_was_being_started_kept_the_folder_of_a_dead_process) {
  const scratch_folder folder;
  user_of_a_folder other{folder.path()};
  other.die();
  BOOST_TEST_REQUIRE(other.child_lives());
  BOOST_TEST(static_cast<bool>(folder_lock::acquire(folder.path())));
}

BOOST_AUTO_TEST_CASE(a_folder_has_one_user_in_a_process_by_whatever_path_it_is_called) {
  const scratch_folder folder;
  auto taken = folder_lock::acquire(folder / "data");
  BOOST_TEST_REQUIRE(static_cast<bool>(taken));
  std::optional first{std::move(*taken)};
  for (const auto& path : {folder / "data", folder / "data/", folder / "./data"}) {
    const auto second = folder_lock::acquire(path);
    BOOST_TEST_REQUIRE(!second, path);
    BOOST_TEST((second.why().code == reason::store_locked));
  }
  auto moved = std::move(*first);
  first.reset();
  BOOST_TEST(!folder_lock::acquire(folder / "data"));
}

BOOST_AUTO_TEST_CASE(a_folder_that_was_refused_or_given_back_can_be_used) {
  const scratch_folder folder;
  for (int i = 0; i < 3; ++i) {
    const auto lock = folder_lock::acquire(folder.path());
    BOOST_TEST(static_cast<bool>(lock));
    BOOST_TEST(!folder_lock::acquire(folder.path()));
  }
}
