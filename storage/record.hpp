// The value stored for each projection: a fixed header, then the state's JSON.
#pragma once

#include "schemas/entity.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace gantry::storage {

/// What the store knows about a projection besides its JSON.
struct record_header {
  uint16_t fold_version = 0;  ///< Version of the fold that made the JSON.
  bool open = true;           ///< Stands in the index of open entities.
  entity_version version = 0; ///< Events folded into it.
  uint64_t created_seq = 0;   ///< Number of the entity's first event.
  uint64_t updated_seq = 0;   ///< Number of the last event folded into it.

  bool operator==(const record_header&) const = default;
};

/// A decoded record. `json` points into the bytes that were decoded.
struct record_view {
  record_header header;
  std::string_view json;
};

/// Layout byte, open byte, be16 fold version, be64 version, be64 created seq, be64 updated seq,
/// JSON.
[[nodiscard]] std::string encode_record(const record_header& header, std::string_view json);

/// Reads what `encode_record` wrote; nothing if the layout is unknown or the bytes are too few.
[[nodiscard]] std::optional<record_view> decode_record(std::string_view bytes);

} // namespace gantry::storage
