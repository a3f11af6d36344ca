#include "storage/station_files/json_document.hpp"

#include "schemas/codec.hpp"
#include "storage/station_files/trimmed.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace gantry::storage {

namespace {

constexpr std::string_view json_blanks = " \t\r\n";

/// `line 3, column 7` of byte `at`.
std::string place_of(std::string_view text, size_t at) {
  const auto before = text.substr(0, std::min(at, text.size()));
  const auto line = std::ranges::count(before, '\n') + 1;
  const auto start = before.rfind('\n');
  const auto column = before.size() - (start == std::string_view::npos ? 0 : start + 1) + 1;
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

refusal malformed(std::string_view file, std::string place, std::string detail) {
  return {
      reason::station_file_malformed,
      {{"file", std::string{file}}, {"place", std::move(place)}, {"detail", std::move(detail)}}};
}

} // namespace

std::string text_of(const json_path& path) {
  std::string out;
  for (const auto& name : path)
    out += (out.empty() ? "" : ".") + name;
  return out;
}

std::string json_literal(std::string_view text) {
  return nlohmann::json(text).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

/// Notes where the values of a text stand that a full parser has accepted already.
struct json_document::scanner {
  std::string_view text;
  size_t at = 0;
  std::optional<std::pair<size_t, std::string>> twice;

  void skip() { at = std::min(text.find_first_not_of(json_blanks, at), text.size()); }

  size_t string_end() const {
    auto end = at + 1;
    while (text[end] != '"')
      end += text[end] == '\\' ? 2 : 1;
    return end + 1;
  }

  node value(std::string name, size_t name_begin) {
    skip();
    node made;
    made.name = std::move(name);
    made.name_begin = name_begin;
    made.begin = at;
    if (text[at] == '{') {
      made.kind = json_kind::object;
      object(made);
    } else if (text[at] == '[') {
      made.kind = json_kind::array;
      array();
    } else if (text[at] == '"') {
      made.kind = json_kind::text;
      at = string_end();
    } else {
      made.kind = text[at] == 'n'                      ? json_kind::null
                  : text[at] == 't' || text[at] == 'f' ? json_kind::boolean
                                                       : json_kind::number;
      at = std::min(text.find_first_of(",]} \t\r\n", at), text.size());
    }
    made.end = at;
    return made;
  }

  void object(node& into) {
    for (++at;; ++at) {
      skip();
      if (text[at] == '}')
        break;
      const auto begin = at;
      at = string_end();
      auto name = nlohmann::json::parse(text.substr(begin, at - begin)).get<std::string>();
      if (std::ranges::find(into.members, name, &node::name) != into.members.end() && !twice)
        twice = {begin, name};
      skip();
      ++at; // The colon.
      into.members.push_back(value(std::move(name), begin));
      skip();
      if (text[at] == '}')
        break;
    }
    ++at;
  }

  void array() {
    for (++at;; ++at) {
      skip();
      if (text[at] == ']')
        break;
      static_cast<void>(value({}, at));
      skip();
      if (text[at] == ']')
        break;
    }
    ++at;
  }
};

result<json_document> json_document::parse(std::string text, std::string_view file) {
  json_document made;
  made.text_ = std::move(text);
  // The bound on nesting is the codec's; the place of an error is what its library reports.
  if (auto sound = parse_json(made.text_); !sound) {
    size_t at = 0;
    try {
      [[maybe_unused]] const auto never = nlohmann::json::parse(made.text_);
    } catch (const nlohmann::json::parse_error& error) {
      at = error.byte > 0 ? error.byte - 1 : 0;
    } catch (const nlohmann::json::exception&) {
      at = 0; // What the text means is at fault, not its form.
    }
    return malformed(file, place_of(made.text_, at), sound.why().params.at("detail"));
  } else if (!sound->is_object()) {
    return malformed(file, "line 1, column 1", "an object in braces is expected");
  }
  scanner scan{made.text_, made.text_.starts_with(byte_order_mark) ? byte_order_mark.size() : 0,
               std::nullopt};
  made.root_ = scan.value({}, 0);
  if (scan.twice)
    return malformed(file, place_of(made.text_, scan.twice->first),
                     "\"" + scan.twice->second + "\" stands there twice");
  return made;
}

const json_document::node* json_document::find(const json_path& path) const {
  const auto* here = &root_;
  for (const auto& name : path) {
    const auto next = std::ranges::find(here->members, name, &node::name);
    if (next == here->members.end())
      return nullptr;
    here = &*next;
  }
  return here;
}

std::optional<json_kind> json_document::kind(const json_path& path) const {
  const auto* found = find(path);
  return found ? std::optional{found->kind} : std::nullopt;
}

std::string_view json_document::raw(const json_path& path) const {
  const auto* found = find(path);
  return found ? std::string_view{text_}.substr(found->begin, found->end - found->begin)
               : std::string_view{};
}

std::string json_document::string(const json_path& path) const {
  const auto* found = find(path);
  return found && found->kind == json_kind::text
             ? nlohmann::json::parse(raw(path)).get<std::string>()
             : std::string{};
}

std::vector<std::string> json_document::members(const json_path& path) const {
  std::vector<std::string> names;
  if (const auto* found = find(path))
    for (const auto& x : found->members)
      names.push_back(x.name);
  return names;
}

void json_document::add(const node& parent, size_t depth, const std::string& name,
                        std::string_view literal) {
  const auto member = json_literal(name) + ": " + std::string{literal};
  const auto lines = text_.find('\n') != std::string::npos;
  const auto end_of_line = text_.find("\r\n") == std::string::npos ? "\n" : "\r\n";
  // A file in one line stays in one line.
  auto indent = [&](size_t levels) {
    return lines ? end_of_line + std::string(levels * 2, ' ') : std::string{};
  };
  if (parent.members.empty()) {
    text_.replace(parent.begin, parent.end - parent.begin,
                  "{" + indent(depth + 1) + member + indent(depth) + "}");
    return;
  }
  // The white space before the first member is that of its siblings.
  const auto first = parent.members.front().name_begin;
  const auto gap_begin = text_.find_last_not_of(json_blanks, first - 1) + 1;
  const auto gap = text_.substr(gap_begin, first - gap_begin);
  if (depth == 0)
    text_.insert(first, member + "," + (gap.empty() ? " " : gap));
  else
    text_.insert(parent.members.back().end, "," + (gap.empty() ? " " : gap) + member);
}

void json_document::set(const json_path& path, std::string_view literal) {
  const auto before = text_;
  if (const auto* found = find(path)) {
    text_.replace(found->begin, found->end - found->begin, literal);
  } else {
    json_path home = path;
    std::string value{literal};
    // Objects that are missing, or whose place something else takes, are made around the value.
    for (;;) {
      const auto name = home.back();
      home.pop_back();
      const auto* parent = find(home);
      if (parent && parent->kind == json_kind::object) {
        add(*parent, home.size(), name, value);
        break;
      }
      value = "{" + json_literal(name) + ": " + value + "}";
      if (parent) {
        text_.replace(parent->begin, parent->end - parent->begin, value);
        break;
      }
    }
  }
  read_again(before);
}

void json_document::remove(const json_path& path) {
  if (path.empty() || !find(path))
    return;
  const auto before = text_;
  auto home = path;
  home.pop_back();
  const auto& parent = *find(home);
  const auto all = parent.members.size();
  const auto at = static_cast<size_t>(std::ranges::find(parent.members, path.back(), &node::name)
                                      - parent.members.begin());
  if (all == 1)
    text_.replace(parent.begin, parent.end - parent.begin, "{}");
  else if (at + 1 < all)
    text_.erase(parent.members[at].name_begin,
                parent.members[at + 1].name_begin - parent.members[at].name_begin);
  else
    text_.erase(parent.members[at - 1].end, parent.members[at].end - parent.members[at - 1].end);
  read_again(before);
}

void json_document::read_again(const std::string& before) {
  auto again = parse(text_, "");
  // A literal that is no JSON must not break the file.
  if (again)
    *this = std::move(*again);
  else
    text_ = before;
}

} // namespace gantry::storage
