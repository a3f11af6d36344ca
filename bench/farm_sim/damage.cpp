#include "bench/farm_sim/damage.hpp"

#include <algorithm>
#include <cctype>

namespace gantry::farm_sim {

namespace {

/// Replaces one number by something that is none, or too large.
std::string with_odd_number(std::string text, dice& random) {
  static const std::vector<std::string> odd{
      "1e999", "-1e999", "NaN", "-9223372036854775808", "18446744073709551616", "1e308",
      "null",  "\"7\"",  "[]"};
  const auto begin = text.find(':', text.empty() ? 0 : random.bits() % text.size());
  if (begin == std::string::npos || begin + 1 >= text.size()
      || (std::isdigit(static_cast<unsigned char>(text[begin + 1])) == 0))
    return text.substr(0, text.size() / 2);
  auto end = begin + 1;
  while (end < text.size()
         && (std::isdigit(static_cast<unsigned char>(text[end])) != 0 || text[end] == '.'
             || text[end] == 'e'))
    ++end;
  return text.replace(begin + 1, end - begin - 1, random.pick(odd));
}

} // namespace

std::string damaged(std::string text, dice& random) {
  switch (random.between(0, 5)) {
  case 0:
    return text.substr(0, static_cast<size_t>(random.bits() % (text.size() + 1)));
  case 1:
    text.insert(static_cast<size_t>(random.bits() % (text.size() + 1)), "\xff\xfe\x80");
    return text;
  case 2:
    return with_odd_number(std::move(text), random);
  case 3:
    return std::string(static_cast<size_t>(random.between(40, 100'000)), '[');
  case 4:
    return std::string(static_cast<size_t>(random.between(1, 300'000)), 'x');
  default:
    return "";
  }
}

} // namespace gantry::farm_sim
