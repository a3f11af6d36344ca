// Goal: the program's log tells what happens at the stations, and never shows a dry run as a print.
// Method: a journal in memory, and the real log in a folder.
#include "cli/station_activity.hpp"
#include "logging/log.hpp"
#include "schemas/station.hpp"
#include "tests/storage/support.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>

using namespace gantry;
using namespace gantry::storage::testing;

namespace {

const entity_ref bench{entity_kind::station, "stn-1"};

/// A log that is followed from its beginning.
class followed_station {
public:
  /// Records `event` of an entity and what its state is then.
  void record(const entity_ref& entity, const any_event& event, const std::string& state = "{}") {
    auto what = make_commit(log_, {entity}, {});
    what.writes.at(0).projection = state;
    auto& envelope = what.writes.at(0).events.at(0);
    envelope.type = type_of(event);
    envelope.data = encode_event(event);
    envelope.why = reason::change_due;
    envelope.why_params = {{"layer", "50"}, {"material", "B"}};
    BOOST_REQUIRE((log_.admit(std::move(what)).answer == storage::admission::admitted));
    write_all(log_, store_);
  }

  /// What the log says then.
  std::vector<nlohmann::json> lines() {
    {
      const logging::log_service service{{.folder = folder_ / "logs",
                                          .terminal_level = logging::level::error,
                                          .wall = [] { return timestamp{}; }}};
      activity_.follow(storage::reader{store_});
    }
    std::vector<nlohmann::json> found;
    std::ifstream file{folder_ / "logs/app.jsonl"};
    for (std::string line; std::getline(file, line);)
      found.push_back(nlohmann::json::parse(line));
    return found;
  }

private:
  scratch_folder folder_;
  storage::memory_store store_;
  storage::journal log_{store_, storage::journal_options{}};
  cli::station_activity activity_{storage::reader{store_}};
};

std::string text_of(const nlohmann::json& line) {
  return line.at("message");
}

} // namespace

BOOST_AUTO_TEST_CASE(an_event_of_a_station_is_a_line_with_its_reason_and_fields) {
  followed_station followed;
  followed.record(bench, events::station_change_began{0, 50, "B", 51});
  followed.record({entity_kind::printer, "prt-1"}, events::printer_edited{});
  const auto lines = followed.lines();
  BOOST_TEST_REQUIRE(lines.size() == 1u);
  BOOST_TEST(text_of(lines[0]).starts_with("station.change_began: "));
  BOOST_TEST(text_of(lines[0]).find("50") != std::string::npos);
  const auto& fields = lines[0].at("fields");
  BOOST_TEST(fields.at("station") == "stn-1");
  BOOST_TEST(fields.at("data").get<std::string>().find(R"("at_layer":51)") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(each_event_is_told_once) {
  followed_station followed;
  followed.record(bench, events::station_progressed{7});
  BOOST_TEST(followed.lines().size() == 1u);
  followed.record(bench, events::station_progressed{8});
  BOOST_TEST(followed.lines().size() == 2u);
}

BOOST_AUTO_TEST_CASE(an_error_is_a_warning) {
  followed_station followed;
  followed.record(bench, events::station_error_raised{});
  BOOST_TEST(followed.lines().at(0).at("level") == "warning");
}

BOOST_AUTO_TEST_CASE(what_belongs_to_a_dry_run_is_marked_as_simulation) {
  followed_station followed;
  events::station_change_began marked{0, 50, "B", 51};
  marked.simulation = true;
  followed.record(bench, marked);
  station dry;
  dry.job.emplace().simulation = true;
  followed.record({entity_kind::station, "stn-2"}, events::station_progressed{7},
                  encode_state(dry));
  followed.record({entity_kind::station, "stn-3"}, events::station_progressed{7},
                  encode_state(station{}));
  // A pump that was really on while a dry run was paused, and an event after a dry run.
  followed.record({entity_kind::station, "stn-5"}, events::station_pump_ended{}, encode_state(dry));
  dry.job->end = job_end::completed;
  followed.record({entity_kind::station, "stn-4"}, events::station_progressed{7},
                  encode_state(dry));
  const auto lines = followed.lines();
  BOOST_TEST_REQUIRE(lines.size() == 5u);
  BOOST_TEST(text_of(lines[0]).starts_with("SIMULATION. "));
  BOOST_TEST(text_of(lines[1]).starts_with("SIMULATION. "));
  for (size_t i = 2; i < lines.size(); ++i)
    BOOST_TEST(text_of(lines[i]).find("SIMULATION") == std::string::npos);
}
