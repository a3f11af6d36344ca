// What must stand together: codes and their users, sources and targets, documents and code.
#include "tests/tidy/rules.hpp"

#include <algorithm>
#include <array>
#include <regex>
#include <set>

namespace gantry::tidy {

namespace {

/// Codes whose numbers are kept although nothing gives them yet.
const std::set<std::string>& reserved_reasons() {
  static const std::set<std::string> names = {
      "run_waiting_for_printer",
      "run_requeued",
      "order_complete",
      "decision_expired",
      "breaker_counted",
      "plan_review_required",
      "version_conflict",
  };
  return names;
}

/// Folders of sources, each with a README.md.
constexpr auto documented_folders =
    std::to_array<std::string_view>({"actors", "bench", "cli", "geometry", "hal", "http", "logging",
                                     "rules", "schemas", "scripts", "storage", "tests", "web"});

std::string folder_of(const std::string& path) {
  auto slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash);
}

const source_file* find_file(const tree& files, const std::string& path) {
  auto at = std::ranges::lower_bound(files, path, {}, &source_file::path);
  return at != files.end() && at->path == path ? &*at : nullptr;
}

bool names_word(const source_file& file, const std::string& word) {
  std::regex pattern{"(^|[^A-Za-z0-9_./])" + word + "($|[^A-Za-z0-9_])"};
  return std::ranges::any_of(
      file.lines, [&pattern](const auto& line) { return std::regex_search(line, pattern); });
}

/// True if the CMakeLists.txt beside `path`, or of a folder above, lists it: by its name, or by the
/// stem that a loop over tests completes.
bool is_listed(const tree& files, const std::string& path) {
  static const std::regex dot{R"(\.)"};
  static const std::regex ending{R"((_test)?\.cpp$)"};
  for (auto folder = folder_of(path);; folder = folder_of(folder)) {
    auto prefix = folder.empty() ? "" : folder + "/";
    auto name = path.substr(prefix.size());
    const auto* list = find_file(files, prefix + "CMakeLists.txt");
    if (list
        && (names_word(*list, std::regex_replace(name, dot, R"(\.)"))
            || names_word(*list, std::regex_replace(name, ending, ""))))
      return true;
    if (folder.empty())
      return false;
  }
}

} // namespace

findings unused_reasons(const tree& files) {
  static const std::regex declared{R"(^\s+(\w+) = \d+,)"};
  static const std::regex used{R"(\breason::(\w+))"};
  std::set<std::string> uses;
  for (const auto& file : files)
    if (is_cpp(file) && !file.below({"schemas/reason.", "tests/"}))
      for (const auto& line : file.code)
        for (std::sregex_iterator at{line.begin(), line.end(), used}, end; at != end; ++at)
          uses.insert((*at)[1]);
  findings found;
  if (const auto* catalogue = find_file(files, "schemas/reason.hpp"))
    for (size_t i = 0; i < catalogue->code.size(); ++i) {
      std::smatch match;
      if (std::regex_search(catalogue->code[i], match, declared) && !uses.contains(match[1])
          && !reserved_reasons().contains(match[1]))
        found.push_back(catalogue->path + ":" + std::to_string(i + 1) + ": " + match[1].str()
                        + " is given by nothing");
    }
  return found;
}

findings missing_readmes(const tree& files) {
  std::set<std::string> wanted;
  for (const auto& file : files) {
    auto folder = folder_of(file.path);
    if (std::ranges::find(documented_folders, folder) != documented_folders.end()
        || (folder.starts_with("hal/") && is_cpp(file)))
      wanted.insert(folder);
  }
  findings found;
  for (const auto& folder : wanted)
    if (!find_file(files, folder + "/README.md"))
      found.push_back(folder + ":1: no README.md");
  return found;
}

findings orphans(const tree& files) {
  findings found;
  for (const auto& file : files)
    if (file.path.ends_with(".cpp") && !is_listed(files, file.path))
      found.push_back(file.path + ":1: no CMakeLists.txt lists it");
  return found;
}

findings dead_references(const tree& files) {
  static const std::regex reference{R"(([A-Za-z0-9_./-]+\.(?:hpp|cpp)):([A-Za-z_]\w*))"};
  findings found;
  for (const auto& file : files) {
    if (!file.path.ends_with(".md") || !(file.path == "README.md" || file.below({"docs/"})))
      continue;
    for (size_t i = 0; i < file.lines.size(); ++i) {
      const auto& line = file.lines[i];
      for (std::sregex_iterator at{line.begin(), line.end(), reference}, end; at != end; ++at) {
        const auto* target = find_file(files, (*at)[1]);
        if (!target || !names_word(*target, (*at)[2]))
          found.push_back(file.path + ":" + std::to_string(i + 1) + ": there is no " + at->str());
      }
    }
  }
  return found;
}

} // namespace gantry::tidy
