// What a recipe of material changes must be, for everybody who reads, enters or starts one.
#pragma once

#include "schemas/result.hpp"
#include "schemas/station.hpp"

#include <cstdint>
#include <string_view>
#include <vector>

namespace gantry {

/// Most steps of a recipe.
inline constexpr size_t recipe_steps_max = 500;

/// Highest layer of a recipe.
inline constexpr int64_t recipe_layer_max = 1'000'000;

/// True for the letters of the materials that there are: A to D.
[[nodiscard]] bool is_recipe_material(std::string_view text);

/// The refusal of the step with this index (from 0), whose text `given` is repeated to people
/// without what a terminal or a page could obey.
[[nodiscard]] refusal refuse_step(reason code, size_t index, std::string_view given);

/// Checks steps as they are entered: one of the materials A to D, layers from 1 upwards, strictly
/// increasing. Refuses with `recipe_material_unknown`, `recipe_layer_invalid`,
/// `recipe_layer_duplicate`, `recipe_order_wrong` or `recipe_too_long`; `place` counts from 1.
[[nodiscard]] outcome check_recipe(const std::vector<recipe_step>& steps);

} // namespace gantry
