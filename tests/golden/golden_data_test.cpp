// Goal: a data folder of each release opens with this version and says what it said, a station's
// print in the middle of a change included, and a migration that is cut off is finished by the next
// start. Method: copies of the folders `data-<release>`; the program itself, killed at the
// operations of its disk while it makes all records anew, with loss of power. Pass: the log agrees
// with every record afterwards, and what was ordered is there. With
// GANTRY_WRITE_GOLDEN_DATA=<folder> the program writes this version's folder instead.
#include "tests/binary/kernel_process.hpp"
#include "tests/crash/crash_script.hpp"
#include "tests/crash/effort.hpp"
#include "tests/crash/station_bench.hpp"
#include "tests/crash/victim.hpp"

#include "storage/record.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace gantry;
using namespace gantry::test;

namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// Three kinds of runs that ended, a breaker that was reset, and an order that still waits.
void play_orders(const fs::path& folder) {
  sim::simulator_options options;
  options.log_dir = folder / "machine";
  fs::create_directories(options.log_dir);
  simulated_printers machine{options};
  running_kernel kernel{folder / "data"};
  set_up_story(crash_story::trouble, kernel, machine.port(0));
  const auto id = place_order(crash_story::trouble, kernel);
  must(play_to_end(crash_story::trouble, kernel, id), "the order is not fulfilled");
  const auto where = kernel.open<printer>(entity_kind::printer).at(0).id;
  kernel.order_to(commands::set_printer_mode{where, printer_mode::maintenance, {}});
  static_cast<void>(kernel.order_models("waiting", {"examples/cube.stl"}));
  must(kernel.wait_until([&] { return kernel.waits_for(reason::printer_in_maintenance); }),
       "the run does not wait");
}

/// What of a station must outlive every later version: what people set, and where its print is.
/// Throws if it is not there.
json lasting_parts(const json& station) {
  json parts;
  const auto take = [](json& to, const json& from, std::initializer_list<const char*> names) {
    for (const auto* each : names)
      to[each] = from.at(each);
  };
  take(parts, station, {"setup", "recipe", "recipe_revision", "levels"});
  const auto& job = station.at("job");
  take(parts["job"], job,
       {"number", "file", "internal_file", "layers", "plan", "initial_material", "changes",
        "began_at"});
  take(parts["job"]["change"], job.at("change"), {"index", "layer", "material", "step"});
  return parts;
}

/// A print of three materials that is stopped while it drains for its second change. Returns its
/// lasting parts.
json play_station(const fs::path& folder) {
  station_bench bench{folder, 24, {{6, "B"}, {14, "C"}}};
  bench.start();
  must(bench.reach("settling") && bench.reach("monitoring") && bench.reach("draining"),
       "the station does not drain");
  auto parts = lasting_parts(bench.now());
  must(bench.stop(), "the kernel does not stop");
  return parts;
}

/// Where the promise about a folder's station stands: `station-<release>.json` beside it.
fs::path station_file(const fs::path& data) {
  auto name = data.filename().string();
  return data.parent_path() / (name.replace(0, name.find('-'), "station") + ".json");
}

/// Files that a database does not need to be opened are left out.
void write_folder(const fs::path& target) {
  const scratch_folder folder;
  play_orders(folder.path());
  fs::create_directories(target / "db");
  std::ofstream{station_file(target)} << play_station(folder.path()).dump(2) << '\n';
  for (const auto& each : fs::directory_iterator{folder.path() / "data/db"})
    if (const auto name = each.path().filename().string();
        name != "LOCK" && !name.starts_with("OPTIONS"))
      fs::copy_file(each.path(), target / "db" / name);
}

/// A home with a copy of `data`.
victim_home home_with(const fs::path& data, const fs::path& folder) {
  const victim_home home{folder};
  fs::create_directories(folder);
  fs::copy(data, home.data(), fs::copy_options::recursive);
  return home;
}

/// As if every record had been made by an older fold: another version, and a state that is not what
/// the log says.
void make_outdated(const fs::path& data) {
  const auto store = storage::open_rocksdb_store(data.string(), {.ballast_bytes = 0, .warn = {}});
  BOOST_REQUIRE(!!store);
  storage::batch changes;
  for (size_t i = 0; i < entity_kinds; ++i) {
    const auto kind = static_cast<entity_kind>(i);
    changes.push_back({storage::family::meta, storage::fold_key(kind), "0"});
    const auto add = [&](std::string_view key, std::string_view bytes) {
      auto header = storage::decode_record(bytes)->header;
      header.fold_version = 0;
      changes.push_back(
          {storage::family_of(kind), std::string{key}, storage::encode_record(header, "{}")});
      return true;
    };
    (*store)->read()->scan(storage::family_of(kind), {}, {}, false, add);
  }
  (*store)->write(changes, true);
}

/// The station's print is where it was left, and a person is asked how it goes on.
void check_station(const farm_client& client, const json& promised) {
  const auto stations = client.get("/api/v1/stations");
  BOOST_REQUIRE(stations.is_object());
  BOOST_REQUIRE(stations["items"].size() == 1u);
  const auto now = client.get("/api/v1/stations/" + stations["items"][0]["id"].get<std::string>());
  BOOST_REQUIRE(now.is_object());
  BOOST_TEST(lasting_parts(now).dump(2) == promised.dump(2));
  // The station's actor asks once it has begun, which may be after the first answer.
  const auto asks = [&] {
    return client.get("/api/v1/stations/" + now["id"].get<std::string>())["state"] == "error";
  };
  BOOST_TEST(eventually(asks, std::chrono::seconds{20}));
}

/// A data folder that a release wrote.
struct golden_folder {
  fs::path data;
  /// The lasting parts of its station; null in a release that had none.
  json station;
};

std::vector<golden_folder> golden_folders() {
  const std::string prefix = "data-";
  std::vector<golden_folder> found;
  for (const auto& each : fs::directory_iterator{GANTRY_SOURCE_DIR "/tests/golden"})
    if (const auto name = each.path().filename().string(); name.starts_with(prefix)) {
      std::ifstream station{station_file(each.path())};
      found.push_back({each.path(), station.is_open() ? json::parse(station) : json{}});
    }
  std::ranges::sort(found, {}, &golden_folder::data);
  BOOST_REQUIRE(!found.empty());
  BOOST_REQUIRE(found.back().data.filename() == prefix + GANTRY_VERSION);
  for (const auto& each : found)
    BOOST_REQUIRE(each.data.filename() == "data-0.1.0" || !each.station.is_null());
  return found;
}

/// The program starts, knows the orders and the station, and its records agree with the log.
void check_folder(const victim_home& home, const golden_folder& golden) {
  {
    victim life{home};
    BOOST_REQUIRE_MESSAGE(life.listens(), life.child().output());
    promise_journal journal;
    const auto client = life.client(journal);
    const auto orders = client.get("/api/v1/orders");
    BOOST_REQUIRE(orders.is_object());
    BOOST_REQUIRE(orders["items"].size() == 2u);
    BOOST_TEST(orders["items"][1]["state"] == "fulfilled");
    BOOST_TEST(orders["items"][0]["state"] == "producing");
    if (!golden.station.is_null())
      check_station(client, golden.station);
    BOOST_TEST(life.stop().value_or(-1) == 0);
  }
  const auto examined = home.examine();
  BOOST_TEST(examined.exit_code == 0, examined.output);
  BOOST_TEST(examined.output.find("another version") == std::string::npos, examined.output);
}

} // namespace

BOOST_AUTO_TEST_CASE(every_golden_folder_opens_and_agrees_with_its_log) {
  if (const auto* path = std::getenv("GANTRY_WRITE_GOLDEN_DATA")) {
    write_folder(path);
    return;
  }
  const temporary_folder folder;
  for (const auto& each : golden_folders())
    BOOST_TEST_CONTEXT(each.data.filename()) {
      const auto home = home_with(each.data, folder / each.data.filename().string());
      const auto untouched = home.examine();
      BOOST_TEST(untouched.exit_code == 0, untouched.output);
      check_folder(home, each);
    }
}

BOOST_AUTO_TEST_CASE(a_migration_survives_a_loss_of_power_at_every_operation_of_its_disk) {
  const auto golden = golden_folders();
  const auto effort = crash_effort::from_environment();
  const temporary_folder folder;
  const auto old = folder / "old";
  fs::copy(golden.back().data, old, fs::copy_options::recursive);
  make_outdated(old);
  uint64_t steps = 0;
  {
    const auto home = home_with(old, folder / "counted");
    const auto before = home.examine();
    BOOST_TEST(before.output.find("another version") != std::string::npos, before.output);
    fs::remove(home.ledger()); // What the examination did does not count.
    victim life{home};
    BOOST_REQUIRE_MESSAGE(life.listens(), life.child().output());
    steps = disk_steps_in(home.ledger());
  }
  std::mt19937_64 random{effort.seed};
  size_t kills = 0;
  const auto stride = effort.sweep ? 1 : std::max<uint64_t>(steps / 10, 1);
  for (auto n = 1 + random() % stride; n <= steps; n += stride) {
    const auto home = home_with(old, folder / std::to_string(n));
    {
      victim life{home, {std::string{disk_order::kill} + "=torn:" + std::to_string(n)}};
      kills += life.listens() ? 0 : 1;
    }
    lose_power(home.ledger(), random);
    BOOST_TEST_CONTEXT("operation " << n) check_folder(home, golden.back());
  }
  std::printf("%zu kills among the %lu operations of a migration\n", kills, steps);
  BOOST_TEST(kills > 5u);
}
