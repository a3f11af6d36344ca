// Column families and key layouts of the store, in one table. Keys are compared bytewise; numbers
// in keys are big-endian.
#pragma once

#include "schemas/entity.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace gantry::storage {

/// The column families. Names are part of the data folder: never changed, never reused.
///
/// | family | key | value |
/// |---|---|---|
/// | events | be64 seq | envelope (schemas/envelope.hpp) |
/// | streams | kind byte, id, 0, be64 version | be64 seq |
/// | orders ... stations | id | record_header, then the projection's JSON |
/// | index | 'o' kind id: open entities; 'c' kind be64 created seq: creation order | be64 created
/// seq; id | | customers | id | JSON of the erasable record | | keys | hexadecimal SHA-256 of
/// principal, 0, key | be64 at_ms, length byte, body digest, reply | | cursors | name | decimal seq
/// | | telemetry | printer id, 0, be64 block time | block | | secrets | kind/id | bytes; never
/// returned by the API | | meta | epoch, site, layout, restored, fold/<kind> | text |
enum class family : uint8_t {
  events,
  streams,
  orders,
  plans,
  plates,
  runs,
  printers,
  breakers,
  decisions,
  artifacts,
  profiles,
  materials,
  users,
  settings,
  stations,
  index,
  customers,
  keys,
  cursors,
  telemetry,
  secrets,
  meta,
};
constexpr auto names_of(family) {
  return std::to_array<std::string_view>(
      {"events",   "streams",   "orders",    "plans",     "plates",    "runs",
       "printers", "breakers",  "decisions", "artifacts", "profiles",  "materials",
       "users",    "settings",  "stations",  "index",     "customers", "keys",
       "cursors",  "telemetry", "secrets",   "meta"});
}
/// Number of families.
inline constexpr size_t family_count = names_of(family{}).size();

/// The family that holds the projections of `kind`.
constexpr family family_of(entity_kind kind) {
  return static_cast<family>(static_cast<uint8_t>(family::orders) + static_cast<uint8_t>(kind));
}
static_assert(family_of(entity_kind::order) == family::orders);
static_assert(family_of(entity_kind::token) == family::users);
static_assert(family_of(entity_kind::settings) == family::settings);
static_assert(family_of(entity_kind::station) == family::stations);

/// `value` as eight big-endian bytes.
[[nodiscard]] std::string be64(uint64_t value);

/// Reads eight big-endian bytes at the front of `bytes` (which must have that many).
[[nodiscard]] uint64_t read_be64(std::string_view bytes);

/// Key in `streams` before the version: every event of `entity` starts with it.
[[nodiscard]] std::string stream_prefix(const entity_ref& entity);

/// Key in `streams` of the event `version` of `entity`.
[[nodiscard]] std::string stream_key(const entity_ref& entity, entity_version version);

/// Key in `index` that marks `entity` as open.
[[nodiscard]] std::string open_key(const entity_ref& entity);

/// Start of the keys in `index` that mark open entities of `kind`.
[[nodiscard]] std::string open_prefix(entity_kind kind);

/// Key in `index` of the entity of `kind` that event `created_seq` made.
[[nodiscard]] std::string created_key(entity_kind kind, uint64_t created_seq);

/// Start of the keys in `index` that hold the creation order of `kind`.
[[nodiscard]] std::string created_prefix(entity_kind kind);

} // namespace gantry::storage
