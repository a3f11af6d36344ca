// Reading numbers from untrusted text, and turning them into the integers that leave geometry.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace gantry::geometry {

/// The text without spaces, tabs and carriage returns at both ends.
[[nodiscard]] std::string_view trimmed(std::string_view text);

/// Reads the whole text as a decimal number with optional sign and fraction, `.5` and `+1`
/// included. Exponents are read only if asked for: in G-code `X1E5` are two words. Empty for
/// anything else, and for values which are not finite.
[[nodiscard]] std::optional<double> read_number(std::string_view text, bool with_exponent = false);

/// Reads the number at the start of `text` and moves `text` behind it. Same rules as `read_number`.
[[nodiscard]] std::optional<double> take_number(std::string_view& text);

/// Millimetres to whole micrometres, or any other thousandfold; saturates at +-9.2e18.
[[nodiscard]] std::int64_t thousandths(double value);

/// Nearest integer; saturates at +-9.2e18.
[[nodiscard]] std::int64_t rounded(double value);

} // namespace gantry::geometry
