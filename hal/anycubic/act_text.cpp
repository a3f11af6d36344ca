#include "hal/anycubic/act_text.hpp"

#include <array>
#include <charconv>
#include <cstdint>
#include <iconv.h>
#include <optional>

namespace gantry::hal {

namespace {

constexpr std::size_t name_bytes_max = 300;
constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// Length of the UTF-8 character that `bytes` begin with; 0 if there is none.
std::size_t character_size(std::string_view bytes) {
  const auto byte = [&](std::size_t at) { return static_cast<unsigned char>(bytes[at]); };
  const auto first = byte(0);
  if (first < 0x80U)
    return 1;
  const std::size_t size = first >= 0xF0U ? 4 : first >= 0xE0U ? 3 : 2;
  if (first < 0xC2U || first > 0xF4U || bytes.size() < size)
    return 0;
  for (std::size_t i = 1; i < size; ++i)
    if ((byte(i) & 0xC0U) != 0x80U)
      return 0;
  // Overlong forms, surrogates and what lies beyond Unicode.
  const auto second = byte(1);
  if ((first == 0xE0U && second < 0xA0U) || (first == 0xEDU && second > 0x9FU)
      || (first == 0xF0U && second < 0x90U) || (first == 0xF4U && second > 0x8FU))
    return 0;
  return size;
}

/// GBK as UTF-8; nothing if the bytes are no GBK, or if this system does not know it.
std::optional<std::string> from_gbk(std::string_view bytes) {
  const auto converter = ::iconv_open("UTF-8", "GBK");
  if (reinterpret_cast<std::intptr_t>(converter) == -1) // NOLINT: iconv's way to say no.
    return std::nullopt;
  std::string input{bytes};
  std::string output(bytes.size() * 3 + 4, '\0');
  char* from = input.data();
  char* to = output.data();
  std::size_t from_size = input.size();
  std::size_t to_size = output.size();
  const auto failed = ::iconv(converter, &from, &from_size, &to, &to_size) == std::size_t(-1);
  ::iconv_close(converter);
  if (failed || from_size > 0)
    return std::nullopt;
  output.resize(output.size() - to_size);
  return output;
}

std::string with_replacements(std::string_view bytes) {
  std::string text;
  for (std::size_t i = 0; i < bytes.size();) {
    const auto size = character_size(bytes.substr(i));
    text += size == 0 ? replacement : bytes.substr(i, size);
    i += size == 0 ? 1 : size;
  }
  return text;
}

bool is_control(char byte) {
  return static_cast<unsigned char>(byte) < 0x20U || byte == 0x7F;
}

} // namespace

bool is_utf8(std::string_view bytes) {
  while (!bytes.empty()) {
    const auto size = character_size(bytes);
    if (size == 0)
      return false;
    bytes.remove_prefix(size);
  }
  return true;
}

std::string text_for_people(std::string_view bytes) {
  bytes = trimmed(bytes).substr(0, name_bytes_max);
  std::string text;
  if (is_utf8(bytes))
    text = bytes;
  else
    text = from_gbk(bytes).value_or(with_replacements(bytes));
  for (auto& byte : text)
    if (is_control(byte))
      byte = ' ';
  if (text.size() > name_bytes_max) {
    auto size = name_bytes_max;
    while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U)
      --size;
    text.resize(size);
  }
  return text;
}

std::string escaped_bytes(std::string_view bytes) {
  static constexpr std::string_view digits = "0123456789ABCDEF";
  std::string text;
  for (std::size_t i = 0; i < bytes.size();) {
    const auto size = character_size(bytes.substr(i));
    if (size > 1 || (size == 1 && !is_control(bytes[i]) && bytes[i] != '\\')) {
      text += bytes.substr(i, size);
      i += size;
      continue;
    }
    const auto byte = static_cast<unsigned char>(bytes[i++]);
    text += "\\x";
    text += digits[byte >> 4U];
    text += digits[byte & 15U];
  }
  return text;
}

std::string unescaped_bytes(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned value = 0;
    const auto* digits = text.data() + i + 2;
    if (text.substr(i, 2) == "\\x" && i + 4 <= text.size()
        && std::from_chars(digits, digits + 2, value, 16).ptr == digits + 2) {
      bytes += static_cast<char>(value);
      i += 3;
    } else {
      bytes += text[i];
    }
  }
  return bytes;
}

std::string_view trimmed(std::string_view text) {
  static constexpr std::string_view blanks{" \t\r\n\0", 5};
  const auto begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

} // namespace gantry::hal
