// Names as the machine has them: bytes in UTF-8 or GBK, or in nothing that can be read.
#pragma once

#include <string>
#include <string_view>

namespace gantry::hal {

/// True if `bytes` are well-formed UTF-8.
[[nodiscard]] bool is_utf8(std::string_view bytes);

/// `bytes` for people: as UTF-8 if they are that, else from GBK, else with U+FFFD for every byte
/// that says nothing. Control characters become spaces, the ends are trimmed. At most 300 bytes.
[[nodiscard]] std::string text_for_people(std::string_view bytes);

/// `bytes` as text that leads back to them: bytes that are no printable UTF-8, and the backslash,
/// become `\xNN`.
[[nodiscard]] std::string escaped_bytes(std::string_view bytes);

/// The bytes that `text` stands for; what is no `\xNN` stays as it is.
[[nodiscard]] std::string unescaped_bytes(std::string_view text);

/// `text` without blanks and line ends around it.
[[nodiscard]] std::string_view trimmed(std::string_view text);

} // namespace gantry::hal
