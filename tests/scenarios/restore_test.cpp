// Goal: after a restore nothing is dispatched on an older memory of the world. Method: back a farm
// up, restore it, and start the kernel on the copy.
#include "storage/backup.hpp"
#include "storage/data_folder.hpp"
#include "tests/scenarios/farm.hpp"

#include <boost/test/unit_test.hpp>

using namespace gantry;
using namespace gantry::test;

BOOST_AUTO_TEST_CASE(after_a_restore_every_printer_waits_until_a_person_has_confirmed_it) {
  scratch_folder folder;
  sim::simulator_options options;
  options.log_dir = folder.path() / "logs";
  std::filesystem::create_directories(options.log_dir);
  simulated_printers printers{options};
  const auto original = (folder.path() / "data").string();
  const auto copy = (folder.path() / "restored").string();
  printer_id where;
  {
    running_kernel kernel{original};
    where = kernel.add_printer("left", printers.port(0));
    BOOST_TEST((kernel.ask(commands::confirm_bed_clear{where, "seen", {}}).code == reason::ok));
  }
  {
    auto store = storage::open_rocksdb_store(original, {});
    BOOST_REQUIRE(store);
    BOOST_REQUIRE(storage::make_backup(**store, original, (folder.path() / "backup").string()));
  }
  BOOST_REQUIRE(storage::restore_backup((folder.path() / "backup").string(), copy, 42));
  {
    running_kernel kernel{copy};
    const auto restored = kernel.get<printer>(ref_of(where));
    BOOST_TEST(restored.unreconciled);
    BOOST_TEST((restored.bed == bed_state::unknown));
    BOOST_TEST((kernel.ask(commands::confirm_printer{where, {}}).code == reason::ok));
  }
  running_kernel again{copy};
  BOOST_TEST(!again.get<printer>(ref_of(where)).unreconciled);
}
