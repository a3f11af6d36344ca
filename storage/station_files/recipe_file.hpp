// `recipe.txt`: which material from which layer on. Strict for what people enter, tolerant for what
// they import.
#pragma once

#include "schemas/result.hpp"
#include "storage/station_files/file_note.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace gantry::storage {

/// From this layer on the vat holds this material.
struct recipe_entry {
  int64_t layer = 0;
  std::string material; ///< One letter, A to D.
  bool operator==(const recipe_entry&) const = default;
};

/// Most steps of a recipe.
inline constexpr size_t recipe_steps_max = 500;

/// Highest layer of a recipe.
inline constexpr int64_t recipe_layer_max = 1'000'000;

/// The exact form of the original: `A,50:B,120:C,200`, in one line without an end of line.
[[nodiscard]] std::string format_recipe(const std::vector<recipe_entry>& steps);

/// Checks steps as they are entered: one of the materials A to D, layers from 1 upwards, strictly
/// increasing. Refuses with `recipe_material_unknown`, `recipe_layer_invalid`,
/// `recipe_layer_duplicate`, `recipe_order_wrong` or `recipe_too_long`; `place` counts from 1.
[[nodiscard]] outcome check(const std::vector<recipe_entry>& steps);

/// Reads the exact form; the last line may end. Refuses as `check` does, or with
/// `recipe_step_malformed`. An empty text is a recipe without steps.
[[nodiscard]] result<std::vector<recipe_entry>> parse_recipe(std::string_view text);

/// What can be made of a text.
struct recipe_import {
  std::vector<recipe_entry> steps; ///< Sorted, and sound in the sense of `check`.
  std::vector<file_note> notes;    ///< What was noticed, in the order of the text.
  bool complete = true;            ///< False if a note loses something: the text is malformed.
};

/// Reads whatever resembles a recipe: small letters, white space, lines, separators at the end,
/// `layer:material` lines and `layer,material;` as older files have them, steps in any order.
/// Pairs that are none and layers that come twice are left out with a note that loses something
/// (of two materials for one layer the last one is kept, as the original did).
[[nodiscard]] recipe_import import_recipe(std::string_view text);

} // namespace gantry::storage
