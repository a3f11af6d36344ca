// Ids: a kind prefix and 13 lower-case base32 characters (65 bits), safe in file names and URLs.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace gantry {

/// Number of base32 characters after the prefix.
inline constexpr size_t id_digits = 13;

/// True if `text` is `prefix`, a dash and 13 characters of the alphabet a-z2-7.
[[nodiscard]] bool well_formed_id(std::string_view prefix, std::string_view text);

/// The id made of `prefix` and 65 bits of `bits` (the low bit of the 13th character stays 0).
[[nodiscard]] std::string make_id(std::string_view prefix, uint64_t bits);

/// The id of an entity that a request creates: it depends on who asks and on the idempotency key
/// alone, so that a repeated request meets the entity that the first one made.
[[nodiscard]] std::string derive_id(std::string_view prefix, std::string_view principal,
                                    std::string_view idempotency_key);

/// A distinct type per kind of id, so that a run's id is never taken for a plate's.
template <class Tag>
struct basic_id {
  std::string value;

  static constexpr std::string_view prefix = Tag::prefix;
  [[nodiscard]] bool empty() const { return value.empty(); }
  auto operator<=>(const basic_id&) const = default;
};

#define GANTRY_ID(name, text)                                                                      \
  struct name##_tag {                                                                              \
    static constexpr std::string_view prefix = text;                                               \
  };                                                                                               \
  using name = basic_id<name##_tag>

GANTRY_ID(order_id, "ord");
GANTRY_ID(plan_id, "pln");
GANTRY_ID(plate_id, "plt");
GANTRY_ID(run_id, "run");
GANTRY_ID(printer_id, "prn");
GANTRY_ID(breaker_id, "brk");
GANTRY_ID(decision_id, "dec");
GANTRY_ID(artifact_id, "art");
GANTRY_ID(profile_id, "prf");
GANTRY_ID(material_id, "mat");
GANTRY_ID(token_id, "tok");
GANTRY_ID(settings_id, "set");
GANTRY_ID(customer_id, "cus");
GANTRY_ID(station_id, "stn");

#undef GANTRY_ID

} // namespace gantry

template <class Tag>
struct std::hash<gantry::basic_id<Tag>> {
  size_t operator()(const gantry::basic_id<Tag>& id) const noexcept {
    return std::hash<std::string>{}(id.value);
  }
};
