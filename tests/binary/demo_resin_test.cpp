// Goal: the demonstration of a resin station goes from a recipe to the report of its print by
// itself. Method: the program as a new user starts it.
#include "tests/binary/program.hpp"

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

using namespace gantry::test;
using namespace std::chrono_literals;

namespace {

size_t count_of(const std::string& text, const std::string& what) {
  size_t count = 0;
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + 1))
    ++count;
  return count;
}

std::string text_of(const std::filesystem::path& path) {
  std::stringstream text;
  text << std::ifstream{path}.rdbuf();
  return text.str();
}

} // namespace

BOOST_AUTO_TEST_CASE(the_resin_demonstration_prints_three_materials_and_reports_each_change) {
  const temporary_folder folder;
  const auto data = (folder / "data").string();
  program demo{{"demo", "--resin", "--once", "--data", data, "--port", "0"}, folder / "output"};
  BOOST_TEST(demo.exit_code_within(600s).value_or(-1) == 0, demo.output());
  const auto said = demo.output();
  BOOST_TEST(said.find("The print of 200 layers is completed, 3 of 3 changes were made")
                 != std::string::npos,
             said);
  // Each run is measured: at most 5 % from what was planned, as the requirements allow.
  const std::regex change{R"(drained (\d+) of 50000 ul, filled (\d+) of 45000 ul)"};
  size_t changes = 0;
  for (std::sregex_iterator at{said.begin(), said.end(), change}, end; at != end; ++at, ++changes) {
    BOOST_TEST(std::abs(std::stol((*at)[1]) - 50'000) <= 2'500, said);
    BOOST_TEST(std::abs(std::stol((*at)[2]) - 45'000) <= 2'250, said);
  }
  BOOST_TEST(changes == 3u, said);
  // The same is told by the program's own log.
  const auto log = text_of(data + "/logs/app.log");
  BOOST_TEST(count_of(log, "station.change_completed: ") == 3u, log);
}
