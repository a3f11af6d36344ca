#include "storage/station_files/network_file.hpp"

#include "schemas/codec.hpp"
#include "storage/station_files/decimal.hpp"
#include "storage/station_files/ini_document.hpp"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <variant>

namespace gantry::storage {

namespace {

using text_member = std::string network_settings::*;
using number_member = int64_t network_settings::*;
using flag_member = bool network_settings::*;

/// Seconds of the file are milliseconds here.
struct seconds_member {
  number_member member;
};

/// A value that is written but never read into the settings.
struct secret_member {
  std::optional<std::string> network_settings::*member;
  bool network_file::*present;
};

/// Where a setting stands. `older` are keys of other versions that mean the same.
struct ini_field {
  std::string_view field; ///< Its name in `network_settings`.
  std::string_view section;
  std::string_view key;
  std::variant<text_member, number_member, flag_member, seconds_member, secret_member> member;
  bool expected = true; ///< A note is given if it is missing.
  std::array<std::pair<std::string_view, std::string_view>, 1> older = {};
};

using settings = network_settings;

const std::vector<ini_field>& fields() {
  static const std::vector<ini_field> table = {
      {"wifi_ssid", "wifi", "ssid", &settings::wifi_ssid, true, {{{"network", "ssid"}}}},
      {"wifi_password", "wifi", "password",
       secret_member{&settings::wifi_password, &network_file::has_wifi_password}},
      {"wifi_enabled", "wifi", "enabled", &settings::wifi_enabled},
      {"access_point_ssid", "access_point", "ssid", &settings::access_point_ssid},
      {"access_point_password", "access_point", "password",
       secret_member{&settings::access_point_password, &network_file::has_access_point_password}},
      {"access_point_address", "access_point", "ip_address", &settings::access_point_address},
      {"access_point_enabled", "access_point", "enabled", &settings::access_point_enabled},
      {"host", "printer", "ip_address", &settings::host},
      {"port", "printer", "port", &settings::port},
      {"reply_timeout_ms",
       "printer",
       "timeout",
       seconds_member{&settings::reply_timeout_ms},
       true,
       {{{"printer", "timeout_seconds"}}}},
      {"poll_interval_ms", "printer", "polling_interval_seconds",
       seconds_member{&settings::poll_interval_ms}, false},
      {"offline_grace_ms", "printer", "offline_grace_seconds",
       seconds_member{&settings::offline_grace_ms}, false},
      {"scan_interval_s", "network", "scan_interval", &settings::scan_interval_s},
      {"retry_attempts", "network", "retry_attempts", &settings::retry_attempts},
  };
  return table;
}

constexpr std::string_view new_network_file = "[wifi]\nenabled = false\n\n"
                                              "[access_point]\nenabled = false\n\n"
                                              "[printer]\nip_address = 192.168.4.2\nport = 6000\n"
                                              "timeout = 10\npolling_interval_seconds = 3\n"
                                              "offline_grace_seconds = 30\n\n"
                                              "[network]\nscan_interval = 30\nretry_attempts = 3\n";

std::string place_of(std::string_view section, std::string_view key) {
  return "[" + std::string{section} + "] " + std::string{key};
}

bool is_quote(char x) {
  return x == '"' || x == '\'';
}

bool is_quoted(std::string_view text) {
  return text.size() >= 2 && is_quote(text.front()) && text.back() == text.front();
}

/// Where a comment behind a value begins, with the white space before it.
size_t comment_in(std::string_view text, size_t from) {
  for (auto at = text.find_first_of(";#", from); at != std::string_view::npos;
       at = text.find_first_of(";#", at + 1))
    if (at > 0 && (text[at - 1] == ' ' || text[at - 1] == '\t'))
      return text.find_last_not_of(" \t", at - 1) + 1;
  return std::string_view::npos;
}

/// A value without what earlier programs would have taken for a part of it.
struct bare_value {
  std::string text;
  bool quoted = false;
  bool commented = false;
};

/// `free_text` may hold ` ;` itself, so a comment is only seen behind quotation marks.
bare_value bare(std::string_view raw, bool free_text) {
  bare_value out;
  if (!is_quoted(raw)) {
    auto from = std::string_view::npos;
    if (!raw.empty() && is_quote(raw.front())) {
      const auto close = raw.find(raw.front(), 1);
      const auto rest =
          close == std::string_view::npos ? close : raw.find_first_not_of(" \t", close + 1);
      if (rest != std::string_view::npos && (raw[rest] == ';' || raw[rest] == '#'))
        from = close + 1;
    } else if (!free_text) {
      from = 0;
    }
    if (from != std::string_view::npos)
      if (const auto at = comment_in(raw, from); at != std::string_view::npos) {
        raw = raw.substr(0, at);
        out.commented = true;
      }
  }
  if (is_quoted(raw)) {
    raw = raw.substr(1, raw.size() - 2);
    out.quoted = true;
  }
  // configparser doubles the percent sign, because a single one refers to another value.
  for (size_t i = 0; i < raw.size(); ++i) {
    out.text += raw[i];
    if (raw[i] == '%' && i + 1 < raw.size() && raw[i + 1] == '%')
      ++i;
  }
  return out;
}

/// The opposite of `bare`.
std::string dressed(std::string_view value) {
  std::string out;
  for (const char x : value)
    out += x == '%' ? "%%" : std::string(1, x);
  const bool ambiguous = !out.empty()
                         && (is_quote(out.front()) || out.front() == ' ' || out.back() == ' '
                             || out.front() == '\t' || out.back() == '\t');
  return ambiguous ? "\"" + out + "\"" : out;
}

std::optional<bool> parse_flag(std::string_view text) {
  std::string word{text};
  std::ranges::transform(word, word.begin(), [](char x) {
    return x >= 'A' && x <= 'Z' ? static_cast<char>(x - 'A' + 'a') : x;
  });
  if (word == "true" || word == "yes" || word == "on" || word == "1")
    return true;
  if (word == "false" || word == "no" || word == "off" || word == "0")
    return false;
  return std::nullopt;
}

/// Puts `value` where `field` says; otherwise what would have been right.
struct storing {
  network_file& into;
  const bare_value& value;

  std::string operator()(text_member member) const {
    into.settings.*member = value.text;
    return {};
  }
  std::string operator()(number_member member) const {
    const auto number = parse_integer(value.text);
    into.settings.*member = number.value_or(0);
    return number ? "" : "a whole number is expected";
  }
  std::string operator()(flag_member member) const {
    const auto flag = parse_flag(value.text);
    into.settings.*member = flag.value_or(false);
    return flag ? "" : "true or false is expected";
  }
  std::string operator()(seconds_member x) const {
    const auto number = parse_thousandths(value.text);
    into.settings.*x.member = number.value_or(0);
    return number ? "" : "a number of seconds is expected";
  }
  std::string operator()(secret_member x) const {
    into.*x.present = !value.text.empty();
    return {};
  }
};

/// What stands in the file for a field; nothing if it need not be changed.
struct showing {
  const network_settings& now;
  const network_settings& before;

  template <class T>
  std::optional<std::string> if_changed(T network_settings::*member, std::string text) const {
    return now.*member == before.*member ? std::nullopt : std::optional{std::move(text)};
  }
  std::optional<std::string> operator()(text_member x) const {
    return if_changed(x, dressed(now.*x));
  }
  std::optional<std::string> operator()(number_member x) const {
    return if_changed(x, std::to_string(now.*x));
  }
  std::optional<std::string> operator()(flag_member x) const {
    return if_changed(x, now.*x ? "true" : "false");
  }
  std::optional<std::string> operator()(seconds_member x) const {
    return if_changed(x.member, format_thousandths(now.*x.member));
  }
  std::optional<std::string> operator()(secret_member x) const {
    const auto& secret = now.*x.member;
    return secret ? std::optional{dressed(*secret)} : std::nullopt;
  }
};

refusal invalid(std::string place, std::string detail) {
  return {reason::setting_invalid,
          {{"file", std::string{network_file_name}},
           {"place", std::move(place)},
           {"detail", std::move(detail)}}};
}

/// Section and key under which the file has `field`; the present ones if it has none.
std::pair<std::string_view, std::string_view> home_of(const ini_document& file,
                                                      const ini_field& field) {
  if (!file.value(field.section, field.key))
    for (const auto& [section, key] : field.older)
      if (!key.empty() && file.value(section, key))
        return {section, key};
  return {field.section, field.key};
}

/// Reads the one value; a note tells of a quirk.
outcome take(const ini_document& file, const ini_field& field, network_file& into) {
  const auto [section, key] = home_of(file, field);
  const auto raw = file.value(section, key);
  const auto place = place_of(section, key);
  if (!raw) {
    if (field.expected && file.has_section(section))
      into.notes.push_back(note_at(reason::import_section_missing, place, "the built-in value"));
    return success();
  }
  if (raw->find('\n') != std::string::npos)
    return invalid(place, "it goes on over several lines");
  const bool is_text = std::holds_alternative<text_member>(field.member)
                       || std::holds_alternative<secret_member>(field.member);
  const bool free_text = is_text && field.field != "host" && field.field != "access_point_address";
  const auto value = bare(*raw, free_text);
  if (key != field.key || section != field.section)
    into.notes.push_back(
        note_at(reason::import_key_old, place, place_of(field.section, field.key)));
  if (value.quoted)
    into.notes.push_back(note_at(reason::import_value_quoted, place));
  if (value.commented)
    into.notes.push_back(
        note_at(reason::import_text_trimmed, place, "the comment behind " + place));
  if (auto wrong = std::visit(storing{into, value}, field.member); !wrong.empty())
    return invalid(place, std::move(wrong));
  return success();
}

/// True if a field has this key, under its present or an older name.
bool is_known(const std::string& section, const std::string& key) {
  return std::ranges::any_of(fields(), [&](const ini_field& x) {
    return (x.section == section && x.key == key)
           || std::ranges::any_of(
               x.older, [&](const auto& old) { return old.first == section && old.second == key; });
  });
}

void note_the_rest(const ini_document& file, network_file& into) {
  for (const std::string section : {"wifi", "access_point", "printer", "network"})
    if (!file.has_section(section))
      into.notes.push_back(
          note_at(reason::import_section_missing, "[" + section + "]", "what is built in"));
    else if (section != "printer")
      into.notes.push_back(note_at(reason::import_value_unused, "[" + section + "]",
                                   "networks are set up in the operating system"));
  for (const auto& [section, key] : file.keys())
    if (!is_known(section, key))
      into.notes.push_back(note_at(reason::import_key_unknown, place_of(section, key)));
  if (file.text().starts_with("\xEF\xBB\xBF"))
    into.notes.push_back(
        note_at(reason::import_text_trimmed, "the file", "a byte order mark at its beginning"));
}

/// A refusal about a field as one about its place in the file.
refusal at_its_place(const refusal& why, const ini_document& file) {
  const auto& name = why.params.at("field");
  const auto field = std::ranges::find(fields(), name, &ini_field::field);
  if (field == fields().end())
    return why;
  const auto [section, key] = home_of(file, *field);
  auto out = invalid(place_of(section, key), why.params.at("detail"));
  if (const auto line = file.line_of(section, key))
    out.params["place"] += " (line " + std::to_string(line) + ")";
  return out;
}

bool is_host(std::string_view text) {
  constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                       "0123456789.-_:%[]";
  return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos
         && text.front() != '-' && text.front() != '.';
}

bool has_control(std::string_view text) {
  return std::ranges::any_of(
      text, [](char x) { return static_cast<unsigned char>(x) < 0x20 || x == 0x7F; });
}

result<network_file> read(const ini_document& file) {
  network_file out;
  out.revision = file.revision();
  for (const auto& field : fields())
    if (auto done = take(file, field, out); !done)
      return done.why();
  note_the_rest(file, out);
  if (auto sound = check(out.settings); !sound)
    return at_its_place(sound.why(), file);
  return out;
}

} // namespace

outcome check(const network_settings& settings) {
  auto decoded = from_json_value<network_settings>(to_json_value(settings), strictness::request);
  if (!decoded)
    return decoded.why();
  auto refuse = [](std::string field, std::string detail) {
    return refusal{reason::field_invalid,
                   {{"field", std::move(field)}, {"detail", std::move(detail)}}};
  };
  if (!is_host(settings.host))
    return refuse("host", "a host name or an IP address is expected");
  if (!settings.access_point_address.empty() && !is_host(settings.access_point_address))
    return refuse("access_point_address", "an IP address is expected");
  for (const auto& field : fields()) {
    std::string value;
    if (const auto* text = std::get_if<text_member>(&field.member))
      value = settings.*(*text);
    if (const auto* secret = std::get_if<secret_member>(&field.member))
      value = (settings.*secret->member).value_or("");
    if (has_control(value) || !is_plain_utf8(value))
      return refuse(std::string{field.field}, "it contains characters that cannot be seen");
  }
  return success();
}

result<network_file> read_network_file(const std::string& text) {
  auto file = ini_document::parse(text, network_file_name);
  if (!file)
    return file.why();
  return read(*file);
}

result<std::string> write_network_file(const std::string& before, const network_settings& settings,
                                       int64_t revision) {
  if (auto sound = check(settings); !sound)
    return sound.why();
  auto file = ini_document::parse(before.empty() ? std::string{new_network_file} : before,
                                  network_file_name);
  if (!file)
    return file.why();
  const auto present = read(*file);
  if (!present)
    return present.why();
  for (const auto& field : fields())
    if (const auto text = std::visit(showing{settings, present->settings}, field.member)) {
      const auto [section, key] = home_of(*file, field);
      file->set(section, key, *text);
    }
  file->set_revision(revision);
  // What was written must say what was meant; otherwise the file stays as it is.
  const auto again = read(*file);
  auto meant = settings;
  meant.wifi_password = meant.access_point_password = std::nullopt;
  if (!again || again->settings != meant || again->revision != revision)
    return refusal{reason::internal_error, {{"detail", "the network settings cannot be written"}}};
  return file->text();
}

} // namespace gantry::storage
