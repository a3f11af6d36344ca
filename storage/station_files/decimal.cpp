#include "storage/station_files/decimal.hpp"

#include <charconv>

namespace gantry::storage {

namespace {

/// Largest magnitude in units; far beyond any volume or time.
constexpr int64_t units_max = 1'000'000'000'000;

/// Digits that matter; more could only change what is rounded away.
constexpr int digits_max = 18;

bool is_digit(char x) {
  return x >= '0' && x <= '9';
}

} // namespace

std::optional<int64_t> parse_integer(std::string_view text) {
  int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() || text.empty())
    return std::nullopt;
  return value;
}

std::optional<int64_t> parse_thousandths(std::string_view text) {
  const auto negative = text.starts_with('-');
  if (negative)
    text.remove_prefix(1);
  int64_t exponent = 0;
  if (const auto mark = text.find_first_of("eE"); mark != std::string_view::npos) {
    auto power = text.substr(mark + 1);
    if (power.starts_with('+'))
      power.remove_prefix(1);
    const auto parsed = parse_integer(power);
    if (!parsed || *parsed < -30 || *parsed > 30)
      return std::nullopt;
    exponent = *parsed;
    text = text.substr(0, mark);
  }
  int64_t digits = 0;
  int kept = 0;
  bool after_point = false, any = false;
  for (const char x : text) {
    if (x == '.' && !after_point) {
      after_point = true;
      continue;
    }
    if (!is_digit(x))
      return std::nullopt;
    any = true;
    if (kept < digits_max) {
      digits = digits * 10 + (x - '0');
      kept += digits > 0 ? 1 : 0;
      exponent -= after_point ? 1 : 0;
    } else if (!after_point) {
      ++exponent;
    }
  }
  if (!any)
    return std::nullopt;
  for (exponent += 3; exponent > 0 && digits != 0; --exponent) {
    if (digits > units_max * 1000)
      return std::nullopt;
    digits *= 10;
  }
  int64_t last = 0;
  for (; exponent < 0 && digits != 0; ++exponent) {
    last = digits % 10;
    digits /= 10;
  }
  if (exponent == 0)
    digits += last >= 5 ? 1 : 0;
  if (digits > units_max * 1000)
    return std::nullopt;
  return negative ? -digits : digits;
}

std::string format_thousandths(int64_t thousandths) {
  const auto magnitude = thousandths < 0 ? -thousandths : thousandths;
  auto out = (thousandths < 0 ? "-" : "") + std::to_string(magnitude / 1000);
  if (const auto rest = magnitude % 1000; rest != 0) {
    auto fraction = std::to_string(1000 + rest).substr(1);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    out += "." + fraction;
  }
  return out;
}

} // namespace gantry::storage
