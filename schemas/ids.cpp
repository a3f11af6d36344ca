#include "schemas/ids.hpp"

#include "schemas/digest.hpp"

#include <algorithm>

namespace gantry {

namespace {

constexpr std::string_view alphabet = "abcdefghijklmnopqrstuvwxyz234567";

} // namespace

bool well_formed_id(std::string_view prefix, std::string_view text) {
  if (text.size() != prefix.size() + 1 + id_digits || !text.starts_with(prefix)
      || text[prefix.size()] != '-')
    return false;
  return std::ranges::all_of(text.substr(prefix.size() + 1),
                             [](char c) { return alphabet.find(c) != std::string_view::npos; });
}

std::string make_id(std::string_view prefix, uint64_t bits) {
  std::string result{prefix};
  result += '-';
  // 12 characters carry 60 bits, the 13th the remaining four.
  for (int shift = 59; shift >= 4; shift -= 5)
    result += alphabet[bits >> shift & 31];
  result += alphabet[(bits & 15) << 1];
  return result;
}

std::string derive_id(std::string_view prefix, std::string_view principal,
                      std::string_view idempotency_key) {
  sha256 hash;
  hash.update(prefix);
  hash.update(std::string_view{"\0", 1});
  hash.update(principal);
  hash.update(std::string_view{"\0", 1});
  hash.update(idempotency_key);
  return make_id(prefix, hash.finish_bits());
}

} // namespace gantry
