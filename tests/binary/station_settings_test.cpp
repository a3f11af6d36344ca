// Goal: the files of a station and what the program believes are the same, whoever changes either,
// and an error never overwrites anything. Method: the real program, its API and its folder; the
// oracle is the bytes of the files.
#include "tests/binary/kernel_process.hpp"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <nlohmann/json.hpp>

using namespace gantry::test;
using namespace std::chrono_literals;
using nlohmann::json;

namespace {

const json pumps = json::array({{{"name", "a"}, {"role", "fill"}, {"material", "A"}},
                                {{"name", "b"}, {"role", "fill"}, {"material", "B"}},
                                {{"name", "drain"}, {"role", "drain"}}});

std::string replaced(std::string text, const std::string& what, const std::string& with) {
  const auto at = text.find(what);
  BOOST_REQUIRE_MESSAGE(at != std::string::npos, text);
  return text.replace(at, what.size(), with);
}

/// A program with one station whose files are in place.
struct station_program {
  temporary_folder folder;
  std::unique_ptr<kernel_process> kernel = std::make_unique<kernel_process>(folder / "data");
  std::string id = kernel->post("/api/v1/stations", {{"setup",
                                                      {{"name", "Resin 1"},
                                                       {"host", "127.0.0.1"},
                                                       {"port", 9},
                                                       {"initial_material", "A"},
                                                       {"pump_bank", "bench"},
                                                       {"pumps", pumps}}}})["id"];
  std::string at = "/api/v1/stations/" + id;

  station_program() {
    BOOST_REQUIRE(eventually([this] { return has("pump_profiles.json", "_revision"); }, 10s));
    BOOST_REQUIRE(eventually([this] { return standing("pumps") == "recorded"; }, 10s));
  }

  [[nodiscard]] std::filesystem::path file(const std::string& name) const {
    return folder / ("data/stations/" + id + "/" + name);
  }
  [[nodiscard]] bool has(const std::string& name, const std::string& text) const {
    return std::filesystem::exists(file(name))
           && bytes_of(file(name)).find(text) != std::string::npos;
  }
  void edit(const std::string& name, const std::string& bytes) const {
    std::ofstream{file(name), std::ios::binary} << bytes;
  }
  [[nodiscard]] json settings(const std::string& which) const {
    return kernel->get(at + "/settings/" + which);
  }
  [[nodiscard]] std::string standing(const std::string& which) const {
    const auto document = settings(which);
    return document.is_object() ? document.value("standing", "") : "";
  }
  [[nodiscard]] raw_answer put(const std::string& which, const json& body,
                               const std::string& extra = {}) const {
    return kernel->ask(kernel->text("PUT", at + "/settings/" + which, body.dump(), extra));
  }
  [[nodiscard]] raw_answer reload() const {
    return kernel->ask(kernel->text("POST", at + "/reload", "{}"));
  }
  [[nodiscard]] json station() const { return kernel->get(at); }
};

std::string reason_of(const raw_answer& got) {
  return json::parse(got.body).value("reason", "");
}

} // namespace

BOOST_FIXTURE_TEST_SUITE(station_settings, station_program)

BOOST_AUTO_TEST_CASE(a_station_has_its_files_and_an_edit_of_either_reaches_the_other) {
  BOOST_TEST(has("network_settings.ini", "ip_address = 127.0.0.1"));
  const auto edited = kernel->ask(
      kernel->text("PUT", at + "/recipe",
                   R"({"steps":[{"layer":50,"material":"B"},{"layer":120,"material":"A"}]})"));
  BOOST_TEST(edited.status == 200, edited.body);
  BOOST_TEST(eventually(
      [this] {
        return std::filesystem::exists(file("recipe.txt"))
               && bytes_of(file("recipe.txt")) == "B,50:A,120"
               && kernel->get(at + "/recipe")["standing"] == "recorded";
      },
      10s));
  edit("recipe.txt", "b,7");
  BOOST_TEST(kernel->get(at + "/recipe")["standing"] == "edited");
  const auto loaded = reload();
  BOOST_TEST(loaded.status == 200, loaded.body);
  BOOST_TEST(station()["recipe"] == json::array({{{"layer", 7}, {"material", "B"}}}));
  BOOST_TEST(bytes_of(file("recipe.txt")) == "b,7");
}

BOOST_AUTO_TEST_CASE(defect_a_file_that_could_not_be_written_was_not_tried_again) {
  std::filesystem::create_directory(file("recipe.txt"));
  const auto edited = kernel->ask(
      kernel->text("PUT", at + "/recipe", R"({"steps":[{"layer":50,"material":"B"}]})"));
  BOOST_TEST(edited.status == 200, edited.body);
  const auto complains = [this] {
    return kernel->child().output().find("no regular file") != std::string::npos;
  };
  BOOST_TEST_REQUIRE(eventually(complains, 10s), kernel->child().output());
  std::filesystem::remove(file("recipe.txt"));
  kernel->post("/api/v1/materials", {{"name", "GREY"}, {"density_mg_per_cm3", 1'100}});
  BOOST_TEST(eventually([this] { return has("recipe.txt", "B,50"); }, 10s));
}

BOOST_AUTO_TEST_CASE(a_save_raises_the_revision_and_is_taken_over_at_once) {
  auto before = settings("network");
  const auto revision = before["revision"].get<int>();
  before["settings"]["host"] = "10.1.2.3";
  before["settings"]["wifi_ssid"] = "lab";
  before["settings"]["wifi_password"] = "correct horse";
  const auto match = "If-Match: \"" + before["sha256"].get<std::string>() + "\"\r\n";
  const auto saved = put("network", before["settings"], match);
  BOOST_TEST(saved.status == 200, saved.body);
  BOOST_TEST(!saved.has("correct horse"));
  const auto after = json::parse(saved.body);
  BOOST_TEST(after["revision"] == revision + 1);
  BOOST_TEST(after["standing"] == "recorded");
  BOOST_TEST(after["has_wifi_password"] == true);
  BOOST_TEST(saved.header("ETag") == "\"" + after["sha256"].get<std::string>() + "\"");
  BOOST_TEST(station()["setup"]["host"] == "10.1.2.3");
  BOOST_TEST(has("network_settings.ini", "correct horse"));
  // Who has not seen this version cannot undo it.
  const auto stale = put("network", before["settings"], match);
  BOOST_TEST(reason_of(stale) == "station_file_changed");
  // The password that is not sent stays.
  auto again = after["settings"];
  again["port"] = 6001;
  BOOST_TEST(put("network", again).status == 200);
  BOOST_TEST(has("network_settings.ini", "correct horse"));
  BOOST_TEST(kernel->ask(kernel->text("GET", "/api/v1/events?limit=200")).has("correct horse")
             == false);
}

BOOST_AUTO_TEST_CASE(a_repeated_request_saves_once) {
  auto body = settings("pumps")["settings"];
  body["settle_ms"] = 8'000;
  const auto bytes = kernel->text("PUT", at + "/settings/pumps", body.dump());
  const auto first = kernel->ask(bytes);
  BOOST_TEST(first.status == 200, first.body);
  const auto second = kernel->ask(bytes);
  BOOST_TEST(second.status == 200, second.body);
  BOOST_TEST(second.header("Gantry-Replayed") == "true");
  BOOST_TEST(json::parse(first.body)["revision"] == json::parse(second.body)["revision"]);
}

BOOST_AUTO_TEST_CASE(a_file_that_is_wrong_is_named_and_nothing_is_overwritten) {
  const auto good = bytes_of(file("pump_profiles.json"));
  auto body = settings("pumps")["settings"];
  const auto bad = replaced(good, "\"pump_a\": {", "\"pump_a\": [");
  edit("pump_profiles.json", bad);
  const auto shown = kernel->ask(kernel->text("GET", at + "/settings/pumps"));
  BOOST_TEST(reason_of(shown) == "station_file_malformed");
  BOOST_TEST(reason_of(reload()) == "station_file_malformed");
  body["settle_ms"] = 9'000;
  BOOST_TEST(reason_of(put("pumps", body)) == "station_file_malformed");
  BOOST_TEST(bytes_of(file("pump_profiles.json")) == bad);
  edit("pump_profiles.json", good);
  BOOST_TEST(standing("pumps") == "recorded");
}

BOOST_AUTO_TEST_CASE(settings_that_cannot_work_leave_the_file_as_it_was) {
  const auto before = bytes_of(file("pump_profiles.json"));
  const auto body = settings("pumps")["settings"];
  auto no_flow = body;
  no_flow["pumps"][0]["flow_ul_per_s"] = 0;
  BOOST_TEST(put("pumps", no_flow).status == 422);
  auto network = settings("network")["settings"];
  network["host"] = "two words";
  BOOST_TEST(put("network", network).status == 422);
  BOOST_TEST(bytes_of(file("pump_profiles.json")) == before);
  BOOST_TEST(station()["setup"]["host"] == "127.0.0.1");
}

BOOST_AUTO_TEST_CASE(an_edit_by_hand_is_noticed_kept_and_taken_over_when_it_is_asked_for) {
  const auto before = bytes_of(file("pump_profiles.json"));
  edit("pump_profiles.json",
       replaced(replaced(before, "\"fill_volume_ml\": 45", "\"fill_volume_ml\": 30.5"), "{",
                "{\n  \"_comment_mine\": \"keep me\","));
  BOOST_TEST(standing("pumps") == "edited");
  auto body = settings("pumps")["settings"];
  body["settle_ms"] = 9'000;
  BOOST_TEST(reason_of(put("pumps", body)) == "station_file_changed");
  // Neither does the station's own change of something else touch the file.
  BOOST_TEST(station()["setup"]["change"]["fill_volume_ul"] == 45'000);
  BOOST_TEST(reload().status == 200);
  BOOST_TEST(station()["setup"]["change"]["fill_volume_ul"] == 30'500);
  BOOST_TEST(standing("pumps") == "recorded");
  BOOST_TEST(put("pumps", body).status == 200);
  BOOST_TEST(has("pump_profiles.json", "keep me"));
}

BOOST_AUTO_TEST_CASE(what_was_edited_while_nothing_ran_counts_from_the_start) {
  BOOST_TEST(kernel->stop().value_or(-1) == 0);
  const auto status = json::parse(bytes_of(folder / "data/runtime_status.json"));
  BOOST_TEST(status["stopped"] == true);
  BOOST_TEST(status["stations"][0]["name"] == "Resin 1");
  const auto before = bytes_of(file("network_settings.ini"));
  edit("network_settings.ini", replaced(before, "127.0.0.1", "127.0.0.2"));
  kernel = std::make_unique<kernel_process>(folder / "data");
  BOOST_TEST(eventually([this] { return station()["setup"]["host"] == "127.0.0.2"; }, 10s));
  BOOST_TEST(standing("network") == "recorded");
}

BOOST_AUTO_TEST_CASE(a_preview_changes_nothing_and_says_what_would_be_lost) {
  const auto ask = [this](const std::string& text) {
    return json::parse(
        kernel->ask(kernel->text("POST", at + "/recipe/preview", json{{"text", text}}.dump()))
            .body);
  };
  const auto good = ask("a,120 : B,50\n");
  BOOST_TEST(good["ok"] == true);
  BOOST_TEST(good["text"] == "B,50:A,120");
  BOOST_TEST(good["notes"].size() > 0u);
  const auto bad = ask("A,50:B,50:E,7");
  BOOST_TEST(bad["ok"] == false);
  BOOST_TEST(bad["notes"].size() == 2u);
  BOOST_TEST(station()["recipe_revision"] == 0);
}

BOOST_AUTO_TEST_CASE(the_clock_is_told_with_the_difference_to_who_asks) {
  const auto now = kernel->get("/api/v1/clock");
  BOOST_TEST(now["offset_ms"].is_null());
  const auto late = kernel->get("/api/v1/clock?client_time=2001-01-01T00:00:00Z");
  BOOST_TEST(late["offset_ms"].get<int64_t>() < -60'000);
  BOOST_TEST(late["offset_verdict"]["reason"] == "clock_browser_differs");
  BOOST_TEST(kernel->ask(kernel->text("GET", "/health")).has("\"clock\""));
}

BOOST_AUTO_TEST_SUITE_END()
