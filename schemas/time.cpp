#include "schemas/time.hpp"

#include <charconv>
#include <cstdio>
#include <date/tz.h>

namespace gantry {

namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

/// A date and a time of day without a zone, and what follows them in the text.
struct local_reading {
  std::chrono::sys_days day;
  milliseconds time_of_day{0};
  bool has_time = false;
  std::string_view rest;
};

/// Reads exactly `width` digits at the front of `text` and removes them.
bool take_number(std::string_view& text, size_t width, int& out) {
  if (text.size() < width)
    return false;
  const auto [end, error] = std::from_chars(text.data(), text.data() + width, out);
  if (error != std::errc{} || end != text.data() + width || text[0] == '-')
    return false;
  text.remove_prefix(width);
  return true;
}

bool take_char(std::string_view& text, char expected) {
  if (text.empty() || text.front() != expected)
    return false;
  text.remove_prefix(1);
  return true;
}

std::optional<milliseconds> take_time_of_day(std::string_view& text) {
  int hour = 0, minute = 0, second = 0, millis = 0;
  if (!take_number(text, 2, hour) || !take_char(text, ':') || !take_number(text, 2, minute))
    return std::nullopt;
  if (take_char(text, ':')) {
    if (!take_number(text, 2, second))
      return std::nullopt;
    if (take_char(text, '.') && !take_number(text, 3, millis))
      return std::nullopt;
  }
  if (hour > 23 || minute > 59 || second > 59)
    return std::nullopt;
  return hours{hour} + minutes{minute} + seconds{second} + milliseconds{millis};
}

std::optional<local_reading> read_local(std::string_view text) {
  int year = 0, month = 0, day = 0;
  if (!take_number(text, 4, year) || !take_char(text, '-') || !take_number(text, 2, month)
      || !take_char(text, '-') || !take_number(text, 2, day))
    return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{year},
                                         std::chrono::month{static_cast<unsigned>(month)},
                                         std::chrono::day{static_cast<unsigned>(day)}};
  if (!date.ok())
    return std::nullopt;
  local_reading result{.day = std::chrono::sys_days{date}, .rest = text};
  if (!take_char(text, 'T'))
    return result;
  const auto time_of_day = take_time_of_day(text);
  if (!time_of_day)
    return std::nullopt;
  result.time_of_day = *time_of_day;
  result.has_time = true;
  result.rest = text;
  return result;
}

/// The instant if its year in UTC has the four digits that texts have; a zone can move the first
/// and the last one beyond them.
std::optional<timestamp> within_years(timestamp at) {
  using namespace std::chrono_literals;
  constexpr timestamp first = std::chrono::sys_days{0y / 1 / 1};
  constexpr timestamp end = std::chrono::sys_days{10'000y / 1 / 1};
  return at >= first && at < end ? std::optional{at} : std::nullopt;
}

} // namespace

std::string format_timestamp(timestamp at) {
  const auto day = std::chrono::floor<days>(at);
  const std::chrono::year_month_day date{day};
  const auto time = at - day;
  const auto part = [&time](auto unit, auto modulus) {
    return static_cast<int>(std::chrono::duration_cast<decltype(unit)>(time).count() % modulus);
  };
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ",
                static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
                static_cast<unsigned>(date.day()), part(hours{}, 24), part(minutes{}, 60),
                part(seconds{}, 60), part(milliseconds{}, 1000));
  return text;
}

std::optional<timestamp> parse_timestamp(std::string_view text) {
  auto reading = read_local(text);
  if (!reading || !reading->has_time)
    return std::nullopt;
  const auto local = timestamp{reading->day} + reading->time_of_day;
  auto rest = reading->rest;
  if (rest == "Z")
    return local;
  if (rest.empty() || (rest[0] != '+' && rest[0] != '-'))
    return std::nullopt;
  const int sign = rest[0] == '+' ? 1 : -1;
  rest.remove_prefix(1);
  int hour = 0, minute = 0;
  if (!take_number(rest, 2, hour) || !take_char(rest, ':') || !take_number(rest, 2, minute)
      || !rest.empty() || hour > 14 || minute > 59)
    return std::nullopt;
  return within_years(local - sign * (hours{hour} + minutes{minute}));
}

std::optional<timestamp> local_to_instant(std::string_view text, const std::string& zone) {
  const auto reading = read_local(text);
  if (!reading || !reading->rest.empty() || !known_zone(zone))
    return std::nullopt;
  const auto time_of_day =
      reading->has_time ? reading->time_of_day : milliseconds{days{1}} - seconds{1};
  const date::local_time<milliseconds> local{reading->day.time_since_epoch() + time_of_day};
  const auto info = date::locate_zone(zone)->get_info(date::floor<seconds>(local));
  if (info.result == date::local_info::nonexistent)
    return timestamp{std::chrono::floor<milliseconds>(info.second.begin.time_since_epoch())};
  return within_years(timestamp{local.time_since_epoch() - info.first.offset});
}

bool known_zone(const std::string& zone) {
  try {
    return date::locate_zone(zone) != nullptr;
  } catch (const std::runtime_error&) {
    return false;
  }
}

} // namespace gantry
