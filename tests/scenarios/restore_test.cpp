// Goal: after a restore nothing is dispatched on an older memory of the world. Method: back a farm
// up, restore it, and start the kernel on the copy, also while the machine prints.
#include "storage/backup.hpp"
#include "storage/data_folder.hpp"
#include "tests/scenarios/one_printer.hpp"

#include <boost/test/unit_test.hpp>

using namespace gantry;
using namespace gantry::test;

namespace {

/// Backs up the farm, whose kernel is down.
std::string back_up(const one_printer& farm) {
  const auto data = (farm.folder() / "data").string();
  const auto target = (farm.folder() / "backup").string();
  const auto store = storage::open_rocksdb_store(data, {.ballast_bytes = 0, .warn = {}});
  BOOST_REQUIRE(store);
  BOOST_REQUIRE(storage::make_backup(**store, data, target));
  return target;
}

/// Makes another data folder from the backup.
std::string restored(const one_printer& farm, const std::string& backup) {
  auto target = (farm.folder() / "restored").string();
  BOOST_REQUIRE(storage::restore_backup(backup, target, 42));
  return target;
}

constexpr auto patience = std::chrono::seconds{25};

} // namespace

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

BOOST_AUTO_TEST_CASE(a_print_that_the_backup_knows_goes_on_and_nothing_else_starts) {
  one_printer farm;
  farm.print_slowly();
  const auto id = farm.order_cube();
  farm.expect(farm.prints(id));
  const auto next = farm.order_cube("order-2");
  farm.expect(farm.run_becomes(next, run_state::queued));
  const auto printing = farm.run_of(id)->id;
  farm.stop_kernel();
  running_kernel kernel{restored(farm, back_up(farm))};
  BOOST_TEST((kernel.get<run>(ref_of(printing)).state == run_state::printing));
  BOOST_TEST(kernel.get<printer>(ref_of(farm.where())).unreconciled);
  farm.print_fast();
  const auto is_fulfilled = [&](const order_id& what) {
    return kernel.get<order>(ref_of(what)).state == order_state::fulfilled;
  };
  BOOST_TEST(kernel.operate_until([&] { return is_fulfilled(id); }, patience), kernel.story());
  // The bed is clear and a run waits, but nobody has said that this machine is as it is remembered.
  BOOST_TEST(
      !kernel.operate_until([&] { return farm.starts().size() > 1; }, std::chrono::seconds{2}));
  BOOST_TEST(kernel.waits_for(reason::printer_unreconciled));
  kernel.order_to(commands::confirm_printer{farm.where(), {}});
  BOOST_TEST(kernel.operate_until([&] { return is_fulfilled(next); }, patience), kernel.story());
  BOOST_TEST(farm.starts().size() == 2u);
  for (const auto& each : farm.starts())
    BOOST_TEST(each.bed_items == 0);
}

BOOST_AUTO_TEST_CASE(a_print_that_the_backup_does_not_know_is_left_alone_until_a_person_decides) {
  one_printer farm;
  farm.print_slowly();
  const auto id = farm.order_cube();
  farm.expect(farm.run_becomes(id, run_state::queued));
  farm.stop_kernel();
  const auto backup = back_up(farm);
  farm.start_kernel();
  farm.expect(farm.prints(id));
  const auto printing = farm.run_of(id)->id;
  farm.stop_kernel();
  running_kernel kernel{restored(farm, backup)};
  const auto machine = [&] { return kernel.get<printer>(ref_of(farm.where())); };
  BOOST_TEST(kernel.wait_until([&] { return machine().foreign.has_value(); }, patience));
  BOOST_TEST(machine().foreign->file.find(printing.value) != std::string::npos);
  BOOST_TEST((kernel.get<run>(ref_of(printing)).state == run_state::queued));
  BOOST_TEST(
      (kernel.ask(commands::confirm_bed_clear{farm.where(), "seen", {}}).code != reason::ok));
  BOOST_TEST(
      !kernel.operate_until([&] { return farm.starts().size() > 1; }, std::chrono::seconds{2}));
  // The person reads the run's name at the machine, takes it out of the queue, and confirms.
  kernel.order_to(commands::cancel_run{printing, {}});
  kernel.order_to(commands::confirm_printer{farm.where(), {}});
  farm.print_fast();
  BOOST_TEST(kernel.operate_until([&] { return machine().bed == bed_state::clear; }, patience));
  BOOST_TEST(
      !kernel.operate_until([&] { return farm.starts().size() > 1; }, std::chrono::seconds{2}));
  BOOST_TEST(farm.starts().size() == 1u);
}
