// Goal: a station's set-up and its files say the same in the words of both, and what only one of
// them knows survives. Method: the shipped files, and random set-ups there and back.
#include "storage/station_files/pumps_file.hpp"
#include "storage/station_files/setup_mapping.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <random>

using namespace gantry;
using namespace gantry::storage;

namespace {

pump_settings shipped() {
  std::ifstream file{std::string{GANTRY_SOURCE_DIR} + "/tests/data/station/pump_profiles.json"};
  const auto read = read_pumps_file({std::istreambuf_iterator<char>{file}, {}});
  BOOST_REQUIRE(!!read);
  return read->settings;
}

station_setup random_setup(std::mt19937& random) {
  const auto from = [&random](int64_t low, int64_t high) {
    return std::uniform_int_distribution<int64_t>{low, high}(random);
  };
  station_setup made;
  made.name = "lab";
  made.host = "10.0.0." + std::to_string(from(1, 254));
  made.port = from(1, 65'535);
  made.poll_interval_ms = from(1'000, 10'000);
  made.reply_timeout_ms = from(1'000, 60'000);
  made.offline_grace_s = from(5, 3'600);
  made.valve_during_drain = from(0, 1) == 1;
  made.waste_capacity_ul = from(0, 50'000'000);
  made.change = {from(0, 120), from(0, 600), from(100, 5'000'000), from(100, 5'000'000),
                 from(0, 3'600)};
  made.initial_material = "A";
  for (const std::string material : {"A", "B", "C", "D", ""}) {
    if (from(0, 3) == 0)
      continue;
    station_pump pump;
    pump.name = material.empty() ? "out" : "line_" + material;
    pump.role = material.empty() ? pump_role::drain : pump_role::fill;
    pump.material = material;
    pump.flow_ul_per_s = from(10, 100'000);
    pump.direction = from(0, 1) == 0 ? pump_direction::forward : pump_direction::reverse;
    pump.direction_confirmed = from(0, 1) == 1;
    pump.max_volume_ul = from(100, 5'000'000);
    if (!material.empty())
      pump.reservoir_ul = from(0, 50'000'000);
    made.pumps.push_back(pump);
  }
  return made;
}

} // namespace

BOOST_AUTO_TEST_CASE(the_shipped_file_makes_a_station_with_its_four_pumps) {
  station_setup setup;
  apply(shipped(), setup);
  BOOST_REQUIRE(setup.pumps.size() == 4u);
  BOOST_TEST(setup.filler("B")->name == "b");
  BOOST_TEST(setup.filler("C")->flow_ul_per_s == 5'000);
  BOOST_TEST(setup.drain()->name == "drain");
  BOOST_TEST(setup.change.quiescence_s == 10);
  BOOST_TEST(setup.change.plate_clear_delay_s == 3);
  BOOST_TEST(setup.change.drain_volume_ul == 50'000);
  BOOST_TEST(setup.change.fill_volume_ul == 45'000);
  BOOST_TEST(setup.change.settle_delay_s == 5);
}

BOOST_AUTO_TEST_CASE(a_file_that_says_what_the_station_knows_is_left_as_it_is) {
  station_setup setup;
  auto file = shipped();
  file.quiescence_ms = 9'500;
  file.bed_raise_buffer_ms = 800;
  apply(file, setup);
  // Times are rounded up: a plate that needs 2.8 s is clear after 3 s.
  BOOST_TEST(setup.change.quiescence_s == 10);
  BOOST_TEST(setup.change.plate_clear_delay_s == 3);
  BOOST_TEST((merged(file, setup) == file));
}

BOOST_AUTO_TEST_CASE(every_set_up_comes_back_from_the_files_that_it_was_written_to) {
  std::mt19937 random{20261125};
  for (int i = 0; i < 2'000; ++i) {
    const auto setup = random_setup(random);
    const auto pumps = merged(i % 2 == 0 ? pump_settings{} : shipped(), setup);
    const auto network = merged(network_settings{}, setup);
    BOOST_REQUIRE(!!storage::check(pumps));
    auto again = setup;
    // Nothing of these may be taken from the set-up itself.
    again.host.clear();
    again.change = {};
    for (auto& each : again.pumps)
      each.flow_ul_per_s = 77;
    apply(network, again);
    apply(pumps, again);
    // Without a drain the file has no place for the size of its container.
    if (!setup.drain())
      again.waste_capacity_ul = setup.waste_capacity_ul;
    BOOST_REQUIRE((again == setup));
  }
}

BOOST_AUTO_TEST_CASE(defect_the_pump_of_the_fourth_material_had_no_place_in_the_file) {
  station_setup setup;
  apply(shipped(), setup);
  station_pump fourth;
  fourth.name = "d";
  fourth.material = "D";
  fourth.flow_ul_per_s = 4'321;
  setup.pumps.push_back(fourth);
  const auto file = merged(shipped(), setup);
  BOOST_REQUIRE(file.pump("pump_d"));
  const auto text = write_pumps_file("", file, 1);
  BOOST_REQUIRE(!!text);
  const auto read = read_pumps_file(*text);
  BOOST_REQUIRE(!!read);
  station_setup again;
  apply(read->settings, again);
  BOOST_TEST(again.pumps.size() == 5u);
  BOOST_TEST(again.filler("D")->flow_ul_per_s == 4'321);
  // A file of another controller cannot tell of it, and does not take it away.
  apply(shipped(), setup);
  BOOST_TEST(setup.filler("D")->name == "d");
}

BOOST_AUTO_TEST_CASE(words_that_only_the_file_knows_survive) {
  station_setup setup;
  auto file = shipped();
  file.pumps[0].description = "blue, from the left";
  apply(file, setup);
  setup.pumps[0].flow_ul_per_s = 4'900;
  const auto saved = merged(file, setup);
  BOOST_TEST(saved.pump("pump_a")->description == "blue, from the left");
  BOOST_TEST(saved.pump("pump_a")->flow_ul_per_s == 4'900);
}
