// Backup, restore and its rehearsal.
#include "storage/artifact_store.hpp"
#include "storage/backup.hpp"
#include "storage/data_folder.hpp"
#include "storage/reader.hpp"
#include "support.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>

using namespace gantry;
using namespace gantry::storage;
using namespace gantry::storage::testing;

namespace {

const entity_ref run_a{entity_kind::run, "run-a"};

/// A data folder with ten events and an artifact, and its backup.
struct backed_up {
  scratch_folder folder;
  std::string data = folder / "data";
  std::string target = folder / "backup";
  std::string copy = folder / "copy";
  std::unique_ptr<rocksdb_store> live = open_disk(data);
  std::string epoch;
  std::string artifact;
  backup_summary summary;

  backed_up() {
    epoch = initialise(*live, {1, 2})->epoch;
    journal log{*live, {}};
    for (size_t i = 0; i < 10; ++i)
      (void)log.admit(make_commit(log, {run_a}, std::to_string(i)));
    write_all(log, *live);
    std::ofstream{folder / "model"} << "cube";
    artifact = (*open_artifact_store(artifacts_path(data)))->adopt(folder / "model")->sha256;
    auto made = make_backup(*live, data, target);
    BOOST_REQUIRE_MESSAGE(!!made, (made ? std::string{} : made.why().text()));
    summary = *made;
    // The kernel goes on after the backup.
    (void)log.admit(make_commit(log, {run_a}, "later"));
    write_all(log, *live);
  }

  /// Damages the first file below `name` that has bytes.
  void damage(const std::string& name) const {
    for (const auto& x : std::filesystem::recursive_directory_iterator{target + "/" + name})
      if (x.is_regular_file() && x.file_size() > 0) {
        std::ofstream{x.path(), std::ios::binary | std::ios::app} << "damage";
        return;
      }
    BOOST_FAIL("there is nothing to damage");
  }
};

} // namespace

BOOST_FIXTURE_TEST_CASE(a_backup_holds_what_was_there_when_it_was_made, backed_up) {
  BOOST_TEST(summary.last_seq == 10u);
  BOOST_TEST(summary.epoch == epoch);
  BOOST_TEST_REQUIRE(!!restore_backup(target, copy, 99));
  const auto restored = open_disk(copy);
  BOOST_TEST(reader{*restored}.last_seq() == 10u);
  BOOST_TEST(reader{*restored}.get(run_a)->version == 10u);
  const auto path = (*open_artifact_store(artifacts_path(copy)))->path_of(artifact);
  BOOST_TEST(!path.empty());
  BOOST_TEST(reader{*live}.last_seq() == 11u);
}

BOOST_FIXTURE_TEST_CASE(a_restored_log_has_another_epoch_and_a_mark, backed_up) {
  BOOST_TEST_REQUIRE(!!restore_backup(target, copy, 99));
  const auto restored = open_disk(copy);
  const auto known = *initialise(*restored, {5, 6});
  BOOST_TEST(known.epoch != epoch);
  BOOST_TEST(known.site == reader{*live}.site());
  BOOST_TEST(known.restored_from == epoch + ".10");
  journal log{*restored, {}};
  auto confirm = make_commit(log, {run_a}, "confirmed");
  confirm.records = {{family::meta, "restored", std::nullopt}};
  (void)log.admit(confirm);
  write_all(log, *restored);
  BOOST_TEST(reader{*restored}.restored_from().empty());
}

BOOST_FIXTURE_TEST_CASE(a_rehearsal_replays_and_leaves_nothing, backed_up) {
  const auto found = rehearse_restore(target, copy, test_evolve);
  BOOST_TEST_REQUIRE(!!found);
  BOOST_TEST(found->good());
  BOOST_TEST(found->report.events == 10u);
  BOOST_TEST(!std::filesystem::exists(copy));
  const auto wrong = [](entity_kind, const std::string&, const event_envelope&) {
    return result<std::string>{std::string{"{}"}};
  };
  BOOST_TEST(!rehearse_restore(target, copy, wrong)->good());
}

BOOST_FIXTURE_TEST_CASE(a_damaged_backup_is_refused, backed_up) {
  damage("db");
  BOOST_TEST(!restore_backup(target, copy, 99));
  BOOST_TEST(!std::filesystem::exists(database_path(copy)));
}

BOOST_FIXTURE_TEST_CASE(a_damaged_artifact_is_refused, backed_up) {
  damage("artifacts");
  BOOST_TEST(!rehearse_restore(target, copy, test_evolve));
}

BOOST_FIXTURE_TEST_CASE(a_changed_manifest_is_refused, backed_up) {
  std::ofstream{target + "/manifest.json", std::ios::app} << " ";
  const auto refused = restore_backup(target, copy, 99);
  BOOST_TEST_REQUIRE(!refused);
  BOOST_TEST(refused.why().text().find("manifest") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(an_interrupted_backup_is_refused, backed_up) {
  std::filesystem::remove(target + "/manifest.json");
  BOOST_TEST(!restore_backup(target, copy, 99));
}

BOOST_FIXTURE_TEST_CASE(a_folder_with_data_is_not_overwritten, backed_up) {
  BOOST_TEST_REQUIRE(!!restore_backup(target, copy, 99));
  const auto again = restore_backup(target, copy, 100);
  BOOST_TEST_REQUIRE(!again);
  BOOST_TEST((again.why().code == reason::already_exists));
  BOOST_TEST((make_backup(*live, data, target).why().code == reason::already_exists));
}

BOOST_FIXTURE_TEST_CASE(an_interrupted_restore_can_be_repeated, backed_up) {
  std::filesystem::create_directories(copy + "/restoring/db");
  std::ofstream{copy + "/restoring/db/CURRENT"} << "half";
  BOOST_TEST(!!restore_backup(target, copy, 99));
  BOOST_TEST(reader{*open_disk(copy)}.last_seq() == 10u);
}
