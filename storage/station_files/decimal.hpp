// Decimal numbers of the files as whole thousandths: ml as ul, seconds as ms, without a detour
// through binary fractions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::storage {

/// `text` ("5", "5.125", "-0.5", "1e2") in thousandths, rounded to the nearest, halves away from
/// zero. Nothing if it is no decimal number or beyond 10^12.
[[nodiscard]] std::optional<int64_t> parse_thousandths(std::string_view text);

/// The shortest decimal number for `thousandths`: 5000 is "5", 5125 is "5.125".
[[nodiscard]] std::string format_thousandths(int64_t thousandths);

/// `text` as a whole number; nothing if it is none.
[[nodiscard]] std::optional<int64_t> parse_integer(std::string_view text);

} // namespace gantry::storage
