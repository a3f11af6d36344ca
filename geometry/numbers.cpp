#include "geometry/numbers.hpp"

#include <charconv>
#include <cmath>
#include <system_error>

namespace gantry::geometry {

namespace {

/// Largest double that converts to int64 without overflow.
constexpr double int64_edge = 9.2e18;

std::optional<double> take(std::string_view& text, std::chars_format format) {
  // from_chars knows no plus sign, but takes "inf" and "nan".
  auto rest = text;
  if (rest.starts_with('+')) {
    rest.remove_prefix(1);
    if (rest.starts_with('-'))
      return std::nullopt;
  }
  double value = 0;
  const auto [end, fault] = std::from_chars(rest.data(), rest.data() + rest.size(), value, format);
  if (fault != std::errc{} || !std::isfinite(value))
    return std::nullopt;
  text = rest.substr(static_cast<std::size_t>(end - rest.data()));
  return value;
}

} // namespace

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  const auto first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

std::optional<double> read_number(std::string_view text, bool with_exponent) {
  const auto value =
      take(text, with_exponent ? std::chars_format::general : std::chars_format::fixed);
  return text.empty() ? value : std::nullopt;
}

std::optional<double> take_number(std::string_view& text) {
  return take(text, std::chars_format::fixed);
}

std::int64_t rounded(double value) {
  if (value >= int64_edge)
    return static_cast<std::int64_t>(int64_edge);
  if (value <= -int64_edge)
    return -static_cast<std::int64_t>(int64_edge);
  return std::llround(value);
}

std::int64_t thousandths(double value) {
  return rounded(value * 1000.0);
}

} // namespace gantry::geometry
