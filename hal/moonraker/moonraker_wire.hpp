// The shapes of Moonraker's messages. Everything here takes whatever a device may send: wrong
// types, strings where numbers should be, missing parts; nothing throws on content.
#pragma once

#include "hal/link.hpp"

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::hal {

/// `text` parsed; a discarded value if it is no JSON or is nested very deeply. Python's bare `NaN`
/// and `Infinity` count as null.
[[nodiscard]] nlohmann::json parse_wire(std::string_view text);

/// Member `key` of `object`, or null if there is none or `object` is no object.
[[nodiscard]] const nlohmann::json& member(const nlohmann::json& object, const char* key);

/// A finite number, also if written as a string; nothing for anything else.
[[nodiscard]] std::optional<double> number_of(const nlohmann::json& value);

/// `value * scale` as an integer, bounded to what `low`..`high` allow; nothing if it is no number.
[[nodiscard]] std::optional<int64_t> integer_of(const nlohmann::json& value, double scale,
                                                int64_t low, int64_t high);

/// A truth, also as a number or as "true"/"false"; nothing for anything else.
[[nodiscard]] std::optional<bool> truth_of(const nlohmann::json& value);

/// A string cut to `bytes_max` at a character's boundary; empty for anything else.
[[nodiscard]] std::string text_of(const nlohmann::json& value, std::size_t bytes_max);

/// `text` cut to `bytes_max` at a character's boundary.
[[nodiscard]] std::string cut(std::string text, std::size_t bytes_max);

/// `text` with everything but letters, digits and `-._~` and the characters of `keep` as %XX.
[[nodiscard]] std::string percent_encoded(std::string_view text, std::string_view keep = {});

/// The text of a JSON-RPC call; `params` null = none.
[[nodiscard]] std::string rpc_call(uint64_t id, std::string_view method,
                                   const nlohmann::json& params);

/// An answer of a device, over either transport.
struct wire_answer {
  bool ok = false;
  /// For failures: HTTP status or JSON-RPC code, 0 = the transport failed.
  int code = 0;
  std::string text; ///< For failures: the device's words, bounded to 400 bytes.
};

/// The verdict of a JSON-RPC response frame.
[[nodiscard]] wire_answer verdict_of(const nlohmann::json& frame);

/// The verdict of an HTTP response whose parsed body is `body`. The text is
/// `message`, or the cause in `traceback` where `message` is a mere phrase such as "Forbidden".
[[nodiscard]] wire_answer verdict_of(const link_response& response, const nlohmann::json& body);

/// True if `answer` says that credentials are missing or wrong.
[[nodiscard]] bool is_unauthorized(const wire_answer& answer);

/// True if the machine does not know what it was asked for.
[[nodiscard]] bool is_missing_method(const wire_answer& answer);

/// True for the result of `server.info`.
[[nodiscard]] bool is_server_info(const nlohmann::json& result);

} // namespace gantry::hal
