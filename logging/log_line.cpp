#include "logging/log_line.hpp"

#include <array>
#include <cstdio>

namespace gantry::logging {

namespace {

/// Bytes of the UTF-8 sequence that starts at `text[at]`, or 0 if there is none.
size_t sequence_length(std::string_view text, size_t at) {
  auto byte = [text](size_t i) { return static_cast<unsigned char>(text[i]); };
  auto first = byte(at);
  size_t length = first < 0x80                    ? 1
                  : first >= 0xC2 && first < 0xE0 ? 2
                  : first >= 0xE0 && first < 0xF0 ? 3
                  : first >= 0xF0 && first < 0xF5 ? 4
                                                  : 0;
  if (length == 0 || at + length > text.size())
    return 0;
  for (size_t i = 1; i < length; ++i)
    if ((byte(at + i) & 0xC0) != 0x80)
      return 0;
  // Overlong forms, surrogates and what lies beyond U+10FFFF differ in the second byte.
  if (length > 2) {
    auto second = byte(at + 1);
    if ((first == 0xE0 && second < 0xA0) || (first == 0xED && second > 0x9F)
        || (first == 0xF0 && second < 0x90) || (first == 0xF4 && second > 0x8F))
      return 0;
  }
  return length;
}

void append_escape(std::string& out, unsigned code) {
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), "\\u%04x", code);
  out += text.data();
}

/// Appends `text` as it may stand between JSON's quotation marks.
void append_escaped(std::string& out, std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    auto length = sequence_length(text, at);
    auto byte = static_cast<unsigned char>(text[at]);
    if (length == 0) {
      out += "\xEF\xBF\xBD";
      ++at;
      continue;
    }
    // U+0080 to U+009F are control characters too, and terminals know some of them.
    if (length == 2 && byte == 0xC2 && static_cast<unsigned char>(text[at + 1]) < 0xA0)
      append_escape(out, static_cast<unsigned char>(text[at + 1]));
    else if (byte == '"' || byte == '\\')
      (out += '\\') += text[at];
    else if (byte == '\n')
      out += "\\n";
    else if (byte < 0x20 || byte == 0x7F)
      append_escape(out, byte);
    else
      out.append(text, at, length);
    at += length;
  }
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  append_escaped(out, text);
  out += '"';
}

std::string time_text(std::chrono::sys_time<std::chrono::milliseconds> at) {
  auto day = std::chrono::floor<std::chrono::days>(at);
  std::chrono::year_month_day date{day};
  std::chrono::hh_mm_ss clock{at - day};
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), static_cast<int>(clock.hours().count()),
                static_cast<int>(clock.minutes().count()),
                static_cast<int>(clock.seconds().count()),
                static_cast<int>(clock.subseconds().count()));
  return text.data();
}

std::string_view colour_of(level severity) {
  switch (severity) {
  case level::debug:
    return "\x1b[2m";
  case level::info:
    return "";
  case level::warning:
    return "\x1b[33m";
  case level::error:
    return "\x1b[31m";
  }
  return "";
}

/// True if `text` reads well without quotation marks.
bool is_plain(std::string_view text) {
  return !text.empty()
         && text.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                   "_-+./:@%")
                == std::string_view::npos;
}

} // namespace

std::string_view name_of(level severity) {
  switch (severity) {
  case level::debug:
    return "debug";
  case level::info:
    return "info";
  case level::warning:
    return "warning";
  case level::error:
    return "error";
  }
  return "error";
}

std::string json_line(const record& entry) {
  std::string out = "{\"at\":\"" + time_text(entry.at) + "\",\"level\":\"";
  out += name_of(entry.severity);
  out += "\",\"component\":";
  append_quoted(out, entry.component);
  out += ",\"message\":";
  append_quoted(out, entry.message);
  if (!entry.fields.empty()) {
    out += ",\"fields\":{";
    for (size_t i = 0; i < entry.fields.size(); ++i) {
      if (i > 0)
        out += ',';
      append_quoted(out, entry.fields[i].key);
      out += ':';
      append_quoted(out, entry.fields[i].value);
    }
    out += '}';
  }
  out += "}\n";
  return out;
}

std::string human_line(const record& entry, bool coloured) {
  auto colour = coloured ? colour_of(entry.severity) : std::string_view{};
  auto out = time_text(entry.at) + ' ';
  out += colour;
  out += name_of(entry.severity);
  out.append(entry.severity == level::info ? 4 : entry.severity == level::warning ? 1 : 3, ' ');
  out += entry.component;
  out += ": ";
  append_escaped(out, entry.message);
  for (const auto& [key, value] : entry.fields) {
    (out += ' ') += key;
    out += '=';
    if (is_plain(value))
      out += value;
    else
      append_quoted(out, value);
  }
  if (!colour.empty())
    out += "\x1b[0m";
  out += '\n';
  return out;
}

} // namespace gantry::logging
