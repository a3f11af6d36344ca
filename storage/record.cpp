#include "storage/record.hpp"

#include "storage/families.hpp"

namespace gantry::storage {

namespace {

constexpr char record_layout = 1;
constexpr size_t header_bytes = 28;

} // namespace

std::string encode_record(const record_header& header, std::string_view json) {
  std::string bytes;
  bytes.reserve(header_bytes + json.size());
  bytes += record_layout;
  bytes += header.open ? '\1' : '\0';
  bytes += static_cast<char>(header.fold_version >> 8);
  bytes += static_cast<char>(header.fold_version & 0xff);
  bytes += be64(header.version);
  bytes += be64(header.created_seq);
  bytes += be64(header.updated_seq);
  bytes += json;
  return bytes;
}

std::optional<record_view> decode_record(std::string_view bytes) {
  if (bytes.size() < header_bytes || bytes[0] != record_layout)
    return std::nullopt;
  const auto byte_at = [bytes](size_t i) { return static_cast<unsigned char>(bytes[i]); };
  record_view view;
  view.header.open = bytes[1] != 0;
  view.header.fold_version = static_cast<uint16_t>(byte_at(2) << 8 | byte_at(3));
  view.header.version = read_be64(bytes.substr(4));
  view.header.created_seq = read_be64(bytes.substr(12));
  view.header.updated_seq = read_be64(bytes.substr(20));
  view.json = bytes.substr(header_bytes);
  return view;
}

} // namespace gantry::storage
