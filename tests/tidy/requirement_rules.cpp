// The requirements of the resin station and the tests that prove them.
#include "tests/tidy/rules.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <sstream>

namespace gantry::tidy {

namespace {

constexpr std::string_view table_path = "docs/requirements-resin.tsv";

/// Every id that has to be proven.
constexpr auto wanted_ids = std::to_array<std::string_view>({
    "FR-1.1",
    "FR-1.2",
    "FR-1.3",
    "FR-1.4",
    "FR-1.5",
    "FR-2.1",
    "FR-2.2",
    "FR-2.3",
    "FR-2.4",
    "FR-2.5",
    "FR-2.6",
    "FR-3.1",
    "FR-3.2",
    "FR-3.3",
    "FR-3.4",
    "FR-3.5",
    "FR-3.6",
    "FR-4.1",
    "FR-4.2",
    "FR-4.3",
    "FR-4.4",
    "FR-4.5",
    "FR-4.6",
    "FR-5.1",
    "FR-5.2",
    "FR-5.3",
    "FR-5.4",
    "AC-1.1",
    "AC-1.2",
    "AC-1.3",
    "AC-1.4",
    "AC-1.5",
    "AC-2.1",
    "AC-2.2",
    "AC-2.3",
    "AC-2.4",
    "AC-2.5",
    "AC-2.6",
    "AC-3.1",
    "AC-3.2",
    "AC-3.3",
    "AC-3.4",
    "AC-3.6",
    "AC-4.1",
    "AC-4.2",
    "AC-4.4",
    "AC-4.5",
    "AC-4.6",
    "AC-5.1",
    "AC-5.2",
    "AC-5.3",
    "AC-5.4",
    "NFR-1",
    "NFR-2",
    "NFR-3",
    "NFR-4",
    "NFR-5",
    "NFR-6",
    "NFR-7",
    "NFR-8",
    "NFR-9",
    "NFR-10",
    "ERR-unreachable",
    "ERR-command",
    "ERR-pump",
    "ERR-recipe",
    "ERR-stagnation",
    "ERR-COMMAND_TIMEOUT",
    "ERR-TRANSIENT_PRINTER_DISCONNECT",
    "ERR-CONFIG_INVALID",
    "ERR-RECIPE_CONFLICT",
    "ST-IDLE",
    "ST-MONITORING",
    "ST-MATERIAL_CHANGE",
    "ST-ERROR",
    "ST-STOP_REQUESTED",
    "ST-COMPLETED",
    "ST-ABORTED",
    "ST-REQUEST_PAUSE",
    "ST-WAIT_PLATE_CLEAR",
    "ST-DRAINING",
    "ST-FILLING",
    "ST-SETTLING",
    "ST-REQUEST_RESUME",
    "ST-COMPLETE",
    "INV-10",
    "INV-11",
    "INV-12",
    "INV-13",
    "INV-14",
    "INV-15",
});

const source_file* find_file(const tree& files, std::string_view path) {
  const auto at = std::ranges::find(files, path, &source_file::path);
  return at == files.end() ? nullptr : &*at;
}

bool has_cpp_case(const source_file& file, const std::string& name) {
  std::string text;
  for (const auto& line : file.code)
    text += line;
  std::erase(text, ' ');
  return text.find("BOOST_AUTO_TEST_CASE(" + name + ")") != std::string::npos
         || text.find("BOOST_FIXTURE_TEST_CASE(" + name + ",") != std::string::npos;
}

/// Tests of the pages name their cases by sentences.
bool has_sentence(const source_file& file, const std::string& name) {
  return std::ranges::any_of(file.lines, [quoted = '"' + name + '"'](const std::string& line) {
    return line.find(quoted) != std::string::npos;
  });
}

/// True if `reference` (`path:case`) names a test case of a source that is built or run.
bool is_test(const tree& files, const std::string& reference) {
  const auto colon = reference.find(':');
  if (colon == std::string::npos)
    return false;
  const auto* file = find_file(files, reference.substr(0, colon));
  const auto name = reference.substr(colon + 1);
  return file && (is_cpp(*file) ? has_cpp_case(*file, name) : has_sentence(*file, name));
}

} // namespace

findings unproven_requirements(const tree& files) {
  findings found;
  std::map<std::string, size_t, std::less<>> proven;
  const auto* table = find_file(files, table_path);
  if (!table)
    return {std::string{table_path} + ":1: is missing"};
  for (size_t i = 1; i < table->lines.size(); ++i) {
    std::istringstream row{table->lines[i]};
    std::string id, what, each;
    std::getline(row, id, '\t');
    std::getline(row, what, '\t');
    while (std::getline(row, each, '\t')) {
      if (is_test(files, each))
        ++proven[id];
      else
        found.push_back(table->path + ":" + std::to_string(i + 1) + ": there is no test " + each);
    }
  }
  for (const auto id : wanted_ids)
    if (!proven.contains(id))
      found.push_back(std::string{table_path} + ":1: nothing proves " + std::string{id});
  return found;
}

} // namespace gantry::tidy
