#include "storage/families.hpp"

namespace gantry::storage {

namespace {

std::string kind_byte(entity_kind kind) {
  return std::string(1, static_cast<char>(kind));
}

} // namespace

std::string be64(uint64_t value) {
  std::string bytes(8, '\0');
  for (size_t i = 8; i-- > 0; value >>= 8)
    bytes[i] = static_cast<char>(value & 0xff);
  return bytes;
}

uint64_t read_be64(std::string_view bytes) {
  uint64_t value = 0;
  for (const auto byte : bytes.substr(0, 8))
    value = value << 8 | static_cast<unsigned char>(byte);
  return value;
}

std::string stream_prefix(const entity_ref& entity) {
  return kind_byte(entity.kind) + entity.id + '\0';
}

std::string stream_key(const entity_ref& entity, entity_version version) {
  return stream_prefix(entity) + be64(version);
}

std::string open_prefix(entity_kind kind) {
  return 'o' + kind_byte(kind);
}

std::string open_key(const entity_ref& entity) {
  return open_prefix(entity.kind) + entity.id;
}

std::string created_prefix(entity_kind kind) {
  return 'c' + kind_byte(kind);
}

std::string created_key(entity_kind kind, uint64_t created_seq) {
  return created_prefix(kind) + be64(created_seq);
}

} // namespace gantry::storage
