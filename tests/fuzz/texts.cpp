// Short texts with a grammar of their own: instants, due dates, ids, names of reasons.
#include "schemas/ids.hpp"
#include "schemas/reason.hpp"
#include "schemas/time.hpp"
#include "tests/fuzz/fuzz.hpp"

#include <algorithm>

namespace gantry::fuzz {

namespace {

void check_instant(std::string_view text) {
  const auto at = parse_timestamp(text);
  if (!at)
    return;
  const auto written = format_timestamp(*at);
  const auto again = parse_timestamp(written);
  require(again && *again == *at, "an instant stays the same");
}

void check_id(std::string_view text) {
  for (const std::string_view prefix : {"ord", "run", "prn"})
    if (well_formed_id(prefix, text))
      require(text.size() == prefix.size() + 1 + id_digits
                  && std::ranges::all_of(text,
                                         [](char c) {
                                           return (c >= 'a' && c <= 'z') || (c >= '2' && c <= '7')
                                                  || c == '-';
                                         }),
              "an id is safe in names of files and in addresses");
}

void check_reason(std::string_view text) {
  reason code{};
  if (parse_reason(text, code))
    require(to_string(code) == text, "a reason has one name");
  require(!render(reason::field_invalid, {{"field", std::string{text}}}).empty(),
          "a reason has words, whatever fills them");
}

} // namespace

} // namespace gantry::fuzz

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace gantry::fuzz;
  input bytes{data, size};
  const auto first = bytes.line();
  check_instant(first);
  check_id(first);
  check_reason(first);
  const std::string zone{bytes.line()};
  static_cast<void>(gantry::known_zone(zone));
  static_cast<void>(gantry::local_to_instant(first, zone));
  static_cast<void>(gantry::local_to_instant(first, "Europe/Berlin"));
  return 0;
}
