// Upcasters lift events that an older version wrote to the fields of today. Old events are never
// rewritten; each change of an event's fields appends one step to the table.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <span>
#include <string_view>

namespace gantry {

/// One step: lifts the data of `type` from schema `from` to `from + 1`, in place. Pure.
struct upcaster {
  std::string_view type;
  int64_t from = 1;
  void (*lift)(nlohmann::json& data) = nullptr;
};

/// Every step since the first release, in order. Empty as long as no event has changed its fields.
[[nodiscard]] std::span<const upcaster> upcasters();

/// The schema that `steps` lead `type` to: one more than the number of its steps.
[[nodiscard]] int64_t schema_after(std::span<const upcaster> steps, std::string_view type);

/// Applies the steps of `type` from `schema` on.
void upcast(std::span<const upcaster> steps, std::string_view type, int64_t schema,
            nlohmann::json& data);

} // namespace gantry
