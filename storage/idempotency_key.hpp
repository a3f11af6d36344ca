// The stored form of idempotency keys.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace gantry::storage {

/// A remembered request.
struct key_record {
  int64_t at_ms = 0; ///< When it was asked, in Unix milliseconds.
  std::string body_sha256;
  std::string reply;
};

/// Where the request that `principal` made under `key` is stored.
[[nodiscard]] std::string stored_key(std::string_view principal, std::string_view key);

/// be64 at_ms, length of the digest (one byte), digest, reply. The digest may have at most 255
/// bytes.
[[nodiscard]] std::string encode_key_record(const key_record& record);

/// Reads what `encode_key_record` wrote; nothing if it is too short.
[[nodiscard]] std::optional<key_record> decode_key_record(std::string_view bytes);

} // namespace gantry::storage
