#include "storage/idempotency_key.hpp"

#include "schemas/digest.hpp"
#include "storage/families.hpp"

namespace gantry::storage {

std::string stored_key(std::string_view principal, std::string_view key) {
  sha256 hash;
  hash.update(principal);
  hash.update(std::string_view{"\0", 1});
  hash.update(key);
  return hash.finish_hex();
}

std::string encode_key_record(const key_record& record) {
  const auto digest = std::string_view{record.body_sha256}.substr(0, 255);
  std::string bytes = be64(static_cast<uint64_t>(record.at_ms));
  bytes += static_cast<char>(digest.size());
  bytes += digest;
  bytes += record.reply;
  return bytes;
}

std::optional<key_record> decode_key_record(std::string_view bytes) {
  if (bytes.size() < 9)
    return std::nullopt;
  const auto length = static_cast<size_t>(static_cast<unsigned char>(bytes[8]));
  if (bytes.size() < 9 + length)
    return std::nullopt;
  return key_record{.at_ms = static_cast<int64_t>(read_be64(bytes)),
                    .body_sha256 = std::string{bytes.substr(9, length)},
                    .reply = std::string{bytes.substr(9 + length)}};
}

} // namespace gantry::storage
