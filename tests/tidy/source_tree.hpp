// The repository's sources as text, for rules about them.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::tidy {

/// A text file of the repository.
struct source_file {
  std::string path;               ///< From the repository's root, e.g. `rules/decide.cpp`.
  std::vector<std::string> lines; ///< As they stand in the file.
  std::vector<std::string> code;  ///< Without comments and without the content of literals.

  /// True if the path starts with one of `prefixes`.
  [[nodiscard]] bool below(const std::vector<std::string_view>& prefixes) const;
};

/// A file made of `text`, as `load_tree` would read it.
[[nodiscard]] source_file make_source(std::string path, std::string_view text);

/// Every C++ source and header, CMakeLists.txt, test of the pages, Markdown file and table of
/// tab-separated values below `root` that is ours: no build folders and no packages.
[[nodiscard]] std::vector<source_file> load_tree(const std::filesystem::path& root);

/// True for `.cpp` and `.hpp`.
[[nodiscard]] bool is_cpp(const source_file& file);

} // namespace gantry::tidy
