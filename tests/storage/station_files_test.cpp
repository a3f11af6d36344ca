// Goal: a station's file is always one that somebody saved, whatever fails; nobody's edit is
// overwritten unseen. Method: real files, a limit on their size that makes writes fail, and a
// process that is killed while it saves.
#include "schemas/digest.hpp"
#include "storage/station_files/station_files.hpp"
#include "storage/station_files/text_file.hpp"

#include <algorithm>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

using namespace gantry;
using namespace gantry::storage;
namespace fs = std::filesystem;

namespace {

const std::string lab = "station-aaaaaaaaaaaaa";

struct stations {
  ~stations() { fs::remove_all(folder); }

  static std::string make_folder() {
    std::string name = (fs::temp_directory_path() / "gantry-station-XXXXXX").string();
    return ::mkdtemp(name.data());
  }
  [[nodiscard]] std::string path(std::string_view name) const {
    return files.folder_of(lab) + "/" + std::string{name};
  }
  [[nodiscard]] std::string text(std::string_view name) const {
    std::ifstream file{path(name), std::ios::binary};
    return {std::istreambuf_iterator<char>{file}, {}};
  }
  void put(std::string_view name, std::string_view bytes) const {
    fs::create_directories(files.folder_of(lab));
    std::ofstream{path(name), std::ios::binary} << bytes;
  }
  template <class Content>
  file_version save(const Content& content, const save_terms& terms = {}) {
    auto saved = files.save(lab, content, terms);
    BOOST_REQUIRE_MESSAGE(!!saved, (saved ? "" : saved.why().text()));
    return *saved;
  }
  [[nodiscard]] size_t files_below() const {
    return static_cast<size_t>(
        std::ranges::count_if(fs::recursive_directory_iterator{folder},
                              [](const auto& x) { return x.is_regular_file(); }));
  }

  std::string folder = make_folder();
  station_files files{folder + "/stations"};
};

network_settings printer_at(const std::string& host, int64_t port) {
  network_settings settings;
  settings.host = host;
  settings.port = port;
  return settings;
}

save_terms replacing(const std::string& sha256) {
  save_terms terms;
  terms.expected_sha256 = sha256;
  return terms;
}

const std::vector<recipe_step> three{{50, "A"}, {120, "B"}, {200, "C"}};
const std::vector<recipe_step> two{{50, "A"}, {120, "B"}};

/// Keeps every file of this process below `bytes` while it lives, as a full disk does.
struct small_files {
  explicit small_files(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    ::getrlimit(RLIMIT_FSIZE, &before);
    const rlimit limit{bytes, before.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  ~small_files() { ::setrlimit(RLIMIT_FSIZE, &before); }
  small_files(const small_files&) = delete;
  small_files& operator=(const small_files&) = delete;
  rlimit before{};
};

} // namespace

BOOST_FIXTURE_TEST_CASE(a_station_without_files_gets_built_in_values_and_no_pumps, stations) {
  const auto network = files.network(lab);
  BOOST_REQUIRE(!!network);
  BOOST_TEST(!network->version);
  BOOST_TEST(network->content.settings.port == 6000);
  BOOST_TEST((network->content.notes.at(0).code == reason::station_file_missing));
  BOOST_TEST(files.pumps(lab)->content.settings.pumps.empty());
  BOOST_TEST(files.recipe(lab)->content.steps.empty());
  BOOST_TEST(files_below() == 0u);
}

BOOST_FIXTURE_TEST_CASE(a_recipe_is_saved_exactly_with_its_digest_and_revision_beside_it,
                        stations) {
  const auto version = save(three);
  BOOST_TEST(text("recipe.txt") == "A,50:B,120:C,200");
  BOOST_TEST(version.revision == 1);
  BOOST_TEST(version.sha256 == sha256_hex("A,50:B,120:C,200"));
  BOOST_TEST(text("recipe.txt.revision.json").find(version.sha256) != std::string::npos);
  const auto read = files.recipe(lab);
  BOOST_REQUIRE(!!read);
  BOOST_TEST((read->content.steps == three));
  BOOST_TEST((*read->version == version));
  BOOST_TEST(save(two).revision == 2);
}

BOOST_FIXTURE_TEST_CASE(revisions_of_settings_are_kept_in_the_files, stations) {
  BOOST_TEST(save(network_settings{}).revision == 1);
  save_terms terms;
  terms.recorded_revision = 7;
  BOOST_TEST(save(printer_at("10.0.0.7", 6000), terms).revision == 8);
  BOOST_TEST(text("network_settings.ini").find("# revision: 8\n") != std::string::npos);
  BOOST_TEST(save(pump_settings{}).revision == 1);
  BOOST_TEST(files.pumps(lab)->version->revision == 1);
  BOOST_TEST(text("pump_profiles.json").find("\"_revision\": 1") != std::string::npos);
}

BOOST_FIXTURE_TEST_CASE(an_edit_by_hand_is_noticed_and_not_overwritten_unseen, stations) {
  const auto recorded = save(three);
  BOOST_TEST((standing_of(files.recipe(lab)->version, recorded) == file_standing::recorded));
  put("recipe.txt", "A,60:B,120:C,200\n");
  const auto edited = files.recipe(lab);
  BOOST_REQUIRE(!!edited);
  BOOST_TEST((standing_of(edited->version, recorded) == file_standing::edited));
  BOOST_TEST(edited->version->revision == recorded.revision);
  const auto refused = files.save(lab, two, replacing(recorded.sha256));
  BOOST_REQUIRE(!refused);
  BOOST_TEST((refused.why().code == reason::station_file_changed));
  BOOST_TEST(text("recipe.txt") == "A,60:B,120:C,200\n");
  // Who has seen the edit may replace it; it stays as a backup.
  const auto saved = save(two, replacing(edited->version->sha256));
  BOOST_TEST((standing_of(files.recipe(lab)->version, recorded) == file_standing::saved));
  BOOST_TEST(saved.revision == 2);
  BOOST_TEST(text("backups/recipe.txt.1") == "A,60:B,120:C,200\n");
  fs::remove(path("recipe.txt"));
  BOOST_TEST((standing_of(files.recipe(lab)->version, recorded) == file_standing::missing));
}

BOOST_FIXTURE_TEST_CASE(an_edit_of_settings_by_hand_is_noticed_by_its_digest, stations) {
  const auto recorded = save(network_settings{});
  auto edited = text("network_settings.ini");
  edited.replace(edited.find("6000"), 4, "6001");
  put("network_settings.ini", edited);
  const auto read = files.network(lab);
  BOOST_REQUIRE(!!read);
  BOOST_TEST(read->content.settings.port == 6001);
  BOOST_TEST((standing_of(read->version, recorded) == file_standing::edited));
}

BOOST_FIXTURE_TEST_CASE(only_the_newest_backups_are_kept, stations) {
  for (int64_t layer = 1; layer <= 15; ++layer)
    save(std::vector<recipe_step>{{layer, "A"}});
  BOOST_TEST(!fs::exists(path("backups/recipe.txt.4")));
  BOOST_TEST(text("backups/recipe.txt.5") == "A,5");
  BOOST_TEST(text("backups/recipe.txt.14") == "A,14");
}

BOOST_FIXTURE_TEST_CASE(passwords_are_readable_for_the_owner_alone, stations) {
  network_settings settings;
  settings.wifi_password = "secret words";
  save(settings);
  save(printer_at("10.0.0.7", 6001));
  for (const std::string name : {"network_settings.ini", "backups/network_settings.ini.1"}) {
    struct stat status {};
    BOOST_REQUIRE(::stat(path(name).c_str(), &status) == 0);
    BOOST_TEST((status.st_mode & 0777) == 0600u);
    BOOST_TEST(text(name).find("secret words") != std::string::npos);
  }
}

BOOST_FIXTURE_TEST_CASE(defect_a_broken_file_is_refused_with_its_place_and_not_overwritten,
                        stations) {
  const std::string broken = "{\"pumps\": {\"pump_a\": {\"flow_rate_ml_per_second\": 5.0,}}}";
  put("pump_profiles.json", broken);
  BOOST_TEST((files.pumps(lab).why().code == reason::station_file_malformed));
  BOOST_TEST((files.save(lab, pump_settings{}, {}).why().code == reason::station_file_malformed));
  BOOST_TEST(text("pump_profiles.json") == broken);
  put("recipe.txt", "A,50:B,fifty");
  BOOST_TEST((files.recipe(lab).why().code == reason::recipe_layer_invalid));
  BOOST_TEST(files_below() == 2u);
}

BOOST_FIXTURE_TEST_CASE(what_is_refused_writes_nothing, stations) {
  const auto recorded = save(three);
  const auto count = files_below();
  BOOST_TEST(!files.save(lab, std::vector<recipe_step>{{0, "A"}}, {}));
  BOOST_TEST(!files.save(lab, printer_at("no host", 6000), {}));
  pump_settings bad;
  bad.pumps.push_back(
      {.key = "pump_a", .name = "A", .description = "", .flow_ul_per_s = 0, .last_calibrated = ""});
  BOOST_TEST(!files.save(lab, bad, {}));
  BOOST_TEST(files_below() == count);
  BOOST_TEST((*files.recipe(lab)->version == recorded));
}

BOOST_FIXTURE_TEST_CASE(defect_a_write_that_fails_leaves_the_old_file_whole, stations) {
  std::vector<recipe_step> long_one;
  for (int64_t layer = 1; layer <= 500; ++layer)
    long_one.push_back({layer, "A"});
  const auto recorded = save(three);
  {
    const small_files limit{600};
    const auto refused = files.save(lab, long_one, {});
    BOOST_REQUIRE(!refused);
    BOOST_TEST((refused.why().code == reason::station_file_not_written));
  }
  BOOST_TEST(text("recipe.txt") == "A,50:B,120:C,200");
  BOOST_TEST((*files.recipe(lab)->version == recorded));
  BOOST_TEST(!fs::exists(path("recipe.txt.new")));
  BOOST_TEST(save(long_one).revision == 2);
}

BOOST_FIXTURE_TEST_CASE(what_is_no_plain_file_or_too_large_is_not_read, stations) {
  put("recipe.txt", std::string(station_file_bytes_max + 1, 'A'));
  BOOST_TEST((files.recipe(lab).why().code == reason::station_file_unreadable));
  fs::remove(path("recipe.txt"));
  BOOST_REQUIRE(::mkfifo(path("recipe.txt").c_str(), 0600) == 0);
  BOOST_TEST((files.recipe(lab).why().code == reason::station_file_unreadable));
  fs::remove(path("recipe.txt"));
  fs::create_directory(path("recipe.txt"));
  BOOST_TEST((files.recipe(lab).why().code == reason::station_file_unreadable));
}

BOOST_FIXTURE_TEST_CASE(defect_two_writers_at_once_do_not_mix_their_files, stations) {
  std::vector<std::thread> writers;
  for (int64_t w = 0; w < 4; ++w)
    writers.emplace_back([this, w] {
      for (int64_t i = 0; i < 25; ++i)
        static_cast<void>(files.save(lab, std::vector<recipe_step>{{w * 100 + i + 1, "B"}}, {}));
    });
  for (auto& writer : writers)
    writer.join();
  const auto read = files.recipe(lab);
  BOOST_REQUIRE(!!read);
  BOOST_TEST(read->version->revision == 100);
  BOOST_TEST(read->content.steps.size() == 1u);
}

BOOST_FIXTURE_TEST_CASE(a_save_that_is_killed_leaves_the_old_or_the_new_file_with_its_revision,
                        stations) {
  save(two);
  for (int round = 0; round < 40; ++round) {
    const auto child = ::fork();
    if (child == 0) {
      for (int64_t i = 1;; ++i)
        static_cast<void>(files.save(lab, std::vector<recipe_step>{{i % 900 + 1, "C"}}, {}));
    }
    BOOST_REQUIRE(child > 0);
    ::usleep(static_cast<useconds_t>(500 + round * 137));
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    const auto read = files.recipe(lab);
    BOOST_REQUIRE_MESSAGE(!!read, (read ? "" : read.why().text()));
    // The sidecar knows these very bytes; an edit by hand is what it would not know.
    BOOST_REQUIRE(text("recipe.txt.revision.json").find(read->version->sha256)
                  != std::string::npos);
    BOOST_REQUIRE(read->content.steps.size() <= 2u);
  }
}
