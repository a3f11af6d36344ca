#include "storage/station_files/ini_document.hpp"

#include "storage/station_files/decimal.hpp"
#include "storage/station_files/trimmed.hpp"

#include <algorithm>

namespace gantry::storage {

namespace {

constexpr std::string_view default_section = "DEFAULT";

std::string lower(std::string_view text) {
  std::string out{text};
  for (auto& x : out)
    if (x >= 'A' && x <= 'Z')
      x = static_cast<char>(x - 'A' + 'a');
  return out;
}

/// The number in `# revision: 7`, and where it stands in `line`.
std::optional<std::pair<size_t, size_t>> revision_in(std::string_view line) {
  constexpr std::string_view word = "revision";
  auto at = line.find_first_not_of("#; \t");
  if (at == std::string_view::npos || at == 0 || lower(line.substr(at, word.size())) != word)
    return std::nullopt;
  at = line.find_first_not_of(" \t", at + word.size());
  if (at == std::string_view::npos || (line[at] != ':' && line[at] != '='))
    return std::nullopt;
  at = line.find_first_not_of(" \t", at + 1);
  if (at == std::string_view::npos)
    return std::nullopt;
  const auto end = std::min(line.find_first_not_of("0123456789", at), line.size());
  if (end == at || end - at > 15 || !trimmed(line.substr(end)).empty())
    return std::nullopt;
  return std::pair{at, end};
}

} // namespace

bool is_plain_utf8(std::string_view text) {
  for (size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    const size_t length = first == 0                      ? 0
                          : first < 0x80                  ? 1
                          : first >= 0xC2 && first < 0xE0 ? 2
                          : first >= 0xE0 && first < 0xF0 ? 3
                          : first >= 0xF0 && first < 0xF5 ? 4
                                                          : 0;
    if (length == 0 || i + length > text.size())
      return false;
    for (size_t k = 1; k < length; ++k)
      if ((static_cast<unsigned char>(text[i + k]) & 0xC0) != 0x80)
        return false;
    const auto second = length > 2 ? static_cast<unsigned char>(text[i + 1]) : 0x80;
    if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F)
        || (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F))
      return false;
    i += length;
  }
  return true;
}

/// Goes through the lines once.
struct ini_document::reader {
  ini_document& into;
  std::string_view file;
  size_t indent = 0;
  bool in_value = false;
  size_t number = 0;

  refusal malformed(std::string detail) const {
    return {reason::station_file_malformed,
            {{"file", std::string{file}},
             {"place", "line " + std::to_string(number)},
             {"detail", std::move(detail)}}};
  }

  outcome lines() {
    const std::string_view text = into.text_;
    size_t begin = text.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
    while (begin < text.size()) {
      ++number;
      const auto stop = text.find('\n', begin);
      const auto end = stop == std::string_view::npos ? text.size() : stop + 1;
      if (auto done = line(begin, text.substr(begin, end - begin)); !done)
        return done;
      begin = end;
    }
    return success();
  }

  outcome line(size_t begin, std::string_view text) {
    const auto content = trimmed(text);
    if (content.empty())
      return success();
    if (content.front() == '#' || content.front() == ';') {
      if (const auto at = revision_in(text); at && !into.revision_at_) {
        into.revision_at_ = {begin + at->first, begin + at->second};
        into.revision_ = parse_integer(text.substr(at->first, at->second - at->first)).value_or(0);
      }
      return success();
    }
    const auto depth = text.find_first_not_of(blanks);
    if (in_value && depth > indent) {
      into.entries_.back().end = begin + depth + content.size();
      into.sections_.back().end = begin + text.size();
      return success();
    }
    indent = depth;
    in_value = false;
    if (content.front() == '[')
      return header(content, begin + text.size());
    return setting(begin + depth, content, begin + text.size());
  }

  outcome header(std::string_view content, size_t line_end) {
    const auto close = content.find(']');
    if (close == std::string_view::npos || close == 1)
      return malformed("a section is named like [printer]");
    auto name = std::string{content.substr(1, close - 1)};
    if (into.has_section(name))
      return malformed("section [" + name + "] stands there twice");
    into.sections_.push_back({std::move(name), line_end});
    return success();
  }

  outcome setting(size_t begin, std::string_view content, size_t line_end) {
    if (into.sections_.empty())
      return malformed("a setting stands before the first section");
    const auto delimiter = content.find_first_of("=:");
    const auto key = trimmed(content.substr(0, std::min(delimiter, content.size())));
    if (delimiter == std::string_view::npos || key.empty())
      return malformed("a setting is written like port = 6000");
    const auto& section = into.sections_.back().name;
    const auto* earlier = into.find(section, lower(key));
    if (earlier && earlier->section == section)
      return malformed("[" + section + "] " + lower(key) + " stands there twice");
    auto at = content.find_first_not_of(blanks, delimiter + 1);
    at = at == std::string_view::npos ? delimiter + 1 : at;
    into.entries_.push_back({section, lower(key), number, begin + at, begin + content.size()});
    into.sections_.back().end = line_end;
    in_value = true;
    return success();
  }
};

result<ini_document> ini_document::parse(std::string text, std::string_view file) {
  ini_document made;
  made.text_ = std::move(text);
  reader lines{made, file};
  if (!is_plain_utf8(made.text_))
    return refusal{reason::station_file_malformed,
                   {{"file", std::string{file}},
                    {"place", "the whole file"},
                    {"detail", "it is not text in UTF-8"}}};
  if (auto done = lines.lines(); !done)
    return done.why();
  return made;
}

const ini_document::entry* ini_document::find(std::string_view section,
                                              std::string_view key) const {
  const entry* by_default = nullptr;
  for (const auto& x : entries_) {
    if (x.key != key)
      continue;
    if (x.section == section)
      return &x;
    if (x.section == default_section)
      by_default = &x;
  }
  return by_default;
}

std::optional<std::string> ini_document::value(std::string_view section,
                                               std::string_view key) const {
  const auto* found = find(section, key);
  if (!found)
    return std::nullopt;
  return std::string{
      trimmed(std::string_view{text_}.substr(found->begin, found->end - found->begin))};
}

bool ini_document::has_section(std::string_view section) const {
  return std::ranges::any_of(sections_, [section](const auto& x) { return x.name == section; });
}

std::vector<std::pair<std::string, std::string>> ini_document::keys() const {
  std::vector<std::pair<std::string, std::string>> all;
  for (const auto& x : entries_)
    all.emplace_back(x.section, x.key);
  return all;
}

size_t ini_document::line_of(std::string_view section, std::string_view key) const {
  const auto* found = find(section, key);
  return found ? found->line : 0;
}

std::string_view ini_document::line_end() const {
  return text_.find("\r\n") == std::string::npos ? "\n" : "\r\n";
}

void ini_document::replace(size_t begin, size_t end, std::string_view with) {
  auto changed = text_.substr(0, begin) + std::string{with} + text_.substr(end);
  auto again = parse(std::move(changed), "");
  // One-line values cannot break the file; if they did, the file would stay as it was.
  if (again)
    *this = std::move(*again);
}

void ini_document::set(std::string_view section, std::string_view key, std::string_view value) {
  const auto* found = find(section, key);
  if (found && found->section == section) {
    const bool glued = found->begin > 0
                       && text_.find_last_of("=:", found->begin) + 1 == found->begin
                       && found->begin == found->end;
    return replace(found->begin, found->end, (glued ? " " : "") + std::string{value});
  }
  auto line = std::string{key} + " = " + std::string{value} + std::string{line_end()};
  const auto home = std::ranges::find(sections_, section, &section_extent::name);
  if (home != sections_.end()) {
    const bool open_ended =
        home->end > 0 && home->end <= text_.size() && text_[home->end - 1] != '\n';
    return replace(home->end, home->end, (open_ended ? std::string{line_end()} : "") + line);
  }
  auto addition = "[" + std::string{section} + "]" + std::string{line_end()} + line;
  if (!text_.empty())
    addition =
        (text_.back() == '\n' ? "" : std::string{line_end()}) + std::string{line_end()} + addition;
  replace(text_.size(), text_.size(), addition);
}

void ini_document::set_revision(int64_t revision) {
  if (revision_at_)
    return replace(revision_at_->first, revision_at_->second, std::to_string(revision));
  const size_t begin = text_.starts_with(byte_order_mark) ? byte_order_mark.size() : 0;
  replace(begin, begin, "# revision: " + std::to_string(revision) + std::string{line_end()});
}

} // namespace gantry::storage
