#include "schemas/upcasters.hpp"

#include <nlohmann/json.hpp>

namespace gantry {

std::span<const upcaster> upcasters() {
  return {};
}

int64_t schema_after(std::span<const upcaster> steps, std::string_view type) {
  int64_t schema = 1;
  for (const auto& step : steps)
    schema += step.type == type ? 1 : 0;
  return schema;
}

void upcast(std::span<const upcaster> steps, std::string_view type, int64_t schema,
            nlohmann::json& data) {
  for (const auto& step : steps)
    if (step.type == type && step.from >= schema)
      step.lift(data);
}

} // namespace gantry
