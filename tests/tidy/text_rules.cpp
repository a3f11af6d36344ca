// How code reads, and what it must not call.
#include "tests/tidy/rules.hpp"

#include <algorithm>
#include <regex>

namespace gantry::tidy {

namespace {

constexpr size_t columns_max = 100;
constexpr size_t function_lines_max = 70;

/// A call and where it is welcome.
struct ban {
  std::regex pattern;
  std::string_view name;
  std::vector<std::string_view> only_below;    ///< Where the ban holds; empty = everywhere.
  std::vector<std::string_view> allowed_below; ///< Where it does not.
};

const std::vector<ban>& bans() {
  static const std::vector<ban> table = {
      {std::regex{R"(\bsystem_clock::now\b)"},
       "system_clock::now",
       {},
       {"hal/", "tests/", "bench/"}},
      {std::regex{R"(\bsteady_clock::now\b)"},
       "steady_clock::now",
       {},
       {"hal/", "tests/", "bench/"}},
      {std::regex{R"(\bsleep_for\b)"}, "sleep_for", {}, {"hal/", "tests/", "bench/"}},
      {std::regex{R"(\brandom_device\b)"}, "random_device", {}, {"hal/", "tests/", "bench/"}},
      {std::regex{R"(\bstd::cout\b)"}, "std::cout", {}, {"cli/", "tests/", "bench/"}},
      // A behaviour outlives the scope that made it.
      {std::regex{R"(\[&\])"}, "[&]", {"actors/"}, {}},
      // The simulation replaces that one place.
      {std::regex{R"(\bdetached\b)"}, "detached", {"actors/"}, {"actors/spawn_io."}},
  };
  return table;
}

/// Code points of UTF-8 text.
size_t columns_of(std::string_view text) {
  return static_cast<size_t>(
      std::ranges::count_if(text, [](char c) { return (c & 0xC0) != 0x80; }));
}

/// Finds function bodies by their braces. `head` is the text since the last statement.
class body_finder {
public:
  explicit body_finder(const source_file& file) : file_{file} {}

  findings run() {
    for (size_t i = 0; i < file_.code.size(); ++i)
      if (!file_.code[i].starts_with("#"))
        line(i);
    return std::move(found_);
  }

private:
  struct scope {
    std::string head;
    size_t first_line = 0;
    bool is_function = false;
  };

  void line(size_t number) {
    const auto& text = file_.code[number];
    for (size_t i = 0; i < text.size(); ++i)
      if (text[i] == '{')
        open(number);
      else if (text[i] == '}')
        close(number, text.substr(i + 1));
      else if (text[i] == ';')
        head_.clear();
      else {
        if (head_.empty() && text[i] != ' ')
          head_line_ = number;
        if (!head_.empty() || text[i] != ' ')
          head_ += text[i];
      }
  }

  void open(size_t number) {
    static const std::regex no_function{
        R"(^\s*(class|struct|enum|union|extern)\b|\bnamespace\b[\s\w:]*$)"};
    bool is_function = functions_ == 0 && head_.find(')') != std::string::npos
                       && !std::regex_search(head_, no_function);
    functions_ += is_function ? 1 : 0;
    scopes_.push_back({head_, head_.empty() ? number : head_line_, is_function});
    head_.clear();
  }

  void close(size_t number, std::string_view rest) {
    if (scopes_.empty())
      return;
    auto last = std::move(scopes_.back());
    scopes_.pop_back();
    functions_ -= last.is_function ? 1 : 0;
    auto lines = number - last.first_line + 1;
    if (last.is_function && lines > function_lines_max)
      found_.push_back(file_.path + ":" + std::to_string(last.first_line + 1) + ": function of "
                       + std::to_string(lines) + " lines");
    // Braces of a member's initial value do not end the head of its constructor.
    auto next = rest.find_first_not_of(' ');
    bool goes_on = next == std::string_view::npos ? false : rest[next] == ',' || rest[next] == '{';
    head_ = goes_on ? last.head : "";
    head_line_ = last.first_line;
  }

  const source_file& file_;
  findings found_;
  std::vector<scope> scopes_;
  std::string head_;
  size_t head_line_ = 0;
  int functions_ = 0;
};

} // namespace

findings banned_calls(const tree& files) {
  findings found;
  for (const auto& file : files)
    for (const auto& [pattern, name, only_below, allowed_below] : bans()) {
      if (!is_cpp(file) || file.below(allowed_below)
          || (!only_below.empty() && !file.below(only_below)))
        continue;
      for (size_t i = 0; i < file.code.size(); ++i)
        if (std::regex_search(file.code[i], pattern))
          found.push_back(file.path + ":" + std::to_string(i + 1) + ": " + std::string{name});
    }
  return found;
}

findings line_shape(const tree& files) {
  findings found;
  for (const auto& file : files) {
    if (!is_cpp(file))
      continue;
    for (size_t i = 0; i < file.lines.size(); ++i)
      if (auto columns = columns_of(file.lines[i]); columns > columns_max)
        found.push_back(file.path + ":" + std::to_string(i + 1) + ": " + std::to_string(columns)
                        + " columns");
    if (file.path.ends_with(".hpp")
        && std::ranges::find(file.lines, "#pragma once") == file.lines.end())
      found.push_back(file.path + ":1: no #pragma once");
  }
  return found;
}

findings function_lengths(const tree& files) {
  findings found;
  for (const auto& file : files)
    if (is_cpp(file))
      for (auto& finding : body_finder{file}.run())
        found.push_back(std::move(finding));
  return found;
}

findings left_over_markers(const tree& files) {
  // Composed, so that this file does not find itself.
  static const std::regex marker{std::string{R"(\b(TO)"} + "DO|FIX" + "ME|XX" + R"(X|HACK)\b)"};
  findings found;
  for (const auto& file : files)
    for (size_t i = 0; i < file.lines.size(); ++i)
      if (!file.path.ends_with(".md") && file.path != "tests/tidy/text_rules.cpp"
          && std::regex_search(file.lines[i], marker))
        found.push_back(file.path + ":" + std::to_string(i + 1) + ": left for later");
  return found;
}

} // namespace gantry::tidy
