// What every store promises, checked on each of them; then what each promises alone.
#include "storage/data_folder.hpp"
#include "support.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <memory>
#include <random>
#include <rocksdb/db.h>

using namespace gantry;
using namespace gantry::storage;
using namespace gantry::storage::testing;

namespace {

struct both_stores {
  scratch_folder folder;
  std::unique_ptr<store> disk = open_disk(folder / "data");
  memory_store memory;
  std::vector<store*> all{disk.get(), &memory};
};

std::vector<std::string> keys_of(const snapshot& view, std::string_view prefix,
                                 std::string_view from, bool descending) {
  std::vector<std::string> keys;
  view.scan(family::index, prefix, from, descending, [&](std::string_view key, std::string_view) {
    keys.emplace_back(key);
    return true;
  });
  return keys;
}

using keys = std::vector<std::string>;

/// A random batch over few keys, so that changes meet.
batch random_batch(std::mt19937_64& random) {
  batch changes;
  const auto count = random() % 6;
  for (size_t i = 0; i < count; ++i) {
    change x{static_cast<family>(random() % family_count),
             std::string(1 + random() % 2, static_cast<char>(random() % 4 * 85)), std::nullopt};
    if (random() % 3 != 0)
      x.value = std::to_string(random());
    changes.push_back(std::move(x));
  }
  return changes;
}

} // namespace

BOOST_FIXTURE_TEST_CASE(a_batch_is_applied_in_order_over_all_families, both_stores) {
  for (auto* x : all) {
    x->write({{family::orders, "a", "1"}, {family::events, "a", "2"}, {family::orders, "a", "3"}},
             true);
    x->write({{family::events, "a", std::nullopt}, {family::runs, "none", std::nullopt}}, false);
    BOOST_TEST(x->read()->get(family::orders, "a").value() == "3");
    BOOST_TEST(!x->read()->get(family::events, "a"));
  }
}

BOOST_FIXTURE_TEST_CASE(a_snapshot_does_not_see_later_writes, both_stores) {
  for (auto* x : all) {
    x->write({{family::index, "a", "1"}}, true);
    const auto before = x->read();
    x->write({{family::index, "a", "2"}, {family::index, "b", "2"}}, true);
    BOOST_TEST(before->get(family::index, "a").value() == "1");
    BOOST_TEST(keys_of(*before, "", "", false) == (keys{"a"}));
  }
}

BOOST_FIXTURE_TEST_CASE(a_scan_keeps_to_prefix_start_and_direction, both_stores) {
  const std::string top = "\xff\xff";
  for (auto* x : all) {
    x->write({{family::index, "a", ""},
              {family::index, "b1", ""},
              {family::index, "b2", ""},
              {family::index, "b3", ""},
              {family::index, "c", ""},
              {family::index, top, ""}},
             true);
    const auto view = x->read();
    BOOST_TEST(keys_of(*view, "b", "", false) == (keys{"b1", "b2", "b3"}));
    BOOST_TEST(keys_of(*view, "b", "", true) == (keys{"b3", "b2", "b1"}));
    BOOST_TEST(keys_of(*view, "b", "b2", false) == (keys{"b2", "b3"}));
    BOOST_TEST(keys_of(*view, "b", "b2", true) == (keys{"b2", "b1"}));
    BOOST_TEST(keys_of(*view, "b", "b25", true) == (keys{"b2", "b1"}));
    BOOST_TEST(keys_of(*view, "b", "c", true) == (keys{"b3", "b2", "b1"}));
    BOOST_TEST(keys_of(*view, "b", "a", false) == (keys{"b1", "b2", "b3"}));
    BOOST_TEST(keys_of(*view, "b", "c", false).empty());
    BOOST_TEST(keys_of(*view, "\xff", "", true) == (keys{top}));
    BOOST_TEST(keys_of(*view, "", "", true).front() == top);
  }
}

BOOST_FIXTURE_TEST_CASE(a_scan_stops_when_the_visitor_has_enough, both_stores) {
  for (auto* x : all) {
    x->write({{family::index, "a", ""}, {family::index, "b", ""}}, true);
    size_t calls = 0;
    x->read()->scan(family::index, "", "", false, [&](auto, auto) { return ++calls < 1; });
    BOOST_TEST(calls == 1u);
  }
}

BOOST_FIXTURE_TEST_CASE(both_stores_agree_after_random_operations, both_stores) {
  std::mt19937_64 random{7};
  for (size_t i = 0; i < 500; ++i) {
    const auto changes = random_batch(random);
    for (auto* x : all)
      x->write(changes, i % 50 == 0);
    if (i % 100 == 99) {
      disk.reset();
      disk = open_disk(folder / "data");
      all[0] = disk.get();
      memory.crash(crash_mode::process_kill, i);
      BOOST_TEST_REQUIRE((dump_of(*all[0]) == dump_of(*all[1])));
    }
  }
}

BOOST_AUTO_TEST_CASE(a_power_loss_keeps_synced_writes_and_a_prefix_of_the_others) {
  std::array<size_t, 4> kept_count{};
  for (uint64_t seed = 0; seed < 40; ++seed) {
    memory_store memory;
    memory.write({{family::meta, "a", "1"}}, false);
    memory.write({{family::meta, "b", "1"}}, true);
    BOOST_TEST(memory.unsynced_writes() == 0u);
    memory.write({{family::meta, "a", "2"}}, false);
    memory.write({{family::meta, "c", "2"}, {family::meta, "b", std::nullopt}}, false);
    memory.write({{family::meta, "c", "3"}}, false);
    memory.crash(crash_mode::power_loss, seed);
    const auto view = memory.read();
    const auto a = view->get(family::meta, "a").value();
    const auto b = view->get(family::meta, "b");
    const auto c = view->get(family::meta, "c").value_or("");
    const size_t kept = a == "1" ? 0 : b ? 1 : c == "2" ? 2 : 3;
    ++kept_count.at(kept);
    BOOST_TEST(b.has_value() == (kept < 2));
    BOOST_TEST(c == (kept < 2 ? "" : std::to_string(kept)));
  }
  for (const auto count : kept_count)
    BOOST_TEST(count > 0u);
}

BOOST_AUTO_TEST_CASE(an_injected_failure_leaves_the_outcome_as_asked) {
  memory_store memory;
  memory.fail_next_write(false);
  BOOST_CHECK_THROW(memory.write({{family::meta, "a", "1"}}, true), storage_error);
  BOOST_TEST(!memory.read()->get(family::meta, "a"));
  memory.fail_next_write(true);
  BOOST_CHECK_THROW(memory.write({{family::meta, "a", "1"}}, true), storage_error);
  BOOST_TEST(memory.read()->get(family::meta, "a").value() == "1");
  memory.write({{family::meta, "a", "2"}}, true);
}

BOOST_AUTO_TEST_CASE(a_folder_in_use_is_refused) {
  const scratch_folder folder;
  const auto first = open_disk(folder.path());
  const auto second = open_rocksdb_store(folder.path(), {.warn = {}});
  BOOST_TEST_REQUIRE(!second);
  BOOST_TEST((second.why().code == reason::store_locked));
  BOOST_TEST(second.why().text().find(folder.path()) != std::string::npos);
}

BOOST_AUTO_TEST_CASE(a_folder_can_be_opened_again_after_closing) {
  const scratch_folder folder;
  open_disk(folder.path())->write({{family::meta, "a", "1"}}, true);
  BOOST_TEST(open_disk(folder.path())->read()->get(family::meta, "a").value() == "1");
}

BOOST_AUTO_TEST_CASE(a_family_of_a_newer_version_is_left_alone) {
  const scratch_folder folder;
  open_disk(folder.path()).reset();
  const auto path = database_path(folder.path());
  const auto with_newer_family = [&](auto&& work) {
    std::vector<std::string> names;
    BOOST_REQUIRE(rocksdb::DB::ListColumnFamilies({}, path, &names).ok());
    std::vector<rocksdb::ColumnFamilyDescriptor> wanted;
    for (const auto& name : names)
      wanted.emplace_back(name, rocksdb::ColumnFamilyOptions{});
    std::vector<rocksdb::ColumnFamilyHandle*> handles;
    rocksdb::DB* db = nullptr;
    BOOST_REQUIRE(rocksdb::DB::Open({}, path, wanted, &handles, &db).ok());
    work(*db, handles);
    for (auto* x : handles)
      db->DestroyColumnFamilyHandle(x);
    delete db;
  };
  with_newer_family([](rocksdb::DB& db, auto& handles) {
    rocksdb::ColumnFamilyHandle* added = nullptr;
    BOOST_REQUIRE(db.CreateColumnFamily({}, "of_tomorrow", &added).ok());
    BOOST_REQUIRE(db.Put({}, added, "key", "value").ok());
    handles.push_back(added);
  });
  open_disk(folder.path())->write({{family::meta, "a", "1"}}, true);
  with_newer_family([](rocksdb::DB& db, auto& handles) {
    std::string value;
    for (auto* x : handles)
      if (x->GetName() == "of_tomorrow")
        BOOST_REQUIRE(db.Get({}, x, "key", &value).ok());
    BOOST_TEST(value == "value");
  });
}

BOOST_AUTO_TEST_CASE(the_database_writes_no_log_file_of_its_own) {
  const scratch_folder folder;
  auto opened = open_disk(folder.path());
  opened->write({{family::meta, "a", "1"}}, true);
  opened.reset();
  BOOST_TEST(!std::filesystem::exists(database_path(folder.path()) + "/LOG"));
}

BOOST_AUTO_TEST_CASE(damage_before_the_end_of_the_log_refuses_the_start) {
  const scratch_folder folder;
  const scratch_folder copy;
  {
    const auto opened = open_disk(folder.path());
    for (size_t i = 0; i < 100; ++i)
      opened->write({{family::meta, std::to_string(i), std::string(1'000, 'x')}}, true);
    std::filesystem::copy(folder.path(), copy.path(),
                          std::filesystem::copy_options::recursive
                              | std::filesystem::copy_options::overwrite_existing);
  }
  size_t damaged = 0;
  for (const auto& x : std::filesystem::directory_iterator{database_path(copy.path())}) {
    if (x.path().extension() != ".log" || x.file_size() < 50'000)
      continue;
    std::fstream file{x.path(), std::ios::in | std::ios::out | std::ios::binary};
    file.seekp(20'000);
    file << "damage";
    ++damaged;
  }
  BOOST_TEST_REQUIRE(damaged == 1u);
  const auto opened = open_rocksdb_store(copy.path(), {.ballast_bytes = 0, .warn = {}});
  BOOST_TEST_REQUIRE(!opened);
  BOOST_TEST((opened.why().code == reason::storage_failed));
}

BOOST_AUTO_TEST_CASE(the_ballast_is_made_at_the_first_start_and_can_be_released) {
  const scratch_folder folder;
  auto opened = open_disk(folder.path(), 1 << 20);
  BOOST_TEST(std::filesystem::file_size(ballast_path(folder.path())) == 1u << 20);
  BOOST_TEST(release_ballast(folder.path()) == 1u << 20);
  BOOST_TEST(release_ballast(folder.path()) == 0u);
}
