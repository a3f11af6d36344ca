#include "tests/tidy/source_tree.hpp"

#include <algorithm>
#include <fstream>
#include <sstream>

namespace gantry::tidy {

namespace fs = std::filesystem;

namespace {

/// Blanks comments and the content of literals, so that a rule sees code only.
class stripper {
public:
  std::string line(std::string_view text) {
    std::string out;
    for (size_t i = 0; i < text.size();)
      i += step(text, i, out);
    if (inside_ == '"' || inside_ == '\'')
      inside_ = 0;
    return out;
  }

private:
  /// Handles what begins at `i`; returns how many characters that were.
  size_t step(std::string_view text, size_t i, std::string& out) {
    auto rest = text.substr(i);
    if (inside_ == '*')
      return leave(rest, "*/", out);
    if (inside_ == 'R')
      return leave(rest, raw_end_, out);
    if (inside_ != 0)
      return in_literal(rest, out);
    if (rest.starts_with("//"))
      return rest.size();
    if (rest.starts_with("/*"))
      return (inside_ = '*', 2);
    if (rest.starts_with("R\"")) {
      raw_end_ = ")" + std::string{rest.substr(2, rest.find('(') - 2)} + "\"";
      inside_ = 'R';
      return 2;
    }
    // A quotation mark between digits separates thousands.
    bool separator =
        rest[0] == '\'' && i > 0 && std::isxdigit(static_cast<unsigned char>(text[i - 1]));
    if (rest[0] == '"' || (rest[0] == '\'' && !separator))
      inside_ = rest[0];
    out += rest[0];
    return 1;
  }

  size_t leave(std::string_view rest, std::string_view end, std::string& out) {
    if (!rest.starts_with(end))
      return 1;
    if (inside_ == 'R')
      out += "\"\"";
    inside_ = 0;
    return end.size();
  }

  size_t in_literal(std::string_view rest, std::string& out) {
    if (rest[0] == '\\')
      return std::min<size_t>(2, rest.size());
    if (rest[0] == inside_) {
      out += rest[0];
      inside_ = 0;
    }
    return 1;
  }

  char inside_ = 0; ///< What we are in: `*` comment, `R` raw literal, a quotation mark, or 0.
  std::string raw_end_;
};

bool is_ours(const fs::path& path) {
  auto name = path.filename().string();
  return !name.starts_with(".") && !name.starts_with("build") && name != "node_modules"
         && name != "dist" && name != "data";
}

bool is_wanted(const fs::path& path) {
  auto extension = path.extension();
  return extension == ".cpp" || extension == ".hpp" || extension == ".md" || extension == ".tsv"
         || extension == ".mjs" || path.string().ends_with(".test.ts")
         || path.filename() == "CMakeLists.txt";
}

} // namespace

bool source_file::below(const std::vector<std::string_view>& prefixes) const {
  return std::ranges::any_of(prefixes, [this](auto prefix) { return path.starts_with(prefix); });
}

bool is_cpp(const source_file& file) {
  return file.path.ends_with(".cpp") || file.path.ends_with(".hpp");
}

source_file make_source(std::string path, std::string_view text) {
  source_file file{std::move(path), {}, {}};
  std::istringstream in{std::string{text}};
  stripper strip;
  for (std::string line; std::getline(in, line);) {
    // Includes keep their quoted path: it is what rules look at.
    file.code.push_back(line.starts_with("#include") ? line : strip.line(line));
    file.lines.push_back(std::move(line));
  }
  return file;
}

std::vector<source_file> load_tree(const fs::path& root) {
  std::vector<source_file> files;
  for (fs::recursive_directory_iterator at{root}, end; at != end; ++at) {
    if (at->is_directory()) {
      if (!is_ours(at->path()))
        at.disable_recursion_pending();
    } else if (is_wanted(at->path())) {
      std::ostringstream text;
      text << std::ifstream{at->path()}.rdbuf();
      files.push_back(make_source(fs::relative(at->path(), root).string(), text.str()));
    }
  }
  std::ranges::sort(files, {}, &source_file::path);
  return files;
}

} // namespace gantry::tidy
