// Goal: the log says everything, in order and within its bounds, and never holds up its callers.
// Method: real files and pipes, with the time handed in.
#include "logging/log.hpp"
#include "logging/log_line.hpp"
#include "logging/rotating_file.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <fstream>
#include <nlohmann/json.hpp>
#include <sstream>
#include <sys/resource.h>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace gantry::logging;
namespace fs = std::filesystem;

namespace {

constexpr std::chrono::sys_time<std::chrono::milliseconds> noon{
    std::chrono::milliseconds{1'795'262'400'123}};

struct scratch {
  scratch() {
    std::string name = (fs::temp_directory_path() / "gantry-logging-XXXXXX").string();
    folder = ::mkdtemp(name.data());
  }
  ~scratch() { fs::remove_all(folder); }
  [[nodiscard]] std::string text(const std::string& name = "app.jsonl") const {
    std::ostringstream out;
    out << std::ifstream{folder / name}.rdbuf();
    return out.str();
  }
  [[nodiscard]] log_settings settings() const {
    return {.folder = folder, .terminal_level = level::error, .wall = [] { return noon; }};
  }
  fs::path folder;
};

std::vector<nlohmann::json> lines_of(const std::string& text) {
  std::vector<nlohmann::json> lines;
  std::istringstream in{text};
  for (std::string line; std::getline(in, line);)
    lines.push_back(nlohmann::json::parse(line));
  return lines;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_message_becomes_one_line_of_json_with_its_fields) {
  record entry{noon, level::warning, "slicer", "it \"said\"\n no", {{"plan", "plan-1"}}};
  auto line = json_line(entry);
  auto read = nlohmann::json::parse(line);
  BOOST_TEST(std::count(line.begin(), line.end(), '\n') == 1);
  BOOST_TEST(read["at"] == "2026-11-21T12:00:00.123Z");
  BOOST_TEST(read["level"] == "warning");
  BOOST_TEST(read["component"] == "slicer");
  BOOST_TEST(read["message"] == "it \"said\"\n no");
  BOOST_TEST(read["fields"]["plan"] == "plan-1");
}

BOOST_AUTO_TEST_CASE(bytes_that_are_not_utf8_become_replacement_characters) {
  for (std::string bad : {"\xFF", "\xC0\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xE2\x82"}) {
    auto read = nlohmann::json::parse(json_line({noon, level::info, "test", "a" + bad + "b", {}}));
    auto text = read["message"].get<std::string>();
    BOOST_TEST(text.starts_with("a\xEF\xBF\xBD"));
    BOOST_TEST(text.ends_with("b"));
  }
  auto good = nlohmann::json::parse(json_line({noon, level::info, "test", "µ€😀", {}}));
  BOOST_TEST(good["message"] == "µ€😀");
}

BOOST_AUTO_TEST_CASE(a_line_for_people_cannot_steer_their_terminal) {
  record entry{noon, level::error, "net", "name \x1b[2J", {{"why", "gone\r\n now"}, {"n", "3"}}};
  BOOST_TEST(human_line(entry, false)
             == "2026-11-21T12:00:00.123Z error   net: name \\u001b[2J why=\"gone\\u000d\\n now\""
                " n=3\n");
  BOOST_TEST(human_line(entry, true).find("\x1b[31m") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(everything_written_before_the_service_ends_is_in_the_file_in_order) {
  scratch place;
  {
    log_service service{place.settings()};
    write(level::debug, "test", "too detailed");
    for (int i = 0; i < 2000; ++i)
      write(level::info, "test", std::to_string(i));
  }
  write(level::info, "test", "nobody listens");
  auto lines = lines_of(place.text());
  BOOST_REQUIRE(lines.size() == 2000u);
  auto for_people = place.text("app.log");
  BOOST_TEST(std::count(for_people.begin(), for_people.end(), '\n') == 2000);
  BOOST_TEST(for_people.find("too detailed") == std::string::npos);
  for (size_t i = 0; i < lines.size(); ++i)
    BOOST_REQUIRE(lines[i]["message"] == std::to_string(i));
}

BOOST_AUTO_TEST_CASE(threads_write_whole_lines) {
  scratch place;
  {
    log_service service{place.settings()};
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([] {
        for (int i = 0; i < 500; ++i)
          write(level::info, "test", "together");
      });
    for (auto& thread : threads)
      thread.join();
    flush();
    BOOST_TEST(health().written == 2000u);
    BOOST_TEST(health().dropped == 0u);
  }
  BOOST_TEST(lines_of(place.text()).size() == 2000u);
}

BOOST_AUTO_TEST_CASE(a_stuck_terminal_never_blocks_writers_and_drops_are_counted_and_reported) {
  scratch place;
  std::array<int, 2> ends{};
  BOOST_REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
  {
    auto settings = place.settings();
    settings.terminal_level = level::info;
    settings.terminal_fd = ends[1];
    settings.queue_max = 10;
    log_service service{settings};
    // Far more than a pipe holds, which nobody reads meanwhile.
    for (int i = 0; i < 1000; ++i)
      write(level::info, "test", std::string(1000, 'x'));
    BOOST_TEST(health().dropped > 0u);
    BOOST_TEST(health().queued <= 10u);
    std::thread reader{[&ends] {
      std::array<char, 4096> buffer{};
      while (::read(ends[0], buffer.data(), buffer.size()) > 0) {
      }
    }};
    flush();
    write(level::info, "test", "last");
    flush();
    ::close(ends[1]);
    reader.join();
    ::close(ends[0]);
  }
  uint64_t reported = 0;
  for (const auto& line : lines_of(place.text()))
    if (line["component"] == "logging")
      reported += std::stoull(line["fields"]["dropped"].get<std::string>());
  BOOST_TEST(reported > 0u);
  BOOST_TEST(reported == health().dropped);
}

BOOST_AUTO_TEST_CASE(the_file_is_rotated_and_only_so_many_are_kept) {
  scratch place;
  rotating_file file{place.folder, "app", ".log", 100, 3};
  for (char c = 'a'; c <= 'e'; ++c)
    BOOST_TEST(file.append(std::string(80, c) + '\n'));
  BOOST_TEST(place.text("app.log").front() == 'e');
  BOOST_TEST(place.text("app.1.log").front() == 'd');
  BOOST_TEST(place.text("app.2.log").front() == 'c');
  BOOST_TEST(!fs::exists(place.folder / "app.3.log"));
}

BOOST_AUTO_TEST_CASE(a_restart_appends_to_the_file) {
  scratch place;
  for (int i = 0; i < 2; ++i) {
    log_service service{place.settings()};
    write(level::info, "test", "start");
  }
  BOOST_TEST(lines_of(place.text()).size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_file_that_cannot_be_written_is_counted_and_tried_again) {
  scratch place;
  auto blocked = place.folder / "blocked";
  std::ofstream{blocked} << "a file stands where the folder should be";
  auto settings = place.settings();
  settings.folder = blocked;
  log_service service{settings};
  write(level::info, "test", "lost");
  flush();
  BOOST_TEST(health().file_errors == 1u);
  BOOST_TEST(health().failing);
  fs::remove(blocked);
  write(level::info, "test", "kept");
  flush();
  BOOST_TEST(place.text("blocked/app.jsonl").find("kept") != std::string::npos);
  BOOST_TEST(!health().failing);
}

BOOST_AUTO_TEST_CASE(defect_half_a_line_on_a_full_disk_was_glued_to_the_next_one) {
  scratch place;
  rotating_file file{place.folder, "app", ".log", 1'000'000, 2};
  BOOST_TEST(file.append(std::string(5'000, 'a') + '\n'));
  // A limit on the size of files cuts writes short, as a full disk does.
  struct rlimit before {};
  BOOST_REQUIRE(::getrlimit(RLIMIT_FSIZE, &before) == 0);
  auto less = before;
  less.rlim_cur = 6'000;
  std::signal(SIGXFSZ, SIG_IGN);
  BOOST_REQUIRE(::setrlimit(RLIMIT_FSIZE, &less) == 0);
  const bool kept = file.append(std::string(5'000, 'b') + '\n');
  BOOST_REQUIRE(::setrlimit(RLIMIT_FSIZE, &before) == 0);
  BOOST_TEST(!kept);
  BOOST_TEST(file.append("next\n"));
  BOOST_TEST(place.text("app.log") == std::string(5'000, 'a') + "\nnext\n");
}
