// Goal: material_events.jsonl says what the log says, whatever happened to the file. Method: a
// journal in memory, and a file that is cut, removed and exchanged.
#include "storage/station_files/material_log.hpp"
#include "support.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace gantry;
using namespace gantry::storage;
using namespace gantry::storage::testing;

namespace {

struct followed_log {
  scratch_folder folder;
  memory_store store;
  journal log{store, journal_options{}};
  std::string path = folder / "logs/material_events.jsonl";
  material_log file{path, [](std::string_view type) { return type == "station.step_ended"; }};

  void record(entity_kind kind, const std::string& type, const std::string& data) {
    auto what = make_commit(log, {{kind, "x-1"}}, data);
    what.writes[0].events[0].type = type;
    BOOST_REQUIRE((log.admit(std::move(what)).answer == admission::admitted));
    write_all(log, store);
  }
  void record_some() {
    for (int i = 0; i < 20; ++i) {
      record(entity_kind::station, "station.step_ended", std::to_string(i));
      record(entity_kind::station, "station.progressed", "not material");
      record(entity_kind::printer, "printer.edited", "station.step_ended");
    }
  }
  void follow() { BOOST_REQUIRE(!!file.follow(reader{store})); }
  [[nodiscard]] std::string text() const {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
  }
};

} // namespace

BOOST_FIXTURE_TEST_CASE(wanted_events_of_stations_are_appended_once_in_their_order, followed_log) {
  follow();
  BOOST_TEST(text().empty());
  record_some();
  follow();
  follow();
  std::istringstream lines{text()};
  int64_t expected = 0;
  for (std::string line; std::getline(lines, line); ++expected) {
    const auto read = nlohmann::json::parse(line);
    BOOST_TEST(read["data"]["text"] == std::to_string(expected));
    BOOST_TEST(read["type"] == "station.step_ended");
    BOOST_TEST(read["station"] == "x-1");
  }
  BOOST_TEST(expected == 20);
}

BOOST_FIXTURE_TEST_CASE(defect_a_log_without_stations_was_read_as_a_whole_at_each_start,
                        followed_log) {
  size_t asked = 0;
  file = material_log{path, [&asked](std::string_view) { return ++asked > 0; }};
  for (int i = 0; i < 20; ++i)
    record(entity_kind::printer, "printer.edited", "station.");
  follow();
  record(entity_kind::station, "station.step_ended", "first");
  follow();
  BOOST_TEST(asked == 1u);
  BOOST_TEST(text().find("first") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(a_file_that_is_missing_is_made_anew_from_the_log, followed_log) {
  record_some();
  follow();
  const auto whole = text();
  std::filesystem::remove(path);
  follow();
  BOOST_TEST(text() == whole);
}

BOOST_FIXTURE_TEST_CASE(a_restart_goes_on_where_the_file_ends_and_completes_a_line_that_was_cut,
                        followed_log) {
  record_some();
  follow();
  const auto whole = text();
  for (const auto cut :
       {whole.size() - 1, whole.size() - 30, whole.size() / 2, size_t{5}, size_t{0}}) {
    std::ofstream{path, std::ios::binary} << whole.substr(0, cut);
    file = material_log{path, [](std::string_view type) { return type == "station.step_ended"; }};
    follow();
    BOOST_TEST(text() == whole, "cut at " << cut);
  }
}

BOOST_FIXTURE_TEST_CASE(a_file_of_another_log_is_replaced, followed_log) {
  record_some();
  follow();
  const auto whole = text();
  for (const std::string strange : {"{\"seq\":999999}\n", "no line of ours\n", "[1]\n"}) {
    std::ofstream{path, std::ios::binary} << strange;
    file = material_log{path, [](std::string_view type) { return type == "station.step_ended"; }};
    follow();
    BOOST_TEST(text() == whole, strange);
  }
}

BOOST_FIXTURE_TEST_CASE(defect_the_file_grew_for_ever, followed_log) {
  const auto anew = [this] {
    return material_log{
        path, [](std::string_view type) { return type == "station.step_ended"; }, {1'500, 3}};
  };
  const auto older = [this](int age) {
    return folder / ("logs/material_events." + std::to_string(age) + ".jsonl");
  };
  const auto numbers = [&] {
    std::vector<uint64_t> found;
    for (const auto& name : {older(2), older(1), path}) {
      std::ifstream in{name};
      for (std::string line; std::getline(in, line);)
        found.push_back(nlohmann::json::parse(line)["seq"]);
    }
    return found;
  };
  file = anew();
  for (int round = 0; round < 6; ++round) {
    record_some();
    follow();
    // A restart goes on, also if the newest file was only begun, or is not there.
    file = anew();
    if (round % 3 == 1)
      std::filesystem::resize_file(path, round);
    if (round % 3 == 2)
      std::filesystem::remove(path);
  }
  follow();
  for (const auto& name : {older(2), older(1), path})
    BOOST_TEST(std::filesystem::file_size(name) <= 1'500u);
  BOOST_TEST(!std::filesystem::exists(older(3)));
  // The newest of all, none twice and none left out.
  const auto expect_newest = [&] {
    const auto kept = numbers();
    BOOST_TEST_REQUIRE(kept.size() > 10u);
    BOOST_TEST(kept.back() == reader{store}.last_seq() - 2);
    for (size_t i = 1; i < kept.size(); ++i)
      BOOST_TEST(kept[i] == kept[i - 1] + 3);
  };
  expect_newest();
  // What belongs to another log goes as a whole.
  std::ofstream{path} << "{\"seq\":999999}\n";
  file = anew();
  follow();
  expect_newest();
}

BOOST_FIXTURE_TEST_CASE(a_file_that_cannot_be_written_is_tried_again, followed_log) {
  record_some();
  std::filesystem::create_directories(path);
  BOOST_TEST((file.follow(reader{store}).why().code == reason::station_file_not_written));
  std::filesystem::remove(path);
  follow();
  BOOST_TEST(std::ranges::count(text(), '\n') == 20);
}
