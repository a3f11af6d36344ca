#include "hal/moonraker/moonraker_wire.hpp"

#include "schemas/json_depth.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <nlohmann/json.hpp>

namespace gantry::hal {

namespace {

using nlohmann::json;

constexpr std::size_t detail_bytes_max = 400;
/// Moonraker nests about eight levels; each level costs memory and time.
constexpr int depth_max = 64;

/// `text` with bare NaN, Infinity and -Infinity replaced by null.
std::string without_nan(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  bool in_string = false;
  for (std::size_t at = 0; at < text.size();) {
    const char byte = text[at];
    if (in_string && byte == '\\' && at + 1 < text.size()) {
      clean.append(text, at, 2);
      at += 2;
      continue;
    }
    if (byte == '"')
      in_string = !in_string;
    if (!in_string) {
      std::size_t length = 0;
      for (const std::string_view word : {"NaN", "Infinity", "-Infinity"})
        if (text.substr(at, word.size()) == word)
          length = word.size();
      if (length > 0) {
        clean += "null";
        at += length;
        continue;
      }
    }
    clean += byte;
    ++at;
  }
  return clean;
}

/// The cause in a traceback whose last line is `<type>: HTTP <code>: <phrase> (<cause>)`, or that
/// whole line without its type if it looks otherwise.
std::string cause_of(std::string traceback) {
  while (!traceback.empty() && (traceback.back() == '\n' || traceback.back() == '\r'))
    traceback.pop_back();
  if (const auto line = traceback.rfind('\n'); line != std::string::npos)
    traceback.erase(0, line + 1);
  if (const auto open = traceback.find(" ("); open != std::string::npos && traceback.back() == ')')
    return traceback.substr(open + 2, traceback.size() - open - 3);
  const auto colon = traceback.find(": ");
  return colon == std::string::npos ? traceback : traceback.substr(colon + 2);
}

/// True for phrases that Moonraker sends in place of the cause.
bool is_bare_phrase(const std::string& message) {
  for (const auto* phrase : {"", "Unknown", "Forbidden", "Bad Request", "Unprocessable Entity",
                             "Internal Server Error", "Not Found"})
    if (message == phrase)
      return true;
  return false;
}

} // namespace

json parse_wire(std::string_view text) {
  if (json_depth(text) > depth_max)
    return json(json::value_t::discarded);
  auto value = json::parse(text, nullptr, false);
  if (value.is_discarded()
      && (text.find("NaN") != std::string_view::npos
          || text.find("Infinity") != std::string_view::npos))
    value = json::parse(without_nan(text), nullptr, false);
  return value;
}

const json& member(const json& object, const char* key) {
  static const json nothing;
  if (!object.is_object())
    return nothing;
  const auto found = object.find(key);
  return found == object.end() ? nothing : *found;
}

std::optional<double> number_of(const json& value) {
  double number = NAN;
  if (value.is_number()) {
    number = value.get<double>();
  } else if (const auto* text = value.get_ptr<const std::string*>()) {
    const auto* end = text->data() + text->size();
    if (const auto [rest, code] = std::from_chars(text->data(), end, number);
        code != std::errc{} || rest != end)
      return std::nullopt;
  }
  return std::isfinite(number) ? std::optional{number} : std::nullopt;
}

std::optional<int64_t> integer_of(const json& value, double scale, int64_t low, int64_t high) {
  const auto number = number_of(value);
  if (!number)
    return std::nullopt;
  const double scaled = std::round(*number * scale);
  if (scaled <= static_cast<double>(low))
    return low;
  return scaled >= static_cast<double>(high) ? high : static_cast<int64_t>(scaled);
}

std::optional<bool> truth_of(const json& value) {
  if (value.is_boolean())
    return value.get<bool>();
  if (value.is_number())
    return value.get<double>() != 0.0;
  if (const auto* text = value.get_ptr<const std::string*>()) {
    if (*text == "true" || *text == "True" || *text == "1")
      return true;
    if (*text == "false" || *text == "False" || *text == "0")
      return false;
  }
  return std::nullopt;
}

std::string cut(std::string text, std::size_t bytes_max) {
  if (text.size() <= bytes_max)
    return text;
  auto size = bytes_max;
  while (size > 0 && (static_cast<unsigned char>(text[size]) & 0xC0U) == 0x80U)
    --size;
  text.resize(size);
  return text;
}

std::string text_of(const json& value, std::size_t bytes_max) {
  const auto* text = value.get_ptr<const std::string*>();
  return text ? cut(*text, bytes_max) : std::string{};
}

std::string percent_encoded(std::string_view text, std::string_view keep) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  for (const char byte : text) {
    const auto value = static_cast<unsigned char>(byte);
    const bool plain = (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z')
                       || (byte >= '0' && byte <= '9')
                       || std::string_view{"-._~"}.find(byte) != std::string_view::npos
                       || keep.find(byte) != std::string_view::npos;
    if (plain)
      encoded += byte;
    else
      encoded += {'%', digits[value >> 4U], digits[value & 15U]};
  }
  return encoded;
}

std::string rpc_call(uint64_t id, std::string_view method, const json& params) {
  json call{{"jsonrpc", "2.0"}, {"method", method}, {"id", id}};
  if (!params.is_null())
    call["params"] = params;
  return call.dump(-1, ' ', false, json::error_handler_t::replace);
}

wire_answer verdict_of(const json& frame) {
  wire_answer answer;
  const auto& error = member(frame, "error");
  if (error.is_null()) {
    answer.ok = frame.is_object() && frame.contains("result");
    return answer;
  }
  answer.code = static_cast<int>(integer_of(member(error, "code"), 1, -99'999, 99'999).value_or(0));
  answer.text = text_of(member(error, "message"), detail_bytes_max);
  return answer;
}

wire_answer verdict_of(const link_response& response, const json& body) {
  wire_answer answer;
  if (response.status == 0) {
    answer.text = cut(response.detail, detail_bytes_max);
    return answer;
  }
  answer.ok = response.status >= 200 && response.status < 300;
  answer.code = response.status;
  if (answer.ok)
    return answer;
  const auto& error = member(body, "error");
  const auto message = text_of(member(error, "message"), detail_bytes_max);
  const auto cause = cause_of(text_of(member(error, "traceback"), 64U << 10U));
  answer.text = cut(is_bare_phrase(message) && !cause.empty() ? cause : message, detail_bytes_max);
  if (answer.text.empty())
    answer.text = "HTTP " + std::to_string(response.status);
  return answer;
}

bool is_missing_method(const wire_answer& answer) {
  return answer.code == -32601 || answer.code == 404;
}

bool is_unauthorized(const wire_answer& answer) {
  return answer.code == 401 || (answer.code == -32602 && answer.text == "Unauthorized");
}

bool is_server_info(const json& result) {
  return member(result, "klippy_state").is_string()
         || member(result, "klippy_connected").is_boolean();
}

} // namespace gantry::hal
