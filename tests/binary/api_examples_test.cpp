// Goal: what docs/api.md says happens. Method: its examples are carried out one after the other
// against the program and a simulated printer; every status, header and field shown is compared.
#include "tests/binary/kernel_process.hpp"

#include <boost/test/unit_test.hpp>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>

using namespace gantry::test;
using nlohmann::json;

namespace {

/// A fenced block: its first line, header lines, and what follows the empty line.
struct message {
  std::string first_line;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

struct example {
  message request;
  message response;
  size_t line = 0; ///< Where the request begins.
};

message message_of(const std::vector<std::string>& lines) {
  message read;
  size_t at = 0;
  for (; at < lines.size() && !lines[at].empty(); ++at) {
    const auto colon = lines[at].find(": ");
    if (at == 0)
      read.first_line = lines[at];
    else
      read.headers.emplace_back(lines[at].substr(0, colon), lines[at].substr(colon + 2));
  }
  for (++at; at < lines.size(); ++at)
    read.body += lines[at] + "\n";
  return read;
}

std::vector<example> examples_in(const std::string& text) {
  std::vector<example> found;
  std::istringstream in{text};
  std::vector<std::string>* block = nullptr;
  std::vector<std::string> lines;
  bool is_request = false;
  size_t number = 0;
  for (std::string line; std::getline(in, line);) {
    ++number;
    if (!block && line.starts_with("```http ")) {
      block = &lines;
      lines.clear();
      is_request = line == "```http request";
      if (is_request)
        found.push_back({{}, {}, number + 1});
    } else if (block && line == "```") {
      (is_request ? found.back().request : found.back().response) = message_of(lines);
      block = nullptr;
    } else if (block) {
      block->push_back(line);
    }
  }
  return found;
}

/// Values of the names in braces; a name is bound where it is met first.
class bindings {
public:
  void bind(const std::string& name, const std::string& value) { values_[name] = value; }

  /// `text` with every bound name replaced.
  [[nodiscard]] std::string filled(std::string text) const {
    for (const auto& [name, value] : values_)
      for (size_t at = 0; (at = text.find("{" + name + "}", at)) != std::string::npos;)
        text.replace(at, name.size() + 2, value);
    return text;
  }

  /// True if `actual` is `wanted`, whose unbound names stand for anything and are bound to it.
  bool match(const std::string& wanted, const std::string& actual) {
    static const std::regex special{R"([.^$|()\[\]*+?\\/])"};
    static const std::regex name{R"(\{([a-z_]+)\})"};
    const auto expected = filled(wanted);
    std::vector<std::string> names;
    for (std::sregex_iterator at{expected.begin(), expected.end(), name}, end; at != end; ++at)
      names.push_back((*at)[1]);
    auto pattern = std::regex_replace(expected, special, R"(\$&)");
    pattern = std::regex_replace(pattern, name, "(.+)");
    std::smatch groups;
    if (!std::regex_match(actual, groups, std::regex{pattern}))
      return false;
    for (size_t i = 0; i < names.size(); ++i)
      values_[names[i]] = groups[i + 1];
    return true;
  }

private:
  std::map<std::string, std::string> values_;
};

/// The first difference between what is shown and what came; empty if there is none.
std::string difference(const json& shown, const json& came, bindings& names,
                       const std::string& where) {
  if (shown.is_object()) {
    for (const auto& [key, value] : shown.items()) {
      if (!came.is_object() || !came.contains(key))
        return where + "." + key + " is missing";
      if (auto found = difference(value, came[key], names, where + "." + key); !found.empty())
        return found;
    }
    return "";
  }
  if (shown.is_array()) {
    if (!came.is_array() || came.size() != shown.size())
      return where + " has another number of elements: " + came.dump();
    for (size_t i = 0; i < shown.size(); ++i)
      if (auto found = difference(shown[i], came[i], names, where + "[" + std::to_string(i) + "]");
          !found.empty())
        return found;
    return "";
  }
  const bool same = shown.is_string() && came.is_string()
                        ? names.match(shown.get<std::string>(), came.get<std::string>())
                        : shown == came;
  return same ? "" : where + " is " + came.dump() + ", shown is " + names.filled(shown.dump());
}

std::string difference(const message& shown, const raw_answer& came, bindings& names) {
  if (std::to_string(came.status) != shown.first_line)
    return "the status is " + std::to_string(came.status) + ", shown is " + shown.first_line;
  for (const auto& [name, value] : shown.headers)
    if (!names.match(value, came.header(name)))
      return name + " is '" + came.header(name) + "', shown is " + names.filled(value);
  return shown.body.empty() ? ""
                            : difference(json::parse(shown.body),
                                         json::parse(came.body, nullptr, false), names, "");
}

raw_answer carry_out(kernel_process& kernel, const message& shown, const bindings& names) {
  const auto line = names.filled(shown.first_line);
  const auto space = line.find(' ');
  auto body = names.filled(shown.body);
  if (body.starts_with("< "))
    body = source_bytes(body.substr(2, body.size() - 3));
  std::string extra;
  bool has_token = false;
  for (const auto& [name, value] : shown.headers) {
    extra += name + ": " + names.filled(value) + "\r\n";
    has_token = has_token || name == "Authorization";
  }
  auto bytes = kernel.text(line.substr(0, space), line.substr(space + 1), body, extra);
  if (has_token)
    bytes.erase(bytes.find("Authorization: Bearer " + kernel.secret()),
                kernel.secret().size() + 24);
  return kernel.ask(bytes);
}

/// Empty if the example holds.
std::string check(kernel_process& kernel, const example& each, bindings& names) {
  raw_answer came;
  std::string found;
  const auto holds = [&] {
    auto attempt = names;
    came = carry_out(kernel, each.request, attempt);
    found = difference(each.response, came, attempt);
    if (found.empty())
      names = attempt;
    return found.empty();
  };
  const bool is_read = each.request.first_line.starts_with("GET ");
  if (eventually(holds, std::chrono::seconds{is_read ? 30 : 0}))
    return "";
  return "docs/api.md:" + std::to_string(each.line) + ": " + each.request.first_line + ": " + found
         + "\n" + came.head + came.body;
}

} // namespace

BOOST_AUTO_TEST_CASE(every_example_of_the_reference_happens_as_it_stands_there) {
  const auto examples = examples_in(source_bytes("docs/api.md"));
  BOOST_REQUIRE(examples.size() >= 20);
  temporary_folder folder;
  printer_process machine{folder / "machine", 400};
  kernel_process kernel{folder / "data"};
  bindings names;
  names.bind("secret", kernel.secret());
  names.bind("machine", std::to_string(machine.port()));
  for (const auto& each : examples) {
    BOOST_REQUIRE_MESSAGE(!each.response.first_line.empty(),
                          "docs/api.md:" << each.line << " has no response");
    const auto found = check(kernel, each, names);
    BOOST_REQUIRE_MESSAGE(found.empty(), found);
  }
}

BOOST_AUTO_TEST_CASE(a_field_that_differs_or_is_missing_is_noticed) {
  bindings names;
  const auto shown = json::parse(R"({"a":{"id":"{x}"},"b":["{x}"],"n":1})");
  const auto same = json::parse(R"({"a":{"id":"p-1","more":2},"b":["p-1"],"n":1})");
  BOOST_TEST(difference(shown, same, names, "") == "");
  for (const auto* text :
       {R"({"a":{"id":"p-2"},"b":["p-1"],"n":1})", R"({"b":["p-1"],"n":1})",
        R"({"a":{"id":"p-1"},"b":[],"n":1})", R"({"a":{"id":"p-1"},"b":["p-1"],"n":2})"})
    BOOST_TEST(difference(shown, json::parse(text), names, "") != "");
}
